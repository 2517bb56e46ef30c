"""The witness of the signature and multiples tables in Python integers, step by step, with faults put in.

A fault replaces the value of one step, which everything after it is computed from: so a bad trace breaks
what the step is bound by, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from l2forge.ledger import ecgfp5, fp5
from l2forge.ledger.chips.multiples import Multiples
from l2forge.ledger.chips.signature import ALL_ONES, CUTS, Signatures
from l2forge.ledger.chips.signature_points import N_MULTIPLES, N_WINDOWS, OFFSET, START
from l2forge.ledger.fp5 import Fp5
from l2forge.stark.field import P, U64Array

Affine = tuple[Fp5, Fp5]
Faults = Mapping[tuple[str, int], Callable[[Any], Any]]
"""(step, row) → what is made of the step's value."""

HALF = (P + 1) // 2
TWO = fp5.element(2)


def unit(k: int, value: int = 1) -> Fp5:
    """value·z^k."""
    return fp5.element(*[0] * k, value)


def plus(delta: Fp5) -> Callable[[Fp5], Fp5]:
    """The fault x + delta."""
    return lambda x: fp5.add(x, delta)


def slope_of(left: Affine, right: Affine) -> Fp5:
    """Slope of the chord, 0 where there is none; the points need not be on the curve."""
    if left[0] == right[0]:
        return fp5.ZERO
    return fp5.divide(fp5.sub(right[1], left[1]), fp5.sub(right[0], left[0]))


def third(slope: Fp5, left: Affine, right_x: Fp5) -> Affine:
    """The sum of two points by the slope of their chord or tangent."""
    x = fp5.sub(fp5.sub(fp5.square(slope), TWO), fp5.add(left[0], right_x))
    return x, fp5.sub(fp5.mul(slope, fp5.sub(left[0], x)), left[1])


def scalar_of(limbs: Sequence[int]) -> int:
    """Σ limbs[k]·2^(64k)."""
    return sum(limb << (64 * k) for k, limb in enumerate(limbs))


@dataclass
class Key:
    """A public key's block: `point` may be off the curve, where a fault asks for it."""

    encoding: Fp5
    point: Affine
    faults: Faults = field(default_factory=dict)
    entries: list[Affine] = field(default_factory=list)
    rows: dict[str, list[Any]] = field(default_factory=dict)

    @staticmethod
    def of(encoding: Fp5, faults: Faults | None = None) -> Key:
        """The key that the circuit decodes."""
        point = ecgfp5.decode(encoding)
        assert point is not None
        return Key(encoding, point, faults or {})

    def __post_init__(self) -> None:
        names = ("x", "y", "chord", "root", "encoding", "inverse")
        self.rows = {name: [] for name in names}
        entry = self._bend("starts", 0, OFFSET)
        for j in range(N_MULTIPLES):
            self.entries.append(entry)
            encoding = self._bend("encoding", j, self.encoding)
            x = self._bend("x", j, self.point[0])
            key = (x, fp5.neg(fp5.mul(encoding, x)))
            root = fp5.sqrt(x)
            assert root is not None
            rise, run = fp5.sub(key[1], entry[1]), fp5.sub(x, entry[0])
            chord = fp5.divide(self._bend("chord", j, rise), run)
            inverse = pow(run[0], -1, P) if run[0] else 0
            for name, value in zip(self.rows, (*entry, chord, root, encoding, inverse), strict=True):
                self.rows[name].append(value)
            following = third(chord, entry, x)
            next_x = self._bend("step_x", j, following[0])
            next_y = fp5.sub(fp5.mul(chord, fp5.sub(entry[0], next_x)), entry[1])
            entry = (next_x, self._bend("step_y", j, next_y))

    def _bend(self, name: str, row: int, value: Any) -> Any:
        return self.faults.get((name, row), lambda v: v)(value)


def key_trace(keys: Sequence[Key]) -> U64Array:
    """The multiples table without counts and numbers: the keys, then key 0 repeated."""
    n = len(keys)
    size = 1 << (n - 1).bit_length()
    columns = []
    for name in ("x", "y", "chord", "root", "encoding"):
        for k in range(5):
            columns.append([v[k] for key in keys for v in key.rows[name]])
    columns.append([v for key in keys for v in key.rows["inverse"]])
    block = np.array(columns, np.uint64)
    padded = np.concatenate([block, *[block[:, :N_MULTIPLES]] * (size - n)], axis=1)
    trace = np.zeros((len(Multiples.columns), size * N_MULTIPLES), np.uint64)
    trace[: len(padded)] = padded
    return trace


@dataclass
class Signature:
    """A signature as the circuit takes it: any integers may be given."""

    encoding: Fp5
    digest: Fp5
    s: int
    e: int
    faults: Faults = field(default_factory=dict)

    @property
    def digits(self) -> list[tuple[int, int]]:
        """(e_i, s_i) for each window."""
        return [(self.e >> (5 * i) & 31, self.s >> (5 * i) & 31) for i in range(N_WINDOWS)]


