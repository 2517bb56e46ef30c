"""The bare book: far prices, full tables, ids that collide, many orders."""

from __future__ import annotations

import random

import numpy as np

from l2forge.engine import Capacity, Engine, EngineConfig, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine import layout as at


def bare(**capacity: int) -> Engine:
    sizes = {"accounts": 64, "orders": 4_096, "pages": 512, "log_price": 26} | capacity
    return Engine(EngineConfig(accounting=False, capacity=Capacity(**sizes)))


def limit(order_id: int, ask: bool, price: int, size: int = 10, account: int = 1) -> tuple[int, ...]:
    flags = order_flags(ask=ask)
    return command(c.CREATE_ORDER, 0, account=account, id=order_id, price=price, size=size, flags=flags)


def best(engine: Engine) -> tuple[int, int]:
    row = int(engine.state[at.H_MARKETS_AT])
    return int(engine.state[row + at.M_BEST_BID]), int(engine.state[row + at.M_BEST_ASK])


def test_best_prices_over_the_whole_range() -> None:
    """A day's prices can lie a thousand times apart: every cancel finds the next level, however far."""
    rng = random.Random(4)
    engine = bare()
    prices = sorted({int(2 ** rng.uniform(0, 26)) for _ in range(700)} - {0, 1 << 26})
    middle = prices[350]
    live = {}
    for i, price in enumerate(prices, start=1):
        ask = price > middle
        assert engine.apply(batch([limit(i, ask, price)])).results[0] == c.OK
        live[i] = (ask, price)
    order = list(live)
    rng.shuffle(order)
    for i in order:
        bids = [p for ask, p in live.values() if not ask]
        asks = [p for ask, p in live.values() if ask]
        assert best(engine) == (max(bids, default=0), min(asks, default=at.PRICE_NONE))
        assert engine.apply(batch([command(c.CANCEL_ORDER, 0, account=1, id=i)])).results[0] == c.OK
        del live[i]
    assert best(engine) == (0, at.PRICE_NONE)
    assert engine.state[at.H_ORDERS_LIVE] == 0


def test_a_full_order_table_refuses_and_recovers() -> None:
    engine = bare(orders=8)
    results = engine.apply(batch([limit(i, True, 1_000) for i in range(1, 11)])).results
    assert results.tolist() == [c.OK] * 8 + [c.R_NO_ROOM] * 2
    rows = [command(c.CANCEL_ORDER, 0, account=1, id=3), limit(10, True, 1_000), limit(11, True, 1_000)]
    assert engine.apply(batch(rows)).results.tolist() == [c.OK, c.OK, c.R_NO_ROOM]


def test_pages_run_out_and_come_back() -> None:
    engine = bare(pages=2)
    rows = [limit(1, True, 5_000), limit(2, True, 50_000), limit(3, True, 500_000), limit(4, True, 5_001)]
    assert engine.apply(batch(rows)).results.tolist() == [c.OK, c.OK, c.R_NO_ROOM, c.OK]
    rows = [command(c.CANCEL_ORDER, 0, account=1, id=2), limit(3, True, 500_000)]
    assert engine.apply(batch(rows)).results.tolist() == [c.OK, c.OK]
    assert best(engine) == (0, 5_000)


def test_ids_in_long_runs_survive_deletion() -> None:
    rng = random.Random(8)
    engine, live = bare(orders=512), set()
    for _ in range(6_000):
        order_id = rng.choice((rng.randrange(1, 700), rng.randrange(1, 700) << 31))
        if order_id in live:
            row = command(c.CANCEL_ORDER, 0, account=1, id=order_id)
            live.remove(order_id)
            expected = c.OK
        else:
            row = limit(order_id, True, 1_000 + order_id % 97)
            expected = c.OK if len(live) < 512 else c.R_NO_ROOM
            if expected == c.OK:
                live.add(order_id)
        assert engine.apply(batch([row])).results[0] == expected
    duplicates = engine.apply(batch([limit(i, True, 1_000) for i in live])).results
    assert set(duplicates.tolist()) == {c.R_ORDER_EXISTS}


def test_a_sweep_stops_at_the_fill_limit() -> None:
    engine = bare()
    engine.apply(batch([limit(i, True, 1_000 + i % 50, account=2) for i in range(1, 1_501)]))
    outcome = engine.apply(batch([limit(9_999, False, 2_000, size=10**6)]))
    kinds = outcome.events[:, 0] & 0xFF
    assert np.count_nonzero(kinds == c.EV_FILL) == c.MAX_FILLS
    assert outcome.events[-1, 0] >> 32 == c.R_FILL_LIMIT
    assert outcome.events[-1, at.E_SIZE] == 10**6 - 10 * c.MAX_FILLS
