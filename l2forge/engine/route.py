"""Which liquidity an incoming order meets: the book, the curve, or level by level the better of both."""

from __future__ import annotations

from l2forge.engine.book import crosses
from l2forge.engine.codes import (
    AMM,
    ASK,
    AUCTION,
    BOOK,
    HYBRID,
    MAX_FILLS,
    OK,
    R_FILL_LIMIT,
)
from l2forge.engine.curve import lots_on_curve, take_from_curve
from l2forge.engine.jit import inner, kernel
from l2forge.engine.layout import (
    C_FLAGS,
    C_FORCED,
    C_N_FILLS,
    C_STOP,
    H_AMM_MAX_SHARE,
    H_MAKER_AUCTION,
    H_MODEL,
    M_BEST_ASK,
    M_BEST_BID,
)
from l2forge.engine.match import match_book, meets
from l2forge.rules.arith import mul_rate_floor
from l2forge.rules.jit import Words


@inner
def fill_incoming(s: Words, market: int, limit: int, lots: int) -> int:
    """Fill the command's order, no price worse than `limit`; returns the lots left, C_STOP says why."""
    if s[H_MODEL] == BOOK:
        return match_book(s, market, limit, lots) if meets(s, market, limit) else lots
    if s[H_MODEL] == AMM:
        return lots - _take(s, market, lots_on_curve(s, market, limit, lots))
    return _fill_hybrid(s, market, limit, lots)


@kernel
def would_meet(s: Words, market: int, limit: int, lots: int) -> bool:
    """Whether fill_incoming would meet an order or the curve within `limit`; a resting order that cannot be
    filled counts, since it would be removed. Changes nothing.
    """
    if s[H_MODEL] != AMM and crosses(s, market, s[C_FLAGS] & ASK != 0, limit):
        return True
    if s[H_MODEL] == HYBRID:
        lots = mul_rate_floor(lots, s[H_AMM_MAX_SHARE])
    return lots_on_curve(s, market, limit, lots) > 0


@kernel
def auctions(s: Words) -> bool:
    """Whether the command's order leaves the curve to makers first: a maker auction that was not yet held."""
    if s[H_MODEL] != HYBRID or s[H_MAKER_AUCTION] == 0:
        return False
    return s[C_FLAGS] & AUCTION == 0 and not s[C_FORCED]


@kernel
def waits_for_makers(s: Words, market: int, limit: int, lots: int) -> bool:
    """Whether what is left goes into a maker auction: the curve would fill some of it within the limit."""
    return auctions(s) and lots_on_curve(s, market, limit, lots) > 0


@kernel
def _take(s: Words, market: int, lots: int) -> int:
    """Fill lots on the curve; returns them, or 0 with C_STOP."""
    if lots == 0:
        return 0
    if s[C_N_FILLS] >= MAX_FILLS:
        s[C_STOP] = R_FILL_LIMIT
        return 0
    verdict = take_from_curve(s, market, lots)
    if verdict != OK:
        s[C_STOP] = verdict
        return 0
    return lots


@kernel
def _fill_hybrid(s: Words, market: int, limit: int, lots: int) -> int:
    """Level by level: the curve as far as it is at least as good as the book's best price, then that level.

    The curve fills at most amm_max_share of the order. Before a maker auction the curve is not touched: book
    levels fill only while they are strictly better than it.
    """
    buys = s[C_FLAGS] & ASK == 0
    share = mul_rate_floor(lots, s[H_AMM_MAX_SHARE])
    hold = auctions(s)
    while lots > 0 and s[C_STOP] == OK:
        best = s[market + M_BEST_ASK] if buys else s[market + M_BEST_BID]
        in_book = best <= limit if buys else (best >= limit and best != 0)
        bound = best if in_book else limit
        on_curve = lots_on_curve(s, market, bound, min(lots, share))
        if on_curve > 0:
            if hold:
                break
            taken = _take(s, market, on_curve)
            lots -= taken
            share -= taken
            if lots == 0 or s[C_STOP] != OK:
                break
        if not in_book:
            break
        lots = match_book(s, market, best, lots)
    return lots
