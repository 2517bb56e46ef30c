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
import sys
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


@njit(cache=True)
def _order_flow(seed, n, mix, live_target, levels, n_accounts, n_markets):  # type: ignore[no-untyped-def]
    """Rows of a flow: first the live orders, then n commands of the mix (add, cancel, IOC, move in percent).

    The generator keeps its own list of live orders, so a few cancels and moves meet orders that were filled.
    """
    np.random.seed(seed)
    rows = np.zeros((live_target + n, 8), np.int64)
    ids = np.zeros(live_target + n, np.int64)
    homes = np.zeros((live_target + n, 3), np.int64)
    n_live = 0
    add, cancel, ioc = mix[0] / 100, (mix[0] + mix[1]) / 100, (mix[0] + mix[1] + mix[2]) / 100
    for i in range(live_target + n):
        draw = np.random.random() if i >= live_target else 0.0
        account = np.random.randint(1, n_accounts + 1)
        market = np.random.randint(0, n_markets)
        side = np.random.randint(0, 2)
        away = 1 + int(levels * np.random.random() ** 3)
        price = MID + away if side else MID - away
        order_id = ((i + 1) * 0x5DEECE66D + seed * 977) & ((1 << 61) - 1)
        clock = max(0, i - live_target) // COMMANDS_PER_MS + 1
        if draw < add or n_live == 0 or (draw < cancel and n_live < live_target * 0.9):
            rows[i] = _row(codes.CREATE_ORDER, market, side | GTT, account, order_id, price, clock)
            ids[n_live] = order_id
            homes[n_live] = (market, account, side)
            n_live += 1
        elif draw < cancel:
            k = np.random.randint(0, n_live)
            rows[i] = _row(codes.CANCEL_ORDER, homes[k, 0], 0, homes[k, 1], ids[k], 0, clock)
            n_live -= 1
            ids[k] = ids[n_live]
            homes[k] = homes[n_live]
        elif draw < ioc:
            cross = MID - levels if side else MID + levels
            rows[i] = _row(codes.CREATE_ORDER, market, side, account, order_id, cross, clock)
        else:
            k = np.random.randint(0, n_live)
            moved = MID + away if homes[k, 2] else MID - away
            rows[i] = _row(codes.MODIFY_ORDER, homes[k, 0], 0, homes[k, 1], ids[k], moved, clock)
    return rows


@njit(cache=True)
def _row(kind, market, flags, account, order_id, price, clock):  # type: ignore[no-untyped-def]
    """One command; sizes from 1 to 100 lots."""
    size = np.random.randint(1, 101) if kind == codes.CREATE_ORDER else 0
    return np.array([kind | (market << 8) | (flags << 16), account, order_id, price, size, 0, 0, clock])


def flow(
    name: str, n: int, *, n_accounts: int = 10_000, n_markets: int = 1, seed: int = 1
) -> tuple[Rows, Rows]:
    """(orders that fill the book, the flow's commands)."""
    mix = np.array(MIXES[name])
    rows = _order_flow(seed, n, mix, LIVE[name], LEVELS[name], n_accounts, n_markets)
    return rows[: LIVE[name]], rows[LIVE[name] :]


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
        results = engine.apply(rows[:200_000]).results
        out[f"book_accepted_{name.lower()}"] = float(np.mean(results == 0))
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
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--commands", type=int, default=3_000_000, help="commands per flow")
    parser.add_argument("--repeat", type=int, default=3, help="runs per flow; the median counts")
    options = parser.parse_args()
    out = measure_book(options.commands, options.repeat)
    out |= measure_venue(options.commands, options.repeat)
    out |= measure_curves(options.commands, options.repeat)
    out |= measure_memory()
    out["commands"] = options.commands
    if options.json:
        json.dump(out, sys.stdout, indent=1)
        print()
    else:
        for key, value in out.items():
            print(f"{key:32} {value:,.4g}" if isinstance(value, float) else f"{key:32} {value:,}")


if __name__ == "__main__":
    main()
