"""The machine as a whole: refusals change nothing, snapshots, batches, plain and compiled runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from l2forge.engine import COMMAND, Engine, batch, command
from l2forge.engine import codes as c
from l2forge.errors import InputError
from tests.engine.configs import CONFIGS
from tests.engine.flows import Flow

ROOT = Path(__file__).parents[2]

DIGEST = """
from l2forge.engine import Engine, batch
from tests.engine.configs import CONFIGS
from tests.engine.flows import Flow
for name, config in CONFIGS.items():
    engine, flow = Engine(config), Flow(7, config)
    engine.apply(batch(flow.take(1_500)))
    due = engine.due(flow.time + 1_000, liquidator=3)
    print(name, engine.digest().hex(), due.tolist())
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_a_refused_command_changes_nothing(name: str) -> None:
    engine, flow = Engine(CONFIGS[name]), Flow(3, CONFIGS[name])
    engine.apply(batch(flow.take(2_000)))
    refused = 0
    for row in flow.take(1_500):
        before = engine.digest()
        outcome = engine.apply(batch([row]))
        if outcome.results[0] != c.OK:
            refused += 1
            assert engine.digest() == before
            assert len(outcome.events) == 0
    assert refused > 300


@pytest.mark.slow
def test_snapshot_and_restore_at_any_point() -> None:
    for config in CONFIGS.values():
        engine, flow = Engine(config), Flow(5, config)
        for _ in range(10):
            engine.apply(batch(flow.take(157)))
            saved, digest = engine.snapshot(), engine.digest()
            rows = batch(flow.take(211))
            first = engine.apply(rows)
            after = engine.digest()
            engine.restore(saved)
            assert engine.digest() == digest
            again = engine.apply(rows)
            assert engine.digest() == after
            assert np.array_equal(first.results, again.results)
            assert np.array_equal(first.events, again.events)


@pytest.mark.slow
def test_batch_size_does_not_matter() -> None:
    for config in CONFIGS.values():
        rows = batch(Flow(11, config).take(3_000))
        whole = Engine(config)
        outcome = whole.apply(rows)
        pieces = Engine(config)
        parts = [pieces.apply(part) for part in np.array_split(rows, 97)]
        assert pieces.digest() == whole.digest()
        assert np.array_equal(np.concatenate([part.events for part in parts]), outcome.events)


@pytest.mark.slow
def test_plain_python_gives_the_same_digests() -> None:
    def digests(disable: str) -> str:
        environment = os.environ | {"NUMBA_DISABLE_JIT": disable, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert digests("1") == digests("0") != ""


def test_commands_have_names() -> None:
    rows = batch([command(c.CREATE_ORDER, 9, market=2, flags=1, account=3, id=4, price=5, size=6, aux=7)])
    named = rows.view(COMMAND)[0, 0]
    fields = ("kind", "market", "flags", "account", "id", "price", "size", "aux", "time")
    assert [int(named[field]) for field in fields] == [c.CREATE_ORDER, 2, 1, 3, 4, 5, 6, 7, 9]
    with pytest.raises(TypeError):
        command(c.CLOCK, 0, colour=1)


def test_foreign_snapshots_and_broken_batches_are_refused() -> None:
    engine = Engine(CONFIGS["book"])
    with pytest.raises(InputError):
        engine.restore(engine.snapshot()[:-1])
    with pytest.raises(InputError):
        engine.restore(np.zeros_like(engine.snapshot()))
    with pytest.raises(InputError):
        engine.apply(np.zeros(9, dtype=np.int64))
