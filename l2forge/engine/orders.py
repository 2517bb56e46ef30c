"""Order commands: create, modify, cancel, cancel all, trigger, expire."""

from __future__ import annotations

from l2forge.engine.accounts import account_at, hold_lots, is_parked, link_account, unlink_account
from l2forge.engine.admit import check_order, limit_price, order_type, time_in_force
from l2forge.engine.book import enter_level, leave_level, park, shrink_order, unpark
from l2forge.engine.codes import (
    ALL_MARKETS,
    AMM,
    ASK,
    AUCTION,
    EV_PARKED,
    EV_REMOVED,
    EV_RESTED,
    IMMEDIATE_OR_CANCEL,
    LIMIT,
    MARKET,
    OK,
    ORDER_TYPE_MASK,
    ORDER_TYPE_SHIFT,
    R_CANCELLED,
    R_EXPIRED,
    R_IMMEDIATE,
    R_NOT_EXPIRED,
    R_NOT_OWNER,
    R_NOT_SUPPORTED,
    R_NOT_TRIGGERED,
    R_ORDER_UNKNOWN,
    R_STALE,
    REDUCE_ONLY,
    STOP_LOSS,
    STOP_LOSS_LIMIT,
)
from l2forge.engine.curve import swap
from l2forge.engine.events import emit, emit_order
from l2forge.engine.jit import inner, kernel
from l2forge.engine.layout import (
    A_ORDERS,
    C_ACCOUNT,
    C_AUX,
    C_EXPIRY,
    C_FLAGS,
    C_ID,
    C_MARKET,
    C_MARKET_AT,
    C_PRICE,
    C_SIZE,
    C_STOP,
    C_TIME,
    H_ACCOUNTING,
    H_MAKER_AUCTION,
    H_MODEL,
    H_ORDER_COUNTER,
    H_ORDERS_AT,
    LOW32,
    M_FRESH_UNTIL,
    M_INDEX,
    O_ACCOUNT_LINKS,
    O_COUNTER,
    O_EXPIRY,
    O_ID,
    O_LOTS,
    O_OWNER,
    O_PRICES,
    ORDER_WORDS,
)
from l2forge.engine.match import drop_order
from l2forge.engine.memory import find_order, forget_order, free_order, remember_order, take_order
from l2forge.engine.risk import market_at
from l2forge.engine.route import fill_incoming, waits_for_makers
from l2forge.engine.settle import reducible_lots
from l2forge.rules.jit import Words


@inner
def _store(s: Words, slot: int, lots: int, flags: int) -> int:
    """Write the command's order into a slot (a new one for slot 0) and return it."""
    is_new = slot == 0
    if is_new:
        slot = take_order(s)
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    s[o + O_LOTS] = lots
    s[o + O_ID] = s[C_ID]
    s[o + O_OWNER] = (s[C_ACCOUNT] << 32) | (s[C_MARKET] << 16) | flags
    s[o + O_PRICES] = (s[C_AUX] << 32) | s[C_PRICE]
    s[o + O_EXPIRY] = s[C_EXPIRY]
    s[H_ORDER_COUNTER] += 1
    s[o + O_COUNTER] = s[H_ORDER_COUNTER]
    if is_new:
        remember_order(s, s[C_ID], slot)
        if s[H_ACCOUNTING]:
            link_account(s, slot)
    if s[H_ACCOUNTING]:
        hold_lots(s, s[o + O_OWNER], lots)
    return slot


@kernel
def _discard(s: Words, slot: int) -> None:
    """Free a slot that is in no queue any more."""
    if slot != 0:
        if s[H_ACCOUNTING]:
            unlink_account(s, slot)
        forget_order(s, s[C_ID], slot)
        free_order(s, slot)


@kernel
def _leave(s: Words, slot: int, lots: int, reason: int) -> None:
    """End an incoming order with `lots` left: report them, free its slot if it had one."""
    if lots > 0:
        at = emit_order_fields(s, EV_REMOVED, lots)
        s[at] |= (s[C_FLAGS] << 16) | (reason << 32)
    _discard(s, slot)


@kernel
def emit_order_fields(s: Words, kind: int, lots: int) -> int:
    """Append an event about the command's own order."""
    return emit(s, kind, s[C_ACCOUNT], s[C_ID], s[C_PRICE], lots)


