"""Prices: a source's signed report, and the tick that makes fresh reports the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.engine.config import MarketConfig, value_limit
from l2forge.ledger.layout import (
    FRESH_UNTIL,
    FUNDING_HIGH,
    FUNDING_LOW,
    FUNDING_TIME,
    INDEX,
    INDEX_TIME,
    NOW,
    OPEN_INTEREST,
    PREMIUM_TIME,
    RATE_SINCE,
    SOURCES,
    TWAP,
    Kind,
    source,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.machine.isa import Hint
from l2forge.ledger.programs.funding import FundingState, accrue, set_interest_limit, top_price
from l2forge.ledger.programs.signed import TIME_BITS
from l2forge.ledger.programs.values import minimum
from l2forge.rules.jit import LOT_VALUE_LIMIT, RATE_SCALE
from l2forge.rules.prices import TWAP_SCALE_LOG

REPORT = 128
NO_PRICE = 1 << 32
"""Above every price: what a source that is not fresh counts as."""

STEP_LIMIT_MS = (1 << 31) - 1
AVERAGE_LIMIT = 1 << 46


def report(
    chain_id: int, number: int, market: MarketConfig, keys: Sequence[Sequence[int]], log_price: int
) -> Program:
    """REPORT: a source's newer price, signed with the key that the spec gives it.

    Its time is after the source's last one, not in the future, and not older than max_age.
    """
    p = Program(f"report_{number}", ("source", "price", "timestamp"))
    message = [p.fresh(chain_id), p.fresh(REPORT), p.input("source"), p.fresh(number), p.input("price"),
               p.input("timestamp"), p.fresh(0), p.fresh(0)]  # fmt: skip
    who, price, time = message[2], message[4], message[5]
    hashed = p.sponge(message, "report hash")
    key = _key_of_source(p, who, keys)
    digest = p.digest(hashed, "report hash")
    p.signed(digest, key, "signature of the report")
    p.require_below(
        price - 1, min(-(-LOT_VALUE_LIMIT // market.quote), 1 << log_price) - 1, "price within its bound"
    )
    p.require_below(time, 1 << TIME_BITS, "time of the report")
    now = p.read(p.leaf(Kind.VENUE, 0), NOW)
    p.require_at_least(now, time, "report not from the future")
    p.require_at_least(time + market.oracle.max_age_ms, now, "report not too old")
    leaf = p.leaf(Kind.MARKET, number)
    own = p.fresh(leaf + 2 * who)
    p.require_positive(time - p.write(own, SOURCES + 1, time) - 1, "report newer than the last")
    p.write(own, SOURCES, price)
    return p


def _key_of_source(p: Program, who: Value, keys: Sequence[Sequence[int]]) -> list[Value]:
    """The public key of source `who`, which is one of the sources."""
    flags = []
    for k in range(len(keys)):
        flag = p.is_zero(p.fresh(who - k), "source")
        flags.append(p.fresh(flag))
    total = p.value(0)
    for flag in flags:
        total = p.fresh(total + flag)
    p.require_equal(total, 1, "source is one of the market's")
    words = []
    for word in range(5):
        value = p.value(0)
        for flag, key in zip(flags, keys, strict=True):
            value = p.fresh(value + flag * key[word])
        words.append(value)
    return words


def ranked(p: Program, values: Sequence[Value], rank: Value, label: str) -> Value:
    """The value with `rank` others before it in rising order, of values below 2^62.

    Fewer than rank + 1 are below it, and at least rank + 1 are not above it.
    """
    p.line_up(values)
    count = len(values)
    first = len(p.lines) - count
    places = [p.at(first + k) for k in range(count)]
    rank = p.fresh(rank)
    found = p.advice(Hint.RANKED, rank, places[0], k=(count << 8) + 1)
    below, not_above = p.value(0), p.value(0)
    for value in places:
        below = p.fresh(below + 1 - p.at_least(value, found, label))
        not_above = p.fresh(not_above + p.at_least(found, value, label))
    p.require_at_least(rank, below, label)
    p.require_at_least(not_above, rank + 1, label)
    return found


@dataclass(frozen=True)
class Reports:
    """What the sources of a market last said, and when; 0 of one that has said nothing."""

    prices: list[Value]
    times: list[Value]


def _reports(p: Program, market: MarketConfig, leaf: Value) -> Reports:
    sources = range(len(market.oracle.weights))
    words = [(p.read(leaf, source(s)), p.read(leaf, source(s) + 1)) for s in sources]
    return Reports([price for price, _ in words], [time for _, time in words])


def _set_fresh_until(p: Program, market: MarketConfig, leaf: Value, reports: Reports) -> None:
    """Until when min_sources of a tick's reports are fresh: the min_sources-th newest time plus max_age.

    Of a tick only: if a report did it too, an operator could keep an old index in use by including reports
    and leaving ticks out. At least min_sources are fresh at the tick, so the newest of all are those it used.
    """
    oracle = market.oracle
    rank = p.constant(len(oracle.weights) - oracle.min_sources)
    newest = ranked(p, reports.times, rank, "the report that freshness hangs on")
    p.write(leaf, FRESH_UNTIL, p.fresh(newest + oracle.max_age_ms))


def _median(p: Program, market: MarketConfig, reports: Reports, now: Value) -> Value:
    """⌊(lower middle + upper middle)/2⌋ of the fresh reports, of which there are min_sources:
    rules.oracle.
    """
    oracle = market.oracle
    count = p.value(0)
    prices = []
    p.require_positive(now - oracle.max_age_ms - 1, "time is after the first reports")
    for price, time in zip(reports.prices, reports.times, strict=True):
        fresh = p.at_least(p.fresh(time + oracle.max_age_ms), now, "freshness of a report")
        prices.append(p.fresh(p.select(fresh, price, NO_PRICE)))
        count = p.fresh(count + fresh)
    p.require_at_least(count, oracle.min_sources, "enough fresh reports")
    upper_rank, odd = p.muldiv(count, 1, 2, label="median")
    upper = ranked(p, prices, upper_rank, "median")
    lower = ranked(p, prices, p.fresh(upper_rank + odd - 1), "median")
    return p.floor(p.fresh(lower + upper), 1, 2, "median")


def _new_price(p: Program, market: MarketConfig, leaf: Value, now: Value) -> Value:
    """The aggregate of the fresh reports, which also say until when it may be used."""
    reports = _reports(p, market, leaf)
    price = _median(p, market, reports, now)
    _set_fresh_until(p, market, leaf, reports)
    return price


def _average(p: Program, market: MarketConfig, twap: Value, index: Value, elapsed: Value) -> Value:
    """twap + ⌊(index·2^16 − twap)·elapsed/window⌋, elapsed cut to the window: rules.prices.twap_after."""
    window = market.oracle.twap_ms
    part = minimum(p, elapsed, window)
    shift = -(-AVERAGE_LIMIT // window)
    gap = p.fresh(p.fresh(index * (1 << TWAP_SCALE_LOG) + shift * window) - twap)
    moved = p.floor(gap, part, window, "average price")
    return p.fresh(p.fresh(twap + moved) - shift * part)


def _require_value_bound(
    p: Program, n_markets: int, leaf: Value, price: Value, twap: Value, quote: int
) -> None:
    """Open interest times the higher of price and average stays below the bound of values."""
    top = p.fresh(top_price(p, price, twap) * quote)
    worth = p.floor(p.read(leaf, OPEN_INTEREST), top, 1, "open interest at this price")
    p.require_at_least(value_limit(n_markets), worth, "open interest at this price")


def tick(number: int, markets: dict[int, MarketConfig]) -> Program:
    """TICK: the aggregate of fresh reports becomes the index, at most max_step from the last one.

    Funding accrues at the old price, and the average takes it for the time that it was in force.
    """
    market, n = markets[number], len(markets)
    oracle = market.oracle
    p = Program(f"tick_{number}")
    now = p.read(p.leaf(Kind.VENUE, 0), NOW)
    leaf = p.leaf(Kind.MARKET, number)
    last = p.read(leaf, INDEX)
    p.require_positive(last - 1, "the market has a price")
    price = _new_price(p, market, leaf, now)
    elapsed = p.fresh(now - p.read(leaf, INDEX_TIME))
    p.require_positive(elapsed, "time of the tick")
    if oracle.step_fraction_e12:
        span = p.fresh(last * minimum(p, elapsed, STEP_LIMIT_MS))
        allowance = p.floor(span, oracle.step_fraction_e12, RATE_SCALE, "step of the price")
        move, _ = p.absolute(price - last, "sign of the step")
        p.require_positive(allowance - move * oracle.step_per_ms, "step of the price within max_step")
    twap = _average(p, market, p.read(leaf, TWAP), last, elapsed)
    _require_value_bound(p, n, leaf, price, twap, market.quote)
    state = accrue(p, market, n, leaf, now)
    _set_price(p, leaf, price, twap, now)
    set_interest_limit(p, market, n, leaf, price, twap, state)
    return p


def first_tick(number: int, markets: dict[int, MarketConfig]) -> Program:
    """FIRST_TICK: the first price of a market, from which its averages and funding start."""
    market, n = markets[number], len(markets)
    p = Program(f"first_tick_{number}")
    now = p.read(p.leaf(Kind.VENUE, 0), NOW)
    leaf = p.leaf(Kind.MARKET, number)
    p.require_zero(p.read(leaf, INDEX), "the market has no price yet")
    price = _new_price(p, market, leaf, now)
    twap = p.fresh(price * (1 << TWAP_SCALE_LOG))
    _require_value_bound(p, n, leaf, price, twap, market.quote)
    for offset in (FUNDING_TIME, RATE_SINCE, PREMIUM_TIME):
        p.write(leaf, offset, now)
    _set_price(p, leaf, price, twap, now)
    state = FundingState(p.read(leaf, FUNDING_LOW), p.read(leaf, FUNDING_HIGH))
    set_interest_limit(p, market, n, leaf, price, twap, state)
    return p


def _set_price(p: Program, leaf: Value, price: Value, twap: Value, now: Value) -> None:
    p.write(leaf, INDEX, price)
    p.write(leaf, INDEX_TIME, now)
    p.write(leaf, TWAP, twap)
