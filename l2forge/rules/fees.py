"""Fees: a rate on notional, rounded against the account."""

from __future__ import annotations

from l2forge.rules.arith import mul_div_floor, mul_rate_ceil, mul_rate_floor
from l2forge.rules.jit import rule


@rule
def fee(notional: int, rate_e12: int) -> int:
    """⌈notional·rate⌉; a negative rate is a rebate, −⌊notional·|rate|⌋.

    Bounds: 0 ≤ notional < 2^60, |rate| ≤ 10^12. With maker + taker rate ≥ 0 the two fees of a fill never sum
    below zero, so the fee pool never shrinks by a fill.
    """
    if rate_e12 >= 0:
        return mul_rate_ceil(notional, rate_e12)
    return -mul_rate_floor(notional, -rate_e12)


@rule
def sliding_volume(previous: int, current: int, elapsed_ms: int, window_ms: int) -> int:
    """Volume of the last window, from two aligned windows: current + ⌊previous·(1 − elapsed/window)⌋.

    Bounds: volumes in [0, 2^60), 0 ≤ elapsed ≤ window < 2^40. Rounds down (a volume discount comes later).
    """
    return current + mul_div_floor(previous, window_ms - elapsed_ms, window_ms)
