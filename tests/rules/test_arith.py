"""Wide products and quotients against Python's own integers, over the whole stated range."""

from __future__ import annotations

from math import isqrt

from hypothesis import assume, example, given
from hypothesis import strategies as st

from l2forge.rules import arith

WIDE = st.integers(0, (1 << 62) - 1)
SIGNED = st.integers(-(1 << 62) + 1, (1 << 62) - 1)
DIVISOR = st.one_of(*(st.integers(1, 1 << bits) for bits in (8, 32, 40, 50, 56)))
RATE = st.integers(0, (1 << 44) - 1)
FITS = 1 << 63


@given(WIDE, WIDE, DIVISOR)
@example((1 << 62) - 1, 1, 1)
@example((1 << 56) - 1, (1 << 56) - 1, 1 << 56)
def test_mul_div(a: int, b: int, c: int) -> None:
    assume(a * b // c + 1 < FITS)
    assert arith.mul_div_floor(a, b, c) == a * b // c
    assert arith.mul_div_ceil(a, b, c) == -(-a * b // c)
    assert arith.mul_div_rem(a, b, c) == divmod(a * b, c)
    assert arith.mul_div_rem.py_func(a, b, c) == divmod(a * b, c)
    assert arith.signed_mul_div_floor(-a, b, c) == -a * b // c


@given(WIDE, RATE)
def test_mul_rate(amount: int, rate: int) -> None:
    assume(amount * rate // 10**12 + 1 < FITS)
    assert arith.mul_rate_floor(amount, rate) == amount * rate // 10**12
    assert arith.mul_rate_ceil(amount, rate) == -(-amount * rate // 10**12)
    assert arith.mul_rate_rem.py_func(amount, rate) == divmod(amount * rate, 10**12)


@given(SIGNED, WIDE, SIGNED, WIDE)
@example(-1, 0, 0, 5)
@example(0, 3, 5, 0)
@example(-1, 0, 5, 0)
def test_product_ge(a: int, b: int, c: int, d: int) -> None:
    assert arith.product_ge(a, b, c, d) == (a * b >= c * d)
    assert arith.product_ge(a, b, a, b)


@given(SIGNED, st.integers(0, 1 << 30), st.integers(-3, 3))
def test_product_ge_near_equality(a: int, b: int, off: int) -> None:
    assume(abs(a * 7 + off) < 1 << 62)
    assert arith.product_ge(a * 7 + off, b, a, b * 7) == ((a * 7 + off) * b >= a * b * 7)


@given(WIDE, WIDE, st.integers(0, 4 * 10**18 - 10**4))
def test_product_exceeds(a: int, b: int, bound: int) -> None:
    assert arith.product_exceeds(a, b, bound) == (a * b > bound)


@given(WIDE)
@example((1 << 62) - 1)
@example(((1 << 31) - 1) ** 2)
def test_isqrt(n: int) -> None:
    assert arith.isqrt_floor(n) == isqrt(n)


@given(SIGNED, SIGNED, SIGNED)
def test_clamp(x: int, a: int, b: int) -> None:
    low, high = min(a, b), max(a, b)
    assert arith.clamp(x, low, high) == sorted((low, x, high))[1]
