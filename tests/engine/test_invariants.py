"""What must hold after every command, whatever the commands: Hypothesis drives the engine."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from l2forge.engine import Engine, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine import layout as at
from tests.engine.configs import CONFIGS
from tests.engine.flows import N_ACCOUNTS, PERCENT

MARKETS = (0, 2)
ACCOUNT = st.integers(1, N_ACCOUNTS - 1)
MARKET = st.sampled_from(MARKETS)
SIZE = st.sampled_from((1, 10, 100, 700, 3_000))


class View:
    """The parts of the state that the invariants speak of."""

    def __init__(self, engine: Engine) -> None:
        self.s = engine.state
        self.n_markets = int(self.s[at.H_N_MARKETS])

    def account(self, number: int) -> int:
        return int(self.s[at.H_ACCOUNTS_AT] + number * self.s[at.H_ACCOUNT_WORDS])

    def market(self, m: int) -> int:
        return int(self.s[at.H_MARKETS_AT] + m * at.MARKET_WORDS)

    def position(self, number: int, m: int, word: int) -> int:
        return int(self.s[self.account(number) + at.ACCOUNT_WORDS + m * at.POSITION_WORDS + word])

    def numbers(self) -> list[int]:
        used = int(self.s[at.H_ACCOUNTS_USED])
        return [n for n in range(used) if self.s[self.account(n) + at.A_OPEN]]


class Venue(RuleBasedStateMachine):
    """Commands from any account at any time; `name` picks the venue."""

    name = "book"

    @initialize(price=st.integers(1_500, 2_500))
    def open(self, price: int) -> None:
        self.engine = Engine(CONFIGS[self.name])
        self.view = View(self.engine)
        self.time, self.next_id, self.owners, self.events = 1, 1, {}, []
        self.send(*(command(c.DEPOSIT, 1, account=a, size=8_000_000) for a in range(1, N_ACCOUNTS)))
        for m in MARKETS:
            self.report(m, price)

    def send(self, *rows: tuple[int, ...]) -> list[int]:
        before = self.engine.digest()
        outcome = self.engine.apply(batch(list(rows)))
        if len(rows) == 1 and outcome.results[0]:
            assert self.engine.digest() == before
        self.events = outcome.events.tolist()
        self.check_fills()
        return outcome.results.tolist()

    def report(self, m: int, price: int) -> None:
        self.send(
            *(
                command(c.ORACLE_REPORT, self.time, market=m, account=i, price=price, aux=self.time)
                for i in range(3)
            ),
            command(c.ORACLE_TICK, self.time, market=m),
        )

    @rule(ms=st.sampled_from((1, 60, 1_100, 2_500, 7_000)))
    def wait(self, ms: int) -> None:
        self.time += ms

    @rule(m=MARKET, permille=st.integers(-120, 120))
    def price(self, m: int, permille: int) -> None:
        self.time += 400
        last = int(self.view.s[self.view.market(m) + at.M_INDEX])
        self.report(m, max(200, min(9_000, last + last * permille // 1000)))

    @rule(
        m=MARKET,
        a=ACCOUNT,
        ask=st.booleans(),
        away=st.integers(-12, 12),
        size=SIZE,
        tif=st.integers(0, 2),
        kind=st.sampled_from((0, 0, 0, 0, 1, 2, 5)),
        reduce_only=st.sampled_from((False, False, False, True)),
    )
    def order(self, m, a, ask, away, size, tif, kind, reduce_only) -> None:  # type: ignore[no-untyped-def]
        index = int(self.view.s[self.view.market(m) + at.M_INDEX])
        flags = order_flags(ask=ask, order_type=kind, time_in_force=tif, reduce_only=reduce_only)
        price, trigger = (0 if kind in (1, 2) else index + away), (index + 3 * away if kind >= 2 else 0)
        before = self.view.position(a, m, at.P_SIZE)
        self.placing = (self.next_id, ask, price, tif)
        reason = self.send(
            command(
                c.CREATE_ORDER,
                self.time,
                market=m,
                flags=flags,
                account=a,
                id=self.next_id,
                price=price,
                size=size,
                aux=trigger,
            )
        )[0]
        after = self.view.position(a, m, at.P_SIZE)
        if reason == c.OK:
            self.owners[self.next_id] = (m, a)
        if reduce_only:
            assert abs(after) <= abs(before) and after * before >= 0
        if tif == c.POST_ONLY and kind == 0:
            assert not any(
                event[at.E_OTHER_ID] == self.next_id for event in self.events if event[0] & 255 == c.EV_FILL
            )
        self.next_id += 1

    @rule(
        back=st.integers(1, 30),
        kind=st.sampled_from((c.CANCEL_ORDER, c.MODIFY_ORDER, c.TRIGGER_ORDER)),
        away=st.integers(-9, 9),
        size=st.sampled_from((0, 5)),
    )
    def change(self, back: int, kind: int, away: int, size: int) -> None:
        m, a = self.owners.get(self.next_id - back, (0, 1))
        index = int(self.view.s[self.view.market(m) + at.M_INDEX])
        self.send(
            command(
                kind,
                self.time,
                market=m,
                account=a,
                id=max(1, self.next_id - back),
                price=index + away if kind == c.MODIFY_ORDER else 0,
                size=size,
            )
        )

    @rule(
        kind=st.sampled_from(
            (c.WITHDRAW, c.DEPOSIT, c.TRANSFER, c.UPDATE_MARGIN, c.COLLECT_FEES, c.MINT_SHARES, c.BURN_SHARES)
        ),
        m=MARKET,
        a=ACCOUNT,
        b=ACCOUNT,
        amount=st.sampled_from((1, 5_000, 900_000, 7_000_000)),
    )
    def funds(self, kind: int, m: int, a: int, b: int, amount: int) -> None:
        self.send(command(kind, self.time, market=m, account=a, size=amount, aux=b))

    @rule(m=MARKET, a=ACCOUNT, isolated=st.booleans(), rate=st.sampled_from((0, 30 * PERCENT)))
    def leverage(self, m: int, a: int, isolated: bool, rate: int) -> None:
        self.send(
            command(
                c.UPDATE_LEVERAGE,
                self.time,
                market=m,
                account=a,
                size=rate,
                flags=c.ISOLATED if isolated else 0,
            )
        )

    @rule(m=MARKET, a=ACCOUNT, into_market=st.booleans())
    def keepers(self, m: int, a: int, into_market: bool) -> None:
        self.send(command(c.FUNDING, self.time, market=m))
        for target in self.view.numbers():
            self.send(
                command(
                    c.LIQUIDATE,
                    self.time,
                    market=m,
                    account=a,
                    aux=target,
                    flags=c.INTO_MARKET if into_market else 0,
                )
            )
            self.send(command(c.DELEVERAGE, self.time, market=m, aux=target))

    def check_fills(self) -> None:
        """No fill through a limit: a resting order's fills are at its own price."""
        for event in self.events:
            if event[0] & 255 == c.EV_FILL and event[at.E_OTHER_ID] == getattr(self, "placing", (0,))[0]:
                _, ask, price, _ = self.placing
                quote = 7 if event[0] >> 8 & 255 == 0 else 3
                average = Fraction(event[at.E_AMOUNT], quote * event[at.E_SIZE])
                assert price == 0 or (average >= price if ask else average <= price)

    @invariant()
    def money_is_conserved(self) -> None:
        if not hasattr(self, "view"):
            return
        v, s = self.view, self.view.s
        total = sum(int(s[v.account(n) + at.A_CASH]) for n in v.numbers())
        total += sum(v.position(n, m, at.P_CASH) for n in v.numbers() for m in MARKETS)
        total += sum(int(s[v.market(m) + at.M_FUNDING_CLEARING]) for m in MARKETS)
        assert total + s[at.H_INSURANCE] + s[at.H_FEE_POOL] == s[at.H_DEPOSITS] - s[at.H_WITHDRAWALS]
        assert s[at.H_INSURANCE] >= 0 and s[at.H_FEE_POOL] >= 0

    @invariant()
    def positions_sum_to_zero(self) -> None:
        if not hasattr(self, "view"):
            return
        for m in MARKETS:
            sizes = [self.view.position(n, m, at.P_SIZE) for n in self.view.numbers()]
            assert sum(sizes) == 0
            longs = sum(size for size in sizes if size > 0)
            assert longs == self.view.s[self.view.market(m) + at.M_OPEN_INTEREST]

    @invariant()
    def the_book_is_not_crossed(self) -> None:
        if not hasattr(self, "view"):
            return
        for m in MARKETS:
            row = self.view.market(m)
            assert self.view.s[row + at.M_BEST_BID] < self.view.s[row + at.M_BEST_ASK]

    @invariant()
    def nobody_below_maintenance_escapes_the_queue(self) -> None:
        if not hasattr(self, "view"):
            return
        v, config = self.view, CONFIGS[self.name]
        for n in v.numbers():
            for bucket in self.buckets(n):
                if n and all(self.margin_left(n, bucket, config, twap) < 0 for twap in (False, True)):
                    assert all(v.position(n, m, at.P_AT_RISK) for m in bucket if v.position(n, m, at.P_SIZE))

    def buckets(self, n: int) -> list[list[int]]:
        isolated = [m for m in MARKETS if self.view.position(n, m, at.P_MODE)]
        return [[m for m in MARKETS if m not in isolated], *([m] for m in isolated)]

    def margin_left(self, n: int, bucket: list[int], config, twap: bool) -> Fraction:  # type: ignore[no-untyped-def]
        """Equity less maintenance margin in exact fractions, one unit in the account's favour per market."""
        v = self.view
        isolated = bool(bucket) and bool(v.position(n, bucket[0], at.P_MODE))
        left = Fraction(
            v.position(n, bucket[0], at.P_CASH) if isolated else int(v.s[v.account(n) + at.A_CASH])
        )
        for m in bucket:
            row, cfg = v.market(m), next(x for x in config.markets if x.id == m)
            size = v.position(n, m, at.P_SIZE)
            price = int(v.s[row + at.M_TWAP]) >> 16 if twap else int(v.s[row + at.M_INDEX])
            worth, below = size * price * cfg.quote, 0
            moved = int(v.s[row + at.M_FUNDING_INDEX]) - v.position(n, m, at.P_FUNDING)
            left += worth - Fraction(size * moved, 10**6) + 3 * (size != 0)
            for tier in cfg.tiers:
                top = abs(worth) if tier.up_to is None else min(abs(worth), tier.up_to)
                left -= Fraction(max(0, top - below) * tier.maintenance_e12, 10**12)
                below = top
        return left


def _machine(name: str) -> type[Venue]:
    return type(f"Venue_{name}", (Venue,), {"name": name})


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CONFIGS if name != "bare_book"])
def test_invariants(name: str) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        _machine(name),
        settings=settings(
            max_examples=40, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
