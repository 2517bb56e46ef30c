"""The Goldilocks field p = 2⁶⁴ − 2³² + 1: scalar kernels that LLVM vectorises, and their array forms.

Scalar kernels are `inline="always"` functions of `uint64` values, to be used inside flat numba loops over
contiguous arrays. Inputs and outputs are canonical, i.e. below p, unless a name says otherwise. Products are
built from 32-bit limbs, since AVX2 multiplies only 32 × 32 → 64 bits; corrections are selects, which become
masks. AVX2 compares signed words only: unsigned ones are compared after adding 2⁶³ to both ("biased"), to a
constant where one is at hand. Throughout 2⁶⁴ ≡ 2³² − 1 (called EPSILON) and 2⁹⁶ ≡ −1 (mod p).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

U64Array: TypeAlias = NDArray[np.uint64]

P = 0xFFFF_FFFF_0000_0001
TWO_ADICITY = 32
GENERATOR = 7
"""Generator of the multiplicative group; also the shift of every evaluation coset."""
TWO_ADIC_ROOT = 1_753_635_133_440_165_772
"""7^((p − 1)/2³²): a primitive 2³²-th root of unity."""

_P = np.uint64(P)
_EPSILON = np.uint64(0xFFFF_FFFF)
_16 = np.uint64(16)
_32 = np.uint64(32)
_48 = np.uint64(48)
_SIGN = np.uint64(1 << 63)
_BIASED_P = np.uint64((P + (1 << 63)) % (1 << 64))
_0 = np.uint64(0)
_1 = np.uint64(1)


@njit(inline="always")
def add(a: np.uint64, b: np.uint64) -> np.uint64:
    """a + b mod p, computed as a − (p − b): one borrow decides the only correction."""
    biased = a ^ _SIGN
    complement = _BIASED_P - b
    difference = biased - complement
    return difference - _EPSILON if np.int64(biased) < np.int64(complement) else difference


@njit(inline="always")
def sub(a: np.uint64, b: np.uint64) -> np.uint64:
    """a − b mod p. A borrow adds p, which is −EPSILON modulo 2⁶⁴."""
    difference = a - b
    return difference - _EPSILON if a < b else difference


@njit(inline="always")
def neg(a: np.uint64) -> np.uint64:
    """−a mod p."""
    return _P - a if a != _0 else _0


@njit(inline="always")
def mul_wide(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The 128-bit product of any two 64-bit values as (high, low), from four 32-bit products.

    No sum overflows: (2³² − 1)² + 2·(2³² − 1) = 2⁶⁴ − 1.
    """
    a0 = a & _EPSILON
    a1 = a >> _32
    b0 = b & _EPSILON
    b1 = b >> _32
    low = a0 * b0
    middle = a1 * b0 + (low >> _32)
    middle2 = a0 * b1 + (middle & _EPSILON)
    high = a1 * b1 + (middle >> _32) + (middle2 >> _32)
    return high, (middle2 << _32) | (low & _EPSILON)


@njit(inline="always")
def reduce_wide(high: np.uint64, low: np.uint64) -> np.uint64:
    """high·2⁶⁴ + low mod p, canonical, for any two 64-bit words.

    With high = h₁·2³² + h₀ the value is low − h₁ + h₀·(2³² − 1) mod p. First x = low − h₁, plus p if it is
    negative: then the top bit goes from 0 to 1, as h₁ < 2³². Next x − d for d = p − h₀·(2³² − 1) ≥ 2³², plus
    p if negative. The result is canonical, as x + h₀·(2³² − 1) ≤ (2⁶⁴ − 1) + (2³² − 1)² < 2p.
    """
    h0 = high & _EPSILON
    x = low - (high >> _32)
    x = (x - _EPSILON if np.int64(x & ~low) < 0 else x) ^ _SIGN
    d = (_BIASED_P + h0) - (h0 << _32)
    difference = x - d
    return difference - _EPSILON if np.int64(x) < np.int64(d) else difference


@njit(inline="always")
def mul(a: np.uint64, b: np.uint64) -> np.uint64:
    """a·b mod p."""
    high, low = mul_wide(a, b)
    return reduce_wide(high, low)


@njit(inline="always")
def mul_montgomery(a: np.uint64, b: np.uint64) -> np.uint64:
    """a·b/2⁶⁴ mod p, canonical: the cheapest product, for a constant factor kept as b = c·2⁶⁴ mod p.

    With a·b = high·2⁶⁴ + low, the multiple m·p with m = low·(2³² + 1) mod 2⁶⁴ ends in low, as p·(2³² + 1) ≡ 1
    modulo 2⁶⁴. So the result is high − y for y = ⌊m·p/2⁶⁴⌋ < p. With low = l₁·2³² + l₀ and
    l₀ + l₁ = c·2³² + s₀, m = s₀·2³² + l₀ and y = m − s₀ − c.
    """
    a0 = a & _EPSILON
    a1 = a >> _32
    b0 = b & _EPSILON
    b1 = b >> _32
    low = a0 * b0
    middle = a1 * b0 + (low >> _32)
    middle2 = a0 * b1 + (middle & _EPSILON)
    high = a1 * b1 + (middle >> _32) + (middle2 >> _32)
    l0 = low & _EPSILON
    s = l0 + (middle2 & _EPSILON)
    y = (s << _32) + l0 - (s & _EPSILON) - (s >> _32)
    difference = high - y
    return difference - _EPSILON if high < y else difference


@njit(inline="always")
def mul_fourth_root(a: np.uint64) -> np.uint64:
    """a·2⁴⁸ mod p; 2⁴⁸ = `root_of_unity(2)`, so that a radix-4 butterfly turns by shifts alone."""
    return reduce_wide(a >> _16, a << _48)


@njit(inline="always")
def square(a: np.uint64) -> np.uint64:
    """a² mod p."""
    return mul(a, a)


@njit(inline="always")
def double(a: np.uint64) -> np.uint64:
    """2a mod p."""
    return add(a, a)


@njit(nogil=True)
def power(base: np.uint64, exponent: np.uint64) -> np.uint64:
    """base^exponent mod p by squaring; 0⁰ = 1."""
    result = _1
    while exponent != _0:
        if exponent & _1:
            result = mul(result, base)
        base = mul(base, base)
        exponent >>= _1
    return result


@njit(nogil=True)
def inv(a: np.uint64) -> np.uint64:
    """a^(p − 2) = 1/a mod p, and 0 for a = 0."""
    return power(a, np.uint64(P - 2))


def to_field(values: NDArray[np.int64]) -> U64Array:
    """Signed 64-bit integers as field elements: v mod p, so that −1 becomes p − 1."""
    wrapped = values.astype(np.int64).view(np.uint64)
    return np.where(values < 0, wrapped - _EPSILON, wrapped)


def root_of_unity(log_n: int) -> int:
    """The canonical primitive 2^log_n-th root of unity, 7^((p − 1)/2^log_n), as a Python int.

    Raises ValueError when log_n is not in 0 … 32.
    """
    if not 0 <= log_n <= TWO_ADICITY:
        raise ValueError(f"no root of unity of order 2^{log_n}: the field has two-adicity {TWO_ADICITY}")
    return pow(TWO_ADIC_ROOT, 1 << (TWO_ADICITY - log_n), P)
