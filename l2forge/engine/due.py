"""What is due: the commands that anyone may send now because the state justifies them, for a venue's keeper.

Five lists, each with its own bound so that none crowds out another, in this order:

1. FUNDING by market: the interval is over and the next one's rate is to be set.
2. EXPIRE_ORDER by id: orders past their time, on the book or parked.
3. TRIGGER_ORDER by market, first parked first: triggers met at a fresh index, maker auctions that ended.
4. LIQUIDATE by account and market: one step of every position in the queue whose step may be taken now; into
   the market where that meets anything within mark less penalty, else by the liquidator where its margin
   goes so far.
5. DELEVERAGE by account and market: bankrupt at both prices, and more than the insurance fund holds.

Each row would do something if it were sent first. Only registers of the command in progress are written.

Cost: queue and parked lists are walked as far as they reach (accounts up to the last one in the queue); the
book has no order of expiries, so the second list reads one cache line of every order slot in use.
"""

from __future__ import annotations

from l2forge.engine.accounts import position_at
from l2forge.engine.codes import (
    ASK,
    DELEVERAGE,
    EXPIRE_ORDER,
    FUNDING,
    INTO_MARKET,
    LIQUIDATE,
    OK,
    OPERATOR,
    TRIGGER_ORDER,
)
from l2forge.engine.commands import COMMAND_WORDS
from l2forge.engine.deleverage import check_bankruptcy
from l2forge.engine.funding import check_funding
from l2forge.engine.funds import is_user
from l2forge.engine.jit import entry, kernel, words
from l2forge.engine.layout import (
    C_ACCOUNT,
    C_FLAGS,
    C_MARKET,
    C_MARKET_AT,
    C_PRICE,
    C_SIZE,
    C_TIME,
    H_ACCOUNTING,
    H_ACCOUNTS_USED,
    H_N_AT_RISK,
    H_N_MARKETS,
    H_ORDERS_USED,
    LOW32,
    M_FUNDING_INTERVAL,
    M_OPEN,
    M_PARKED,
    M_RATE_SINCE,
    O_EXPIRY,
    O_ID,
    O_LINKS,
    O_OWNER,
    P_AT_RISK,
    P_SIZE,
)
from l2forge.engine.liquidate import check_liquidation, step_of, worst_price
from l2forge.engine.memory import find_order, order_at
from l2forge.engine.orders import is_triggered
from l2forge.engine.risk import fill_leaves_enough, lot_value, market_at
from l2forge.engine.route import would_meet
from l2forge.rules.jit import Words

N_KINDS = 5
MAX_DUE = 1024
"""Rows of each kind that a call lists unless it asks for another number."""


@kernel
def _put(s: Words, out: Words, n: int, kind: int, order_id: int) -> int:
    """Write row n: a command about an order or the market in the registers. Returns the number of rows."""
    at = n * COMMAND_WORDS
    for word in range(COMMAND_WORDS):
        out[at + word] = 0
    out[at] = kind | (s[C_MARKET] << 8)
    out[at + 2] = order_id
    out[at + COMMAND_WORDS - 1] = s[C_TIME]
    return n + 1


@kernel
def _put_target(s: Words, out: Words, n: int, kind: int, target: int) -> int:
    """Write row n: a command about another account's position, from who stands in the registers."""
    at = n * COMMAND_WORDS
    _put(s, out, n, kind, 0)
    if kind == LIQUIDATE:
        out[at] |= s[C_FLAGS] << 16
        out[at + 1] = s[C_ACCOUNT]
    out[at + 5] = target
    return n + 1


@kernel
def _enter(s: Words, m: int) -> bool:
    """Put market m into the registers; whether there is one of this number."""
    s[C_MARKET] = m
    s[C_MARKET_AT] = market_at(s, m)
    return s[s[C_MARKET_AT] + M_OPEN] != 0


@kernel
def _funding(s: Words, out: Words, n: int, end: int) -> int:
    """Markets whose funding interval is over."""
    for m in range(s[H_N_MARKETS]):
        if n < end and _enter(s, m):
            market = s[C_MARKET_AT]
            over = s[C_TIME] - s[market + M_RATE_SINCE] >= s[market + M_FUNDING_INTERVAL]
            if over and check_funding(s, market) == OK:
                n = _put(s, out, n, FUNDING, 0)
    return n


@kernel
def _is_expired(s: Words, o: int) -> bool:
    """Whether the order at o is past its time."""
    return s[o + O_EXPIRY] != 0 and s[o + O_EXPIRY] <= s[C_TIME]


@kernel
def _sort_last(out: Words, first: int, n: int) -> None:
    """Move row n − 1 to its place by id among rows first..n − 2, which are in order."""
    i = n - 1
    while i > first and out[(i - 1) * COMMAND_WORDS + 2] > out[i * COMMAND_WORDS + 2]:
        for word in range(COMMAND_WORDS):
            above = out[i * COMMAND_WORDS + word]
            out[i * COMMAND_WORDS + word] = out[(i - 1) * COMMAND_WORDS + word]
            out[(i - 1) * COMMAND_WORDS + word] = above
        i -= 1


