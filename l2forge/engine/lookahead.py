"""Fetching what coming commands will touch: in a micro-batch the next commands are already known.

Three stages, each a few commands apart, so that no stage waits for the one before: the id's map entry and the
account's row; the order's cache line; its level and its neighbours in the queue. Nothing is changed, so a
wrong guess (an order that is gone by then) costs one cache line.
"""

from __future__ import annotations

from l2forge.engine.codes import CANCEL_ORDER, CREATE_ORDER, MODIFY_ORDER
from l2forge.engine.jit import kernel, prefetch
from l2forge.engine.layout import (
    H_ACCOUNT_WORDS,
    H_ACCOUNTING,
    H_ACCOUNTS_AT,
    H_IDS_AT,
    H_IDS_MASK,
    H_LOG_PRICE,
    H_MARKETS_AT,
    H_N_ACCOUNTS,
    H_N_MARKETS,
    H_ORDERS_AT,
    H_PAGES_AT,
    LEVEL_WORDS,
    LOG_PAGE,
    LOW32,
    M_DIRECTORY_AT,
    MARKET_WORDS,
    O_ACCOUNT_LINKS,
    O_LINKS,
    O_PRICES,
    ORDER_WORDS,
    PAGE_LEVELS,
    PAGE_WORDS,
)
from l2forge.engine.memory import hash_id
from l2forge.rules.jit import Words

FAR = 12
MIDDLE = 8
NEAR = 4
_TICKS = (1 << LOG_PAGE) - 1


@kernel
def _is_about_order(kind: int) -> bool:
    return kind in (CREATE_ORDER, CANCEL_ORDER, MODIFY_ORDER)


@kernel
def _slot_guess(s: Words, order_id: int) -> int:
    """Slot in the first map entry with the id's hash, 0 if the home entry is another's."""
    hashed = hash_id(order_id)
    entry = s[s[H_IDS_AT] + (hashed & s[H_IDS_MASK])]
    return entry & LOW32 if entry >> 32 == hashed else 0


@kernel
def fetch_entry(s: Words, commands: Words, row: int) -> None:
    """First stage: map entry, account row and position."""
    at = row * 8
    kind = commands[at] & 0xFF
    if not _is_about_order(kind):
        return
    prefetch(s, s[H_IDS_AT] + (hash_id(commands[at + 2]) & s[H_IDS_MASK]))
    account = commands[at + 1]
    if s[H_ACCOUNTING] and 0 <= account < s[H_N_ACCOUNTS]:
        position = s[H_ACCOUNTS_AT] + account * s[H_ACCOUNT_WORDS]
        last = position + s[H_ACCOUNT_WORDS]
        n = 0
        while position < last and n < 4:
            prefetch(s, position)
            position += 8
            n += 1


@kernel
def fetch_order(s: Words, commands: Words, row: int) -> None:
    """Second stage: the order's own line."""
    at = row * 8
    kind = commands[at] & 0xFF
    if kind in (CANCEL_ORDER, MODIFY_ORDER):
        slot = _slot_guess(s, commands[at + 2])
        if slot != 0:
            prefetch(s, s[H_ORDERS_AT] + slot * ORDER_WORDS)


@kernel
def _fetch_level(s: Words, m: int, price: int) -> None:
    """The line of a price level, when its page exists."""
    if m >= s[H_N_MARKETS] or price <= 0 or price >= 1 << s[H_LOG_PRICE]:
        return
    directory = s[s[H_MARKETS_AT] + m * MARKET_WORDS + M_DIRECTORY_AT]
    if directory == 0:
        return
    page = s[directory + (price >> LOG_PAGE)]
    if page != 0:
        prefetch(s, s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_LEVELS + LEVEL_WORDS * (price & _TICKS))


@kernel
def fetch_neighbours(s: Words, commands: Words, row: int) -> None:
    """Third stage: the level, and the orders before and after in its queue and in the account's list."""
    at = row * 8
    kind = commands[at] & 0xFF
    m = (commands[at] >> 8) & 0xFF
    orders = s[H_ORDERS_AT]
    if kind in (CREATE_ORDER, MODIFY_ORDER):
        _fetch_level(s, m, commands[at + 3])
    if kind in (CANCEL_ORDER, MODIFY_ORDER):
        slot = _slot_guess(s, commands[at + 2])
        if slot != 0:
            o = orders + slot * ORDER_WORDS
            links = s[o + O_LINKS]
            prefetch(s, orders + (links >> 32) * ORDER_WORDS)
            prefetch(s, orders + (links & LOW32) * ORDER_WORDS)
            _fetch_level(s, m, s[o + O_PRICES] & LOW32)
            if s[H_ACCOUNTING]:
                links = s[o + O_ACCOUNT_LINKS]
                prefetch(s, orders + (links >> 32) * ORDER_WORDS)
                prefetch(s, orders + (links & LOW32) * ORDER_WORDS)