@inner
def _execute(s: Words, slot: int) -> None:
    """Fill the command's order as far as it goes; rest, park for makers, or drop what is left."""
    market = s[C_MARKET_AT]
    flags = s[C_FLAGS]
    lots = s[C_SIZE]
    if flags & REDUCE_ONLY and s[H_ACCOUNTING]:
        lots = min(lots, reducible_lots(s, s[C_ACCOUNT], s[C_MARKET], flags & ASK != 0))
    limit = limit_price(s, market)
    lots = fill_incoming(s, market, limit, lots)
    if lots == 0:
        _discard(s, slot)
    elif s[C_STOP] != OK:
        _leave(s, slot, lots, s[C_STOP])
    elif waits_for_makers(s, market, limit, lots):
        slot = _store(s, slot, lots, flags | AUCTION)
        o = s[H_ORDERS_AT] + slot * ORDER_WORDS
        s[o + O_COUNTER] = s[C_TIME] + s[H_MAKER_AUCTION]
        park(s, market, slot)
        emit_order(s, EV_PARKED, OK, flags | AUCTION, o, s[C_PRICE])
    elif order_type(flags) == MARKET or time_in_force(flags) == IMMEDIATE_OR_CANCEL:
        _leave(s, slot, lots, R_IMMEDIATE)
    else:
        slot = _store(s, slot, lots, flags & ~AUCTION)
        enter_level(s, market, slot)
        emit_order(s, EV_RESTED, OK, flags, s[H_ORDERS_AT] + slot * ORDER_WORDS, s[C_PRICE])


@kernel
def create_order(s: Words) -> int:
    """CREATE_ORDER: check, then fill and rest; stops and take-profits are parked until their trigger.

    Where there is only a curve, the order is filled whole or refused.
    """
    reason = check_order(s, 0)
    if reason != OK:
        return reason
    if s[H_MODEL] == AMM and order_type(s[C_FLAGS]) < STOP_LOSS:
        return swap(s, s[C_MARKET_AT], limit_price(s, s[C_MARKET_AT]), s[C_SIZE])
    if order_type(s[C_FLAGS]) >= STOP_LOSS:
        slot = _store(s, 0, s[C_SIZE], s[C_FLAGS])
        park(s, s[C_MARKET_AT], slot)
        emit_order(s, EV_PARKED, OK, s[C_FLAGS], s[H_ORDERS_AT] + slot * ORDER_WORDS, s[C_PRICE])
        return OK
    _execute(s, 0)
    return OK


@kernel
def _own_order(s: Words) -> int:
    """Slot of the command's order; a negative reason if it is unknown, elsewhere, or another account's."""
    slot = find_order(s, s[C_ID])
    if slot == 0:
        return -R_ORDER_UNKNOWN
    owner = s[s[H_ORDERS_AT] + slot * ORDER_WORDS + O_OWNER]
    if owner >> 32 != s[C_ACCOUNT]:
        return -R_NOT_OWNER
    if (owner >> 16) & 0xFF != s[C_MARKET]:
        return -R_ORDER_UNKNOWN
    return slot


@kernel
def cancel_order(s: Words) -> int:
    """CANCEL_ORDER: by its owner, at any time."""
    slot = _own_order(s)
    if slot < 0:
        return -slot
    _cancel(s, slot, R_CANCELLED)
    return OK


@kernel
def _cancel(s: Words, slot: int, reason: int) -> None:
    """Remove a resting or parked order with its event."""
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    flags = s[o + O_OWNER] & 0xFFFF
    emit_order(s, EV_REMOVED, reason, flags, o, s[o + O_PRICES] & LOW32)
    drop_order(s, market_at(s, (s[o + O_OWNER] >> 16) & 0xFF), slot, is_parked(flags))


@kernel
def cancel_all(s: Words) -> int:
    """CANCEL_ALL: every order of the account, newest first; of one market, or with ALL_MARKETS of all."""
    if not s[H_ACCOUNTING]:
        return R_NOT_SUPPORTED
    wanted = s[C_MARKET]
    slot = s[account_at(s, s[C_ACCOUNT]) + A_ORDERS]
    while slot != 0:
        o = s[H_ORDERS_AT] + slot * ORDER_WORDS
        following = s[o + O_ACCOUNT_LINKS] >> 32
        m = (s[o + O_OWNER] >> 16) & 0xFF
        if wanted in (ALL_MARKETS, m):
            s[C_MARKET] = m
            _cancel(s, slot, R_CANCELLED)
        slot = following
    s[C_MARKET] = wanted
    return OK


