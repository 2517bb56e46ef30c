"""Deleveraging: when insurance cannot cover a bankrupt account, its position goes to counterparties."""

from __future__ import annotations

from l2forge.engine.accounts import position_at
from l2forge.engine.codes import (
    EV_BAD_DEBT,
    EV_DELEVERAGED,
    MAX_FILLS,
    OK,
    R_ACCOUNT_UNKNOWN,
    R_INSURED,
    R_NO_COUNTERPARTY,
    R_NO_POSITION,
    R_NOT_BANKRUPT,
    R_STALE,
)
from l2forge.engine.events import emit, emit_amount
from l2forge.engine.funds import is_user
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    C_AUX,
    C_MARKET,
    C_MARKET_AT,
    E_AMOUNT,
    E_OTHER_ACCOUNT,
    H_ACCOUNTS_USED,
    H_INSURANCE,
    H_PRO_RATA,
    M_ADL_CURSOR,
    M_ADL_TARGET,
    M_INDEX,
    P_COST,
    P_SIZE,
)
from l2forge.engine.liquidate import cover_bad_debt
from l2forge.engine.risk import (
    bucket_cash_at,
    bucket_is_fresh,
    bucket_totals,
    lot_value,
    mark_risk,
    review_risk,
)
from l2forge.engine.settle import change_position, growth_of_longs, update_open_interest
from l2forge.rules.jit import Words
from l2forge.rules.liquidation import deleverage_rank, haircut, pro_rata_lots

MAX_RANKED = 64
"""Counterparties that one command of the queue policy takes: each is a search over all accounts."""


@kernel
def rank(s: Words, account: int, m: int) -> int:
    """The account's place in the queue of market m."""
    p = position_at(s, account, m)
    worth = s[p + P_SIZE] * lot_value(s, s[C_MARKET_AT])
    total, _, _ = bucket_totals(s, account, m, False)
    return deleverage_rank(worth - s[p + P_COST], s[p + P_COST], abs(worth), total)


@kernel
def _first_in_queue(s: Words, m: int, is_long: bool) -> int:
    """The highest-ranked account on that side (ties: the lowest number), or -1."""
    best = -1
    best_rank = 0
    for account in range(s[H_ACCOUNTS_USED]):
        size = s[position_at(s, account, m) + P_SIZE]
        if size == 0 or (size > 0) != is_long:
            continue
        place = rank(s, account, m)
        if best < 0 or place > best_rank:
            best = account
            best_rank = place
    return best


@kernel
def _hand_over(s: Words, target: int, other: int, lots: int, deficit: int) -> int:
    """Move `lots` of the target's position to a counterparty at the index, less its part of the deficit.

    Returns that part. The counterparty pays no more than its equity: deleveraging makes no bad debt.
    """
    m = s[C_MARKET]
    market = s[C_MARKET_AT]
    size = s[position_at(s, target, m) + P_SIZE]
    change = -lots if size > 0 else lots
    total, _, _ = bucket_totals(s, other, m, False)
    cut = min(haircut(deficit, lots, abs(size)), max(0, total))
    growth = growth_of_longs(size, change) + growth_of_longs(s[position_at(s, other, m) + P_SIZE], -change)
    paid = change * lot_value(s, market)
    change_position(s, target, change, paid, 0)
    change_position(s, other, -change, -paid, 0)
    s[bucket_cash_at(s, target, m)] += cut
    s[bucket_cash_at(s, other, m)] -= cut
    update_open_interest(s, market, growth)
    at = emit(s, EV_DELEVERAGED, target, 0, s[market + M_INDEX], lots)
    s[at + E_OTHER_ACCOUNT] = other
    s[at + E_AMOUNT] = cut
    review_risk(s, other)
    return cut


@kernel
def _by_queue(s: Words, target: int, deficit: int) -> None:
    """Hand the position to counterparties in order of rank."""
    m = s[C_MARKET]
    p = position_at(s, target, m)
    n = 0
    while s[p + P_SIZE] != 0 and n < MAX_RANKED:
        other = _first_in_queue(s, m, s[p + P_SIZE] < 0)
        if other < 0:
            break
        lots = min(abs(s[p + P_SIZE]), abs(s[position_at(s, other, m) + P_SIZE]))
        deficit -= _hand_over(s, target, other, lots, deficit)
        n += 1


@kernel
def _pro_rata(s: Words, target: int, deficit: int) -> None:
    """Hand the position to all counterparties by size, in account order; a long list continues at the
    cursor.
    """
    m = s[C_MARKET]
    market = s[C_MARKET_AT]
    p = position_at(s, target, m)
    first = s[market + M_ADL_CURSOR] if s[market + M_ADL_TARGET] == target else 0
    is_long = s[p + P_SIZE] < 0
    opposite = 0
    for account in range(first, s[H_ACCOUNTS_USED]):
        size = s[position_at(s, account, m) + P_SIZE]
        if size != 0 and (size > 0) == is_long:
            opposite += abs(size)
    n = 0
    account = first
    while s[p + P_SIZE] != 0 and opposite > 0 and n < MAX_FILLS:
        size = s[position_at(s, account, m) + P_SIZE]
        if size != 0 and (size > 0) == is_long:
            lots = pro_rata_lots(min(abs(s[p + P_SIZE]), opposite), abs(size), opposite)
            opposite -= abs(size)
            if lots > 0:
                deficit -= _hand_over(s, target, account, lots, deficit)
                n += 1
        account += 1
    unfinished = s[p + P_SIZE] != 0 and opposite > 0
    s[market + M_ADL_TARGET] = target if unfinished else 0
    s[market + M_ADL_CURSOR] = account if unfinished else 0


@kernel
def check_bankruptcy(s: Words, target: int, m: int) -> int:
    """Whether the position may be deleveraged now: its bucket is below zero at both prices, and uninsured."""
    if not is_user(s, target):
        return R_ACCOUNT_UNKNOWN
    p = position_at(s, target, m)
    if s[p + P_SIZE] == 0:
        return R_NO_POSITION
    if not bucket_is_fresh(s, target, m):
        return R_STALE
    spot, _, _ = bucket_totals(s, target, m, False)
    slow, _, _ = bucket_totals(s, target, m, True)
    if spot >= 0 or slow >= 0:
        return R_NOT_BANKRUPT
    return R_INSURED if s[H_INSURANCE] >= -spot else OK


@kernel
def deleverage(s: Words) -> int:
    """DELEVERAGE: only when equity is below zero at index and TWAP and the insurance fund cannot cover it.

    The fund pays all it has; the rest is shared with the position. By anyone; the order is the rules' own.
    """
    target = s[C_AUX]
    m = s[C_MARKET]
    reason = check_bankruptcy(s, target, m)
    if reason != OK:
        return reason
    p = position_at(s, target, m)
    spot, _, _ = bucket_totals(s, target, m, False)
    if _first_in_queue(s, m, s[p + P_SIZE] < 0) < 0:
        return R_NO_COUNTERPARTY
    paid = s[H_INSURANCE]
    s[H_INSURANCE] = 0
    s[bucket_cash_at(s, target, m)] += paid
    emit_amount(s, EV_BAD_DEBT, target, 0, paid)
    if s[H_PRO_RATA]:
        _pro_rata(s, target, -spot - paid)
    else:
        _by_queue(s, target, -spot - paid)
    mark_risk(s, target, m)
    cover_bad_debt(s, target, m)
    return OK
