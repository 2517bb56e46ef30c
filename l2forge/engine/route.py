"""Which liquidity an incoming order meets: the book, the curve, or the better of both."""

from __future__ import annotations

from l2forge.engine.jit import kernel
from l2forge.engine.match import match_book


@kernel
def fill_incoming(s, market, limit, lots):
    """Fill the command's order, no price worse than `limit`; returns the lots left, C_STOP says why."""
    return match_book(s, market, limit, lots)


@kernel
def waits_for_makers(s, market, lots):
    """Whether what is left goes into a maker auction before the curve fills it."""
    return False