@inner
def modify_order(s: Words) -> int:
    """MODIFY_ORDER: new price, remaining lots, trigger, expiry; a zero keeps the old value.

    Fewer lots at the same price keep the order's place; anything else goes to the end of the queue, after
    filling as a new order would. Refused like a new order would be, and then nothing changes.
    """
    slot = _own_order(s)
    if slot < 0:
        return -slot
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    owner = s[o + O_OWNER]
    flags = owner & 0xFFFF
    if flags & AUCTION:
        return R_NOT_SUPPORTED
    old_price = s[o + O_PRICES] & LOW32
    s[C_FLAGS] = flags
    if s[C_PRICE] == 0:
        s[C_PRICE] = old_price
    if s[C_SIZE] == 0:
        s[C_SIZE] = s[o + O_LOTS]
    if s[C_AUX] == 0:
        s[C_AUX] = s[o + O_PRICES] >> 32
    if s[C_EXPIRY] == 0:
        s[C_EXPIRY] = s[o + O_EXPIRY]
    if s[C_PRICE] == old_price and 0 < s[C_SIZE] < s[o + O_LOTS] and not is_parked(flags):
        return _shrink_in_place(s, slot, o)
    if s[H_ACCOUNTING]:
        hold_lots(s, owner, -s[o + O_LOTS])
    reason = check_order(s, slot)
    if reason != OK:
        if s[H_ACCOUNTING]:
            hold_lots(s, owner, s[o + O_LOTS])
        return reason
    if is_parked(flags):
        _store(s, slot, s[C_SIZE], flags)
        emit_order(s, EV_PARKED, OK, flags, o, s[C_PRICE])
        return OK
    leave_level(s, s[C_MARKET_AT], slot)
    _execute(s, slot)
    return OK


@kernel
def _shrink_in_place(s: Words, slot: int, o: int) -> int:
    """Reduce a resting order's lots; its place and expiry stay."""
    lots = s[o + O_LOTS] - s[C_SIZE]
    if s[H_ACCOUNTING]:
        hold_lots(s, s[o + O_OWNER], -lots)
    shrink_order(s, s[C_MARKET_AT], slot, lots)
    emit_order(s, EV_RESTED, OK, s[o + O_OWNER] & 0xFFFF, o, s[C_PRICE])
    return OK


@kernel
def is_triggered(s: Words, o: int) -> int:
    """Whether a parked order's moment has come: OK, or why not."""
    flags = s[o + O_OWNER] & 0xFFFF
    if flags & AUCTION:
        return OK if s[C_TIME] >= s[o + O_COUNTER] else R_NOT_TRIGGERED
    market = s[C_MARKET_AT]
    if s[C_TIME] > s[market + M_FRESH_UNTIL]:
        return R_STALE
    kind = order_type(flags)
    stops = kind in (STOP_LOSS, STOP_LOSS_LIMIT)
    trigger = s[o + O_PRICES] >> 32
    falls = (flags & ASK != 0) == stops
    if falls:
        return OK if s[market + M_INDEX] <= trigger else R_NOT_TRIGGERED
    return OK if s[market + M_INDEX] >= trigger else R_NOT_TRIGGERED


@kernel
def trigger_order(s: Words) -> int:
    """TRIGGER_ORDER: a parked order whose trigger is met, or whose auction ended, is executed. By anyone.

    It is checked as a new order; one that fails the check is removed with the reason.
    """
    slot = find_order(s, s[C_ID])
    if slot == 0:
        return R_ORDER_UNKNOWN
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    owner = s[o + O_OWNER]
    flags = owner & 0xFFFF
    if not is_parked(flags) or (owner >> 16) & 0xFF != s[C_MARKET]:
        return R_ORDER_UNKNOWN
    reason = is_triggered(s, o)
    if reason != OK:
        return reason
    unpark(s, s[C_MARKET_AT], slot)
    s[C_ACCOUNT] = owner >> 32
    if not flags & AUCTION:
        kind = order_type(flags)
        flags &= ~(ORDER_TYPE_MASK << ORDER_TYPE_SHIFT)
        flags |= (LIMIT if kind & 1 else MARKET) << ORDER_TYPE_SHIFT
    s[C_FLAGS] = flags
    s[C_PRICE] = s[o + O_PRICES] & LOW32
    s[C_AUX] = 0
    s[C_SIZE] = s[o + O_LOTS]
    s[C_EXPIRY] = s[o + O_EXPIRY]
    reason = check_order(s, slot)
    if reason == OK and s[H_MODEL] == AMM:
        reason = swap(s, s[C_MARKET_AT], limit_price(s, s[C_MARKET_AT]), s[C_SIZE])
        if reason == OK:
            _discard(s, slot)
            return OK
    if reason != OK:
        _leave(s, slot, s[C_SIZE], reason)
    else:
        _execute(s, slot)
    return OK


@kernel
def expire_order(s: Words) -> int:
    """EXPIRE_ORDER: remove an order past its time. By anyone."""
    slot = find_order(s, s[C_ID])
    if slot == 0:
        return R_ORDER_UNKNOWN
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    if (s[o + O_OWNER] >> 16) & 0xFF != s[C_MARKET]:
        return R_ORDER_UNKNOWN
    expiry = s[o + O_EXPIRY]
    if expiry == 0 or expiry > s[C_TIME]:
        return R_NOT_EXPIRED
    _cancel(s, slot, R_EXPIRED)
    return OK
