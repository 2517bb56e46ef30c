"""Prices: band, step limit, time-weighted average, the displayed mark."""

from __future__ import annotations

from l2forge.rules.arith import clamp, mul_rate_floor, product_ge
from l2forge.rules.jit import RATE_SCALE, rule

TWAP_SCALE_LOG = 16
"""The time-weighted average is kept in 2^-16 ticks."""


@rule
def band_low(index_ticks: int, band_e12: int) -> int:
    """Lowest price within the band: index − ⌊index·band⌋, at least 1. Bounds: index < 2^30, band ≤ 10^12."""
    return max(1, index_ticks - mul_rate_floor(index_ticks, band_e12))


@rule
def band_high(index_ticks: int, band_e12: int) -> int:
    """Highest price within the band: index + ⌊index·band⌋. Bounds: index < 2^30, band ≤ 10^12."""
    return index_ticks + mul_rate_floor(index_ticks, band_e12)


@rule
def step_is_allowed(last_ticks: int, new_ticks: int, fraction_e12: int, per_ms: int, elapsed_ms: int) -> bool:
    """|new − last|·per ≤ last·fraction·elapsed: the allowance grows with time since the last tick.

    Bounds: prices < 2^30, fraction ≤ 10^12, per and elapsed < 2^31 (elapsed is cut there). Exact.
    """
    allowance = mul_rate_floor(last_ticks * min(elapsed_ms, (1 << 31) - 1), fraction_e12)
    return abs(new_ticks - last_ticks) * per_ms <= allowance


@rule
def deviates(last_ticks: int, new_ticks: int, deviation_e12: int) -> bool:
    """Whether the new price is at least `deviation` away: |new − last| ≥ last·deviation. Prices < 2^30."""
    return product_ge(abs(new_ticks - last_ticks), RATE_SCALE, last_ticks, deviation_e12)


@rule
def twap_after(twap_scaled: int, price_ticks: int, elapsed_ms: int, window_ms: int) -> int:
    """TWAP over a window, one word of state: the average moves to the price in force by elapsed/window.

    twap' = twap + ⌊(price·2^16 − twap)·elapsed/window⌋, and equals the price after a full window.
    Bounds: price < 2^30, window < 2^16 seconds = 2^26 ms, hence products below 2^47·2^26 are split: see body.
    """
    target = price_ticks << TWAP_SCALE_LOG
    if elapsed_ms >= window_ms:
        return target
    gap = target - twap_scaled
    return twap_scaled + (gap // window_ms) * elapsed_ms + (gap % window_ms) * elapsed_ms // window_ms


@rule
def mark_price(index_ticks: int, best_bid: int, best_ask: int, last_ticks: int) -> int:
    """Displayed mark: median of index, book middle and last fill; the index where there is no book.

    Moves no money: margin, liquidation and funding use the proven index. Zero stands for a missing price.
    """
    if best_bid == 0 or best_ask == 0:
        return index_ticks
    middle = (best_bid + best_ask) // 2
    if last_ticks == 0:
        last_ticks = middle
    return clamp(last_ticks, min(index_ticks, middle), max(index_ticks, middle))
