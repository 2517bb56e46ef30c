"""Price levels: pages of 4096 ticks under a directory, with 64-ary bitmaps from the tick to the whole range.

A page exists while one of its ticks has an order. Near the market all work is within one page, and a price
a thousand times further away costs one more page instead of a wider window. A tick holds one side only, so
one set of bitmaps serves both; best bid and best ask are kept in the market row.

Directory of a market, D = 2^(log_price − 12) entries: D page numbers, then bitmaps of D/64, D/4096 and 1
words (at least one each).
"""

from __future__ import annotations

from l2forge.engine.jit import bits_from, bits_through, highest_bit, kernel, lowest_bit, one_bit
from l2forge.engine.layout import (
    H_FREE_PAGE,
    H_LOG_PRICE,
    H_N_PAGES,
    H_PAGES_AT,
    H_PAGES_USED,
    LEVEL_WORDS,
    LOG_PAGE,
    M_DIRECTORY_AT,
    PAGE_LEVELS,
    PAGE_NUMBER,
    PAGE_SUMMARY,
    PAGE_WORDS,
    PRICE_NONE,
)
from l2forge.rules.jit import Words

_TICKS = (1 << LOG_PAGE) - 1


def directory_words(log_price: int) -> int:
    """Words of one market's directory with its bitmaps."""
    n_pages = 1 << (log_price - LOG_PAGE)
    return n_pages + max(1, n_pages >> 6) + max(1, n_pages >> 12) + 1


@kernel
def has_page_for(s: Words, market: int, price: int) -> bool:
    """Whether a level at `price` exists or can be made."""
    if s[s[market + M_DIRECTORY_AT] + (price >> LOG_PAGE)] != 0:
        return True
    return s[H_FREE_PAGE] != 0 or s[H_PAGES_USED] < s[H_N_PAGES]


@kernel
def level_at(s: Words, market: int, price: int) -> int:
    """Offset of the level at `price`; its page exists."""
    page = s[s[market + M_DIRECTORY_AT] + (price >> LOG_PAGE)]
    return s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_LEVELS + LEVEL_WORDS * (price & _TICKS)


@kernel
def _take_page(s: Words, market: int, number: int) -> int:
    """A free page, entered in the directory under `number`; the caller has checked has_page_for."""
    page = s[H_FREE_PAGE]
    if page != 0:
        s[H_FREE_PAGE] = s[s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_NUMBER]
    else:
        page = s[H_PAGES_USED] + 1
        s[H_PAGES_USED] = page
    directory = s[market + M_DIRECTORY_AT]
    s[directory + number] = page
    s[s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_NUMBER] = number
    n = 1 << (s[H_LOG_PRICE] - LOG_PAGE)
    bits = directory + n
    for _ in range(3):
        s[bits + (number >> 6)] |= one_bit(number & 63)
        bits += max(1, n >> 6)
        n >>= 6
        number >>= 6
    return page


@kernel
def _free_page(s: Words, market: int, page: int, number: int) -> None:
    """Return an empty page and clear its bits in the directory."""
    directory = s[market + M_DIRECTORY_AT]
    s[directory + number] = 0
    s[s[H_PAGES_AT] + page * PAGE_WORDS + PAGE_NUMBER] = s[H_FREE_PAGE]
    s[H_FREE_PAGE] = page
    n = 1 << (s[H_LOG_PRICE] - LOG_PAGE)
    bits = directory + n
    for _ in range(3):
        s[bits + (number >> 6)] &= ~one_bit(number & 63)
        if s[bits + (number >> 6)] != 0:
            break
        bits += max(1, n >> 6)
        n >>= 6
        number >>= 6


@kernel
def open_level(s: Words, market: int, price: int) -> int:
    """Mark the tick as occupied; returns the level's offset."""
    number = price >> LOG_PAGE
    page = s[s[market + M_DIRECTORY_AT] + number]
    if page == 0:
        page = _take_page(s, market, number)
    at = s[H_PAGES_AT] + page * PAGE_WORDS
    tick = price & _TICKS
    s[at + (tick >> 6)] |= one_bit(tick & 63)
    s[at + PAGE_SUMMARY] |= one_bit(tick >> 6)
    return at + PAGE_LEVELS + LEVEL_WORDS * tick


