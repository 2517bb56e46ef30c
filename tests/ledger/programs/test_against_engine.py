"""Random commands through the engine, their effects through the ledger's programs: every number agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from l2forge.ledger.ledger import Ledger, Rules
from tests.ledger.programs.comparison import differences
from tests.ledger.programs.engine_run import EngineRun
from tests.ledger.programs.flows import START_MS, Flow, rough_config

BATCH = 500
"""Commands between two comparisons."""


def rules_of_flows() -> Rules:
    """The rough venue; nobody proves it, so its sources' keys are no keys."""
    config = rough_config()
    return Rules(config, 77, {m.id: tuple((1, 2, 3, 4, 5 + s) for s in range(3)) for m in config.markets})


RULES = rules_of_flows()


def new_flow(seed: int, rules: Rules = RULES) -> Flow:
    run = EngineRun(rules.config, START_MS)
    return Flow(run, seed, {0: 2_000.0, 2: 2_500.0}, 8_000_000, step=0.012)


def play(flow: Flow, n_commands: int, rules: Rules = RULES) -> set[str]:
    """Compare after every batch; the names of the programs that were used."""
    ledger = Ledger(rules)
    used: set[str] = set()
    flow.open()
    for end in range(BATCH, n_commands + 1, BATCH):
        flow.play(end)
        batch = ledger.execute(flow.run.take())
        assert differences(ledger, flow.run) == []
        used |= {rules.code.owners[row] for row in batch.run.rows}
    return used


def test_two_thousand_commands() -> None:
    flow = new_flow(81)  # few seeds reach, in so few commands, accounts that reduce below initial margin
    used = play(flow, 2_000)
    assert flow.run.n_turned > 2 and flow.run.n_closed > 2
    assert {"forced_withdraw", "refuse_withdrawal", "cancel", "cancel_all", "withdraw", "transfer"} <= used
    assert {"fill_0", "fill_2", "fill_stale_0", "fill_maker_shrinks_0", "fill_taker_shrinks_0"} <= used
    assert {"fill_maker_shrinks_stale_0", "fill_stale_2", "funding_2"} <= used


def test_a_difference_is_seen() -> None:
    first, *others = RULES.config.markets
    dearer = replace(RULES.config, markets=(replace(first, taker_e12=2 * first.taker_e12), *others))
    with pytest.raises(AssertionError, match="venue 3: ledger"):
        play(new_flow(1, replace(RULES, config=dearer)), 1_000)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_fifty_thousand_commands(seed: int) -> None:
    play(new_flow(100 + seed), 5_000)
