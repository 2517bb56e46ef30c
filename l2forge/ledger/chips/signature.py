"""Schnorr signatures over ecGFp5, 64 rows each: five bits of both scalars a row.

The table receives (w, h) on the bus `signature`, ten elements, once for each signature that it holds: there
are s and e with e = H(enc(s·G + e·P) ‖ h). P is the point with encoding w, and the five elements of the hash
stand for the number e = Σ e_k·2^(64k) of canonical 64-bit limbs. Points are those of order n (x a square), on
which chord and tangent are the group law: see `l2forge.ledger.ecgfp5` and, for keys, `multiples`.

Row i of a block takes in window i, bits 5i … 5i + 4, of e and s. With digits a_i of e, c_i of s and the fixed
points T, START of `signature_points`, the chain runs from row 63 down to row 0:

    D_63 = START,   D_i = 32·Q_{i+1},   M_i = D_i + (T + a_i·P),   Q_i = M_i + (T + c_i·G).

Columns are Q, slopes, and x of the two entries. (tangent, root) = (λ, v) stand for Q and its doubling:
x = (λ² − v² − 2)/2, y = x(λ + v), x(2Q) = v². M and D are read off backwards: where the chord of slope λ
through (x₁, y₁) and (x₂, y₂) gave (x₃, y₃), x₁ = λ² − 2 − x₂ − x₃, and yₖ = λ(xₖ − x₃) − y₃ for k = 1, 2.
Each x is an expression of degree 2, each y of degree 3, however long the chain.

Soundness, for blocks with is_real = 1:
1. `is_real` is boolean and, like `key`, one value in a block. T + j·P is answered on `multiple` for (key, j),
   and T + j·G for (0, j), j = 0 … 31 only. So digits are in range, and entries are affine, of order n.
2. Let D_i be an affine point of order n, as START is. `distinct` says that its x and that of the key's entry
   differ in coefficient 0, likewise those of M_i and the generator's entry. By what is read off,
   y(entry) − y(D_i) = λ(x(entry) − x(D_i)), so λ = `key_chord` is the slope of the chord, M_i is the sum of
   D_i and the entry, and it is affine and of order n. Likewise Q_i. No sum needs a tangent or gives 0.
3. Q = (x, y) has odd order, so x, y ≠ 0. λ + v = y/x and λ − v = (2x + 2)/(λ + v), hence
   λ = (y²/x + 2x² + 2x)/(2y) = (3x² + 4x + 263z)/(2y), the tangent's slope; x(2Q) = λ² − 2 − 2x = v², and
   y(2Q) = λ(x − v²) − y = −v(λv + x). `double2` … `double5` say 2y·λ = 3x² + 4x + 263z for the other four
   doublings, where y ≠ 0 too, and `carried` that D_i is their result: affine and of order n again.
   By induction from row 63 down, Q_0 = 32^63·START + 2·Σ 32^i·T + Σ 32^i·(a_i·P + c_i·G) = e·P + S·G for
   S = Σ c_i·32^i, as START cancels T.
4. enc(Q_0) = −y/x = −(λ + v) of row 0 is hashed with h. The hash's number is free: it names permutations.
5. e is the number that the hash stands for. Bits are boolean. From row 63 down, `half` is the number of the
   bits so far of a half limb (32 bits), `high` holds a limb's higher half from where it is complete, and
   `limbs` (e_1 … e_4) a limb from where it is. A limb high·2³² + low is at least p only if high = 2³² − 1 and
   low ≠ 0; then no hint inverts 2³² − 1 − high, and `canonical` fails. So limbs are canonical and equal as
   integers to those of the hash.
6. s < n needs no constraint. S is not seen outside, and (S mod n, e mod n) is the signature of h in the
   exchange's format: what is stated is that it exists. (The witness, like the door, takes no other.)

Completeness: `distinct` refuses a signature whose sum meets ± a table entry. Without a logarithm of T that is
s·G + e·P = 0, which no signer makes, or a coincidence of coefficients 0: 128 chances of 2^(−64).

Blocks without a signature have is_real = 0 and repeat a valid block: they are on no bus. The 20 `tangents` of
row 0, which has no doubling to show, hold w, h, the number of the hash, a hint, and 8 zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.ledger import ecgfp5
from l2forge.ledger.chips import quintic
from l2forge.ledger.chips.hashes import FRESH, MESSAGE_TAG, NEXT_TWO, absorb, digest5
from l2forge.ledger.chips.multiples import CURVE_A, GENERATOR_NUMBER, KEY_BUS, MULTIPLE_BUS
from l2forge.ledger.chips.quintic import Quintic
from l2forge.ledger.chips.signature_points import N_WINDOWS, START, WINDOW_BITS
from l2forge.stark.field import P

SIGNATURE_BUS = "signature"
"""(w, h): encoding of a public key and message digest, five elements each."""

HALF_BITS = 32
N_HALVES = 2 * 5
CUTS = {m: divmod(HALF_BITS * m, WINDOW_BITS) for m in range(1, N_HALVES)}
"""Cut m, between bits 32m − 1 and 32m of e: its row, and how many bits of that row are below it."""
ALL_ONES = (1 << HALF_BITS) - 1

ENCODING, DIGEST = slice(0, 5), slice(5, 10)
NUMBER, HINT, UNUSED = 10, 11, 12
"""What the `tangents` of row 0 hold."""

Point = tuple[Quintic, Quintic]


class Signatures(Chip):
    """Valid signatures, 64 rows each; see the module's text for the numbered argument."""

    name = "signature"
    columns = Columns(
        tangent="field[5]",
        root="field[5]",
        tangents="field[20]",
        key_chord="field[5]",
        key_x="field[5]",
        base_chord="field[5]",
        base_x="field[5]",
        inverse="field",
        key="field",
        bits="bool[5]",
        base_digit="field",
        half="field",
        high="field",
        limbs="field[4]",
        is_real="flag",
    )
    optional = True

    def __init__(self) -> None:
        rows = range(N_WINDOWS)
        self.periodic = {
            "first": [int(i == 0) for i in rows],
            "last": [int(i == N_WINDOWS - 1) for i in rows],
            **{f"cut{m}": [int(i == row) for i in rows] for m, (row, _) in CUTS.items()},
        }

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        inside = 1 - b.periodic("last")
        b.enforce_bool("is_real_boolean", row.is_real)
        b.enforce("is_real_kept", inside * (next.is_real - row.is_real))
        b.enforce("key_kept", inside * (next.key - row.key))
        self._bind_challenge(b, row, next)
        self._ask_frame(b, row)
        self._add_entries(b, row, next)

    # --- the chain of points

    def _add_entries(self, b: Any, row: Row, next: Row) -> None:
        """M and D of this row, the entries that are looked up, and the link to the doublings of the next."""
        last, inside = b.periodic("last"), 1 - b.periodic("last")
        doubled = self._doubled(b, next, inside)
        m, base_y = _before(_state(row), row.base_chord, row.base_x)
        d, key_y = _before(m, row.key_chord, row.key_x)
        for name, here, carried, start in zip(("x", "y"), d, doubled, START, strict=True):
            _enforce(b, f"carried_{name}", quintic.sub(here, carried), inside)
            _enforce(b, f"starts_{name}", quintic.sub(here, quintic.constant(b, start)), last)
        differences = (d[0][0] - row.key_x[0]) * (m[0][0] - row.base_x[0])
        b.enforce("distinct", row.inverse * differences - 1)
        b.send(MULTIPLE_BUS, [row.key, _number(row.bits), *row.key_x, *key_y], row.is_real)
        b.send(MULTIPLE_BUS, [GENERATOR_NUMBER, row.base_digit, *row.base_x, *base_y], row.is_real)

    def _doubled(self, b: Any, next: Row, inside: Expr) -> Point:
        """32·Q of the next row."""
        x, _ = _state(next)
        point: Point = (
            quintic.square(next.root),
            [-c for c in quintic.mul(next.root, quintic.add(quintic.mul(next.tangent, next.root), x))],
        )
        for k in range(WINDOW_BITS - 1):
            x, y = point
            slope = next.tangents[5 * k : 5 * k + 5]
            rise = quintic.add(
                quintic.add(quintic.scale(quintic.square(x), 3), quintic.scale(x, 2 * CURVE_A)),
                quintic.constant(b, ecgfp5.B),
            )
            tangency = quintic.sub(quintic.mul(quintic.add(y, y), slope), rise)
            _enforce(b, f"double{k + 2}", tangency, inside)
            point = _third(slope, point, x)
        return point

    # --- the challenge e

    def _bind_challenge(self, b: Any, row: Row, next: Row) -> None:
        """`half`, `high` and `limbs` from the bits of e, from row 63 down."""
        first, last = b.periodic("first"), b.periodic("last")
        cuts = {m: b.periodic(f"cut{m}") for m in CUTS}
        digit = _number(row.bits)
        longer = digit + next.half * (1 << WINDOW_BITS)
        lower = {m: _number(row.bits[:below], b) for m, (_, below) in CUTS.items()}
        upper = {
            m: _number(row.bits[below:]) + next.half * (1 << (WINDOW_BITS - below))
            for m, (_, below) in CUTS.items()
        }
        at_cut = _total([cuts[m] * (longer - lower[m]) for m in CUTS])
        b.enforce("half_starts", last * (row.half - digit))
        b.enforce("half", (1 - last) * (row.half - longer) + at_cut)
        loads = _total([cuts[m] * (next.high - upper[m]) for m in CUTS if m % 2])
        b.enforce("high", (1 - last) * (row.high - next.high) + loads)
        for k, (here, above) in enumerate(zip(row.limbs, next.limbs, strict=True), start=1):
            cut, low = cuts[2 * k], upper[2 * k]
            b.enforce(f"limb{k}", (1 - last) * (here - above) + cut * (above - _limb(row.high, low)))
            # Until its limb is complete, the column holds the hint for it.
            b.enforce(f"canonical{k}", cut * low * (1 - (ALL_ONES - row.high) * above))
        b.enforce("canonical0", first * row.half * (1 - (ALL_ONES - row.high) * row.tangents[HINT]))

    # --- what is stated

    def _ask_frame(self, b: Any, row: Row) -> None:
        """Row 0: the key's number, the hash, and the signature that is answered for."""
        first = b.periodic("first")
        when = first * row.is_real
        key, digest, number = row.tangents[ENCODING], row.tangents[DIGEST], row.tangents[NUMBER]
        commitment = [-(p + q) for p, q in zip(row.tangent, row.root, strict=True)]
        b.send(KEY_BUS, [row.key, *key], when)
        absorb(b, number, FRESH, MESSAGE_TAG, [*commitment, *digest[:3]], when)
        absorb(b, number + 1, NEXT_TWO, 0, [*digest[3:], *[0] * 6], when)
        digest5(b, number + 1, [_limb(row.high, row.half), *row.limbs], when)
        b.receive(SIGNATURE_BUS, [*key, *digest], when)
        for k, cell in enumerate(row.tangents[UNUSED:]):
            b.enforce(f"unused{k}", first * cell)


