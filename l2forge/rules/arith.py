"""Exact products and quotients wider than 64 bits, from 63-bit operations only.

128-bit division is not available to jitted code, so a·b/c is a long division in base 2^k: with c ≤ 2^M and
k = 62 − M every partial value r·2^k + a·digit stays below 2^63. Rounding is in each name.
"""

from __future__ import annotations

from l2forge.rules.jit import RATE_SCALE, rule

_FITS = 4.0e18  # doubles below this are products that fit 63 bits, rounding of the double included
_LIMB = (1 << 31) - 1


@rule
def product_exceeds(a: int, b: int, bound: int) -> bool:
    """Whether a·b > bound, for 0 ≤ a, b < 2^62 and bound ≤ 4·10^18; never overflows."""
    return float(a) * float(b) > _FITS or a * b > bound


@rule
def mul_div_rem(a: int, b: int, c: int) -> tuple[int, int]:
    """(⌊a·b/c⌋, a·b mod c) for 0 ≤ a, b < 2^62, 0 < c ≤ 2^56 and a quotient below 2^63.

    Bound: digits of k bits with c ≤ 2^(62−k), so (r << k) + rest·digit < 2·2^62.
    """
    if float(a) * float(b) < _FITS:
        product = a * b
        return product // c, product % c
    rest = a % c
    if c <= 1 << 32:
        k = 30
    elif c <= 1 << 40:
        k = 22
    elif c <= 1 << 50:
        k = 12
    else:
        k = 6
    shift = k * (61 // k)
    mask = (1 << k) - 1
    quotient = 0
    r = 0
    while shift >= 0:
        partial = (r << k) + rest * ((b >> shift) & mask)
        quotient = (quotient << k) + partial // c
        r = partial % c
        shift -= k
    return (a // c) * b + quotient, r


@rule
def mul_div_floor(a: int, b: int, c: int) -> int:
    """⌊a·b/c⌋; bounds of mul_div_rem."""
    return mul_div_rem(a, b, c)[0]


@rule
def mul_div_ceil(a: int, b: int, c: int) -> int:
    """⌈a·b/c⌉; bounds of mul_div_rem."""
    quotient, r = mul_div_rem(a, b, c)
    return quotient + 1 if r > 0 else quotient


@rule
def signed_mul_div_floor(a: int, b: int, c: int) -> int:
    """⌊a·b/c⌋ towards minus infinity for signed a; bounds of mul_div_rem on |a|, b, c."""
    if a >= 0:
        return mul_div_floor(a, b, c)
    return -mul_div_ceil(-a, b, c)


@rule
def mul_rate_rem(amount: int, rate_e12: int) -> tuple[int, int]:
    """(⌊amount·rate/10^12⌋, remainder) for 0 ≤ amount < 2^62, 0 ≤ rate < 2^44 and a quotient below 2^63.

    Bound: 10^12 < 2^40, so two digits of 22 bits; the constant divisor compiles to multiplications.
    """
    if float(amount) * float(rate_e12) < _FITS:
        product = amount * rate_e12
        return product // RATE_SCALE, product % RATE_SCALE
    rest = amount % RATE_SCALE
    high = rest * (rate_e12 >> 22)
    low = ((high % RATE_SCALE) << 22) + rest * (rate_e12 & ((1 << 22) - 1))
    quotient = ((high // RATE_SCALE) << 22) + low // RATE_SCALE
    return (amount // RATE_SCALE) * rate_e12 + quotient, low % RATE_SCALE


@rule
def mul_rate_floor(amount: int, rate_e12: int) -> int:
    """⌊amount·rate⌋; bounds of mul_rate_rem."""
    return mul_rate_rem(amount, rate_e12)[0]


@rule
def mul_rate_ceil(amount: int, rate_e12: int) -> int:
    """⌈amount·rate⌉; bounds of mul_rate_rem."""
    quotient, r = mul_rate_rem(amount, rate_e12)
    return quotient + 1 if r > 0 else quotient


@rule
def _wide_product(a: int, b: int) -> tuple[int, int]:
    """(high, low) with a·b = high·2^62 + low, for 0 ≤ a, b < 2^62, from 31-bit limbs."""
    bottom = (a & _LIMB) * (b & _LIMB)
    middle = (a >> 31) * (b & _LIMB) + (a & _LIMB) * (b >> 31) + (bottom >> 31)
    return (a >> 31) * (b >> 31) + (middle >> 31), ((middle & _LIMB) << 31) | (bottom & _LIMB)


@rule
def product_ge(a: int, b: int, c: int, d: int) -> bool:
    """Whether a·b ≥ c·d, exactly, for |a|, |c| < 2^62 and 0 ≤ b, d < 2^62."""
    left_high, left_low = _wide_product(abs(a), b)
    right_high, right_low = _wide_product(abs(c), d)
    if a >= 0:
        return c < 0 or left_high > right_high or (left_high == right_high and left_low >= right_low)
    if c < 0:
        return right_high > left_high or (right_high == left_high and right_low >= left_low)
    return left_high + left_low == 0 and right_high + right_low == 0


@rule
def isqrt_floor(n: int) -> int:
    """⌊√n⌋ for 0 ≤ n < 2^62. The double's root is off by at most one, and corrected."""
    root = int(float(n) ** 0.5)
    while root * root > n:
        root -= 1
    while (root + 1) * (root + 1) <= n:
        root += 1
    return root


@rule
def clamp(value: int, low: int, high: int) -> int:
    """The value of [low, high] nearest to `value`; low ≤ high."""
    if value < low:
        return low
    return high if value > high else value
