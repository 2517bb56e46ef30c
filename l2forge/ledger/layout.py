"""Where state words are: kinds of leaves, offsets of words, shapes of trees (docs/machine.md, "State")."""

from __future__ import annotations

from enum import IntEnum

KIND_SHIFT, INDEX_SHIFT = 60, 8
"""address = kind·2^60 + index·2^8 + offset."""

ACCOUNT_BITS, KEY_BITS, SLOT_BITS = 20, 8, 16
MAX_NONCE_BITS = 48
BLOCK = 8


class Kind(IntEnum):
    """What a leaf is."""

    ACCOUNT = 1
    KEY = 2
    ORDER = 3
    MARKET = 4
    VENUE = 5


# -- words of an account; positions and funding indices by market number follow
OWNER, CASH, KEYS_ROOT, POSITIONS = 0, 3, 4, 8


def position(market: int) -> int:
    """Offset of an account's position in a market; its funding index is the next word."""
    return POSITIONS + 2 * market


# -- words of a key
KEY_LOW, ORDERS_ROOT, KEY_HIGH, FLOOR = 0, 4, 8, 9

# -- words of an order
ORDER_NONCE, FILLED, SIZE, LIMIT_PRICE, EXPIRY, ORDER_MARKET, FLAGS, CLIENT_INDEX = range(8)

# -- words of a market; prices and times of sources follow
(
    INDEX, INDEX_TIME, TWAP, FRESH_UNTIL, FUNDING_INDEX, FUNDING_RATE, FUNDING_TIME, RATE_SINCE,
    PREMIUM_SUM, PREMIUM_TIME, LAST_PRICE, OPEN_INTEREST, INTEREST_LIMIT, CLEARING, FUNDING_LOW, FUNDING_HIGH,
) = range(16)  # fmt: skip
SOURCES = 16


def source(number: int) -> int:
    """Offset of the price of a market's source; its time is the next word."""
    return SOURCES + 2 * number


# -- words of the venue
NOW, REQUESTS, INSURANCE, FEE_POOL, DEPOSITS, WITHDRAWALS, BATCHES = range(7)


def blocks(kind: Kind, n_markets: int, max_sources: int) -> int:
    """Blocks of 8 words of a leaf of this kind."""
    if kind == Kind.ACCOUNT:
        return 1 + -(-n_markets // 4)
    if kind == Kind.MARKET:
        return 2 + -(-max_sources // 4)
    return {Kind.KEY: 2, Kind.ORDER: 1, Kind.VENUE: 1}[kind]
