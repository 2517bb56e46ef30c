"""Random commands for an `EngineRun`: traders at the edge of their margin, and everything around them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from l2forge.engine import codes
from l2forge.engine import layout as at
from l2forge.engine.config import EngineConfig, MarketConfig, OracleConfig, Tier
from l2forge.rules.jit import RATE_SCALE
from tests.ledger.programs.engine_run import KEYS, EngineRun

PERCENT = RATE_SCALE // 100
START_MS = 1_790_000_000_000


def rough_config() -> EngineConfig:
    """Two markets whose numbers have a gap, a rebate, three tiers, wide steps, short intervals and ages."""
    oracle = OracleConfig(
        weights=(1, 1, 1),
        min_sources=2,
        heartbeat_ms=1_000,
        max_age_ms=6_000,
        twap_ms=20_000,
        step_fraction_e12=60 * PERCENT,
        step_per_ms=1_000,
    )
    tiers = (
        Tier(40_000_000, 10 * PERCENT, 6 * PERCENT),
        Tier(60_000_000, 20 * PERCENT, 12 * PERCENT),
        Tier(None, 30 * PERCENT, 15 * PERCENT),
    )
    common = {"min_order": 100, "max_order": 10**9, "band_e12": 30 * PERCENT, "oracle": oracle}
    first = MarketConfig(
        id=0, quote=7, open_interest_cap=4 * 10**9, maker_e12=-5 * 10**7, taker_e12=4 * 10**8, tiers=tiers,
        funding_interval_ms=20_000, **common,
    )  # fmt: skip
    third = MarketConfig(
        id=2, quote=3, open_interest_cap=5 * 10**8, maker_e12=10**8, taker_e12=4 * 10**8, interest_e12=10**8,
        cap_e12=10 * PERCENT, tiers=(Tier(None, 10 * PERCENT, 5 * PERCENT),), funding_interval_ms=1_000,
        **common,
    )  # fmt: skip
    return EngineConfig(markets=(first, third), isolated=False)


@dataclass
class Flow:
    """A seeded stream of commands. Sizes follow from `cash`, what an account is given at a time."""

    run: EngineRun
    seed: int
    start_ticks: dict[int, float]
    cash: int
    n_accounts: int = 9
    step: float = 0.02
    """Standard deviation of a price's move from tick to tick."""
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.price = dict(self.start_ticks)
        self.nonces = {(a, k): self.random.randrange(65_500, 65_540) for a in self._all() for k in KEYS}
        self.stale_until = 0
        self.markets = {market.id: market for market in self.run.config.markets}

    def _all(self) -> range:
        return range(1, self.n_accounts + 1)

    def open(self) -> None:
        """First money and prices."""
        self.run.fund(self.cash // 10)
        for account in self._all():
            self.run.deposit(account, self.cash)
        for market in self.markets:
            self._prices(market)

    def play(self, n_commands: int) -> None:
        """Go on until so many commands in all were given."""
        while self.run.n_commands < n_commands:
            self._next()

    def _next(self) -> None:
        r, run = self.random, self.run
        run.now += r.choice((0, 0, 1, 20, 300, 1_500))
        market = r.choice(list(self.markets))
        kind = r.random()
        if kind < 0.14 and run.now >= self.stale_until:
            self._prices(market)
        elif kind < 0.155:
            self._silence()
        elif kind < 0.17:
            run.funding(market)
        elif kind < 0.81:
            self._order(market)
        elif kind < 0.84:
            self._reduce(market)
        elif kind < 0.90:
            self._cancel()
        elif kind < 0.908:
            self._flatten(market)
        elif kind < 0.915:
            account, key = self._key()
            run.cancel_all(account, key, self._nonce(account, key))
        else:
            self._funds()

    def _key(self, account: int = 0) -> tuple[int, int]:
        return account or self.random.choice(self._all()), self.random.choice(KEYS)

    def _nonce(self, account: int, key: int) -> int:
        """Above the last one; at times exactly a round of slots further, or many."""
        step = self.random.choices((1, 3, 1 << 16, 5 << 20), (92, 5, 2, 1))[0]
        self.nonces[account, key] += step
        return self.nonces[account, key]

    def _prices(self, market: int) -> None:
        """Reports of some sources, then a tick; the price wanders, and at times jumps."""
        r, oracle = self.random, self.markets[market].oracle
        move = self.step * (6 if r.random() < 0.05 else 1)
        start = self.start_ticks[market]
        self.price[market] = min(max(self.price[market] * r.gauss(1, move), start / 2), start * 2)
        for source in range(len(oracle.weights)):
            if r.random() < 0.9:
                noise = r.choice((1, 1, 1, 1.001, 0.999, 1.3))
                age = r.choice((0, 0, 9, oracle.max_age_ms, oracle.max_age_ms + 1))
                self.run.report(market, source, max(1, round(self.price[market] * noise)), self.run.now - age)
        self.run.tick(market)
        if r.random() < 0.2:
            self.run.funding(market)

    def _silence(self) -> None:
        """No reports for a while, or a long jump of time."""
        r = self.random
        max_age = next(iter(self.markets.values())).oracle.max_age_ms
        self.run.now += r.choice((max_age - 1, max_age + 1, 3 * max_age, 40_000))
        if r.random() < 0.02:
            self.run.now += r.choice((1 << 27, 1 << 30))
        self.stale_until = self.run.now + r.choice((0, 0, 30_000))

    def _order(self, market: int) -> None:
        r, rules = self.random, self.markets[market]
        account, key = self._key()
        index = max(1, self.run.market(market, at.M_INDEX))
        price = max(1, round(index * r.gauss(1, 0.004 if r.random() < 0.9 else 0.1)))
        held = self.run.position(account, market, at.P_SIZE)
        ask = r.random() < (0.5 if not held else 0.65 if held > 0 else 0.35)
        part = r.choice((0.001, 0.1, 1.0, 4.0, 8.0, 8.5))
        lots = max(1, round(self.cash * part / (index * rules.quote)))
        if held and r.random() < 0.35:
            ask, lots = held > 0, max(1, abs(held) // r.choice((1, 2, 3)))
        force = r.choices((0, 1, 2), (25, 60, 15))[0]
        kind = codes.MARKET if force == 0 and r.random() < 0.4 else codes.LIMIT
        if kind == codes.MARKET:
            price = max(1, round(index * (0.9 if ask else 1.1)))
        self.run.order(
            account, key, self._nonce(account, key), market, lots=lots, price=price, ask=ask, kind=kind,
            force=force, reduce_only=r.random() < 0.15, lives_ms=r.choice((10**8, 10**8, 2_000)),
        )  # fmt: skip

    def _reduce(self, market: int) -> None:
        """Two holders close parts of their positions against each other: the one with the least equity, often
        below initial margin, and another.
        """
        run, r = self.run, self.random
        held = run.positions(market)
        weakest = min(held, key=lambda a: run.account(a, at.A_CASH) + held[a] * self._lot(market), default=0)
        others = [a for a, size in held.items() if weakest and size * held[weakest] < 0]
        if not others:
            return
        sides = [weakest, r.choice(others)]
        r.shuffle(sides)
        lots = max(1, min(abs(held[a]) for a in sides) // r.choice((1, 2, 5)))
        price = max(1, round(run.market(market, at.M_INDEX) * r.choice((1, 1, 0.999, 1.001))))
        for account, force in zip(sides, (codes.GOOD_TILL_TIME, codes.IMMEDIATE_OR_CANCEL), strict=True):
            run.order(
                account, KEYS[0], self._nonce(account, KEYS[0]), market, lots=lots, price=price,
                ask=held[account] > 0, force=force, reduce_only=r.random() < 0.5,
            )  # fmt: skip

    def _lot(self, market: int) -> int:
        return self.run.market(market, at.M_INDEX) * self.markets[market].quote

    def _cancel(self) -> None:
        if not self.run.live:
            return
        r = self.random
        placed = r.choice(list(self.run.live.values()))
        if r.random() < 0.1:
            self.run.expire(placed)
            return
        account, key = self._key(placed.account)
        self.run.cancel(placed, key, self._nonce(account, key), by_client_index=r.random() < 0.7)

    def _flatten(self, market: int) -> None:
        """Close everything at the index: open interest goes to zero."""
        run = self.run
        index = run.market(market, at.M_INDEX)
        for account in self._all():
            run.cancel_all(account, KEYS[0], self._nonce(account, KEYS[0]))
        for force in (codes.GOOD_TILL_TIME, codes.IMMEDIATE_OR_CANCEL):
            for account, size in run.positions(market).items():
                if (size > 0) == (force == codes.GOOD_TILL_TIME):
                    run.order(
                        account, KEYS[0], self._nonce(account, KEYS[0]), market, lots=abs(size),
                        price=max(1, index), ask=size > 0, force=force, reduce_only=True,
                    )  # fmt: skip

    def _funds(self) -> None:
        r, run = self.random, self.run
        account, key = self._key()
        amount = max(1, round(self.cash * r.choice((1e-7, 0.01, 0.2, 1.0))))
        kind = r.choices(("deposit", "withdraw", "transfer", "fund", "forced"), (3, 5, 4, 1, 2))[0]
        if kind == "deposit":
            run.deposit(account, min(amount, self.cash // 20 + 1))
        elif kind == "fund":
            run.fund(max(1, amount // 100))
        elif kind == "forced":
            run.forced(account, amount)
        elif kind == "withdraw":
            run.withdraw(account, key, self._nonce(account, key), amount)
        else:
            run.transfer(account, key, self._nonce(account, key), r.choice(self._all()), amount)
