"""Money that leaves an account or position: margin is left at the index and at the TWAP."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2forge.engine import Capacity, Engine, EngineConfig, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine import layout as at
from l2forge.engine.config import MarketConfig, OracleConfig, Tier
from l2forge.rules.jit import RATE_SCALE

PERCENT = RATE_SCALE // 100
DEPOSIT = 1_000_000
QUOTE = 10
WINDOW = 600_000
TIERS = (Tier(1_500_000, 10 * PERCENT, 6 * PERCENT), Tier(None, 20 * PERCENT, 12 * PERCENT))


def config(**changes: object) -> EngineConfig:
    oracle = OracleConfig(
        heartbeat_ms=1_000, max_age_ms=60_000, step_fraction_e12=RATE_SCALE, step_per_ms=1, twap_ms=WINDOW
    )
    market = {"quote": QUOTE, "band_e12": 50 * PERCENT, "tiers": TIERS, "oracle": oracle}
    small = Capacity(accounts=8, orders=16, pages=8, log_price=18)
    markets = (MarketConfig(id=0, **market), MarketConfig(id=1, **market))
    return EngineConfig(**{"markets": markets, "capacity": small, **changes})


class Trade:
    """Accounts 1 (buys) and 2 (sells) with positions in both markets at 1,000 ticks."""

    def __init__(self, sizes: tuple[int, int], isolated: bool = False) -> None:
        self.engine = Engine(config(default_isolated=isolated))
        self.time = 1
        rows = [command(c.DEPOSIT, 1, account=a, size=DEPOSIT) for a in (1, 2)]
        for m in (0, 1):
            rows += self.tick_rows(m, 1_000)
            if isolated:
                rows += [command(c.UPDATE_MARGIN, 1, market=m, account=a, size=DEPOSIT // 2) for a in (1, 2)]
            rows += [
                command(
                    c.CREATE_ORDER,
                    1,
                    market=m,
                    account=a,
                    id=2 * m + a,
                    price=1_000,
                    size=sizes[m],
                    flags=order_flags(ask=a == 2),
                )
                for a in (1, 2)
                if sizes[m]
            ]
        assert not self.engine.apply(batch(rows)).results.any()

    def tick_rows(self, m: int, price: int) -> list[tuple[int, ...]]:
        return [
            command(c.ORACLE_REPORT, self.time, market=m, price=price, aux=self.time),
            command(c.ORACLE_TICK, self.time, market=m),
        ]

    def move(self, ms: int, *prices: int) -> None:
        self.time += ms
        for m, price in enumerate(prices):
            assert not self.engine.apply(batch(self.tick_rows(m, price))).results.any()

    def send(self, kind: int, account: int, **fields: int) -> int:
        return int(self.engine.apply(batch([command(kind, self.time, account=account, **fields)])).results[0])

    def most(self, kind: int, account: int, sign: int = 1, **fields: int) -> int:
        """The largest amount that is accepted, by bisection on copies of the state."""
        saved, low, high = self.engine.snapshot(), 0, 4 * DEPOSIT
        while high - low > 1:
            middle = (low + high) // 2
            accepted = self.send(kind, account, size=sign * middle, **fields) == c.OK
            self.engine.restore(saved)
            low, high = (middle, high) if accepted else (low, middle)
        return low

    def spare(self, account: int, markets: tuple[int, ...], *, isolated: bool = False) -> int:
        """Equity less initial margin at the worse of the two prices, from the state in exact fractions."""
        s = self.engine.state
        row = int(s[at.H_ACCOUNTS_AT] + account * s[at.H_ACCOUNT_WORDS])
        left = []
        for twap in (False, True):
            total = Fraction(int(s[row + at.A_CASH]))
            for m in markets:
                p = row + at.ACCOUNT_WORDS + m * at.POSITION_WORDS
                market = int(s[at.H_MARKETS_AT] + m * at.MARKET_WORDS)
                price = int(s[market + at.M_TWAP]) >> 16 if twap else int(s[market + at.M_INDEX])
                worth = int(s[p + at.P_SIZE]) * price * QUOTE
                first = Fraction(min(abs(worth), TIERS[0].up_to or 0), 10)
                rest = Fraction(max(0, abs(worth) - (TIERS[0].up_to or 0)), 5)
                total = (Fraction(int(s[p + at.P_CASH])) if isolated else total) + worth
                total -= -(-(first + rest) // 1)
            left.append(total)
        return int(min(left))


SIZES = st.tuples(st.integers(1, 300), st.integers(1, 300))
PRICE = st.integers(850, 1_150)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(SIZES, PRICE, PRICE, st.integers(1_000, WINDOW - 1), st.sampled_from((1, 2)))
def test_a_withdrawal_leaves_margin_at_both_prices(
    sizes: tuple[int, int], first: int, second: int, ms: int, account: int
) -> None:
    trade = Trade(sizes)
    trade.move(ms, first, second)
    trade.move(1_000, second, first)
    spare = trade.spare(account, (0, 1))
    for kind, fields in ((c.WITHDRAW, {}), (c.TRANSFER, {"aux": 3 - account})):
        assert trade.most(kind, account, **fields) == max(0, spare)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SIZES, PRICE, PRICE, st.integers(1_000, WINDOW - 1), st.sampled_from((0, 1)))
def test_cash_leaves_an_isolated_position_by_its_own_margin_at_both_prices(
    sizes: tuple[int, int], first: int, second: int, ms: int, m: int
) -> None:
    trade = Trade(sizes, isolated=True)
    trade.move(ms, first, second)
    trade.move(1_000, second, first)
    spare = trade.spare(1, (m,), isolated=True)
    assert trade.most(c.UPDATE_MARGIN, 1, sign=-1, market=m) == max(0, spare)


@pytest.mark.parametrize("account", [1, 2])
def test_a_paper_gain_leaves_when_the_average_has_followed(account: int) -> None:
    trade = Trade((100, 100))
    away = 1_150 if account == 1 else 850
    before = trade.most(c.WITHDRAW, account)
    trade.move(1_000, away, away)
    assert trade.most(c.WITHDRAW, account) <= before
    trade.move(WINDOW, away, away)
    gain = 2 * 100 * 150 * QUOTE
    assert trade.most(c.WITHDRAW, account) >= before + gain - abs(gain) // 5


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 300), PRICE, PRICE, st.sampled_from((1, 2)))
def test_cash_into_an_isolated_position_is_spare_in_the_cross_bucket_at_both_prices(
    size: int, first: int, second: int, account: int
) -> None:
    trade = Trade((size, 0))
    assert trade.send(c.UPDATE_LEVERAGE, account, market=1, flags=c.ISOLATED) == c.OK
    trade.move(5_000, first)
    trade.move(1_000, second)
    spare = trade.spare(account, (0,))
    assert trade.most(c.UPDATE_MARGIN, account, market=1) == max(0, spare)
