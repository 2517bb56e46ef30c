"""Funding: the premium's integral, the rate of the next interval, the index, and the open-interest limit."""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.engine.config import MarketConfig, value_limit
from l2forge.ledger.layout import (
    FRESH_UNTIL,
    FUNDING_HIGH,
    FUNDING_INDEX,
    FUNDING_LOW,
    FUNDING_RATE,
    FUNDING_TIME,
    INDEX,
    INTEREST_LIMIT,
    NOW,
    OPEN_INTEREST,
    PREMIUM_SUM,
    RATE_SINCE,
    TWAP,
    Kind,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.programs.premium import advance_premium
from l2forge.ledger.programs.values import clamped, minimum
from l2forge.rules.jit import FUNDING_SCALE, LOTS_LIMIT, RATE_SCALE
from l2forge.rules.prices import TWAP_SCALE_LOG

MIN_ACCRUAL_MS = 1_000
LONG_WINDOW_LOG = 26
"""Premium windows beyond 2^26 ms are taken in units of 1.024 s: rules.funding.premium_e12."""

CHANGE_LIMIT = 1 << 60
INDEX_LIMIT = 1 << 61
ALLOWED_LIMIT = 1 << 40
INTERVAL_LIMIT_MS = 1 << 41
"""No rate is in force for longer, so that index·(time it was in force) stays below 2^30·2^31."""


@dataclass
class FundingState:
    """The market's words after accrual, for what follows in the same program."""

    low: Value
    high: Value


def premium_rate(
    p: Program, market: MarketConfig, total: Value, index: Value, since: Value, due: Value
) -> Value:
    """funding_rate_e12(premium_e12(total, index, since)) where due = 1; anything where due = 0.

    Bounds: |total| < 2^61; index < 2^30 and time in force < 2^41 ms, in units of 1.024 s beyond 2^26 ms, so
    whole < 2^61 and the gates' products do not wrap. A total beyond ±whole is cut to it.
    """
    p.require_below(since, INTERVAL_LIMIT_MS, "time of the rate")
    long = p.at_least(since, (1 << LONG_WINDOW_LOG) + 1)
    divisor = p.fresh(1 + 1023 * long)
    # Floor of a signed value: 2^61, a multiple of the divisor, is added before and taken off after.
    shifted = p.floor(p.fresh(total + (1 << 61)), 1, divisor, "premium")
    total = p.fresh(shifted - (1 << 61) + ((1 << 61) - (1 << 51)) * long)
    whole = p.fresh(index * p.floor(since, 1, divisor, "premium"))
    whole = p.fresh(p.fresh(due * whole) + 1 - due)
    inside = clamped(p, p.fresh(total * due), -whole, whole)
    premium = p.floor(p.fresh(inside + whole), RATE_SCALE, whole, "premium") - RATE_SCALE
    premium = p.fresh(premium)
    pull = clamped(p, p.fresh(market.interest_e12 - premium), -market.clamp_e12, market.clamp_e12)
    return clamped(p, p.fresh(premium + pull), -market.cap_e12, market.cap_e12)


def accrue(p: Program, market: MarketConfig, n_markets: int, leaf: Value, now: Value) -> FundingState:
    """The index moves by the rate up to now; at the end of an interval the next rate is set: accrue_funding.

    A change of 2^60 or more is not provable: it takes |rate|·(value of a lot)·elapsed/interval of 2^40 units
    at once, 2^9 intervals without a tick for lots worth 2^36 units at a rate of 4%.
    """
    index = p.read(leaf, INDEX)
    total = advance_premium(p, leaf, index, now)
    elapsed = p.fresh(now - p.write(leaf, FUNDING_TIME, now))
    p.require_positive(elapsed, "time of funding")
    rate = p.read(leaf, FUNDING_RATE)
    size, falls = p.absolute(rate, "sign of the funding rate")
    due_per_interval = p.floor(
        size, p.fresh(index * market.quote), RATE_SCALE // FUNDING_SCALE, "funding index"
    )
    change = p.floor(due_per_interval, elapsed, market.funding_interval_ms, "funding index")
    p.require_positive(CHANGE_LIMIT - 1 - change, "funding index")
    before = p.read(leaf, FUNDING_INDEX)
    moved = p.fresh(before + p.fresh(change * (1 - 2 * falls)))
    state = _move_index(p, n_markets, leaf, before, moved)

    since = p.fresh(now - p.read(leaf, RATE_SINCE))
    due = p.at_least(since, market.funding_interval_ms)
    new_rate = premium_rate(p, market, total, index, since, due)
    p.write(leaf, FUNDING_RATE, p.fresh(p.select(due, new_rate, rate)))
    p.write(leaf, PREMIUM_SUM, p.fresh(total - total * due))
    p.write(leaf, RATE_SINCE, p.fresh(now - p.fresh(since * (1 - due))))
    return state


def _move_index(p: Program, n_markets: int, leaf: Value, before: Value, moved: Value) -> FundingState:
    """Set the index unless it, or funding over all open interest, could leave its bound: then it stays."""
    size, _ = p.absolute(moved, "sign of the funding index")
    inside = p.at_least(INDEX_LIMIT - 1, size)
    low_before, high_before = p.read(leaf, FUNDING_LOW), p.read(leaf, FUNDING_HIGH)
    low = minimum(p, low_before, moved)
    high = p.fresh(-minimum(p, -high_before, -moved))
    interest = p.read(leaf, OPEN_INTEREST)
    none = p.is_zero(interest, "open interest is zero")
    most = p.floor(value_limit(n_markets), 1, p.fresh(interest + none), "bound of funding")
    allowed = p.fresh(minimum(p, most, ALLOWED_LIMIT) * FUNDING_SCALE)
    moves = p.fresh(inside * p.at_least(allowed, p.fresh(high - low)))
    p.write(leaf, FUNDING_INDEX, p.fresh(p.select(moves, moved, before)))
    flat = p.fresh(moves * none)
    state = FundingState(
        *(
            p.fresh(p.select(flat, moved, p.fresh(p.select(moves, new, old))))
            for new, old in ((low, low_before), (high, high_before))
        )
    )
    p.write(leaf, FUNDING_LOW, state.low)
    p.write(leaf, FUNDING_HIGH, state.high)
    return state


def set_interest_limit(
    p: Program,
    market: MarketConfig,
    n_markets: int,
    leaf: Value,
    index: Value,
    twap: Value,
    state: FundingState,
) -> None:
    """Lots that open interest may reach: engine.funding.set_open_interest_limit."""
    limit = value_limit(n_markets)
    value = p.fresh(index * market.quote)
    top = p.fresh(top_price(p, index, twap) * market.quote)
    spread = p.fresh(p.floor(p.fresh(state.high - state.low), 1, FUNDING_SCALE, "spread of funding") + 1)
    bounds = [p.floor(limit, 1, top, "open-interest limit"), p.floor(limit, 1, spread, "open-interest limit")]
    bounds.append(p.floor(market.open_interest_cap, 1, value, "open-interest limit"))
    least = p.constant(LOTS_LIMIT - 1)
    for bound in bounds:
        least = minimum(p, least, bound)
    p.write(leaf, INTEREST_LIMIT, least)


def top_price(p: Program, index: Value, twap: Value) -> Value:
    """The higher of index and average, in ticks, the average rounded up."""
    average = p.fresh(p.floor(twap, 1, 1 << TWAP_SCALE_LOG, "average price") + 1)
    return p.fresh(-minimum(p, -index, -average))


def funding(number: int, markets: dict[int, MarketConfig]) -> Program:
    """FUNDING: accrue now; by anyone, at most once a second, never on a stale price."""
    market, n = markets[number], len(markets)
    p = Program(f"funding_{number}")
    now = p.read(p.leaf(Kind.VENUE, 0), NOW)
    leaf = p.leaf(Kind.MARKET, number)
    index = p.read(leaf, INDEX)
    p.require_positive(index - 1, "the market has a price")
    p.require_at_least(p.read(leaf, FRESH_UNTIL), now, "price is fresh")
    p.require_positive(now - p.read(leaf, FUNDING_TIME) - MIN_ACCRUAL_MS, "funding is due")
    state = accrue(p, market, n, leaf, now)
    set_interest_limit(p, market, n, leaf, index, p.read(leaf, TWAP), state)
    return p
