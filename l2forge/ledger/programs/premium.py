"""The premium's integral: (last fill − index), taken over the time since the last change."""

from __future__ import annotations

from l2forge.ledger.layout import LAST_PRICE, PREMIUM_SUM, PREMIUM_TIME
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.programs.values import minimum

PREMIUM_SPAN_MS = 1 << 31
"""A longer time counts as this one."""

PREMIUM_LIMIT = 1 << 61
"""What would bring the integral to this is left out."""


def advance_premium(p: Program, leaf: Value, index: Value, now: Value) -> Value:
    """Add (last fill − index)·elapsed to the integral, as engine.funding.advance_premium; the new integral.

    Fill prices are below 2^32, so |step| < 2^63 and |before + step| < 2^63 + 2^61 < p − 2^62: it cannot wrap
    into a range; prices that the engine takes are below 2^30, and then it is below 2^62.
    """
    elapsed = p.fresh(now - p.write(leaf, PREMIUM_TIME, now))
    p.require_positive(elapsed, "time of the premium")
    span = minimum(p, elapsed, PREMIUM_SPAN_MS)
    last = p.read(leaf, LAST_PRICE)
    known = p.fresh(1 - p.is_zero(last, "last fill"))
    before = p.read(leaf, PREMIUM_SUM)
    step = p.fresh(p.fresh(known * (last - index)) * span)
    size, _ = p.absolute(before + step, "sign of the premium")
    outside = p.at_least(size, PREMIUM_LIMIT)
    total = p.fresh(before + p.fresh((1 - outside) * step))
    p.write(leaf, PREMIUM_SUM, total)
    return total


def note_fill(p: Program, leaf: Value, index: Value, price: Value, now: Value, *, stale: bool) -> None:
    """Bring the integral up to now, and remember this fill.

    While the price is fresh, a fill 2^31 ms after the last change, or an integral of 2^61, is not provable: a
    tick or FUNDING comes first, and cuts it. While it is stale neither can come, so the integral is cut here.
    """
    if stale:
        advance_premium(p, leaf, index, now)
        p.write(leaf, LAST_PRICE, price)
        return
    elapsed = p.fresh(now - p.write(leaf, PREMIUM_TIME, now))
    p.require_positive(elapsed, "time of the premium")
    p.require_positive(PREMIUM_SPAN_MS - elapsed, "span of the premium")
    last = p.write(leaf, LAST_PRICE, price)
    known = p.fresh(1 - p.is_zero(last, "last fill"))
    distance = p.fresh(known * (last - index))
    total = p.change(leaf, PREMIUM_SUM, p.fresh(distance * elapsed))
    p.require_below(total + (PREMIUM_LIMIT - 1), 2 * PREMIUM_LIMIT - 1, "integral of the premium")
