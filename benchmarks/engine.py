"""How fast the engine is: `python -m benchmarks.engine [--json] [--commands N] [--repeat R]`.

Flows (seeded; see docs/engine.md for the mixes), one core, micro-batches of 1,024 commands:

| key | flow |
|---|---|
| book_ops_per_s | bare book, the lower of M (45% add, 45% cancel, 10% IOC, 10 k live orders)
                   and X (9% add, 3% IOC, 6% cancel, 82% move) |
| book_ops_per_s_deep | D: the mix of M over 200 k live orders on 14 k levels |
| venue_ops_per_s | M, 10 k accounts, two markets: margin, fees, funding, a price every 10,000 commands |
| amm_swaps_per_s | market orders of 10 k accounts on a constant-product curve |
| hybrid_ops_per_s | M on book and curve together |
| bytes_per_resting_order, million_* | 1 M orders of 1 M accounts held at once |
| latency_ns_* | one command per call, flow M of the venue, the call's overhead included |
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.engine import Capacity, Engine, EngineConfig, codes
from l2forge.engine import layout as at
from l2forge.engine.config import MarketConfig
from l2forge.rules.jit import RATE_SCALE

MID = 600_000
BATCH = 1_024
GTT = codes.GOOD_TILL_TIME << codes.TIME_IN_FORCE_SHIFT
COMMANDS_PER_MS = 1_000
Rows = NDArray[np.int64]

MIXES = {"M": (45, 45, 10, 0), "X": (9, 6, 3, 82), "D": (45, 45, 10, 0)}
LIVE = {"M": 10_000, "X": 10_000, "D": 200_000}
LEVELS = {"M": 200, "X": 200, "D": 7_000}  # on each side


class _Generator:
    """Makes a flow against a book of its own, so that cancels and moves meet orders that still rest."""

    def __init__(self, name: str, n: int, n_accounts: int, n_markets: int, seed: int) -> None:
        self.mix = np.cumsum(MIXES[name]) / 100
        self.target, self.levels = LIVE[name], LEVELS[name]
        self.n_accounts, self.n_markets, self.seed = n_accounts, n_markets, seed
        total = self.target + n
        self.orders = np.zeros(
            (total + 500, 5), np.int64
        )  # market, account, side, lots left, place in `live`
        self.live = np.zeros(total + 500, np.int64)
        self.count = np.zeros(1, np.int64)
        capacity = Capacity(accounts=n_accounts + 1, orders=2 * self.target + 4_096, pages=64)
        markets = tuple(MarketConfig(id=m) for m in range(n_markets))
        self.engine = Engine(EngineConfig(markets=markets, accounting=False, capacity=capacity))

    def rows(self, first: int, n: int) -> Rows:
        """Commands first..first + n − 1, after which the own book knows what was filled."""
        clock = max(0, first - self.target) // COMMANDS_PER_MS + 1
        filling = first < self.target
        rows = _make_rows(
            self.orders,
            self.live,
            self.count,
            self.mix,
            np.array(
                [
                    first,
                    n,
                    self.seed,
                    clock,
                    filling,
                    self.target,
                    self.levels,
                    self.n_accounts,
                    self.n_markets,
                ]
            ),
        )
        _absorb(self.orders, self.live, self.count, self.engine.apply(rows, copy=False).events)
        return rows


_ID_MULTIPLIER = 0x5DEECE66D
_ID_MASK = (1 << 61) - 1
_ID_INVERSE = pow(_ID_MULTIPLIER, -1, 1 << 61)


@njit(cache=True)
def _forget(orders, live, count, number):  # type: ignore[no-untyped-def]
    """Take an order off the list of live ones."""
    place = orders[number, 4]
    count[0] -= 1
    live[place] = live[count[0]]
    orders[live[place], 4] = place


@njit(cache=True)
def _absorb(orders, live, count, events):  # type: ignore[no-untyped-def]
    """Take filled orders off the list."""
    for i in range(len(events)):
        if events[i, 0] & 0xFF == codes.EV_FILL:
            number = ((events[i, 3] * _ID_INVERSE) & _ID_MASK) - 1
            orders[number, 3] -= events[i, 5]
            if orders[number, 3] == 0:
                _forget(orders, live, count, number)


@njit(cache=True)
def _make_rows(orders, live, count, mix, setting):  # type: ignore[no-untyped-def]
    """Commands of the mix; while the book is being filled only orders that rest."""
    first, n, seed, clock, filling, target, levels, n_accounts, n_markets = setting
    np.random.seed(seed + first)
    rows = np.zeros((n, 8), np.int64)
    for i in range(n):
        number = first + i
        draw = 0.0 if filling else np.random.random()
        away = 1 + int(levels * np.random.random() ** 3)
        kind, size = codes.CREATE_ORDER, np.random.randint(1, 101)
        market, account = np.random.randint(0, n_markets), np.random.randint(1, n_accounts + 1)
        side, flags = np.random.randint(0, 2), 0
        if draw < mix[1] and (draw < mix[0] or count[0] < target * 9 // 10):
            flags = side | GTT
            orders[number, :4] = (market, account, side, size)
            orders[number, 4] = count[0]
            live[count[0]] = number
            count[0] += 1
        elif draw < mix[1] or draw >= mix[2]:
            kind = codes.CANCEL_ORDER if draw < mix[1] else codes.MODIFY_ORDER
            number = live[np.random.randint(0, count[0])]
            market, account, side, size = orders[number, 0], orders[number, 1], orders[number, 2], 0
            if kind == codes.CANCEL_ORDER:
                _forget(orders, live, count, number)
        else:
            flags, away = side, -levels
        price = MID + away if side else MID - away
        order_id = ((number + 1) * _ID_MULTIPLIER) & _ID_MASK
        rows[i] = (
            kind | (market << 8) | (flags << 16),
            account,
            order_id,
            0 if kind == codes.CANCEL_ORDER else price,
            size,
            0,
            0,
            clock,
        )
    return rows


def flow(
    name: str, n: int, *, n_accounts: int = 10_000, n_markets: int = 1, seed: int = 1
) -> tuple[Rows, Rows]:
    """(orders that fill the book, the flow's commands)."""
    generator = _Generator(name, n, n_accounts, n_markets, seed)
    size = 500
    parts = [generator.rows(first, size) for first in range(0, LIVE[name] + n, size)]
    rows = np.concatenate(parts)
    return rows[: LIVE[name]], rows[LIVE[name] : LIVE[name] + n]


def run(engine: Engine, rows: Rows) -> float:
    """Seconds of processor time for the rows, in micro-batches."""
    start = time.process_time()
    for first in range(0, len(rows), BATCH):
        engine.apply(rows[first : first + BATCH], copy=False)
    return time.process_time() - start


def best_rate(make: Any, rows: Rows, repeat: int) -> float:
    """Commands per second: the median over fresh engines."""
    rates = [len(rows) / run(make(), rows) for _ in range(repeat)]
    return float(np.median(rates))


def venue_config(**changes: Any) -> EngineConfig:
    """Two markets, ten thousand accounts, fees and funding."""
    market = MarketConfig(
        max_order=10**12,
        open_interest_cap=10**15,
        maker_e12=-(5 * 10**7),
        taker_e12=4 * 10**8,
        band_e12=RATE_SCALE // 4,
    )
    markets = (market, replace(market, id=1))
    capacity = Capacity(accounts=10_001, orders=1 << 15, pages=64)
    return EngineConfig(**{"markets": markets, "max_open_orders": 1_000, "capacity": capacity, **changes})


def funded(config: EngineConfig, n_accounts: int, book: Rows) -> Engine:
    """A venue with prices and deposits whose book is filled."""
    engine = Engine(config)
    deposits = np.zeros((n_accounts, 8), np.int64)
    deposits[:, 0] = codes.DEPOSIT
    deposits[:, 1] = np.arange(1, n_accounts + 1)
    deposits[:, 4] = 10**10
    engine.apply(deposits)
    for market in config.markets:
        engine.apply(price_rows(market.id, MID, 0))
    engine.apply(book)
    return engine


def price_rows(market: int, price: int, clock: int) -> Rows:
    """A report and a tick."""
    op = market << 8
    report = [codes.ORACLE_REPORT | op, 0, 0, price, 0, clock, 0, clock]
    return np.array([report, [codes.ORACLE_TICK | op, 0, 0, 0, 0, 0, 0, clock]], np.int64)


def with_prices(rows: Rows, every: int, n_markets: int) -> Rows:
    """The flow with a price of every market after each `every` commands, 5 s apart on the venue's clock."""
    parts = []
    for i, first in enumerate(range(0, len(rows), every)):
        part = rows[first : first + every].copy()
        part[:, 7] = 5_000 * i + 1
        parts.append(part)
        for market in range(n_markets):
            parts.append(price_rows(market, MID + (i % 7) - 3, 5_000 * (i + 1)))
    return np.concatenate(parts)


def measure_book(n: int, repeat: int) -> dict[str, Any]:
    """Flows M, X and D on a bare book."""
    out: dict[str, Any] = {}
    for name in ("M", "X", "D"):
        book, rows = flow(name, n)
        orders = 1 << (LIVE[name] * 3 // 2).bit_length()
        config = EngineConfig(accounting=False, capacity=Capacity(accounts=10_001, orders=orders, pages=64))

        def make(config: EngineConfig = config, book: Rows = book) -> Engine:
            engine = Engine(config)
            engine.apply(book)
            return engine

        out[f"book_ops_per_s_{name.lower()}"] = best_rate(make, rows, repeat)
        engine = make()
        refused = sum(
            int(np.count_nonzero(engine.apply(rows[i : i + BATCH], copy=False).results))
            for i in range(0, len(rows), BATCH)
        )
        out[f"book_accepted_{name.lower()}"] = 1 - refused / len(rows)
        out[f"book_live_{name.lower()}"] = int(engine.state[at.H_ORDERS_LIVE])
    out["book_ops_per_s"] = min(out["book_ops_per_s_m"], out["book_ops_per_s_x"])
    out["book_ops_per_s_deep"] = out["book_ops_per_s_d"]
    return out


def measure_venue(n: int, repeat: int) -> dict[str, Any]:
    """Flow M with accounts; and one command per call."""
    book, rows = flow("M", n, n_markets=2)
    rows = with_prices(rows, 10_000, 2)
    config = venue_config()
    rate = best_rate(lambda: funded(config, 10_000, book), rows, repeat)
    engine = funded(config, 10_000, book)
    single = rows[: min(len(rows), 100_000)]
    times = np.empty(len(single))
    for i in range(len(single)):
        start = time.perf_counter_ns()
        engine.apply(single[i : i + 1], copy=False)
        times[i] = time.perf_counter_ns() - start
    outcome = engine.apply(rows[len(single) : len(single) + 200_000])
    p50, p99, p999 = np.percentile(times, (50, 99, 99.9))
    return {
        "venue_ops_per_s": rate,
        "venue_accepted": float(np.mean(outcome.results == 0)),
        "venue_fills_per_command": float(np.mean(outcome.events[:, 0] & 0xFF == codes.EV_FILL))
        * len(outcome.events)
        / max(1, len(outcome.results)),
        "latency_ns_p50": p50,
        "latency_ns_p99": p99,
        "latency_ns_p99_9": p999,
    }


def curve_config(model: int) -> EngineConfig:
    """A deep constant-product curve behind the venue of flow M."""
    markets = tuple(
        replace(m, depth=10**14, max_exposure=10**14, maker_e12=0) for m in venue_config().markets
    )
    return venue_config(
        markets=markets,
        model=model,
        curve=codes.CONSTANT_PRODUCT,
        backing=10**14,
        max_slippage_e12=RATE_SCALE // 20,
    )


def measure_curves(n: int, repeat: int) -> dict[str, Any]:
    """Swaps on a curve alone, and flow M on book and curve."""
    book, rows = flow("M", n, n_markets=2)
    swaps = rows.copy()
    swaps[:, 0] = codes.CREATE_ORDER | (rows[:, 0] & 0xFF00) | (rows[:, 0] & 0x10000) | (codes.MARKET << 17)
    swaps[:, 0] ^= (np.arange(len(swaps)) & 1) << 16
    swaps[:, 1:5] = np.stack(
        (
            np.arange(len(swaps)) % 10_000 + 1,
            np.arange(len(swaps)) + 1,
            0 * swaps[:, 3],
            swaps[:, 4] % 100 + 1,
        ),
        axis=1,
    )
    swaps[:, 2] += 1
    amm, hybrid = curve_config(codes.AMM), curve_config(codes.HYBRID)
    mixed = with_prices(rows, 10_000, 2)
    swaps = with_prices(swaps, 10_000, 2)
    engine = funded(amm, 10_000, book[:0])
    accepted = float(np.mean(engine.apply(swaps[:200_000]).results == 0))
    return {
        "amm_swaps_per_s": best_rate(lambda: funded(amm, 10_000, book[:0]), swaps, repeat),
        "amm_accepted": accepted,
        "hybrid_ops_per_s": best_rate(lambda: funded(hybrid, 10_000, book), mixed, repeat),
    }


def measure_memory() -> dict[str, Any]:
    """A million resting orders of a million accounts: bytes that the orders add to the process."""
    n = 1_000_000
    capacity = Capacity(accounts=n + 1, orders=n, pages=64)
    market = MarketConfig(max_order=10**12, open_interest_cap=10**15, band_e12=RATE_SCALE // 4)
    empty = np.zeros((0, 8), np.int64)
    engine = funded(EngineConfig(markets=(market,), capacity=capacity), n, empty)
    with_accounts = _resident_bytes()
    orders = np.zeros((n, 8), np.int64)
    i = np.arange(n)
    side = i & 1
    orders[:, 0] = codes.CREATE_ORDER | ((side | GTT) << 16)
    orders[:, 1] = i + 1
    orders[:, 2] = i * 2_654_435_761 + 1
    away = 1 + i // 2 % 7_000
    orders[:, 3] = np.where(side == 1, MID + away, MID - away)
    orders[:, 4] = 50
    before = _resident_bytes()
    for first in range(0, n, BATCH):
        engine.apply(orders[first : first + BATCH], copy=False)
    grown = _resident_bytes() - before
    live = int(engine.state[at.H_ORDERS_LIVE])
    return {
        "bytes_per_resting_order": grown / live,
        "million_orders_live": live,
        "million_accounts_open": int(engine.state[at.H_ACCOUNTS_USED]) - 1,
        "million_accounts_resident_mb": with_accounts / 1e6,
    }


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--commands", type=int, default=3_000_000, help="commands per flow")
    parser.add_argument("--repeat", type=int, default=3, help="runs per flow; the median counts")
    options = parser.parse_args()
    out = measure_book(options.commands, options.repeat)
    out |= measure_venue(options.commands, options.repeat)
    out |= measure_curves(options.commands, options.repeat)
    out |= measure_memory()
    out["commands"] = options.commands
    for key, value in out.items():
        print(f"{key:32} {value:,.4g}" if isinstance(value, float) else f"{key:32} {value:,}")
    if options.json:
        print(json.dumps(out))


if __name__ == "__main__":
    main()
