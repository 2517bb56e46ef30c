"""Fetching what coming commands will touch: in a micro-batch the next commands are already known.

Three stages, each a few commands apart, so that no stage waits for the one before: the id's map entry and the
account's row; the order's cache line; its level and its neighbours in the queue. Nothing is changed, so a
wrong guess costs one cache line; guesses are made without looking at the command's kind, since a branch on it
would be mispredicted half of the time. Slot 0 and page 0 are nobody's and stand for "none".
"""

from __future__ import annotations

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
_ID_MASK = (1 << 62) - 1
_MAX_LINES = 4


@kernel
def _entry_at(s: Words, order_id: int) -> int:
    """Offset of the id's home entry in the map."""
    return s[H_IDS_AT] + (hash_id(order_id & _ID_MASK) & s[H_IDS_MASK])


@kernel
def fetch_entry(s: Words, commands: Words, row: int) -> None:
    """First stage: map entry, account row and positions."""
    prefetch(s, _entry_at(s, commands[row * 8 + 2]))
    account = commands[row * 8 + 1]
    if s[H_ACCOUNTING] and 0 <= account < s[H_N_ACCOUNTS]:
        line = s[H_ACCOUNTS_AT] + account * s[H_ACCOUNT_WORDS]
        last = min(line + s[H_ACCOUNT_WORDS], line + 8 * _MAX_LINES)
        while line < last:
            prefetch(s, line)
            line += 8


@kernel
def _order_guess(s: Words, order_id: int) -> int:
    """Offset of the order in the id's home entry; that of slot 0 when the entry is empty."""
    return s[H_ORDERS_AT] + (s[_entry_at(s, order_id)] & LOW32) * ORDER_WORDS


@kernel
def fetch_order(s: Words, commands: Words, row: int) -> None:
    """Second stage: the order's own line."""
    prefetch(s, _order_guess(s, commands[row * 8 + 2]))


@kernel
def _fetch_level(s: Words, directory: int, price: int) -> None:
    """The line of a price level."""
    price &= (1 << s[H_LOG_PRICE]) - 1
    page = s[directory + (price >> LOG_PAGE)]
    prefetch(s, s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_LEVELS + LEVEL_WORDS * (price & _TICKS))


@kernel
def fetch_neighbours(s: Words, commands: Words, row: int) -> None:
    """Third stage: the levels, and the orders before and after in the queue and in the account's list."""
    m = (commands[row * 8] >> 8) & 0xFF
    if m >= s[H_N_MARKETS]:
        return
    directory = s[s[H_MARKETS_AT] + m * MARKET_WORDS + M_DIRECTORY_AT]
    if directory == 0:
        return
    orders = s[H_ORDERS_AT]
    o = _order_guess(s, commands[row * 8 + 2])
    _fetch_level(s, directory, commands[row * 8 + 3])
    _fetch_level(s, directory, s[o + O_PRICES])
    links = s[o + O_LINKS]
    prefetch(s, orders + (links >> 32) * ORDER_WORDS)
    prefetch(s, orders + (links & LOW32) * ORDER_WORDS)
    if s[H_ACCOUNTING]:
        links = s[o + O_ACCOUNT_LINKS]
        prefetch(s, orders + (links >> 32) * ORDER_WORDS)
        prefetch(s, orders + (links & LOW32) * ORDER_WORDS)
