"""Margin: continuous tiers, equity, and what a fill must leave behind.

A tier table is a run of five-word rows in a one-dimensional integer array:
[up_to, initial_rate_e12, initial_deduction, maintenance_rate_e12, maintenance_deduction],
rows by rising `up_to` (collateral units of notional), the last row without bound (up_to = 2^62).
"""

from __future__ import annotations

from l2forge.rules.arith import mul_div_floor, mul_div_rem, mul_rate_ceil, mul_rate_floor, product_ge
from l2forge.rules.jit import FUNDING_SCALE, RATE_SCALE, Words, rule

TIER_WORDS = 5
INITIAL = 1
MAINTENANCE = 3


@rule
def next_deduction(deduction: int, up_to: int, rate_e12: int, next_rate_e12: int) -> int:
    """Deduction of the tier above: deduction + ⌊up_to·(next_rate − rate)⌋, so that tiers join continuously.

    Bounds: up_to < 2^60, rates in [0, 10^12] and rising. Rounds down: the requirement up, against the
    account.
    """
    return deduction + mul_rate_floor(up_to, next_rate_e12 - rate_e12)


@rule
def tiered_margin(notional: int, table: Words, start: int, column: int) -> int:
    """⌈rate·notional⌉ − deduction of the tier that holds `notional`; column INITIAL or MAINTENANCE.

    Bounds: 0 ≤ notional < 2^60, rate ≤ 10^12, so the result is in [0, 2^60). Rounds up.
    """
    row = start
    while notional > table[row]:
        row += TIER_WORDS
    return mul_rate_ceil(notional, table[row + column]) - table[row + column + 1]


@rule
def scaled_rate_e12(base_e12: int, interest: int, lower: int, upper: int) -> int:
    """Initial rate that grows with open interest: base + (1 − base)·(interest − lower)/(upper − lower), ≤ 1.

    Bounds: 0 ≤ base ≤ 10^12; 0 ≤ interest, lower < upper < 2^56 (notional). Rounds the growth up to 10^-12.
    Source: dYdX v4, open-interest margin fraction.
    """
    if interest <= lower:
        return base_e12
    if interest >= upper:
        return RATE_SCALE
    return base_e12 + mul_div_floor(RATE_SCALE - base_e12, interest - lower, upper - lower) + 1


@rule
def initial_margin(notional: int, table: Words, start: int, least_rate_e12: int) -> int:
    """max(tiered initial margin, ⌈least_rate·notional⌉): an account may choose less leverage, never more.

    Bounds: 0 ≤ notional < 2^60, 0 ≤ least_rate ≤ 10^12. Rounds up.
    """
    tiered = tiered_margin(notional, table, start, INITIAL)
    if least_rate_e12 == 0:
        return tiered
    return max(tiered, mul_rate_ceil(notional, least_rate_e12))


@rule
def maintenance_margin(notional: int, table: Words, start: int) -> int:
    """Tiered maintenance margin; bounds and rounding of tiered_margin."""
    return tiered_margin(notional, table, start, MAINTENANCE)


@rule
def position_value(size_lots: int, price_ticks: int, quote: int) -> int:
    """size·price·quote in collateral units, signed. The caller keeps |size|·price·quote below 2^60."""
    return size_lots * price_ticks * quote


@rule
def funding_owed(size_lots: int, index_now_e6: int, index_settled_e6: int) -> int:
    """What the position owes since it last settled: ⌈size·Δindex/10^6⌉, negative when it receives.

    Rounds against the account: payments up, receipts down. The caller keeps |size·Δindex|/10^6 below 2^60.
    """
    change = index_now_e6 - index_settled_e6
    if change == 0 or size_lots == 0:
        return 0
    whole, rest = mul_div_rem(abs(change), abs(size_lots), FUNDING_SCALE)
    if (size_lots > 0) != (change > 0):
        return -whole
    return whole + 1 if rest > 0 else whole


@rule
def equity(cash: int, positions_value: int) -> int:
    """cash + Σ (size·price·quote − funding owed). Both terms are below 2^61 in absolute value."""
    return cash + positions_value


@rule
def may_leave(amount: int, equity_spot: int, initial_spot: int, equity_twap: int, initial_twap: int) -> bool:
    """Whether `amount` may leave a bucket: what is left covers initial margin at the index and at the TWAP.

    equity_P − amount ≥ initial_P for P = index and for P = TWAP, all markets of the bucket at the same P.
    Bounds: amount < 2^58, the others below 2^62 in absolute value. Exact.
    """
    return equity_spot - amount >= initial_spot and equity_twap - amount >= initial_twap


@rule
def fill_is_allowed(
    new_equity: int,
    new_initial: int,
    reduces: bool,
    old_equity: int,
    old_maintenance: int,
    new_maintenance: int,
) -> bool:
    """Whether a side may end a fill as it does, at the index.

    1. equity ≥ initial margin; or
    2. the position kept its sign (or closed) and shrank, and equity/maintenance is not worse:
       new_equity·old_maintenance ≥ old_equity·new_maintenance, and with nothing left to maintain equity ≥ 0.
    Bounds: all below 2^62 in absolute value, margins non-negative.
    """
    if new_equity >= new_initial:
        return True
    if not reduces:
        return False
    if new_maintenance == 0:
        return new_equity >= 0
    return product_ge(new_equity, old_maintenance, old_equity, new_maintenance)
