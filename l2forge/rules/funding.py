"""Funding: premium, rate per interval, movement of the index."""

from __future__ import annotations

from l2forge.rules.arith import clamp, mul_div_floor, signed_mul_div_floor
from l2forge.rules.jit import FUNDING_SCALE, RATE_SCALE, rule

_INDEX_DIVISOR = RATE_SCALE // FUNDING_SCALE
_CHANGE_LIMIT = 1.152921504606846976e18  # 2^60


@rule
def premium_e12(price_difference_ms: int, index_ticks: int, elapsed_ms: int) -> int:
    """Time-weighted premium: ⌊∫(last fill − index)dt / (index·elapsed)⌋ in 10^-12, from −1 to +1.

    Bounds: index < 2^30, elapsed < 2^36 milliseconds, |integral| ≤ 2^30·elapsed. Windows beyond 2^26 ms
    (18 h)
    are taken in units of 1.024 s, so that the divisor stays below 2^56.
    """
    if elapsed_ms > 1 << 26:
        price_difference_ms >>= 10
        elapsed_ms >>= 10
    whole = index_ticks * elapsed_ms
    if whole == 0:
        return 0
    return signed_mul_div_floor(clamp(price_difference_ms, -whole, whole), RATE_SCALE, whole)


@rule
def curve_premium_e12(curve_value: int, index_value: int) -> int:
    """Premium of a curve: ⌊(curve − index)/index⌋ in 10^-12, from −1 to +1.

    Values are collateral units for the same quantity; 0 ≤ curve, 0 < index < 2^56.
    """
    return signed_mul_div_floor(
        clamp(curve_value - index_value, -index_value, index_value), RATE_SCALE, index_value
    )


@rule
def funding_rate_e12(premium: int, interest_e12: int, clamp_e12: int, cap_e12: int) -> int:
    """Rate per interval: premium + clamp(interest − premium, ±clamp), limited to ±cap. Positive: longs
    pay.
    """
    rate = premium + clamp(interest_e12 - premium, -clamp_e12, clamp_e12)
    return clamp(rate, -cap_e12, cap_e12)


@rule
def index_change_e6(rate_e12: int, lot_value: int, elapsed_ms: int, interval_ms: int) -> int:
    """Movement of the funding index: ±⌊⌊|rate|·lot_value/10^6⌋·elapsed/interval⌋, in 10^-6 units per lot.

    Bounds: |rate| ≤ 10^12, lot_value < 2^42, elapsed < 2^41, 1,000 ≤ interval < 2^32. Rounds to zero.
    A change of 2^60 or more is not applied: the result is then 0.
    """
    per_interval = mul_div_floor(abs(rate_e12), lot_value, _INDEX_DIVISOR)
    if float(per_interval) * float(elapsed_ms) >= float(interval_ms) * _CHANGE_LIMIT:
        return 0
    change = mul_div_floor(per_interval, elapsed_ms, interval_ms)
    return change if rate_e12 >= 0 else -change
