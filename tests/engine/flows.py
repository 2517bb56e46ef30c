"""Random commands that reach every corner: mostly plausible, some wrong in each way."""

from __future__ import annotations

import random

from l2forge.engine import codes as c
from l2forge.engine import command, order_flags
from l2forge.engine.config import (
    Capacity,
    EngineConfig,
    FeeTier,
    MarketConfig,
    OracleConfig,
    Tier,
)
from l2forge.rules.jit import RATE_SCALE

PERCENT = RATE_SCALE // 100
N_ACCOUNTS = 12


def small_config(**changes: object) -> EngineConfig:
    """Two markets of different grain, three sources, tight limits so that all of them are hit."""
    oracle = OracleConfig(
        weights=(1, 2, 1),
        min_sources=2,
        aggregate=changes.pop("aggregate", 0),
        trim=1,
        heartbeat_ms=2_000,
        max_age_ms=6_000,
        twap_ms=20_000,
        step_fraction_e12=60 * PERCENT,
        step_per_ms=1_000,
    )
    tiers = (Tier(40_000_000, 10 * PERCENT, 6 * PERCENT), Tier(None, 20 * PERCENT, 12 * PERCENT))
    curve = {"depth": 3 * 10**9, "max_exposure": 10**9} if changes.get("curve") else {}
    markets = (
        MarketConfig(
            id=0,
            quote=7,
            min_order=100,
            max_order=10**9,
            band_e12=30 * PERCENT,
            open_interest_cap=10**9,
            maker_e12=-5 * 10**7,
            taker_e12=4 * 10**8,
            tiers=tiers,
            funding_interval_ms=20_000,
            oracle=oracle,
            **curve,
        ),
        MarketConfig(
            id=2,
            quote=3,
            min_order=100,
            max_order=10**9,
            band_e12=30 * PERCENT,
            open_interest_cap=10**8,
            maker_e12=10**8,
            taker_e12=4 * 10**8,
            tiers=(Tier(None, 10 * PERCENT, 5 * PERCENT),),
            funding_interval_ms=1_000,
            scaled_margin=(10**7, 5 * 10**8),
            oracle=oracle,
            **curve,
        ),
    )
    settings: dict[str, object] = {
        "markets": markets,
        "insurance": 500_000,
        "close_below": 300_000,
        "max_open_orders": 24,
        "penalty_e12": 2 * PERCENT,
        "fee_tiers": (FeeTier(10**8, -(10**8), 3 * 10**8), FeeTier(10**9, -(10**8), 2 * 10**8)),
        "max_lag_ms": 60_000,
        "step_interval_ms": 1_000,
        "capacity": Capacity(accounts=64, orders=512, pages=64, log_price=18),
    }
    if changes.get("curve"):
        settings |= {"backing": 40_000_000, "recenter_e12": 3 * PERCENT, "max_slippage_e12": 20 * PERCENT}
    return EngineConfig(**{**settings, **changes})


