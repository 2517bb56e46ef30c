"""Multiples of points: a comb of precomputed multiples for the generator, a sliding window for any other.

Neither hides the scalar from who measures time or cache; a verifier's scalars are public, and the signer
here serves tests, simulations and oracle sources on their own machine.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve import group
from l2forge.ledger.curve.group import NEUTRAL, Point
from l2forge.ledger.curve.jit import entry, kernel
from l2forge.ledger.ecgfp5 import GENERATOR, encode
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import U64Array

LIMBS = 5
"""64-bit limbs of a scalar, little-endian."""
COMB_BITS = 8
N_COMB = LIMBS * 64 // COMB_BITS
HALF_COMB = 1 << (COMB_BITS - 1)
WINDOW_BITS = 5
N_ODD = 1 << (WINDOW_BITS - 2)
"""Odd multiples 1, 3, …, 15 of a point."""
MAX_DIGITS = LIMBS * 64 + 1

_63 = np.uint64(63)


@kernel
def _digit(scalar: U64Array, window: int) -> np.int64:
    """Bits 8·window … 8·window + 7."""
    shift = np.uint64(COMB_BITS * (window % 8))
    return np.int64((scalar[window // 8] >> shift) & np.uint64((1 << COMB_BITS) - 1))


@kernel
def add_comb(p: Point, scalar: U64Array, comb: U64Array) -> Point:
    """P + scalar·G for a scalar below 2³¹⁹, with digits of −127 … 128 and so 40 additions at most."""
    carry = 0
    for window in range(N_COMB):
        digit = _digit(scalar, window) + carry
        carry = 1 if digit > HALF_COMB else 0
        digit -= carry << COMB_BITS
        if digit != 0:
            entry = comb[window, abs(digit) - 1]
            u = f.load(entry[1])
            p = group.add_affine(p, (f.load(entry[0]), u if digit > 0 else f.neg(u)))
    return p


@entry
def naf(scalar: U64Array, digits: NDArray[np.int8]) -> int:
    """Digits, lowest first, of a scalar below 2³¹⁹: 0 or odd within ±15, at most one of 5 in a row not 0.

    Returns how many digits were written; the scalar is used up.
    """
    n = 0
    while (scalar[0] | scalar[1] | scalar[2] | scalar[3] | scalar[4]) != np.uint64(0):
        digit = np.int64(0)
        if scalar[0] & np.uint64(1):
            digit = np.int64(scalar[0] & np.uint64((1 << WINDOW_BITS) - 1))
            if digit >= 1 << (WINDOW_BITS - 1):
                digit -= 1 << WINDOW_BITS
            _subtract(scalar, digit)
        digits[n] = digit
        n += 1
        for k in range(LIMBS):
            above = scalar[k + 1] << _63 if k + 1 < LIMBS else np.uint64(0)
            scalar[k] = (scalar[k] >> np.uint64(1)) | above
    return n


@kernel
def _subtract(scalar: U64Array, digit: np.int64) -> None:
    """scalar − digit, which is not negative; only a negative digit can carry beyond the first limb."""
    scalar[0] -= np.uint64(digit)
    if digit < 0:
        k = 0
        while scalar[k] < np.uint64(-digit if k == 0 else 1):
            k += 1
            scalar[k] += np.uint64(1)


@kernel
def multiply(p: Point, scalar: U64Array, digits: NDArray[np.int8], odd: U64Array) -> Point:
    """scalar·P for a scalar below 2³¹⁹, which is used up; `digits` and `odd` are scratch.

    About 319 doublings and 53 additions.
    """
    _odd_multiples(p, odd)
    result = NEUTRAL
    pending = 0
    for place in range(naf(scalar, digits) - 1, -1, -1):
        pending += 1
        digit = digits[place]
        if digit != 0:
            result = group.double_many(result, pending)
            result = group.add(result, _multiple(odd, digit))
            pending = 0
    return group.double_many(result, pending)


@kernel
def _odd_multiples(p: Point, odd: U64Array) -> None:
    """P, 3P, …, 15P into `odd`, shape (8, 4, 5)."""
    twice = group.double(p)
    for i in range(N_ODD):
        for k in range(4):
            f.store(odd[i, k], p[k])
        p = group.add(p, twice)


@kernel
def _multiple(odd: U64Array, digit: int) -> Point:
    entry = odd[(abs(digit) - 1) // 2]
    u = f.load(entry[2])
    return f.load(entry[0]), f.load(entry[1]), u if digit > 0 else f.neg(u), f.load(entry[3])


@entry
def _build_comb(generator: U64Array, comb: U64Array) -> None:
    _, base = group.decode(f.load(generator))
    for window in range(N_COMB):
        p = base
        for i in range(HALF_COMB):
            x, z, u, t = p
            both = f.inverse(f.mul(z, t))
            f.store(comb[window, i, 0], f.mul(x, f.mul(t, both)))
            f.store(comb[window, i, 1], f.mul(u, f.mul(z, both)))
            p = group.add(p, base)
        base = group.double_many(base, COMB_BITS)


@lru_cache(maxsize=1)
def comb_of_generator() -> U64Array:
    """Entry [j, i] is (i + 1)·2^(8j)·G as (x, u): shape (40, 128, 2, 5), 400 KB, built in 10 ms."""
    comb = np.empty((N_COMB, HALF_COMB, 2, DEGREE), np.uint64)
    _build_comb(np.array(encode(GENERATOR), np.uint64), comb)
    return comb
