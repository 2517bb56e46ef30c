"""How long `Engine.due` takes: `python -m benchmarks.due [--json] [--orders N] [--repeat R]`.

A book of a million orders with an expiry and 20,000 parked stops, of 60,000 accounts; process time, medians:

| key | what is due |
|---|---|
| due_ms_idle | nothing: what a quiet venue pays after each tick |
| due_ms_expired | 1,024 orders are listed of many that are past their time |
| due_ms_triggered | 1,024 stops are listed of 20,000 that are met |
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import numpy as np

from l2forge.engine import Capacity, Engine, EngineConfig, batch, codes, command, order_flags

PRICE = 100_000
TRIGGER = 99_000
N_ACCOUNTS = 60_000
PARKED_EACH = 50
FIRST_EXPIRY = 100_000


def filled(n_orders: int) -> Engine:
    """A venue at PRICE whose book and parked list hold `n_orders`, none of them due before FIRST_EXPIRY."""
    capacity = Capacity(accounts=N_ACCOUNTS + 1, orders=n_orders, pages=64)
    engine = Engine(EngineConfig(capacity=capacity))
    rows = [command(codes.DEPOSIT, 1, account=a, size=10**10) for a in range(1, N_ACCOUNTS + 1)]
    rows += tick(1, PRICE)
    engine.apply(batch(rows))
    number = np.arange(1, n_orders + 1)
    parked = number % PARKED_EACH == 0
    ask = number % 2
    orders = np.zeros((n_orders, 8), np.int64)
    stop = order_flags(ask=True, order_type=codes.STOP_LOSS)
    orders[:, 0] = codes.CREATE_ORDER | np.where(parked, stop, order_flags(ask=False) | ask) << 16
    orders[:, 1] = 1 + number % N_ACCOUNTS
    orders[:, 2] = number
    orders[:, 3] = np.where(parked, 0, PRICE + np.where(ask, 1, -1) * (1 + number % 4_000))
    orders[:, 4] = 1
    orders[:, 5] = np.where(parked, TRIGGER, 0)
    orders[:, 6] = np.where(parked, 0, FIRST_EXPIRY + number)
    orders[:, 7] = 2
    assert not engine.apply(orders).results.any(), "the book is not what it should be"
    return engine


def tick(now: int, price: int) -> list[tuple[int, ...]]:
    """A report and the tick that makes it the index."""
    return [command(codes.ORACLE_REPORT, now, price=price, aux=now), command(codes.ORACLE_TICK, now)]


def measure(engine: Engine, now: int, n_rows: int, repeat: int) -> float:
    """Median milliseconds of a call that lists `n_rows`."""
    taken = []
    for _ in range(repeat):
        start = time.process_time_ns()
        rows = engine.due(now)
        taken.append((time.process_time_ns() - start) / 1e6)
        assert len(rows) == n_rows, f"{len(rows)} rows are due"
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.due")
    parser.add_argument("--orders", type=int, default=1_000_000, help="resting and parked orders")
    parser.add_argument("--repeat", type=int, default=21, help="calls of each kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    options = parser.parse_args()
    engine = filled(options.orders)
    figures = {"due_ms_idle": measure(engine, 3, 0, options.repeat)}
    late = FIRST_EXPIRY + options.orders
    figures["due_ms_expired"] = measure(engine, late, 1_024, options.repeat)
    engine.apply(batch(tick(20_000, TRIGGER)))
    figures["due_ms_triggered"] = measure(engine, 20_000, 1_024, options.repeat)
    if options.json:
        print(json.dumps({"orders": options.orders, **figures}))
    else:
        for name, value in figures.items():
            print(f"{name:<20} {value:8.2f}")


if __name__ == "__main__":
    main()