class Block:
    """The 64 rows of a signature; `rows[i]` has the cells of row i by column name."""

    def __init__(self, signature: Signature, key: Key, base: Key, number: int, key_number: int) -> None:
        self.signature, self.key, self.base = signature, key, base
        self.number, self.key_number = number, key_number
        self.rows: list[dict[str, Any]] = [{} for _ in range(N_WINDOWS)]
        self._chain()
        self._challenge()
        self._frame()

    def _bend(self, name: str, row: int, value: Any) -> Any:
        return self.signature.faults.get((name, row), lambda v: v)(value)

    def _chain(self) -> None:
        start: Affine = START
        for i in range(N_WINDOWS - 1, -1, -1):
            d = self._bend("start", i, start)
            e, s = self.signature.digits[i]
            key_entry = self._bend("key_entry", i, (self.key.entries[e], d))[0]
            key_chord = self._bend("key_chord", i, slope_of(d, key_entry))
            m = third(key_chord, d, key_entry[0])
            base_entry = self.base.entries[s]
            base_chord = slope_of(m, base_entry)
            q = third(base_chord, m, base_entry[0])
            differences = (d[0][0] - key_entry[0][0]) * (m[0][0] - base_entry[0][0]) % P
            ratio = fp5.divide(q[1], q[0])
            other = fp5.divide(fp5.scale(fp5.add(q[0], fp5.ONE), 2), ratio)
            tangent = fp5.scale(fp5.add(ratio, other), HALF)
            root = fp5.scale(fp5.sub(ratio, other), HALF)
            y = fp5.neg(fp5.mul(root, fp5.add(fp5.mul(tangent, root), q[0])))
            tangents, start = self._doublings(i, (fp5.square(root), y))
            self.rows[i] = {
                "tangent": tangent,
                "root": root,
                "tangents": tangents,
                "key_chord": key_chord,
                "key_x": key_entry[0],
                "base_chord": base_chord,
                "base_x": base_entry[0],
                "inverse": pow(differences, -1, P) if differences else 0,
                "key": self._bend("key", i, self.key_number),
                "base_digit": s,
                "is_real": self._bend("is_real", i, 1),
                "bits": self._bend("bits", i, [e >> k & 1 for k in range(5)]),
            }

    def _doublings(self, i: int, point: Affine) -> tuple[list[int], Affine]:
        tangents: list[int] = []
        for k in range(2, 6):
            x, y = point
            rise = fp5.add(fp5.add(fp5.scale(fp5.square(x), 3), fp5.scale(x, 4)), ecgfp5.B)
            slope = fp5.divide(self._bend(f"double{k}", i, rise), fp5.scale(y, 2))
            tangents += slope
            point = third(slope, point, x)
        return tangents, point

    def _challenge(self) -> None:
        half, high = 0, 0
        done = [0] * 5
        hints = [0] * 5
        held = {}
        for i in range(N_WINDOWS - 1, -1, -1):
            row = self.rows[i]
            digit = sum(bit << k for k, bit in enumerate(row["bits"]))
            cut = next(((m, below) for m, (at, below) in CUTS.items() if at == i), None)
            above, half = half, (digit + 32 * half) % P
            if cut:
                m, below = cut
                upper = (sum(b << k for k, b in enumerate(row["bits"][below:])) + (above << (5 - below))) % P
                half = sum(b << k for k, b in enumerate(row["bits"][:below]))
                if m % 2:
                    high = self._bend("high", i, upper)
                else:
                    hints[m // 2] = self._hint(high)
                    done[m // 2] = self._bend(f"limb{m // 2}", i, (high * 2**32 + upper) % P)
                    held[m // 2] = i
            half = self._bend("half", i, half)
            row["half"] = half
            row["high"] = high
        first_high = CUTS[9][0]
        for i, row in enumerate(self.rows):
            if i > first_high:
                row["high"] = 0
            row["limbs"] = [done[k] if i <= held[k] else hints[k] for k in range(1, 5)]
        # `high` is held above its first cut too: whatever it is there, it is one value.
        self.hint = self._hint(self.rows[0]["high"])

    @staticmethod
    def _hint(high: int) -> int:
        gap = (ALL_ONES - high) % P
        return pow(gap, -1, P) if gap else 0

    def _frame(self) -> None:
        cells = [*self.signature.encoding, *self.signature.digest, self.number, self.hint, *[0] * 8]
        self.rows[0]["tangents"] = [self._bend(f"frame{k}", 0, v) for k, v in enumerate(cells)]

    @property
    def commitment(self) -> Fp5:
        """What is hashed with the digest: enc(R)."""
        return fp5.neg(fp5.add(self.rows[0]["tangent"], self.rows[0]["root"]))

    @property
    def challenge(self) -> list[int]:
        """The limbs that the hash must answer."""
        first = self.rows[0]
        return [(first["high"] * 2**32 + first["half"]) % P, *first["limbs"]]

    @property
    def cells(self) -> U64Array:
        """(columns, 64)."""
        values = []
        for row in self.rows:
            flat: list[int] = []
            for name in Signatures.columns.groups:
                value = row[name]
                flat += value if isinstance(value, (list, tuple)) else [value]
            values.append(flat)
        return np.array(values, np.uint64).T


def count_asks(blocks: Sequence[Block], keys: U64Array, first_number: int = 0) -> None:
    """Fill `count`, `uses` and `number` of the multiples table for what the rows of the blocks ask."""
    names = Multiples.columns.names
    count, uses = keys[names.index("count")], keys[names.index("uses")]
    blocks_before = np.arange(keys.shape[1]).astype(object) // N_MULTIPLES
    keys[names.index("number")] = ((blocks_before + first_number) % P).astype(np.uint64)
    for block in blocks:
        for row, (e, s) in zip(block.rows, block.signature.digits, strict=True):
            for number, digit in ((row["key"], e), (0, s)):
                count[N_MULTIPLES * (number - first_number) + digit] += np.uint64(row["is_real"])
        uses[N_MULTIPLES * (block.rows[0]["key"] - first_number)] += np.uint64(block.rows[0]["is_real"])
