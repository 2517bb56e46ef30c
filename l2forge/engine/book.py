"""Resting orders: first-in-first-out queues per price level, and the parked orders beside the book."""

from __future__ import annotations

from l2forge.engine.codes import ASK
from l2forge.engine.jit import inner, kernel
from l2forge.engine.layout import (
    H_ORDERS_AT,
    LOG_PAGE,
    LOW32,
    M_BEST_ASK,
    M_BEST_BID,
    M_DIRECTORY_AT,
    M_PARKED,
    O_LINKS,
    O_LOTS,
    O_OWNER,
    O_PRICES,
    ORDER_WORDS,
    PRICE_NONE,
)
from l2forge.engine.levels import close_level, level_at, open_level, price_above, price_below
from l2forge.rules.jit import Words


@inner
def enter_level(s: Words, market: int, slot: int) -> None:
    """Append the order to its price's queue. The caller has checked has_page_for."""
    orders = s[H_ORDERS_AT]
    o = orders + slot * ORDER_WORDS
    price = s[o + O_PRICES] & LOW32
    lots = s[o + O_LOTS]
    if s[s[market + M_DIRECTORY_AT] + (price >> LOG_PAGE)] != 0:
        level = level_at(s, market, price)
        ends = s[level]
        if ends != 0:
            tail = ends & LOW32
            s[orders + tail * ORDER_WORDS + O_LINKS] |= slot << 32
            s[o + O_LINKS] = tail
            s[level] = (ends >> 32 << 32) | slot
            s[level + 1] += lots
            return
    level = open_level(s, market, price)
    s[level] = (slot << 32) | slot
    s[level + 1] = lots
    s[o + O_LINKS] = 0
    if s[o + O_OWNER] & ASK:
        if price < s[market + M_BEST_ASK]:
            s[market + M_BEST_ASK] = price
    elif price > s[market + M_BEST_BID]:
        s[market + M_BEST_BID] = price


@inner
def leave_level(s: Words, market: int, slot: int) -> None:
    """Take the order out of its price's queue, and the level out of the book when it was the last."""
    orders = s[H_ORDERS_AT]
    o = orders + slot * ORDER_WORDS
    price = s[o + O_PRICES] & LOW32
    level = level_at(s, market, price)
    links = s[o + O_LINKS]
    if links == 0:
        s[level] = 0
        s[level + 1] = 0
        close_level(s, market, price)
        if price == s[market + M_BEST_ASK]:
            s[market + M_BEST_ASK] = price_above(s, market, price)
        elif price == s[market + M_BEST_BID]:
            s[market + M_BEST_BID] = price_below(s, market, price)
        return
    following = links >> 32
    previous = links & LOW32
    # Slot 0 is nobody's: writing a missing neighbour's links there costs less than unforeseeable branches.
    after = orders + following * ORDER_WORDS + O_LINKS
    s[after] = (s[after] >> 32 << 32) | previous
    before = orders + previous * ORDER_WORDS + O_LINKS
    s[before] = (s[before] & LOW32) | (following << 32)
    head = s[level] >> 32
    tail = s[level] & LOW32
    head = following if previous == 0 else head
    tail = previous if following == 0 else tail
    s[level] = (head << 32) | tail
    s[level + 1] -= s[o + O_LOTS]


@kernel
def shrink_order(s: Words, market: int, slot: int, lots: int) -> None:
    """Take `lots` < remaining off a resting order; it keeps its place."""
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    s[o + O_LOTS] -= lots
    s[level_at(s, market, s[o + O_PRICES] & LOW32) + 1] -= lots


@kernel
def park(s: Words, market: int, slot: int) -> None:
    """Put an order on the market's parked list."""
    orders = s[H_ORDERS_AT]
    head = s[market + M_PARKED]
    s[orders + slot * ORDER_WORDS + O_LINKS] = head << 32
    if head != 0:
        s[orders + head * ORDER_WORDS + O_LINKS] |= slot
    s[market + M_PARKED] = slot


@kernel
def unpark(s: Words, market: int, slot: int) -> None:
    """Take an order off the parked list."""
    orders = s[H_ORDERS_AT]
    links = s[orders + slot * ORDER_WORDS + O_LINKS]
    following = links >> 32
    previous = links & LOW32
    if following != 0:
        at = orders + following * ORDER_WORDS + O_LINKS
        s[at] = (s[at] >> 32 << 32) | previous
    if previous != 0:
        at = orders + previous * ORDER_WORDS + O_LINKS
        s[at] = (s[at] & LOW32) | (following << 32)
    else:
        s[market + M_PARKED] = following


@kernel
def crosses(s: Words, market: int, is_ask: bool, price: int) -> bool:
    """Whether an order at `price` would meet a resting one. Expired makers count until they are removed."""
    if is_ask:
        return s[market + M_BEST_BID] >= price
    return s[market + M_BEST_ASK] <= price and s[market + M_BEST_ASK] != PRICE_NONE
