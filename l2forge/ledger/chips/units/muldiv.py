"""The table of the units MULDIV and DIVREM: a·b = d·q ± r over the integers, one row per pair of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from l2forge.air.builder import RANGE_BUS
from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.errors import TraceError
from l2forge.ledger.chips.cpu import CALL_BUS
from l2forge.ledger.chips.units.rows import calls_of, empty_trace
from l2forge.ledger.chips.units.words import LIMB_SHIFTS, split_words, word
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import P, U64Array

WORDS = ("a", "b", "d", "q", "r")
LOW_OFFSET, HIGH_OFFSET = 1 << 17, 1 << 31
"""What is added to a carry to make it non-negative."""


class MulDiv(Chip):
    """a·b = d·q + r (mode 1, rounded down) or d·q − r (mode 2, up), 0 ≤ r < d; mode is 0 on unused rows.

    1. A used row takes the calls (MULDIV, t, a, b, q) and (DIVREM, t + 1, d, mode − 1, r).
    2. a, b, d, q, r are words of four limbs each, and so is d − 1 − r, of `spare` and a top limb: by
       2·WORD_BOUND < p, r < d as integers; d ≥ 1 follows.
    3. Z = a·b − d·q ∓ r is 0 mod p.
    4. Z is 0 mod 2^62: its terms of weight below 2^32 are carry·2^32, those of weight 2^32 to 2^61 and the
       carry are carry'·2^30. Terms of weight 2^62 and more, as l1·l3', vanish.
    Soundness of 4: a product of limbs is at most m = (2^16 − 1)². The terms of a·b below 2^32 are at most
    m·(1 + 2·2^16) = 2^49 − 3·2^32 + 1, as are those of d·q, and those of r below 2^32: an honest carry is
    within ±(2^17 − 2), and carry + 2^17 is a looked-up limb and a top in {0, 1, 2, 3}. Those of the second
    step are at most m·(3 + 2·2^14 + 2·2^16) + 2^30 + 2^16 + |carry| < 5·2^47: an honest carry' is within
    ±5·2^17, and carry' + 2^31 is two looked-up limbs. Whatever the prover puts there, both sides of the two
    equations differ by less than 2^49 + 2^49 and 2^50 + 2^61, below p, so that they hold over the integers.
    And |Z| < WORD_BOUND² + WORD_BOUND < 2^125 < p·2^62, so that Z, a multiple of both p and 2^62, is 0.
    """

    name = "muldiv"
    optional = True
    columns = Columns(
        mode="field", t="field", **dict.fromkeys(WORDS, "field[4]"), spare="field[3]", carry="field[2]"
    )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        mode, limbs = row.mode, [row[name] for name in WORDS]
        values = dict(zip(WORDS, map(word, limbs), strict=True))
        b.enforce("mode", mode * (mode - 1) * (mode - 2))
        is_used = mode * (3 - mode) * pow(2, -1, P)
        b.receive(CALL_BUS, [int(Unit.MULDIV), row.t, values["a"], values["b"], values["q"]], is_used)
        b.receive(CALL_BUS, [int(Unit.DIVREM), row.t + 1, values["d"], mode - 1, values["r"]], is_used)
        sign = 3 - 2 * mode
        product = values["a"] * values["b"] - values["d"] * values["q"] - sign * values["r"]
        b.enforce("product_mod_p", product)
        low, high = (x - y - sign * z for x, y, z in zip(*self._parts(row), strict=True))
        carry = low * pow(1 << 32, -1, P)
        top = (carry + LOW_OFFSET - row.carry[0]) * pow(1 << 16, -1, P)
        b.enforce("product_mod_2_32", top * (top - 1) * (top - 2) * (top - 3))
        high_carry = (high + carry) * pow(1 << 30, -1, P)
        high_top = (high_carry + HIGH_OFFSET - row.carry[1]) * pow(1 << 16, -1, P)
        spare_top = (values["d"] - 1 - values["r"] - word(row.spare)) * pow(1 << LIMB_SHIFTS[3], -1, P)
        flat = [limb for limbs_of_one in limbs for limb in limbs_of_one]
        for limb in (*flat, *row.spare, spare_top, *row.carry, high_top):
            b.send(RANGE_BUS, [limb], is_used)

    def _parts(self, row: Row) -> tuple[Any, Any, Any]:
        """The terms below 2^32, and those from 2^32 to 2^61 by 2^32: of a·b, d·q, r."""
        r = row.r
        return (
            product_parts(row.a, row.b),
            product_parts(row.d, row.q),
            (word(r[:2]), r[2] + (1 << 14) * r[3]),
        )


def product_parts(x: Any, y: Any) -> tuple[Any, Any]:
    """The terms of x·y, by limbs, of weight below 2^32; and those of weight 2^32 … 2^61, over 2^32.

    On expressions, and on arrays int64 (4, n): both are below 2^50.
    """
    low = x[0] * y[0] + (1 << 16) * (x[0] * y[1] + x[1] * y[0])
    middle = x[0] * y[2] + x[1] * y[1] + x[2] * y[0]
    overlap, upper = x[0] * y[3] + x[3] * y[0], x[1] * y[2] + x[2] * y[1]
    return low, middle + (1 << 14) * overlap + (1 << 16) * upper


def fill_muldiv(run: Run) -> U64Array | None:
    """The trace of a run, None if it divides nothing.

    Raises TraceError for a MULDIV that no DIVREM follows. Carries of what is no true product are nonsense,
    which the constraints name.
    """
    t = calls_of(run, Unit.MULDIV)
    if not np.array_equal(calls_of(run, Unit.DIVREM), t + 1):
        raise TraceError("calls of MULDIV and DIVREM do not come in pairs")
    if not len(t):
        return None
    n = len(t)
    trace = empty_trace(MulDiv.columns, n)
    trace[0, :n], trace[1, :n] = run.b[t + 1] + np.uint64(1), t
    words = run.a[t], run.b[t], run.a[t + 1], run.values[t], run.values[t + 1]
    limbs = [split_words(values) for values in words]
    trace[2:22, :n] = np.concatenate(limbs)
    d, r = words[2], words[4]
    trace[22:25, :n] = split_words(d - np.uint64(1) - r)[:3]
    trace[25:27, :n] = _carries(limbs, run.b[t + 1])
    return trace


def _carries(limbs: Sequence[U64Array], up: U64Array) -> U64Array:
    """The looked-up lower limbs (2, n) of the carries, their offsets added."""
    a, b, d, q, r = (limb.astype(np.int64) for limb in limbs)
    sign = 1 - 2 * up.astype(np.int64)
    (low, high), (low_dq, high_dq) = product_parts(a, b), product_parts(d, q)
    carry = (low - low_dq - sign * (r[0] + (r[1] << 16))) >> 32
    high_carry = (high - high_dq - sign * (r[2] + (r[3] << 14)) + carry) >> 30
    return np.stack([carry + LOW_OFFSET, high_carry + HIGH_OFFSET]).astype(np.uint64) & np.uint64(0xFFFF)
