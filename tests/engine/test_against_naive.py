"""Engine and naive venue side by side: the same reasons, events and contents for the same commands."""

from __future__ import annotations

import pytest

from l2forge.engine import Engine, EngineConfig, batch
from tests.engine.configs import CONFIGS
from tests.engine.flows import Flow
from tests.engine.naive import NaiveVenue

BATCH = 500


def compare(config: EngineConfig, seed: int, n_commands: int) -> None:
    """Fail at the first batch that differs; the digest is compared after each."""
    engine, naive, flow = Engine(config), NaiveVenue(config), Flow(seed, config)
    for start in range(0, n_commands, BATCH):
        rows = flow.take(BATCH)
        naive.events.clear()
        outcome = engine.apply(batch(rows))
        assert outcome.results.tolist() == [naive.apply(row) for row in rows], f"reasons from {start}"
        assert outcome.events.tolist() == naive.events, f"events from {start}"
        assert engine.digest() == naive.digest(), f"contents from {start}"


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_same_reasons_events_and_digest(name: str) -> None:
    for seed in range(3):
        compare(CONFIGS[name], seed, 10_000)


@pytest.mark.nightly
@pytest.mark.parametrize("name", CONFIGS)
def test_ten_million_commands(name: str) -> None:
    for seed in range(100, 115):
        compare(CONFIGS[name], seed, 100_000)


@pytest.mark.slow
def test_flows_reach_every_kind_of_event() -> None:
    kinds: set[int] = set()
    for config in CONFIGS.values():
        engine, flow = Engine(config), Flow(0, config)
        for _ in range(40):
            kinds |= {int(op) & 0xFF for op in engine.apply(batch(flow.take(500))).events[:, 0]}
    assert kinds == set(range(1, 12))