@kernel
def _expired(s: Words, out: Words, n: int, end: int) -> int:
    """Orders past their time. A free slot keeps its last order's words, but no id leads to it."""
    first = n
    for slot in range(1, s[H_ORDERS_USED] + 1):
        o = order_at(s, slot)
        if n < end and _is_expired(s, o) and find_order(s, s[o + O_ID]) == slot:
            s[C_MARKET] = (s[o + O_OWNER] >> 16) & 0xFF
            n = _put(s, out, n, EXPIRE_ORDER, s[o + O_ID])
            _sort_last(out, first, n)
    return n


@kernel
def _triggered(s: Words, out: Words, n: int, end: int) -> int:
    """Parked orders whose moment has come. New ones are put at the head, so the walk begins at the end."""
    for m in range(s[H_N_MARKETS]):
        if not _enter(s, m):
            continue
        last = 0
        slot = s[s[C_MARKET_AT] + M_PARKED]
        while slot != 0:
            last = slot
            slot = s[order_at(s, slot) + O_LINKS] >> 32
        while last != 0 and n < end:
            o = order_at(s, last)
            if not _is_expired(s, o) and is_triggered(s, o) == OK:
                n = _put(s, out, n, TRIGGER_ORDER, s[o + O_ID])
            last = s[o + O_LINKS] & LOW32
    return n


@kernel
def _market_takes(s: Words, target: int, p: int, lots: int) -> bool:
    """Whether a step of liquidation into the market meets anything."""
    closes_long = s[p + P_SIZE] > 0
    sender, flags = s[C_ACCOUNT], s[C_FLAGS]
    s[C_ACCOUNT] = target
    s[C_FLAGS] = ASK if closes_long else 0
    limit = worst_price(s, s[C_MARKET_AT], closes_long)
    meets = would_meet(s, s[C_MARKET_AT], limit, lots)
    s[C_ACCOUNT] = sender
    s[C_FLAGS] = flags
    return meets


@kernel
def _liquidator_takes(s: Words, liquidator: int, target: int, p: int, lots: int) -> bool:
    """Whether the liquidator may take over a step at the index."""
    if not is_user(s, liquidator) or liquidator == target:
        return False
    change = lots if s[p + P_SIZE] > 0 else -lots
    return fill_leaves_enough(s, liquidator, s[C_MARKET], change, -change * lot_value(s, s[C_MARKET_AT]))


@kernel
def _put_liquidation(s: Words, out: Words, n: int, target: int, p: int, liquidator: int) -> int:
    """Write the target's step of liquidation in the market of the registers, if one is due."""
    s[C_ACCOUNT] = 0 if liquidator == target else liquidator
    s[C_FLAGS] = OPERATOR | INTO_MARKET
    s[C_SIZE] = 0
    s[C_PRICE] = 0
    if check_liquidation(s, target, s[C_MARKET]) != OK:
        return n
    lots = step_of(s, p, lot_value(s, s[C_MARKET_AT]))
    if not _market_takes(s, target, p, lots):
        if not _liquidator_takes(s, liquidator, target, p, lots):
            return n
        s[C_FLAGS] = OPERATOR
    return _put_target(s, out, n, LIQUIDATE, target)


@kernel
def _at_risk(s: Words, out: Words, n: int, end: int, liquidator: int, kind: int) -> int:
    """Positions in the queue that are to be liquidated or deleveraged; stops at the last one in the queue."""
    left = s[H_N_AT_RISK]
    for target in range(1, s[H_ACCOUNTS_USED]):
        if left == 0:
            break
        for m in range(s[H_N_MARKETS]):
            p = position_at(s, target, m)
            if s[p + P_AT_RISK] == 0 or not _enter(s, m):
                continue
            left -= 1
            if n < end and kind == LIQUIDATE:
                n = _put_liquidation(s, out, n, target, p, liquidator)
            elif n < end and check_bankruptcy(s, target, m) == OK:
                n = _put_target(s, out, n, DELEVERAGE, target)
    return n


@entry
def find_due(state: Words, target: Words, time: int, liquidator: int, limit: int) -> int:
    """Write what is due at `time` to `target`, at most `limit` rows of each kind; returns how many rows."""
    s = words(state)
    out = words(target)
    s[C_TIME] = time
    n = 0
    if s[H_ACCOUNTING]:
        n = _funding(s, out, n, n + limit)
    n = _expired(s, out, n, n + limit)
    if s[H_ACCOUNTING]:
        n = _triggered(s, out, n, n + limit)
        n = _at_risk(s, out, n, n + limit, liquidator, LIQUIDATE)
        n = _at_risk(s, out, n, n + limit, liquidator, DELEVERAGE)
    return n
