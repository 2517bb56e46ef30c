"""Filling an incoming order against resting ones: best price first, then oldest first."""

from __future__ import annotations

from l2forge.engine.accounts import hold_lots, unlink_account
from l2forge.engine.book import leave_level, shrink_order, unpark
from l2forge.engine.codes import (
    ASK,
    EV_FILL,
    EV_REMOVED,
    EXPIRE_MAKER,
    EXPIRE_TAKER,
    MAX_FILLS,
    OK,
    R_EXPIRED,
    R_FILL_LIMIT,
    R_MARGIN,
    R_REDUCE_ONLY,
    R_SELF_TRADE,
    REDUCE_ONLY,
)
from l2forge.engine.events import emit, emit_order
from l2forge.engine.funding import advance_premium
from l2forge.engine.jit import inner, kernel
from l2forge.engine.layout import (
    C_ACCOUNT,
    C_AMOUNT,
    C_FILLED,
    C_FLAGS,
    C_FORCED,
    C_ID,
    C_MAKER_FEE,
    C_MARKET,
    C_MARKET_AT,
    C_N_FILLS,
    C_STOP,
    C_TAKER_FEE,
    C_TIME,
    E_AMOUNT,
    E_FEE,
    E_KIND,
    E_OTHER_ACCOUNT,
    E_OTHER_FEE,
    E_OTHER_ID,
    H_ACCOUNTING,
    H_ORDERS_AT,
    H_SELF_TRADE,
    LOW32,
    M_BEST_ASK,
    M_BEST_BID,
    M_LAST_PRICE,
    M_QUOTE,
    O_EXPIRY,
    O_ID,
    O_LOTS,
    O_OWNER,
    O_PRICES,
    ORDER_WORDS,
)
from l2forge.engine.levels import level_at
from l2forge.engine.memory import forget_order, free_order
from l2forge.engine.settle import MAKER_FAILS, reducible_lots, settle_fill
from l2forge.rules.jit import Words


@kernel
def drop_order(s: Words, market: int, slot: int, parked: bool) -> None:
    """Remove an order from the book (or the parked list), its owner's list and the id map."""
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    if parked:
        unpark(s, market, slot)
    else:
        leave_level(s, market, slot)
    if s[H_ACCOUNTING]:
        hold_lots(s, s[o + O_OWNER], -s[o + O_LOTS])
        unlink_account(s, slot)
    forget_order(s, s[o + O_ID], slot)
    free_order(s, slot)


@kernel
def remove_maker(s: Words, market: int, slot: int, reason: int) -> None:
    """Remove a resting order that cannot be filled, with its event."""
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    emit_order(s, EV_REMOVED, reason, s[o + O_OWNER] & 0xFFFF, o, s[o + O_PRICES] & LOW32)
    drop_order(s, market, slot, False)


@kernel
def note_fill(s: Words, maker: int, maker_id: int, price: int, lots: int, notional: int) -> None:
    """Write a fill's event, and its price into the funding premium."""
    at = emit(s, EV_FILL, maker, maker_id, price, lots)
    s[at + E_KIND] |= s[C_FLAGS] << 16
    s[at + E_OTHER_ACCOUNT] = s[C_ACCOUNT]
    s[at + E_OTHER_ID] = s[C_ID]
    s[at + E_FEE] = s[C_MAKER_FEE]
    s[at + E_OTHER_FEE] = s[C_TAKER_FEE]
    s[at + E_AMOUNT] = notional
    s[C_N_FILLS] += 1
    s[C_FILLED] += lots
    s[C_AMOUNT] += notional
    market = s[C_MARKET_AT]
    if s[H_ACCOUNTING]:
        advance_premium(s, market, s[C_TIME])
    s[market + M_LAST_PRICE] = price