@kernel
def close_level(s: Words, market: int, price: int) -> None:
    """Mark the tick as empty."""
    number = price >> LOG_PAGE
    page = s[s[market + M_DIRECTORY_AT] + number]
    at = s[H_PAGES_AT] + page * PAGE_WORDS
    word = at + ((price & _TICKS) >> 6)
    s[word] &= ~one_bit(price & 63)
    if s[word] == 0:
        s[at + PAGE_SUMMARY] &= ~one_bit((price & _TICKS) >> 6)
        if s[at + PAGE_SUMMARY] == 0:
            _free_page(s, market, page, number)


@kernel
def _page_after(s: Words, market: int, number: int) -> int:
    """Lowest page number > `number` in the directory, or -1."""
    n = 1 << (s[H_LOG_PRICE] - LOG_PAGE)
    bits = s[market + M_DIRECTORY_AT] + n
    for height in range(3):
        if number & 63 != 63:
            found = s[bits + (number >> 6)] & bits_from((number & 63) + 1)
            if found != 0:
                number = (number & ~63) | lowest_bit(found)
                return _descend(s, bits, n, number, height, True)
        bits += max(1, n >> 6)
        n >>= 6
        number >>= 6
    return -1


@kernel
def _page_before(s: Words, market: int, number: int) -> int:
    """Highest page number < `number` in the directory, or -1."""
    n = 1 << (s[H_LOG_PRICE] - LOG_PAGE)
    bits = s[market + M_DIRECTORY_AT] + n
    for height in range(3):
        if number & 63 != 0:
            found = s[bits + (number >> 6)] & bits_through((number & 63) - 1)
            if found != 0:
                number = (number & ~63) | highest_bit(found)
                return _descend(s, bits, n, number, height, False)
        bits += max(1, n >> 6)
        n >>= 6
        number >>= 6
    return -1


@kernel
def _descend(s: Words, bits: int, n: int, number: int, height: int, lowest: bool) -> int:
    """From bit `number` of the bitmap at `height` down to a page number, keeping lowest or highest."""
    for _ in range(height):
        n <<= 6
        bits -= max(1, n >> 6)
        word = s[bits + number]
        number = (number << 6) | (lowest_bit(word) if lowest else highest_bit(word))
    return number


@kernel
def price_above(s: Words, market: int, price: int) -> int:
    """Lowest occupied tick > `price`, or PRICE_NONE. The page of `price` may be gone already."""
    number = price >> LOG_PAGE
    page = s[s[market + M_DIRECTORY_AT] + number]
    if page != 0:
        at = s[H_PAGES_AT] + page * PAGE_WORDS
        word = (price & _TICKS) >> 6
        if price & 63 != 63:
            found = s[at + word] & bits_from((price & 63) + 1)
            if found != 0:
                return (price & ~63) | lowest_bit(found)
        if word != 63:
            words = s[at + PAGE_SUMMARY] & bits_from(word + 1)
            if words != 0:
                word = lowest_bit(words)
                return (number << LOG_PAGE) | (word << 6) | lowest_bit(s[at + word])
    number = _page_after(s, market, number)
    if number < 0:
        return PRICE_NONE
    at = s[H_PAGES_AT] + s[s[market + M_DIRECTORY_AT] + number] * PAGE_WORDS
    word = lowest_bit(s[at + PAGE_SUMMARY])
    return (number << LOG_PAGE) | (word << 6) | lowest_bit(s[at + word])


@kernel
def price_below(s: Words, market: int, price: int) -> int:
    """Highest occupied tick < `price`, or 0. The page of `price` may be gone already."""
    number = price >> LOG_PAGE
    page = s[s[market + M_DIRECTORY_AT] + number]
    if page != 0:
        at = s[H_PAGES_AT] + page * PAGE_WORDS
        word = (price & _TICKS) >> 6
        if price & 63 != 0:
            found = s[at + word] & bits_through((price & 63) - 1)
            if found != 0:
                return (price & ~63) | highest_bit(found)
        if word != 0:
            words = s[at + PAGE_SUMMARY] & bits_through(word - 1)
            if words != 0:
                word = highest_bit(words)
                return (number << LOG_PAGE) | (word << 6) | highest_bit(s[at + word])
    number = _page_before(s, market, number)
    if number < 0:
        return 0
    at = s[H_PAGES_AT] + s[s[market + M_DIRECTORY_AT] + number] * PAGE_WORDS
    word = highest_bit(s[at + PAGE_SUMMARY])
    return (number << LOG_PAGE) | (word << 6) | highest_bit(s[at + word])
