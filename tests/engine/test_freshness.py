"""Until when an index may be used: while the reports that its own tick was made of are fresh, and no longer.

Reports that no tick has used say nothing about the index, however new they are (decision 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from l2forge.engine import Engine, EngineConfig, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine import layout as at
from tests.engine.flows import small_config
from tests.engine.naive import NaiveVenue

AGE = 6_000
START = 10_000
PRICE = 2_000


class Both:
    """Engine and naive venue, which say the same; two accounts with cash, and an index since START."""

    def __init__(self, config: EngineConfig | None = None, ages: tuple[int, ...] = (0, 0, 0)) -> None:
        config = config or small_config()
        self.engine, self.naive = Engine(config), NaiveVenue(config)
        self.time, self.orders = START, 0
        for account in (1, 2):
            assert self.send(c.DEPOSIT, account=account, size=8_000_000) == c.OK
        self.report(PRICE, ages)
        assert self.tick() == c.OK

    def send(self, kind: int, **fields: int) -> int:
        row = command(kind, self.time, **fields)
        reason = int(self.engine.apply(batch([row])).results[0])
        assert reason == self.naive.apply(row)
        assert self.engine.digest() == self.naive.digest()
        return reason

    def report(self, price: int, ages: tuple[int, ...] = (0, 0, 0)) -> None:
        for source, age in enumerate(ages):
            assert self.send(c.ORACLE_REPORT, account=source, price=price, aux=self.time - age) == c.OK

    def tick(self) -> int:
        return self.send(c.ORACLE_TICK)

    def order(self, *, ask: bool, **flags: int | bool) -> int:
        """A trade of 10 lots at the old price: account 1 buys, account 2 sells."""
        self.orders += 1
        sides = order_flags(ask=ask, **flags)
        return self.send(
            c.CREATE_ORDER, account=2 if ask else 1, id=self.orders, price=PRICE, size=10, flags=sides
        )

    @property
    def fresh_until(self) -> int:
        return int(self.engine.state[int(self.engine.state[at.H_MARKETS_AT]) + at.M_FRESH_UNTIL])


def reports_alone(venue: Both) -> None:
    """What an operator sends who keeps the old index: newer reports, of the crash too, and never a tick."""
    for _ in range(4):
        venue.time += AGE - 1_000
        venue.report(PRICE // 2)


def reports_and_tick_beyond_the_step(venue: Both) -> None:
    """The price has moved too far at once, so that the tick is refused."""
    venue.time += AGE - 2_000
    venue.report(PRICE * 10)
    assert venue.tick() == c.R_STEP
    venue.time += 2_001
    venue.report(PRICE * 10)
    assert venue.tick() == c.R_STEP


@pytest.mark.parametrize("keep", [reports_alone, reports_and_tick_beyond_the_step])
def test_reports_without_a_tick_keep_no_index_fresh(keep: Callable[[Both], None]) -> None:
    venue = Both()
    assert venue.order(ask=True) == venue.order(ask=False) == c.OK
    keep(venue)
    assert venue.order(ask=True) == c.R_STALE
    assert venue.send(c.FUNDING) == c.R_STALE
    assert venue.send(c.LIQUIDATE, aux=1, flags=c.OPERATOR | c.INTO_MARKET) == c.R_STALE
    assert venue.order(ask=True, reduce_only=True) == c.R_REDUCE_ONLY  # account 2 is short: it may buy only


def test_a_tick_keeps_it_fresh() -> None:
    """The twin: the same reports, each round with its tick."""
    venue = Both()
    for _ in range(4):
        venue.time += AGE - 1_000
        venue.report(PRICE)
        assert venue.tick() == c.OK
    venue.time += 1_000
    assert venue.order(ask=True) == venue.order(ask=False) == c.OK
    assert venue.send(c.FUNDING) == c.OK


@pytest.mark.parametrize("late", [0, 1])
def test_the_last_moment_is_when_the_ticks_quorum_becomes_too_old(late: int) -> None:
    """Two of three reports are a quorum, so the second newest decides; a newer report changes nothing."""
    venue = Both(ages=(0, 700, 5_000))
    assert venue.fresh_until == START - 700 + AGE
    venue.time = START - 700 + AGE
    venue.report(PRICE)
    venue.time += late
    assert venue.order(ask=True) == (c.R_STALE if late else c.OK)


def test_a_market_that_halts_takes_no_order_at_all() -> None:
    config = small_config()
    halting = [replace(m, oracle=replace(m.oracle, halt_when_stale=True)) for m in config.markets]
    venue = Both(replace(config, markets=tuple(halting)))
    assert venue.order(ask=True) == venue.order(ask=False) == c.OK
    reports_alone(venue)
    assert venue.send(c.CREATE_ORDER, account=2, id=9, price=PRICE, size=10) == c.R_STALE


def test_a_refused_tick_leaves_the_freshness_as_it_was() -> None:
    venue = Both()
    before = venue.fresh_until
    venue.time += 100
    venue.report(PRICE)
    assert venue.tick() == c.R_NOT_DUE
    assert venue.fresh_until == before
