"""Cheats with reports, ticks and funding."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.ledger.machine.isa import Hint, Unit
from l2forge.ledger.operations import PlainOperation
from tests.soundness.ledger.cheat import (
    ASSERTION,
    QUOTIENT,
    Cheat,
    changed,
    lines_of_program,
)
from tests.soundness.ledger.cheater import FLIPPED, Lie
from tests.soundness.ledger.scene import NOW, PRICES, after, clock, fill, scene

OPENS = scene().order(1, 0), scene().order(3, 0, ask=True), fill((1, 0), (3, 0))
"""A trade that opens, at the index that the scene begins with."""


def oracle() -> Iterator[Cheat]:
    """Prices that are not those of a quorum."""
    s = scene()
    later = clock(20_000)
    at = NOW + 20_000
    tick = {"op": "tick", "market": 0}
    price = PRICES[0] + 3_000
    yield Cheat("tick of too few reports", (later, *s.reports(price, at, 2), tick), "enough fresh reports")
    yield Cheat("tick of stale reports", (later, tick), "enough fresh reports", alone=False)
    yield Cheat("stale report", (later, s.report(0, price, at - 10_001)), "report not too old")
    yield Cheat("report from the future", (s.report(0, price, NOW + 1),), "report not from the future")
    yield Cheat("duplicate report", (s.report(0, price, NOW - 10),), "report newer than the last")
    yield Cheat("older report", (s.report(0, price, NOW - 11),), "report newer than the last")
    yield Cheat(
        "report of no source",
        (changed(s.report(0, price, NOW), source=-1),),
        "source is one of the market's",
        ASSERTION,
        alone=False,
    )
    yield Cheat(
        "report of the price 0", (changed(s.report(0, price, NOW), price=0),), "price within its bound"
    )
    yield Cheat(
        "report of a price beyond its bound",
        (changed(s.report(0, price, NOW), price=1 << 28),),
        "price within its bound",
    )
    far = PRICES[0] * 13 // 10
    yield Cheat("too large a step", (later, *s.reports(far, at), tick), "step of the price within max_step")
    again = later, *s.reports(price, at)
    yield Cheat(
        "second first price",
        (*again, changed(tick, "first_tick_0")),
        "the market has no price yet",
        ASSERTION,
    )
    spread = later, *(s.report(k, PRICES[0] + 100 * k, at) for k in range(4)), changed(tick, "tick_0")
    for value in (PRICES[0], PRICES[0] + 150, PRICES[0] + 200):
        yield Cheat(
            f"wrong median: {value}",
            spread,
            "median",
            lies=tuple(Lie("tick_0", "median", value, hint=Hint.RANKED, which=k) for k in range(2)),
        )
    yield Cheat(
        "stale report that counts as fresh",
        (later, *s.reports(price, at, 2), changed(tick, "tick_0")),
        "freshness of a report",
        lies=(Lie("tick_0", "freshness of a report", 1, hint=Hint.AT_LEAST, which=2),),
    )
    yield Cheat(
        "average that stands still",
        (*again, changed(tick, "tick_0")),
        "average price",
        QUOTIENT,
        lies=(Lie("tick_0", "average price", 0, Unit.MULDIV),),
    )
    yield from _freshness()


def _freshness() -> Iterator[Cheat]:
    """An index that is used longer than its own quorum of reports is fresh."""
    s = scene()
    at = NOW + 10_001
    yield Cheat(
        "index kept fresh by reports alone",
        (clock(10_001), *s.reports(PRICES[0] // 2, at), *OPENS),
        "price is fresh",
    )
    aged = clock(10_001), *(s.report(k, PRICES[0], at - 1_000 * k) for k in range(4))
    newest = "the report that freshness hangs on"
    yield Cheat(
        "freshness of the newest report alone",
        (*aged, changed({"op": "tick", "market": 0}, "tick_0")),
        newest,
        lies=(Lie("tick_0", newest, at, hint=Hint.RANKED),),
    )


def _fresh_at(time: int) -> tuple[PlainOperation, ...]:
    """Time moves to NOW + time, where the index is fresh: a tick a second before, so that funding is due."""
    before = time - 1_000
    reports = scene().reports(PRICES[0], NOW + before)
    return clock(before), *reports, {"op": "tick", "market": 0}, clock(time)


def funding() -> Iterator[Cheat]:
    """Funding beyond its cap, of the wrong sign, too early."""
    s = scene()
    hours = 8 * 3_600_000
    dear = PRICES[0] * 11 // 10
    sides = s.order(1, 0, price=dear), s.order(3, 0, ask=True, price=dear), fill((1, 0), (3, 0), price=dear)
    traded = after(*sides)
    later = _fresh_at(hours)
    op = {"op": "funding", "market": 0}
    tick = {"op": "tick", "market": 0}
    comparisons = sum(
        line.label == "comparison" and line.unit == Unit.RANGE for line in lines_of_program("funding_0")
    )
    for which in range(comparisons):
        lie = Lie("funding_0", "comparison", FLIPPED, hint=Hint.AT_LEAST, which=which)
        yield Cheat(
            f"comparison {which} of funding the other way: cap, clamp, bounds",
            (*later, op),
            "comparison",
            state=traded,
            lies=(lie,),
            alone=False,
        )
    next_interval = *_fresh_at(2 * hours), op
    lie = Lie("funding_0", "sign of the funding rate", 0, hint=Hint.AT_LEAST)
    yield Cheat(
        "funding of the wrong sign",
        next_interval,
        "sign of the funding rate",
        state=after(*sides, *later, op),
        lies=(lie,),
        alone=False,
    )
    yield Cheat(
        "funding beyond its rate",
        next_interval,
        "funding index",
        QUOTIENT,
        after(*sides, *later, op),
        (Lie("funding_0", "funding index", 10**15, Unit.MULDIV),),
    )
    yield Cheat("funding twice in a second", (op, clock(999), op), "funding is due")
    yield Cheat("funding at a stale price", (clock(10_001), op), "price is fresh")
    yield Cheat(
        "time of a rate beyond its bound",
        (clock(1 << 41), *s.reports(PRICES[0], NOW + (1 << 41)), tick),
        "time of the rate",
    )
    charged = after(*sides, *later, op, *next_interval)
    closing = s.order(1, 1, ask=True, price=1), s.order(3, 1), fill((3, 1), (1, 1))
    again = (clock(2 * hours), *closing)
    for name, which in (("taker", 0), ("maker", 1)):
        lie = Lie("fill_0", "funding owed", 0, Unit.MULDIV, which=which)
        yield Cheat(f"{name} that owes no funding", again, "funding owed", QUOTIENT, charged, (lie,))
