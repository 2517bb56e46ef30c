"""A spec with [markets.open_interest_margin]: initial margin grows with open interest, never below tiers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2forge.engine import Capacity, Engine, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine.config import EngineConfig, MarketConfig, from_spec
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.rules.jit import RATE_SCALE
from l2forge.spec import loads_spec

TEXT = (resource_dir("presets") / "minimal.toml").read_text()
TABLE = '[markets.open_interest_margin]\nlower = "1000000"\nupper = "4000000"\n[markets.funding]'
UNIT = 10**6  # of the collateral
PRICE = 600_000  # ticks of 0.1: one lot of 0.00001 is worth 0.6
LOT = PRICE * 1  # units: quote_per_tick_lot is 1
SMALL = Capacity(accounts=8, orders=64, pages=16, log_price=26)
BASE = RATE_SCALE // 10


def spec_text(table: bool) -> str:
    """The minimal preset, its tiers made two, with or without the key."""
    tiers = 'up_to = "300000"\ninitial = "10%"                     # 10x\nmaintenance = "5%"\n'
    tiers += '[[markets.margin_tiers]]\ninitial = "20%"\nmaintenance = "10%"\n'
    old = 'initial = "10%"                     # 10x\nmaintenance = "5%"\n'
    assert old in TEXT
    text = TEXT.replace(old, tiers)
    return text.replace("[markets.funding]", TABLE) if table else text


def config(table: bool) -> EngineConfig:
    return from_spec(loads_spec(spec_text(table)).require(), SMALL)


CONFIGS = {table: config(table) for table in (False, True)}


class Venue:
    """Accounts 1 and 2 hold `interest` lots against each other; account 3 has 100,000 and no position."""

    def __init__(self, table: bool, interest: int) -> None:
        self.engine = Engine(CONFIGS[table])
        self.next_id = 1
        rows = [command(c.DEPOSIT, 0, account=a, size=5_000_000 * UNIT) for a in (1, 2)]
        rows.append(command(c.DEPOSIT, 0, account=3, size=100_000 * UNIT))
        sources = len(CONFIGS[table].markets[0].oracle.weights)
        rows += [command(c.ORACLE_REPORT, 0, account=i, price=PRICE) for i in range(sources)]
        rows.append(command(c.ORACLE_TICK, 0))
        assert not self.engine.apply(batch(rows)).results.any()
        while interest:
            lots = min(interest, 800_000)
            assert self.order(1, lots, ask=False) == self.order(2, lots, ask=True) == c.OK
            interest -= lots

    def order(self, account: int, lots: int, ask: bool) -> int:
        self.next_id += 1
        flags = order_flags(ask=ask)
        row = command(
            c.CREATE_ORDER, 0, account=account, id=self.next_id, price=PRICE, size=lots, flags=flags
        )
        return int(self.engine.apply(batch([row])).results[0])

    def withdraw(self, account: int, amount: int) -> int:
        row = command(c.WITHDRAW, 0, account=account, size=amount)
        return int(self.engine.apply(batch([row])).results[0])

    def most(self, accepts) -> int:  # type: ignore[no-untyped-def]
        """The largest number that is accepted, by bisection on copies of the state."""
        saved, low, high = self.engine.snapshot(), 0, 1 << 45
        while high - low > 1:
            middle = (low + high) // 2
            good = accepts(middle) in (c.OK, c.R_MIN_ORDER)
            self.engine.restore(saved)
            low, high = (middle, high) if good else (low, middle)
        return low


def required(notional: int, interest: int, table: bool) -> int:
    """Initial margin as the spec says it, in whole numbers: tiers, and the rate that grows, the larger."""
    first = min(notional, 300_000 * UNIT)
    tiered = -(-(first + 2 * (notional - first)) // 10)
    if not table:
        return tiered
    lower, upper = 1_000_000 * UNIT, 4_000_000 * UNIT
    inside = min(max(interest, lower), upper) - lower
    rate = BASE + (RATE_SCALE - BASE) * inside // (upper - lower) + (0 < inside < upper - lower)
    return max(tiered, -(-notional * rate // RATE_SCALE))


def test_the_key_reaches_the_engine() -> None:
    assert CONFIGS[False].markets[0].scaled_margin is None
    assert CONFIGS[True].markets[0].scaled_margin == (1_000_000 * UNIT, 4_000_000 * UNIT)
    assert CONFIGS[True].markets[0].quote == 1


INTEREST = st.one_of(
    st.integers(1, 8_000).map(lambda n: 1_000 * n),
    st.sampled_from((1_666_666, 1_666_667, 6_666_666, 6_666_667, 8_000_000)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(INTEREST)
def test_initial_margin_is_the_larger_of_tiers_and_growing_rate(interest: int) -> None:
    value = interest * LOT
    fees = value * CONFIGS[True].markets[0].maker_e12 // RATE_SCALE
    lots, spare = {}, {}
    for table in (False, True):
        venue = Venue(table, interest)
        lots[table] = venue.most(lambda n, venue=venue: venue.order(3, n, ask=False))
        assert required(lots[table] * LOT, value, table) <= 100_000 * UNIT
        limit = CONFIGS[table].markets[0].max_order // LOT
        assert lots[table] == limit or required((lots[table] + 1) * LOT, value, table) > 100_000 * UNIT
        spare[table] = venue.most(lambda n, venue=venue: venue.withdraw(1, n))
        assert spare[table] == 5_000_000 * UNIT - fees - required(value, value, table)
    assert lots[True] <= lots[False] and spare[True] <= spare[False], "never below the tiers"


def test_a_growing_rate_liquidates_nobody() -> None:
    """At an open interest beyond `upper` initial margin is 100%, maintenance the tiers'."""
    venue = Venue(True, 8_000_000)
    assert venue.most(lambda n: venue.order(3, n, ask=False)) == 100_000 * UNIT // LOT
    row = command(c.LIQUIDATE, 0, account=3, aux=1)
    assert venue.engine.apply(batch([row])).results[0] == c.R_NOT_LIQUIDATABLE


@pytest.mark.parametrize("bounds", [(5, 5), (6, 5), (-1, 5), (0, 1 << 56)])
def test_bounds_that_the_rate_s_formula_does_not_cover_are_refused(bounds: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="scaled margin"):
        EngineConfig(markets=(MarketConfig(scaled_margin=bounds),))