@kernel
def _unfillable(s: Words, o: int) -> int:
    """Why the order at the head of a level cannot be filled, or OK."""
    expiry = s[o + O_EXPIRY]
    if expiry != 0 and expiry <= s[C_TIME]:
        return R_EXPIRED
    if s[o + O_OWNER] >> 32 == s[C_ACCOUNT]:
        return R_SELF_TRADE
    if s[o + O_OWNER] & REDUCE_ONLY and s[H_ACCOUNTING]:
        flags = s[o + O_OWNER]
        if reducible_lots(s, flags >> 32, s[C_MARKET], flags & ASK != 0) == 0:
            return R_REDUCE_ONLY
    return OK


@kernel
def _fill_maker(s: Words, market: int, slot: int, lots: int, price: int) -> int:
    """Fill up to `lots` of the resting order; returns lots filled, 0 with C_STOP set, or 0 with the maker
    gone.
    """
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    owner = s[o + O_OWNER]
    maker = owner >> 32
    lots = min(lots, s[o + O_LOTS])
    notional = 0
    if s[H_ACCOUNTING]:
        if owner & REDUCE_ONLY:
            lots = min(lots, reducible_lots(s, maker, s[C_MARKET], owner & ASK != 0))
        notional = price * s[market + M_QUOTE] * lots
        verdict = settle_fill(s, maker, s[C_ACCOUNT], lots if owner & ASK else -lots, notional)
        if verdict & MAKER_FAILS:
            s[C_N_FILLS] += 1
            remove_maker(s, market, slot, R_MARGIN)
            return 0
        if verdict != OK:
            s[C_STOP] = verdict
            return 0
        hold_lots(s, owner, -lots)
    note_fill(s, maker, s[o + O_ID], price, lots, notional)
    if lots == s[o + O_LOTS]:
        leave_level(s, market, slot)
        if s[H_ACCOUNTING]:
            unlink_account(s, slot)
        forget_order(s, s[o + O_ID], slot)
        free_order(s, slot)
    else:
        shrink_order(s, market, slot, lots)
    return lots


@inner
def meets(s: Words, market: int, limit: int) -> bool:
    """Whether the command's order reaches the best price on the other side of the book.

    Both sides in one expression: a branch on the side would be mispredicted half of the time.
    """
    sells = s[C_FLAGS] & ASK
    best = s[market + M_BEST_ASK - sells]  # M_BEST_BID is the word before; no bid is 0, no ask PRICE_NONE
    return (limit - best ^ -sells) + sells >= 0  # −x is ~x + 1


@kernel
def match_book(s: Words, market: int, limit: int, lots: int) -> int:
    """Fill the command's order against the book, no price worse than `limit`; returns the lots left.

    C_STOP says why matching ended before the limit did: self-trade, margin, open interest, fill limit.
    """
    buys = s[C_FLAGS] & ASK == 0
    while lots > 0:
        best = s[market + M_BEST_ASK] if buys else s[market + M_BEST_BID]
        distance = limit - best if buys else best - limit  # no bid is 0, no ask PRICE_NONE: negative
        if distance < 0:
            break
        if s[C_N_FILLS] >= MAX_FILLS:
            s[C_STOP] = R_FILL_LIMIT
            break
        slot = s[level_at(s, market, best)] >> 32
        obstacle = _unfillable(s, s[H_ORDERS_AT] + slot * ORDER_WORDS)
        if obstacle == OK:
            lots -= _fill_maker(s, market, slot, lots, best)
            if s[C_STOP] != OK:
                break
            continue
        if obstacle == R_SELF_TRADE and s[H_SELF_TRADE] != EXPIRE_MAKER and not s[C_FORCED]:
            s[C_STOP] = R_SELF_TRADE
            if s[H_SELF_TRADE] == EXPIRE_TAKER:
                break
        s[C_N_FILLS] += 1  # removals count as well: they bound the events of a command
        remove_maker(s, market, slot, obstacle)
        if s[C_STOP] != OK:
            break
    return lots
