"""What the engine lists as due: the same as the naive venue finds by trying, and gone once it is applied."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.engine import Engine, batch, command, order_flags
from l2forge.engine import codes as c
from l2forge.engine import layout as at
from l2forge.errors import InputError
from tests.engine.configs import CONFIGS
from tests.engine.flows import Flow
from tests.engine.naive import NaiveVenue
from tests.engine.naive_due import due

LIQUIDATOR = 3
KINDS = [c.FUNDING, c.EXPIRE_ORDER, c.TRIGGER_ORDER, c.LIQUIDATE, c.DELEVERAGE]
WAITS = (0, 60, 900)


def crash(flow: Flow, permille: int) -> list[tuple[int, ...]]:
    """Reports and ticks that move every market by so much at once."""
    flow.time += 1_000
    rows = []
    for m in flow.price:
        flow.price[m] = min(4_000.0, max(1_000.0, flow.price[m] * (1 + permille / 1_000)))
        fields = {"market": m, "price": round(flow.price[m]), "aux": flow.time}
        rows += [command(c.ORACLE_REPORT, flow.time, account=i, **fields) for i in range(3)]
        rows.append(command(c.ORACLE_TICK, flow.time, market=m))
    return rows


def steps(name: str, seed: int, n: int) -> list[list[tuple[int, ...]]]:
    """n steps of a random flow; every fourth ends in a jump of all prices."""
    flow, found = Flow(seed, CONFIGS[name]), []
    for i in range(n):
        rows = flow.take(150)
        if i % 4 == 3:
            rows += crash(flow, flow.random.choice((-250, -90, 90, 250)))
        found.append(rows)
    return found


def settle(engine: Engine, time: int, seen: set[int]) -> int:
    """Apply what is due until nothing is; returns the number of rounds. Every round does something."""
    for count in range(200):
        rows = engine.due(time, liquidator=LIQUIDATOR)
        if not len(rows):
            return count
        seen |= set((rows[:, 0] & 255).tolist())
        assert (engine.apply(rows).results == c.OK).any()
    raise AssertionError("something stays due")


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_due_is_what_the_naive_venue_finds_by_trying(name: str) -> None:
    engine, naive = Engine(CONFIGS[name]), NaiveVenue(CONFIGS[name])
    for number, rows in enumerate(steps(name, 1, 20)):
        naive.events.clear()
        engine.apply(batch(rows))
        for row in rows:
            naive.apply(row)
        before, time = engine.digest(), naive.now + WAITS[number % 3]
        liquidator = LIQUIDATOR if number % 2 else 0
        found = engine.due(time, liquidator=liquidator)
        assert [tuple(row) for row in found.tolist()] == due(naive, time, liquidator)
        assert engine.digest() == before
        for row in found.tolist()[::2]:
            assert engine.apply(batch([tuple(row)])).results[0] == naive.apply(tuple(row))
        assert engine.digest() == naive.digest()


@pytest.mark.slow
def test_nothing_stays_due_and_every_kind_is_reached() -> None:
    seen: set[int] = set()
    for name, config in CONFIGS.items():
        for seed in range(3):
            engine = Engine(config)
            for rows in steps(name, seed, 24):
                engine.apply(batch(rows))
                settle(engine, int(engine.state[at.H_NOW]), seen)
    assert seen == set(KINDS)


@pytest.mark.slow
def test_a_bound_shortens_each_list_and_no_other() -> None:
    engine, seen = Engine(CONFIGS["hybrid"]), 0
    for rows in steps("hybrid", 5, 24):
        engine.apply(batch(rows))
        time = int(engine.state[at.H_NOW]) + 60
        whole, short = engine.due(time), engine.due(time, limit=2)
        kinds = whole[:, 0] & 255
        parts = [whole[kinds == kind][:2] for kind in KINDS if kind != c.EXPIRE_ORDER]
        rest = short[short[:, 0] & 255 != c.EXPIRE_ORDER]
        assert np.array_equal(np.concatenate(parts), rest)
        assert (short[:, 0] & 255 == c.EXPIRE_ORDER).sum() == min(2, (kinds == c.EXPIRE_ORDER).sum())
        seen += len(whole) > len(short)
    assert seen


def test_parked_orders_are_triggered_in_the_order_in_which_they_were_parked() -> None:
    engine = Engine(CONFIGS["book"])
    stop = order_flags(ask=True, order_type=c.STOP_LOSS)
    rows = [command(c.DEPOSIT, 1, account=a, size=8_000_000) for a in (1, 2)]
    rows += [command(c.ORACLE_REPORT, 1, account=i, price=2_000, aux=1) for i in range(3)]
    rows.append(command(c.ORACLE_TICK, 1))
    expiry = {5: 40, 6: 0, 7: 0}
    for i, (number, time) in enumerate(expiry.items()):
        fields = {"id": number, "size": 10, "aux": 1_900 + i, "expiry": time}
        rows.append(command(c.CREATE_ORDER, 2, account=2, flags=stop, **fields))
    assert not engine.apply(batch(rows)).results.any()
    assert not len(engine.due(10))
    fall = [command(c.ORACLE_REPORT, 2_001, account=i, price=1_890, aux=2_001) for i in range(3)]
    engine.apply(batch([*fall, command(c.ORACLE_TICK, 2_001)]))
    due_now = engine.due(2_001)
    ids = [(int(row[0]) & 255, int(row[2])) for row in due_now if int(row[0]) & 255 != c.FUNDING]
    assert ids == [(c.EXPIRE_ORDER, 5), (c.TRIGGER_ORDER, 6), (c.TRIGGER_ORDER, 7)]
    assert (due_now[:, 7] == 2_001).all()
    assert not engine.apply(due_now).results.any()
    assert not len(engine.due(2_001))


def test_a_past_time_and_senseless_choices_are_refused() -> None:
    engine = Engine(CONFIGS["book"])
    engine.apply(batch([command(c.CLOCK, 100)]))
    assert not len(engine.due(100))
    for time, choice in ((99, {}), (100, {"limit": 0}), (100, {"liquidator": -1}), (100, {"liquidator": 64})):
        with pytest.raises(InputError):
            engine.due(time, **choice)
