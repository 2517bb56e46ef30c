"""GF(p⁵) = GF(p)[z]/(z⁵ − 3) in kernels: an element is a tuple of five canonical words.

`l2forge.ledger.fp5` is the same field on Python integers, and explains the formulas.
"""

from __future__ import annotations

import numpy as np

from l2forge.ledger.curve.jit import kernel
from l2forge.ledger.curve.wide import Five, add5, mul1, mul5, scale5, scale5_z, square5, sub5
from l2forge.ledger.fp5 import DEGREE, NON_RESIDUE
from l2forge.stark.field import TWO_ADIC_ROOT, TWO_ADICITY, P, U64Array

_0 = np.uint64(0)
_1 = np.uint64(1)
ZERO = (_0, _0, _0, _0, _0)
ONE = (_1, _0, _0, _0, _0)
HALF = np.uint64((P + 1) // 2)
_P = np.uint64(P)

_F = tuple(np.uint64(pow(NON_RESIDUE, i * (P - 1) // DEGREE, P)) for i in range(DEGREE))
_F2 = tuple(np.uint64(pow(NON_RESIDUE, 2 * i * (P - 1) // DEGREE, P)) for i in range(DEGREE))
"""(zⁱ)^p and (zⁱ)^(p²), divided by zⁱ."""

_ROOTS = np.array([pow(TWO_ADIC_ROOT, 1 << k, P) for k in range(TWO_ADICITY)], np.uint64)
"""Entry k has order 2^(32 − k)."""


@kernel
def mul(a: Five, b: Five) -> Five:
    """a·b."""
    return mul5(a, b)


@kernel
def square(a: Five) -> Five:
    """a²."""
    return square5(a)


add, sub = add5, sub5
"""a + b, a − b."""
scale_small, scale_z = scale5, scale5_z
"""c·a for c < 2³², c·z·a for c < 2³⁰."""


@kernel
def neg(a: Five) -> Five:
    """−a."""
    return sub5(ZERO, a)


@kernel
def double(a: Five) -> Five:
    """2a."""
    return add5(a, a)


@kernel
def scale(a: Five, factor: np.uint64) -> Five:
    """factor·a for a base-field factor."""
    return mul1(a[0], factor), mul1(a[1], factor), mul1(a[2], factor), mul1(a[3], factor), mul1(a[4], factor)


@kernel
def is_zero(a: Five) -> bool:
    """Whether a = 0."""
    return bool((a[0] | a[1] | a[2] | a[3] | a[4]) == _0)


@kernel
def load(row: U64Array) -> Five:
    """The element in a row of five words."""
    return row[0], row[1], row[2], row[3], row[4]


@kernel
def store(row: U64Array, a: Five) -> None:
    """Write the element into a row of five words."""
    row[0], row[1], row[2], row[3], row[4] = a


@kernel
def is_canonical(row: U64Array) -> bool:
    """Whether each of five words is below p."""
    return bool(row[0] < _P and row[1] < _P and row[2] < _P and row[3] < _P and row[4] < _P)


@kernel
def _twist(a: Five, f: tuple[np.uint64, ...]) -> Five:
    return a[0], mul1(a[1], f[1]), mul1(a[2], f[2]), mul1(a[3], f[3]), mul1(a[4], f[4])


@kernel
def conjugates(a: Five) -> Five:
    """N(a)/a = a^(p + p² + p³ + p⁴)."""
    pair = mul(_twist(a, _F), _twist(a, _F2))
    return mul(pair, _twist(pair, _F2))


@kernel
def _squarings(a: np.uint64, n: int) -> np.uint64:
    for _ in range(n):
        a = mul1(a, a)
    return a


@kernel
def _ones(a: np.uint64) -> tuple[np.uint64, np.uint64]:
    """a^(2³¹ − 1) and a^(2³² − 1), by doubling the number of ones of the exponent."""
    a2 = mul1(_squarings(a, 1), a)
    a3 = mul1(_squarings(a2, 1), a)
    a6 = mul1(_squarings(a3, 3), a3)
    a12 = mul1(_squarings(a6, 6), a6)
    a24 = mul1(_squarings(a12, 12), a12)
    a30 = mul1(_squarings(a24, 6), a6)
    a31 = mul1(_squarings(a30, 1), a)
    return a31, mul1(_squarings(a31, 1), a)


@kernel
def inverse1(a: np.uint64) -> np.uint64:
    """1/a in GF(p), and 0 for 0: p − 2 = (2³¹ − 1)·2³³ + (2³² − 1)."""
    a31, a32 = _ones(a)
    return mul1(_squarings(a31, 33), a32)


@kernel
def inverse(a: Five) -> Five:
    """1/a, and 0 for 0."""
    rest = conjugates(a)
    return scale(rest, inverse1(mul(a, rest)[0]))


@kernel
def is_square(a: Five) -> bool:
    """Whether a is a non-zero square: N(a)^((p − 1)/2) = 1, where (p − 1)/2 = (2³² − 1)·2³¹."""
    norm = mul(a, conjugates(a))[0]
    _, a32 = _ones(norm)
    return bool(_squarings(a32, 31) == _1)


@kernel
def _sqrt1(a: np.uint64) -> tuple[bool, np.uint64]:
    """Whether a ≠ 0 is a square of GF(p), and a root of it, by Tonelli and Shanks; p − 1 = 2³²·(2³² − 1)."""
    a31, a32 = _ones(a)
    root = mul1(a31, a)  # a^((2³² − 1 + 1)/2)
    rest = a32
    if _squarings(rest, TWO_ADICITY - 1) != _1:
        return False, _0
    for log_order in range(TWO_ADICITY - 1, 0, -1):
        if _squarings(rest, log_order - 1) != _1:
            root = mul1(root, _ROOTS[TWO_ADICITY - 1 - log_order])
            rest = mul1(rest, _ROOTS[TWO_ADICITY - log_order])
    return True, root


@kernel
def _half_power(a: Five) -> Five:
    """a^((p + 1)/2), where (p + 1)/2 = (2³² − 1)·2³¹ + 1."""
    ones = a
    length = 1
    while length < 32:
        shifted = ones
        for _ in range(length):
            shifted = square(shifted)
        ones = mul(shifted, ones)
        length *= 2
    for _ in range(31):
        ones = square(ones)
    return mul(ones, a)


@kernel
def sqrt(a: Five) -> tuple[bool, Five]:
    """Whether a ≠ 0 is a square, and a root of it.

    With g = a^((p + p² + p³ + p⁴)/2), g²·a is the norm N, so √a = g·a/√N, where N is in GF(p).
    """
    half = _twist(_half_power(a), _F)
    g = mul(half, _twist(half, _F2))
    ga = mul(g, a)
    found, root = _sqrt1(mul(g, ga)[0])
    return found, scale(ga, inverse1(root))
