"""The state hash: over what the venue is, not over where the array keeps it.

The canonical contents are one sequence of int64 words: venue totals; per market its state, its reports, its
asks from the best price up, its bids from the best price down (each level first-in first-out) and its parked
orders; per open account its balances, positions and orders, newest first.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2forge.engine.accounts import account_at
from l2forge.engine.jit import entry, kernel, words
from l2forge.engine.layout import (
    A_CASH,
    A_N_ORDERS,
    A_OPEN,
    A_ORDERS,
    A_SHARES,
    A_VOLUME_EPOCH,
    A_VOLUME_LAST,
    A_VOLUME_NOW,
    ACCOUNT_WORDS,
    H_ACCOUNTS_USED,
    H_DEPOSITS,
    H_FEE_POOL,
    H_INSURANCE,
    H_MARKETS_AT,
    H_N_AT_RISK,
    H_N_MARKETS,
    H_NOW,
    H_ORDER_COUNTER,
    H_ORDERS_AT,
    H_ORDERS_LIVE,
    H_SEQUENCE,
    H_SHARES,
    H_UNPROVEN_SINCE,
    H_WITHDRAWALS,
    M_BEST_ASK,
    M_BEST_BID,
    M_LAST_PRICE,
    M_N_SOURCES,
    M_OPEN,
    M_PARKED,
    M_RATE_SINCE,
    M_REPORTS_AT,
    MARKET_WORDS,
    O_ACCOUNT_LINKS,
    O_COUNTER,
    O_EXPIRY,
    O_ID,
    O_LINKS,
    O_LOTS,
    O_OWNER,
    O_PRICES,
    ORDER_WORDS,
    P_RISK_TIME,
    POSITION_WORDS,
    PRICE_NONE,
    S_PRICE,
    S_TIME,
    SOURCE_WORDS,
)
from l2forge.engine.levels import level_at, price_above, price_below
from l2forge.rules.jit import Words

N_TOTALS = 12
N_MARKET_STATE = M_RATE_SINCE - M_LAST_PRICE + 1
N_ORDER = 6


@kernel
def _put_order(s: Words, out: Words, n: int, slot: int) -> int:
    """One order's six words; returns the next position."""
    o = s[H_ORDERS_AT] + slot * ORDER_WORDS
    out[n] = s[o + O_LOTS]
    out[n + 1] = s[o + O_ID]
    out[n + 2] = s[o + O_OWNER]
    out[n + 3] = s[o + O_PRICES]
    out[n + 4] = s[o + O_COUNTER]
    out[n + 5] = s[o + O_EXPIRY]
    return n + 6


@kernel
def _put_queue(s: Words, out: Words, n: int, slot: int) -> int:
    """The orders of a level or of the parked list, from its head."""
    while slot != 0:
        n = _put_order(s, out, n, slot)
        slot = s[s[H_ORDERS_AT] + slot * ORDER_WORDS + O_LINKS] >> 32
    return n


@kernel
def _put_market(s: Words, out: Words, n: int, market: int) -> int:
    """A market's state (without layout), reports and orders."""
    for word in range(M_LAST_PRICE, M_RATE_SINCE + 1):
        skip = word in (M_PARKED, M_REPORTS_AT)
        out[n] = 0 if skip else s[market + word]
        n += 1
    for i in range(s[market + M_N_SOURCES]):
        row = s[market + M_REPORTS_AT] + i * SOURCE_WORDS
        out[n] = s[row + S_PRICE]
        out[n + 1] = s[row + S_TIME]
        n += 2
    price = s[market + M_BEST_ASK]
    while price != PRICE_NONE:
        n = _put_queue(s, out, n, s[level_at(s, market, price)] >> 32)
        price = price_above(s, market, price)
    price = s[market + M_BEST_BID]
    while price != 0:
        n = _put_queue(s, out, n, s[level_at(s, market, price)] >> 32)
        price = price_below(s, market, price)
    return _put_queue(s, out, n, s[market + M_PARKED])


@kernel
def _put_account(s: Words, out: Words, n: int, account: int) -> int:
    """An account's number, balances, positions and order ids, newest first."""
    row = account_at(s, account)
    out[n] = account
    out[n + 1] = s[row + A_CASH]
    out[n + 2] = s[row + A_SHARES]
    out[n + 3] = s[row + A_VOLUME_EPOCH]
    out[n + 4] = s[row + A_VOLUME_LAST]
    out[n + 5] = s[row + A_VOLUME_NOW]
    out[n + 6] = s[row + A_N_ORDERS]
    n += 7
    for m in range(s[H_N_MARKETS]):
        p = row + ACCOUNT_WORDS + m * POSITION_WORDS
        for word in range(P_RISK_TIME + 1):
            out[n] = s[p + word]
            n += 1
    slot = s[row + A_ORDERS]
    while slot != 0:
        o = s[H_ORDERS_AT] + slot * ORDER_WORDS
        out[n] = s[o + O_ID]
        n += 1
        slot = s[o + O_ACCOUNT_LINKS] >> 32
    return n


@entry
def put_canonical(state: Words, target: Words) -> int:
    """Write the canonical contents to `target`; returns how many words."""
    s = words(state)
    out = words(target)
    n = 0
    for word in (
        H_NOW,
        H_SEQUENCE,
        H_ORDER_COUNTER,
        H_ORDERS_LIVE,
        H_INSURANCE,
        H_FEE_POOL,
        H_DEPOSITS,
        H_WITHDRAWALS,
        H_SHARES,
        H_UNPROVEN_SINCE,
        H_ACCOUNTS_USED,
        H_N_AT_RISK,
    ):
        out[n] = s[word]
        n += 1
    for m in range(s[H_N_MARKETS]):
        market = s[H_MARKETS_AT] + m * MARKET_WORDS
        if s[market + M_OPEN]:
            n = _put_market(s, out, n, market)
    for account in range(s[H_ACCOUNTS_USED]):
        if s[account_at(s, account) + A_OPEN]:
            n = _put_account(s, out, n, account)
    return n


def canonical_words(s: Any) -> NDArray[np.int64]:
    """The canonical contents of a state (see the module)."""
    n_markets = int(s[H_N_MARKETS])
    sources = sum(int(s[int(s[H_MARKETS_AT]) + m * MARKET_WORDS + M_N_SOURCES]) for m in range(n_markets))
    per_account = 7 + n_markets * POSITION_WORDS
    most = N_TOTALS + n_markets * N_MARKET_STATE + 2 * sources
    most += int(s[H_ACCOUNTS_USED]) * per_account + int(s[H_ORDERS_LIVE]) * (N_ORDER + 1)
    target = np.zeros(most, dtype=np.int64)
    out: Any = target.data if isinstance(s, memoryview) else target
    return target[: put_canonical(s, out)]


def state_digest(s: Any) -> bytes:
    """SHA-256 of the canonical contents as little-endian int64."""
    return hashlib.sha256(canonical_words(s).astype("<i8").tobytes()).digest()
