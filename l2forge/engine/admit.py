"""Which orders are taken: every check of a new or changed order, in a fixed order, changing nothing."""

from __future__ import annotations

from l2forge.engine.accounts import account_at, is_open, position_at
from l2forge.engine.book import crosses
from l2forge.engine.codes import (
    AMM,
    ASK,
    AUCTION,
    HYBRID,
    IMMEDIATE_OR_CANCEL,
    LIMIT,
    MARKET,
    OK,
    ORDER_TYPE_MASK,
    ORDER_TYPE_SHIFT,
    POOL_ACCOUNT,
    POST_ONLY,
    R_ACCOUNT_UNKNOWN,
    R_EXPIRED,
    R_MARGIN,
    R_MAX_LAG,
    R_MAX_ORDER,
    R_MIN_ORDER,
    R_NO_PRICE,
    R_NO_ROOM,
    R_NOT_SUPPORTED,
    R_OPEN_ORDERS,
    R_ORDER_EXISTS,
    R_POST_ONLY,
    R_PRICE_BAND,
    R_RANGE,
    R_REDUCE_ONLY,
    R_STALE,
    REDUCE_ONLY,
    STOP_LOSS,
    TAKE_PROFIT,
    TAKE_PROFIT_LIMIT,
    TIME_IN_FORCE_MASK,
    TIME_IN_FORCE_SHIFT,
)
from l2forge.engine.curve import lots_on_curve
from l2forge.engine.jit import inner, kernel
from l2forge.engine.layout import (
    A_N_ORDERS,
    C_ACCOUNT,
    C_AUX,
    C_EXPIRY,
    C_FLAGS,
    C_ID,
    C_MARKET,
    C_MARKET_AT,
    C_PRICE,
    C_SIZE,
    C_TIME,
    H_ACCOUNTING,
    H_LOG_PRICE,
    H_MAX_LAG,
    H_MAX_OPEN_ORDERS,
    H_MODEL,
    H_UNPROVEN_SINCE,
    M_BAND_HIGH,
    M_BAND_LOW,
    M_FRESH_UNTIL,
    M_HALT_WHEN_STALE,
    M_INDEX,
    M_MAX_ORDER,
    M_MIN_ORDER,
    M_QUOTE,
)
from l2forge.engine.levels import has_page_for
from l2forge.engine.memory import find_order, has_free_order
from l2forge.engine.risk import order_reduces, orders_leave_enough
from l2forge.engine.settle import reducible_lots
from l2forge.rules.arith import product_exceeds
from l2forge.rules.jit import LOTS_LIMIT, Words

_ORDER_FLAGS = ASK | (7 << ORDER_TYPE_SHIFT) | (3 << TIME_IN_FORCE_SHIFT) | REDUCE_ONLY | AUCTION


@kernel
def order_type(flags: int) -> int:
    """LIMIT, MARKET, STOP_LOSS, …"""
    return (flags >> ORDER_TYPE_SHIFT) & ORDER_TYPE_MASK


@kernel
def time_in_force(flags: int) -> int:
    """IMMEDIATE_OR_CANCEL, GOOD_TILL_TIME or POST_ONLY."""
    return (flags >> TIME_IN_FORCE_SHIFT) & TIME_IN_FORCE_MASK


@kernel
def limit_price(s: Words, market: int) -> int:
    """Worst price for the command's order: its own; for a market order without one, the edge of the band."""
    price = s[C_PRICE]
    if price != 0:
        return price
    if not s[H_ACCOUNTING]:
        return 1 if s[C_FLAGS] & ASK else (1 << s[H_LOG_PRICE]) - 1
    if s[C_FLAGS] & ASK:
        return s[market + M_BAND_LOW]
    return min(s[market + M_BAND_HIGH], (1 << s[H_LOG_PRICE]) - 1)


@kernel
def may_rest(flags: int) -> bool:
    """Whether what is not filled stays in the book."""
    return order_type(flags) == LIMIT and time_in_force(flags) != IMMEDIATE_OR_CANCEL


@kernel
def _check_fields(s: Words) -> int:
    """Bounds of the fields themselves."""
    flags = s[C_FLAGS]
    kind = order_type(flags)
    if s[C_ID] <= 0 or s[C_ID] >= 1 << 62 or s[C_SIZE] <= 0 or s[C_SIZE] >= LOTS_LIMIT:
        return R_RANGE
    if flags & ~_ORDER_FLAGS or kind > TAKE_PROFIT_LIMIT or time_in_force(flags) > POST_ONLY:
        return R_RANGE
    limit = 1 << s[H_LOG_PRICE]
    if s[C_PRICE] < 0 or s[C_PRICE] >= limit or s[C_AUX] < 0 or s[C_AUX] >= limit or s[C_EXPIRY] < 0:
        return R_RANGE
    if s[C_PRICE] == 0 and kind not in (MARKET, STOP_LOSS, TAKE_PROFIT):
        return R_RANGE
    if (s[C_AUX] != 0) != (kind >= STOP_LOSS):
        return R_RANGE
    if time_in_force(flags) == POST_ONLY and kind in (MARKET, STOP_LOSS, TAKE_PROFIT):
        return R_RANGE
    return OK


