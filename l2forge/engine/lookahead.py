"""Fetching what coming commands will touch: in a micro-batch the next commands are already known.

Four stages, each a few commands apart, so that no stage waits for the one before: the id's map entry and the
account's row; the order's cache line; its level and its neighbours in the queue; the last order of the level
that it may join. What a stage found is kept for the next one in a ring of scratch words. Nothing else is
changed, so a wrong or stale guess costs one cache line; guesses are made without looking at the command's
kind, since a branch on it would be mispredicted half of the time. Slot 0 and page 0 are nobody's and stand
for "none".
"""

from __future__ import annotations

from l2forge.engine.jit import inner, kernel, prefetch
from l2forge.engine.layout import (
    C_AHEAD_LEVEL,
    C_AHEAD_ORDER,
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
    LOOKAHEAD,
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
NEXT = 2
_TICKS = (1 << LOG_PAGE) - 1
_ID_MASK = (1 << 62) - 1
_MAX_LINES = 4
_RING = LOOKAHEAD - 1


@inner
def fetch_entry(s: Words, commands: Words, row: int) -> None:
    """First stage: map entry, account row and positions."""
    entry = s[H_IDS_AT] + (hash_id(commands[row * 8 + 2] & _ID_MASK) & s[H_IDS_MASK])
    s[C_AHEAD_ORDER + (row & _RING)] = entry
    prefetch(s, entry)
    account = commands[row * 8 + 1]
    if s[H_ACCOUNTING] and 0 <= account < s[H_N_ACCOUNTS]:
        line = s[H_ACCOUNTS_AT] + account * s[H_ACCOUNT_WORDS]
        last = min(line + s[H_ACCOUNT_WORDS], line + 8 * _MAX_LINES)
        while line < last:
            prefetch(s, line)
            line += 8


@inner
def fetch_order(s: Words, row: int) -> None:
    """Second stage: the line of the order in the id's home entry; that of slot 0 when the entry is empty."""
    place = C_AHEAD_ORDER + (row & _RING)
    order = s[H_ORDERS_AT] + (s[s[place]] & LOW32) * ORDER_WORDS
    s[place] = order
    prefetch(s, order)


@inner
def _level_guess(s: Words, directory: int, price: int) -> int:
    """Offset of a price level; on page 0 when there is none."""
    price &= (1 << s[H_LOG_PRICE]) - 1
    page = s[directory + (price >> LOG_PAGE)]
    return s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_LEVELS + LEVEL_WORDS * (price & _TICKS)


@inner
def fetch_neighbours(s: Words, commands: Words, row: int) -> None:
    """Third stage: the levels, and the orders before and after in the queue and in the account's list."""
    m = (commands[row * 8] >> 8) & 0xFF
    if m >= s[H_N_MARKETS]:
        return
    directory = s[s[H_MARKETS_AT] + m * MARKET_WORDS + M_DIRECTORY_AT]
    if directory == 0:
        return
    orders = s[H_ORDERS_AT]
    o = s[C_AHEAD_ORDER + (row & _RING)]
    level = _level_guess(s, directory, commands[row * 8 + 3])
    s[C_AHEAD_LEVEL + (row & _RING)] = level
    prefetch(s, level)
    prefetch(s, _level_guess(s, directory, s[o + O_PRICES]))
    links = s[o + O_LINKS]
    prefetch(s, orders + (links >> 32) * ORDER_WORDS)
    prefetch(s, orders + (links & LOW32) * ORDER_WORDS)
    if s[H_ACCOUNTING]:
        links = s[o + O_ACCOUNT_LINKS]
        prefetch(s, orders + (links >> 32) * ORDER_WORDS)
        prefetch(s, orders + (links & LOW32) * ORDER_WORDS)


@inner
def fetch_tail(s: Words, row: int) -> None:
    """Fourth stage: the order behind which the command's own would queue."""
    tail = s[s[C_AHEAD_LEVEL + (row & _RING)]] & LOW32
    prefetch(s, s[H_ORDERS_AT] + tail * ORDER_WORDS)


@kernel
def fetch_first(s: Words, commands: Words, first: int) -> None:
    """All stages as far as they are when command `first` is applied; there are at least FAR commands."""
    for row in range(first, first + FAR):
        fetch_entry(s, commands, row)
    for row in range(first, first + MIDDLE):
        fetch_order(s, row)
    for row in range(first, first + NEAR):
        fetch_neighbours(s, commands, row)
