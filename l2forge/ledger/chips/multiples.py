"""Public keys and their 32 multiples, over 32 rows each: what the windows of the signature table look up.

A key is an encoding w of a point P ≠ 0 of the order-n subgroup of ecGFp5 (see `l2forge.ledger.ecgfp5`). Row j
of its block holds T + j·P, T being the fixed point `OFFSET`. Block 0 is the generator G. A key that signs
several messages of a batch has one block.

1. Decoding: with x = root² and y = −w·x, `on_curve` says w²·x = x² + 2x + 263z, which times x is the curve's
   y² = x(x² + 2x + 263z). x ≠ 0, since 263z ≠ 0. So P = (x, y) is an affine point with x a non-zero square.
   These are the points of order n: the curve has 2n points, a double has a square as x (v² in `signature`),
   so each point of odd order has; adding N = (0, 0) takes x to 263z/x, and 263z is no square. w decides P,
   since the two roots x of `on_curve` have the product 263z. w = 0 has no root, or N would not be the only
   point of order 2. So no neutral element, no point of the other coset, and none of small order is a key.
2. `encoding_kept`: w, and with it P, is the same on the 32 rows of a block.
3. Row 0 holds T. Row j + 1 is the sum of row j and P by the chord: by `distinct` their x differ in
   coefficient 0, so that `chord` is the slope, and the sum is neither a doubling nor 0. By induction all rows
   are affine points T + j·P. (The slope on row 31 leads nowhere.)
4. Blocks are numbered 0, 1, 2, …, so that a number belongs to one key. Block 0 has w = enc(G).
5. A row answers (number, j, T + j·P) on `multiple` and (number, w) on `signature_key` as often as the free
   columns `count` and `uses` say; who asks has a boolean multiplicity.

Completeness: `distinct` refuses a key with T + j·P = ±P, whose owner would know T = (±1 − j)·P, and a key
that meets equal coefficients 0 by chance: 32 chances of 2^(−64). Unused blocks repeat block 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.ledger import ecgfp5
from l2forge.ledger.chips import quintic
from l2forge.ledger.chips.signature_points import N_MULTIPLES, OFFSET

MULTIPLE_BUS = "multiple"
"""(number of a key, j, x, y of T + j·P)."""
KEY_BUS = "signature_key"
"""(number of a key, its encoding w)."""
GENERATOR_NUMBER = 0

CURVE_A = ecgfp5.A[0]
GENERATOR_ENCODING = ecgfp5.encode(ecgfp5.GENERATOR)


class Multiples(Chip):
    """T + j·P for j < 32 and each public key P, numbered; the generator is number 0."""

    name = "multiples"
    columns = Columns(
        x="field[5]",
        y="field[5]",
        chord="field[5]",
        root="field[5]",
        encoding="field[5]",
        inverse="field",
        number="field",
        count="field",
        uses="field",
    )
    optional = True

    def __init__(self) -> None:
        rows = range(N_MULTIPLES)
        self.periodic = {
            "first": [int(j == 0) for j in rows],
            "last": [int(j == N_MULTIPLES - 1) for j in rows],
            "index": list(rows),
        }

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        first, last = b.periodic("first"), b.periodic("last")
        key_x = self._decode(b, row)
        key_y = [-c for c in quintic.mul(row.encoding, key_x)]
        difference = quintic.sub(key_x, row.x)
        rise = quintic.sub(key_y, row.y)
        self._enforce(b, "chord", quintic.sub(quintic.mul(row.chord, difference), rise))
        b.enforce("distinct", row.inverse * difference[0] - 1)
        self._enforce(b, "starts_x", quintic.scale(quintic.sub(row.x, quintic.constant(b, OFFSET[0])), first))
        self._enforce(b, "starts_y", quintic.scale(quintic.sub(row.y, quintic.constant(b, OFFSET[1])), first))
        sum_x = quintic.sub(quintic.shift(quintic.square(row.chord), -CURVE_A), quintic.add(row.x, key_x))
        sum_y = quintic.sub(quintic.mul(row.chord, quintic.sub(row.x, next.x)), row.y)
        self._enforce(b, "step_x", quintic.scale(quintic.sub(next.x, sum_x), 1 - last))
        self._enforce(b, "step_y", quintic.scale(quintic.sub(next.y, sum_y), 1 - last))
        kept = quintic.sub(next.encoding, row.encoding)
        self._enforce(b, "encoding_kept", quintic.scale(kept, 1 - last))
        for k, value in enumerate(GENERATOR_ENCODING):
            b.enforce_first(f"generator[{k}]", row.encoding[k] - value)
        b.enforce_first("number_starts_at_0", row.number - GENERATOR_NUMBER)
        b.enforce("number_rises", next.number - row.number - last)
        b.receive(MULTIPLE_BUS, [row.number, b.periodic("index"), *row.x, *row.y], row.count)
        b.receive(KEY_BUS, [row.number, *row.encoding], row.uses)

    def _decode(self, b: Any, row: Row) -> list[Expr]:
        """x of the key, with the constraint that it and y = −w·x are on the curve."""
        x = quintic.square(row.root)
        factor = quintic.sub(quintic.square(row.encoding), quintic.shift(x, CURVE_A))
        curve = quintic.sub(quintic.mul(factor, x), quintic.constant(b, ecgfp5.B))
        self._enforce(b, "on_curve", curve)
        return x

    @staticmethod
    def _enforce(b: Any, name: str, zero: Sequence[Expr]) -> None:
        for k, coefficient in enumerate(zero):
            b.enforce(f"{name}[{k}]", coefficient)
