"""History with margin that grows with open interest: the hole of 2023 is smaller where a spec asks for it."""

from __future__ import annotations

import pytest

from l2forge.compare.flow import load_flow
from l2forge.compare.measures import measure
from l2forge.compare.run import Run
from l2forge.spec.load import loads_spec
from l2forge.spec.presets import preset_path

TABLE = '[markets.open_interest_margin]\nlower = "200000"\nupper = "1000000"\n[markets.funding]'


def bad_debt(preset: str, table: bool) -> float:
    """Bad debt of the scenario, in whole collateral."""
    text = preset_path(preset).read_text()
    text = text.replace("[markets.funding]", TABLE) if table else text
    flow = load_flow("history/dydx-yfi-2023", 1)
    run = Run(loads_spec(text).require(), flow, "BTC-USD")
    return measure(run.run(), run.venue, flow)["bad_debt"] or 0.0


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["order_book", "perp_v1", "drift"])
def test_a_crowded_market_leaves_a_smaller_hole(preset: str) -> None:
    without = bad_debt(preset, table=False)
    assert without > 100_000
    assert bad_debt(preset, table=True) < 0.7 * without
