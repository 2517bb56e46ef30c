"""Liquidation: one step of closing a position of an account below maintenance; bad debt when it is over."""

from __future__ import annotations

from l2forge.engine.accounts import position_at
from l2forge.engine.codes import (
    ASK,
    EV_BAD_DEBT,
    EV_LIQUIDATED,
    INTO_MARKET,
    OK,
    OPERATOR,
    R_ACCOUNT_UNKNOWN,
    R_NO_POSITION,
    R_NOT_LIQUIDATABLE,
    R_NOT_PERMITTED,
    R_RANGE,
    R_STALE,
    R_STEP_INTERVAL,
)
from l2forge.engine.events import emit, emit_amount
from l2forge.engine.funds import add_cash, is_user
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    C_ACCOUNT,
    C_AMOUNT,
    C_AUX,
    C_FILLED,
    C_FLAGS,
    C_FORCED,
    C_ID,
    C_MARKET,
    C_MARKET_AT,
    C_PRICE,
    C_SIZE,
    C_TIME,
    E_AMOUNT,
    E_FEE,
    E_OTHER_ACCOUNT,
    E_OTHER_FEE,
    H_CLOSE_BELOW,
    H_INSURANCE,
    H_LIQUIDATOR_SHARE,
    H_LOG_PRICE,
    H_MAX_FRACTION,
    H_PENALTY,
    H_STEP_INTERVAL,
    H_THIRD_PARTY,
    M_INDEX,
    P_AT_RISK,
    P_RISK_BASE,
    P_RISK_TIME,
    P_SIZE,
)
from l2forge.engine.risk import (
    below_maintenance,
    bucket_cash_at,
    bucket_is_flat,
    bucket_is_fresh,
    bucket_totals,
    lot_value,
    mark_risk,
)
from l2forge.engine.route import fill_incoming
from l2forge.engine.settle import INTO_BOOK, TAKEOVER, settle_fill
from l2forge.rules.jit import Words
from l2forge.rules.liquidation import liquidation_limit, liquidator_part, penalty, step_lots


@kernel
def check_liquidation(s: Words, target: int, m: int) -> int:
    """Whether a liquidation step on the target is allowed now."""
    if not s[H_THIRD_PARTY] and not s[C_FLAGS] & OPERATOR:
        return R_NOT_PERMITTED
    if not is_user(s, target) or s[C_ACCOUNT] == target:
        return R_ACCOUNT_UNKNOWN
    if not is_user(s, s[C_ACCOUNT]) and not s[C_FLAGS] & INTO_MARKET:
        return R_ACCOUNT_UNKNOWN
    if s[C_SIZE] < 0 or s[C_PRICE] < 0 or s[C_PRICE] >= 1 << s[H_LOG_PRICE]:
        return R_RANGE
    p = position_at(s, target, m)
    if s[p + P_SIZE] == 0:
        return R_NO_POSITION
    if not bucket_is_fresh(s, target, m):
        return R_STALE
    if not s[p + P_AT_RISK] or not below_maintenance(s, target, m):
        return R_NOT_LIQUIDATABLE
    last = s[p + P_RISK_TIME]
    if last >= 0 and s[C_TIME] - last < s[H_STEP_INTERVAL]:
        return R_STEP_INTERVAL
    return OK


@kernel
def step_of(s: Words, p: int, value: int) -> int:
    """Lots of this step: what was asked for, within the fraction."""
    size = abs(s[p + P_SIZE])
    base = max(size, s[p + P_RISK_BASE])
    most = step_lots(size, base, value, s[H_MAX_FRACTION], s[H_CLOSE_BELOW])
    return most if s[C_SIZE] == 0 else min(s[C_SIZE], most)


@kernel
def worst_price(s: Words, market: int, closes_long: bool) -> int:
    """Worst price at which a liquidation fills: mark less penalty, within the range of prices."""
    limit = liquidation_limit(s[market + M_INDEX], s[H_PENALTY], closes_long)
    return min(limit, (1 << s[H_LOG_PRICE]) - 1)


@kernel
def _close_into_market(s: Words, market: int, target: int, lots: int, closes_long: bool) -> None:
    """Close lots on the book or curve, no worse than mark less penalty; the fills' lots are in C_FILLED."""
    limit = worst_price(s, market, closes_long)
    asked = s[C_PRICE]
    if asked != 0:
        limit = max(limit, asked) if closes_long else min(limit, asked)
    s[C_FORCED] = INTO_BOOK
    s[C_ACCOUNT] = target
    s[C_ID] = 0
    s[C_FLAGS] = ASK if closes_long else 0
    fill_incoming(s, market, limit, lots)


@kernel
def _charge(s: Words, target: int, liquidator: int, notional: int, shortfall: int) -> tuple[int, int]:
    """Take the penalty and share it; returns (penalty, liquidator's part)."""
    total, _, _ = bucket_totals(s, target, s[C_MARKET], False)
    charged = penalty(notional, s[H_PENALTY], shortfall, total)
    part = liquidator_part(charged, s[H_LIQUIDATOR_SHARE]) if is_user(s, liquidator) else 0
    s[bucket_cash_at(s, target, s[C_MARKET])] -= charged
    s[H_INSURANCE] += charged - part
    if part > 0:
        add_cash(s, liquidator, part)
    return charged, part


@kernel
def cover_bad_debt(s: Words, account: int, m: int) -> None:
    """When a bucket has no position left and owes money, the insurance fund pays what it can."""
    if not bucket_is_flat(s, account, m):
        return
    cash = bucket_cash_at(s, account, m)
    if s[cash] >= 0:
        return
    paid = min(s[H_INSURANCE], -s[cash])
    s[H_INSURANCE] -= paid
    s[cash] += paid
    at = emit_amount(s, EV_BAD_DEBT, account, 0, paid)
    s[at + E_FEE] = -s[cash]


@kernel
def liquidate(s: Words) -> int:
    """LIQUIDATE: a third party or the keeper takes over part of the position at the index, or closes it into
    the market no worse than mark less penalty. The penalty is shared between liquidator and insurance fund.
    """
    target = s[C_AUX]
    liquidator = s[C_ACCOUNT]
    market = s[C_MARKET_AT]
    m = s[C_MARKET]
    reason = check_liquidation(s, target, m)
    if reason != OK:
        return reason
    p = position_at(s, target, m)
    value = lot_value(s, market)
    lots = step_of(s, p, value)
    closes_long = s[p + P_SIZE] > 0
    if s[C_FLAGS] & INTO_MARKET:
        _close_into_market(s, market, target, lots, closes_long)
        lots = s[C_FILLED]
        amount = s[C_AMOUNT]
    else:
        s[C_FORCED] = TAKEOVER
        amount = lots * value
        verdict = settle_fill(s, liquidator, target, -lots if closes_long else lots, amount)
        if verdict != OK:
            return verdict & 0xFFFF
    shortfall = lots * value - amount if closes_long else amount - lots * value
    charged, part = _charge(s, target, liquidator, lots * value, shortfall)
    at = emit(s, EV_LIQUIDATED, target, 0, s[market + M_INDEX], lots)
    s[at + E_OTHER_ACCOUNT] = liquidator
    s[at + E_FEE] = charged
    s[at + E_OTHER_FEE] = part
    s[at + E_AMOUNT] = amount
    mark_risk(s, target, m)
    if s[p + P_AT_RISK] and lots > 0:
        s[p + P_RISK_TIME] = s[C_TIME]
    cover_bad_debt(s, target, m)
    return OK
