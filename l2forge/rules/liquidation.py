"""Liquidation and deleveraging: how much, at what price, who pays, who is next."""

from __future__ import annotations

from l2forge.rules.arith import mul_div_ceil, mul_div_floor, mul_rate_ceil, mul_rate_floor
from l2forge.rules.jit import RATE_SCALE, rule

_RANK_LIMIT = 1 << 30
_RANK_SCALE = 10**6


@rule
def is_liquidatable(equity_spot: int, maintenance_spot: int, equity_twap: int, maintenance_twap: int) -> bool:
    """Below maintenance at the index and at its time-weighted average, both."""
    return equity_spot < maintenance_spot and equity_twap < maintenance_twap


@rule
def step_lots(size_lots: int, base_lots: int, lot_value: int, fraction_e12: int, close_below: int) -> int:
    """Most lots one liquidation step may close.

    1. A position worth less than `close_below` is closed whole.
    2. Otherwise ⌈base·fraction⌉, base being the position as it was when it fell below maintenance.
    Bounds: 0 < size ≤ base < 2^40; size·lot_value < 2^60; fraction ≤ 10^12.
    """
    if size_lots * lot_value < close_below:
        return size_lots
    return min(size_lots, mul_rate_ceil(base_lots, fraction_e12))


@rule
def penalty(notional: int, rate_e12: int, shortfall: int, equity_left: int) -> int:
    """Penalty of a step: ⌊notional·rate⌋ less what the fill price already cost, and never more than equity.

    `shortfall` is how much worse than the mark the fill was for the account (0 at the mark), so price and
    penalty together cost at most mark less penalty. `equity_left` is equity after the fill: a penalty makes
    no bad debt. Bounds: 0 ≤ notional < 2^60, rate ≤ 10^12. Rounds down (a limit on what the account pays).
    """
    due = mul_rate_floor(notional, rate_e12) - max(0, shortfall)
    return max(0, min(due, equity_left))


@rule
def liquidator_part(penalty_paid: int, share_e12: int) -> int:
    """The liquidator's part of a penalty, ⌊penalty·share⌋; the rest, dust included, is the insurance
    fund's.
    """
    return mul_rate_floor(penalty_paid, share_e12)


@rule
def liquidation_limit(index_ticks: int, rate_e12: int, closes_long: bool) -> int:
    """Worst price, in ticks, at which a position may be closed into the market: mark less penalty.

    For a long ⌈index·(1 − rate)⌉, for a short ⌊index·(1 + rate)⌋: rounds in the account's favour, since it
    limits what the account can lose. Bounds: index < 2^30, rate ≤ 10^12.
    """
    distance = mul_rate_floor(index_ticks, rate_e12)
    return max(1, index_ticks - distance) if closes_long else index_ticks + distance


@rule
def liquidation_price(
    size_lots: int, cash: int, quote: int, maintenance_rate_e12: int, deduction: int
) -> int:
    """Index price at which one position alone meets its maintenance margin, in ticks; 0 if there is none.

    Long: cash + s·p·q = r·s·p·q − d, p = ⌈−(cash + d)/(s·q·(1 − r))⌉; short: p = ⌊(cash + d)/(|s|·q·(1 +
    r))⌋.
    For display and keepers; within one tier. Bounds: |s|·q < 2^50, |cash + d| < 2^60, rate < 10^12.
    """
    free = cash + deduction
    lots_value = abs(size_lots) * quote
    if size_lots > 0 and free < 0:
        return mul_div_ceil(-free, 1, max(1, mul_rate_floor(lots_value, RATE_SCALE - maintenance_rate_e12)))
    if size_lots < 0 and free > 0:
        return mul_div_floor(free, 1, mul_rate_ceil(lots_value, RATE_SCALE + maintenance_rate_e12))
    return 0


@rule
def deleverage_rank(profit: int, cost: int, notional: int, equity: int) -> int:
    """Place in the deleveraging queue, highest first: profit per cost times leverage, each in 10^-6 up to
    2^30.

    Losses rank below zero: −(loss per cost)·10^6/leverage. Equity at or below zero counts as most leverage.
    Bounds: |profit|, |cost|, notional, equity < 2^60; the result is within ±2^60.
    """
    leverage = _capped_ratio_e6(notional, equity)
    if profit >= 0:
        return _capped_ratio_e6(profit, abs(cost)) * leverage
    return -(_capped_ratio_e6(-profit, abs(cost)) * _RANK_SCALE // max(1, leverage))


@rule
def _capped_ratio_e6(part: int, whole: int) -> int:
    """min(⌊part·10^6/whole⌋, 2^30); the cap when whole ≤ 0 or the ratio is past 1,000."""
    if whole <= 0 or part // 1000 >= whole:
        return _RANK_LIMIT
    return min(
        _RANK_LIMIT, mul_div_floor(_RANK_SCALE, part, whole) if whole < 1 << 56 else _large_ratio(part, whole)
    )


@rule
def _large_ratio(part: int, whole: int) -> int:
    """⌊part/2^8 · 10^6 / (whole/2^8)⌋: ratios of values beyond 2^56 lose eight bits."""
    return mul_div_floor(_RANK_SCALE, part >> 8, whole >> 8)


@rule
def haircut(deficit: int, lots: int, size_lots: int) -> int:
    """A counterparty's part of a deficit when it takes over `lots` of `size` lots: ⌈deficit·lots/size⌉.

    Bounds: 0 ≤ deficit < 2^60, 0 < lots ≤ size < 2^40. Rounds up: the bankrupt account ends at or above zero.
    """
    return mul_div_ceil(deficit, lots, size_lots)


@rule
def pro_rata_lots(lots_left: int, size_lots: int, opposite_left: int) -> int:
    """A counterparty's part in pro-rata deleveraging: ⌈lots_left·size/opposite_left⌉, at most its size.

    Applied in account order with both remainders falling, the parts sum to the whole exactly.
    Bounds: 0 ≤ lots_left ≤ opposite_left < 2^48, 0 ≤ size ≤ opposite_left.
    """
    return min(lots_left, mul_div_ceil(lots_left, size_lots, opposite_left))