@inner
def check_order(s: Words, slot: int) -> int:
    """Whether the command's order is taken: OK or the reason. `slot` is its own when it already has one.

    1. Fields in bounds; id new; model supports it; not expired; room for it.
    2. Parked orders need no more than that: they are checked again when triggered.
    3. Account open, price known and within the band, notional within the market's limits.
    4. Only reducing orders while the price is stale or the proven state too old.
    5. Reduce-only has something to reduce; margin covers the worse side of all resting orders.
    6. Post-only does not cross.
    """
    reason = _check_fields(s)
    if reason != OK:
        return reason
    if s[C_EXPIRY] != 0 and s[C_EXPIRY] <= s[C_TIME]:
        return R_EXPIRED
    flags = s[C_FLAGS]
    parked = order_type(flags) >= STOP_LOSS
    if slot == 0:
        if flags & AUCTION:
            return R_RANGE
        if find_order(s, s[C_ID]) != 0:
            return R_ORDER_EXISTS
        if not has_free_order(s):
            return R_NO_ROOM
    market = s[C_MARKET_AT]
    if may_rest(flags):
        if s[H_MODEL] == AMM:
            return R_NOT_SUPPORTED
        if not has_page_for(s, market, s[C_PRICE]):
            return R_NO_ROOM
    if s[H_ACCOUNTING]:
        if not is_open(s, s[C_ACCOUNT]) or s[C_ACCOUNT] == POOL_ACCOUNT:
            return R_ACCOUNT_UNKNOWN
        if slot == 0 and s[account_at(s, s[C_ACCOUNT]) + A_N_ORDERS] >= s[H_MAX_OPEN_ORDERS]:
            return R_OPEN_ORDERS
    if parked:
        return OK
    if s[H_ACCOUNTING]:
        reason = _check_value(s, market)
        if reason != OK:
            return reason
        reason = _check_account(s, market)
        if reason != OK:
            return reason
    if time_in_force(flags) == POST_ONLY:
        if crosses(s, market, flags & ASK != 0, s[C_PRICE]):
            return R_POST_ONLY
        if s[H_MODEL] == HYBRID and lots_on_curve(s, market, s[C_PRICE], 1) > 0:
            return R_POST_ONLY
    return OK


@kernel
def _check_value(s: Words, market: int) -> int:
    """Price band and notional limits, at the order's limit price."""
    if s[market + M_INDEX] == 0:
        return R_NO_PRICE
    price = limit_price(s, market)
    if price < s[market + M_BAND_LOW] or price > s[market + M_BAND_HIGH]:
        return R_PRICE_BAND
    value = price * s[market + M_QUOTE]
    if product_exceeds(value, s[C_SIZE], s[market + M_MAX_ORDER]):
        return R_MAX_ORDER
    if value * s[C_SIZE] < s[market + M_MIN_ORDER] and not s[C_FLAGS] & REDUCE_ONLY:
        return R_MIN_ORDER
    return OK


@kernel
def _check_account(s: Words, market: int) -> int:
    """Reduce-only modes and margin."""
    account = s[C_ACCOUNT]
    m = s[C_MARKET]
    is_ask = s[C_FLAGS] & ASK != 0
    lots = s[C_SIZE]
    p = position_at(s, account, m)
    reduce_only = s[C_FLAGS] & REDUCE_ONLY
    reduces = reduce_only or order_reduces(s, p, is_ask, lots)
    if s[C_TIME] > s[market + M_FRESH_UNTIL] and (s[market + M_HALT_WHEN_STALE] or not reduces):
        return R_STALE
    since = s[H_UNPROVEN_SINCE]
    if s[H_MAX_LAG] != 0 and since != 0 and s[C_TIME] - since > s[H_MAX_LAG] and not reduces:
        return R_MAX_LAG
    if reduce_only:
        return OK if reducible_lots(s, account, m, is_ask) > 0 else R_REDUCE_ONLY
    if reduces:
        return OK
    bids = 0 if is_ask else lots
    asks = lots if is_ask else 0
    return OK if orders_leave_enough(s, account, m, bids, asks) else R_MARGIN