def _state(row: Row) -> Point:
    """Q = (x, y) of a row: x = (λ² − w̄² − 2)/2, y = x(λ + w̄)."""
    squares = quintic.sub(quintic.square(row.tangent), quintic.square(row.root))
    x = quintic.scale(quintic.shift(squares, -CURVE_A), (P + 1) // 2)
    return x, quintic.mul(x, quintic.add(row.tangent, row.root))


def _before(after: Point, slope: Quintic, x: Quintic) -> tuple[Point, Quintic]:
    """The point before that at `x` was added by a chord of this slope, giving `after`; and y at `x`."""
    third = quintic.sub(quintic.shift(quintic.square(slope), -CURVE_A), quintic.add(x, after[0]))
    return (third, _on_line(slope, after, third)), _on_line(slope, after, x)


def _third(slope: Quintic, point: Point, x: Quintic) -> Point:
    """The sum of `point` and the point of abscissa `x` on the line of this slope through it."""
    third = quintic.sub(quintic.shift(quintic.square(slope), -CURVE_A), quintic.add(x, point[0]))
    return third, quintic.sub(quintic.mul(slope, quintic.sub(point[0], third)), point[1])


def _on_line(slope: Quintic, point: Point, x: Quintic) -> Quintic:
    """y at `x` of the line of this slope through −point."""
    return quintic.sub(quintic.mul(slope, quintic.sub(x, point[0])), point[1])


def _number(bits: Sequence[Expr], b: Any = None) -> Expr:
    """Σ bits[i]·2^i; `b` makes the 0 of no bits."""
    return _total([bit * (1 << i) for i, bit in enumerate(bits)]) if bits else b.const(0)


def _total(terms: Sequence[Expr]) -> Expr:
    return sum(terms[1:], terms[0])


def _limb(high: Expr, low: Expr) -> Expr:
    return high * (1 << HALF_BITS) + low


def _enforce(b: Any, name: str, zero: Quintic, when: Expr) -> None:
    """when·zero = 0, a constraint for each coefficient."""
    for k, coefficient in enumerate(zero):
        b.enforce(f"{name}[{k}]", when * coefficient)