class Flow:
    """An endless seeded stream of commands with a wandering price per market."""

    def __init__(self, seed: int, config: EngineConfig) -> None:
        self.random = random.Random(seed)
        self.config = config
        self.time = 1
        self.next_id = 1
        self.owners: dict[int, tuple[int, int]] = {}
        self.price = {m.id: 2_000.0 for m in config.markets}
        self.queue = [command(c.DEPOSIT, 1, account=a, size=8_000_000) for a in range(1, N_ACCOUNTS)]
        self.trend = 0.0

    def take(self, n: int) -> list[tuple[int, ...]]:
        rows = []
        while len(rows) < n:
            if not self.queue:
                self.queue = self._next()
            rows.append(self.queue.pop(0))
        return rows

    def _next(self) -> list[tuple[int, ...]]:
        r = self.random
        self.time += r.choice((0, 0, 1, 5, 40, 200))
        market = r.choice(self.config.markets).id if r.random() < 0.995 else 1
        account = r.randrange(1, N_ACCOUNTS) if r.random() < 0.99 else r.randrange(-1, 70)
        kind = r.random()
        if kind < 0.55:
            return [self._order(market, account)]
        if kind < 0.72:
            return [self._change(market, account)]
        if kind < 0.80:
            return self._prices(market)
        if kind < 0.90:
            return [self._keeper(market, account)]
        if kind < 0.985:
            return [self._funds(market, account)]
        row = list(self._order(market, account))
        row[r.randrange(8)] = r.choice((-1, 0, 1 << 61, 1 << 63, 255 << 8, 250, (1 << 40) - 1)) - (1 << 62)
        row = [max(-(1 << 63), min((1 << 63) - 1, word)) for word in row]
        return [tuple(row)]

    def _order(self, market: int, account: int) -> tuple[int, ...]:
        r = self.random
        around = self.price.get(market, 2_000.0)
        price = max(1, round(around * r.gauss(1.0, 0.004 if r.random() < 0.95 else 0.2)))
        kind = r.choices(range(6), (70, 12, 3, 3, 3, 3))[0]
        tif = r.choices((0, 1, 2), (20, 60, 20))[0]
        trigger = max(1, round(around * r.gauss(1.0, 0.03))) if kind >= 2 else 0
        order_id = self.next_id if r.random() < 0.98 else r.randrange(1, self.next_id + 1)
        self.next_id += 1
        self.owners.setdefault(order_id, (market, account))
        flags = order_flags(
            ask=r.random() < 0.5, order_type=kind, time_in_force=tif, reduce_only=r.random() < 0.08
        )
        expiry = self.time + r.choice((0, 50, 2_000)) if r.random() < 0.15 else 0
        size = r.choice((1, 10, 100, 100, 400, 400, 1_500, 8_000)) * r.randrange(1, 5)
        return command(
            c.CREATE_ORDER,
            self.time,
            market=market,
            flags=flags,
            account=account,
            id=order_id,
            price=0 if kind in (1, 2, 4) and r.random() < 0.7 else price,
            size=size,
            aux=trigger,
            expiry=expiry,
        )

    def _recent_id(self) -> int:
        return max(1, self.next_id - 1 - int(self.random.expovariate(1 / 40)))

    def _change(self, market: int, account: int) -> tuple[int, ...]:
        """Cancel or modify, mostly by the owner."""
        r = self.random
        order_id = self._recent_id()
        if r.random() < 0.95:
            market, account = self.owners.get(order_id, (market, account))
        kind = r.choices((c.CANCEL_ORDER, c.MODIFY_ORDER, c.CANCEL_ALL), (50, 47, 3))[0]
        if kind == c.CANCEL_ALL:
            return command(kind, self.time, market=r.choice((market, c.ALL_MARKETS)), account=account)
        price = max(1, round(self.price.get(market, 2_000.0) * r.gauss(1.0, 0.004)))
        fields = (
            {}
            if kind == c.CANCEL_ORDER
            else {
                "price": r.choice((0, price)),
                "size": r.choice((0, 0, 5, 300)),
                "aux": r.choice((0, 0, price)),
                "expiry": r.choice((0, 0, self.time + 500)),
            }
        )
        return command(kind, self.time, market=market, account=account, id=order_id, **fields)

    def _prices(self, market: int) -> list[tuple[int, ...]]:
        r = self.random
        if r.random() < 0.05:
            self.trend = r.choice((0.0, 0.0, 0.008, -0.008))
        price = self.price.get(market, 2_000.0) * r.gauss(1.0 + self.trend, 0.003)
        price = min(max(price, 1_000.0), 4_000.0)
        self.price[market] = price
        rows = [
            command(
                c.ORACLE_REPORT,
                self.time,
                market=market,
                account=source,
                aux=self.time - r.choice((0, 9)),
                price=max(1, round(price * r.choice((1,) * 12 + (1.002, 100, 0)))),
            )
            for source in range(3)
        ]
        rows.append(command(c.ORACLE_TICK, self.time, market=market))
        if r.random() < 0.3:
            rows.append(command(c.FUNDING, self.time, market=market))
        return rows

    def _keeper(self, market: int, account: int) -> tuple[int, ...]:
        r = self.random
        target = r.randrange(1, N_ACCOUNTS)
        kind = r.random()
        order_id = self._recent_id()
        home = self.owners.get(order_id, (market, 0))[0]
        if kind < 0.6:
            flags = r.choice((0, c.INTO_MARKET)) | r.choice((0, c.OPERATOR))
            return command(
                c.LIQUIDATE,
                self.time,
                market=market,
                account=account,
                aux=target,
                size=r.choice((0, 0, 7, 200)),
                flags=flags,
            )
        if kind < 0.75:
            return command(c.DELEVERAGE, self.time, market=market, aux=target)
        if kind < 0.92:
            return command(c.TRIGGER_ORDER, self.time, market=home, id=order_id)
        return command(c.EXPIRE_ORDER, self.time, market=home, id=order_id)

    def _funds(self, market: int, account: int) -> tuple[int, ...]:
        r = self.random
        amount = r.choice((1, 1_000, 300_000, 2_000_000))
        kind = r.choices(
            (
                c.DEPOSIT,
                c.WITHDRAW,
                c.TRANSFER,
                c.UPDATE_MARGIN,
                c.UPDATE_LEVERAGE,
                c.MINT_SHARES,
                c.BURN_SHARES,
                c.FUND,
                c.COLLECT_FEES,
                c.PROVEN,
                c.CLOCK,
            ),
            (16, 20, 8, 14, 6, 8, 6, 1, 4, 16, 1),
        )[0]
        if kind == c.UPDATE_LEVERAGE:
            rate = r.choice((0, 15 * PERCENT, 50 * PERCENT))
            return command(
                kind, self.time, market=market, account=account, size=rate, flags=r.choice((0, c.ISOLATED))
            )
        if kind == c.UPDATE_MARGIN:
            amount *= r.choice((1, 1, -1))
        other = {
            c.PROVEN: self.time - r.choice((0, 500)),
            c.TRANSFER: r.randrange(1, N_ACCOUNTS),
            c.FUND: r.choice((0, 1)),
        }.get(kind, 0)
        return command(kind, self.time, market=market, account=account, size=amount, aux=other)
