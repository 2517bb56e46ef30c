"""An attack on the oracle, stopped three times: by the median, by the step limit, by the average (TWAP).

An attacker pushes price feeds down by 20% for 20 seconds to have others liquidated into waiting bids, and in
a second run also withdraws, at the false price, all that margin lets go. The same flow runs through four
specs that differ in one rule each:

| spec | feeds moved | rule that decides |
|---|---|---|
| naive.toml | 1 of 1 | none: one source, no effective step limit, a TWAP of a second |
| median.toml | 1 of 5 | the median of five sources |
| step_limit.toml | 1 of 1 | no tick moves further than 1% a minute |
| twap.toml | 1 of 1 | a ten-minute average: who is above maintenance at it is not liquidated, and what \
leaves must be margin to spare at it, too |

    python examples/oracle_attack/run.py [PAGE.html]
"""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.compare.charts import colour, figure
from l2forge.compare.flow.stress import oracle_attack
from l2forge.compare.measures import measure
from l2forge.compare.plots import page_for, write_plots
from l2forge.compare.run import Run
from l2forge.spec.load import load_spec

HERE = Path(__file__).parent
SPECS = ("naive", "median", "step_limit", "twap")


def attacker_profit(name: str, withdraws: bool) -> float:
    """What the attack leaves its author, with or without withdrawing paper gains at the false price."""
    flow = oracle_attack(seed=1, withdraws=withdraws)
    run = Run(load_spec(HERE / f"{name}.toml").require(), flow, "BTC-USD")
    return measure(run.run(), run.venue, flow)["attacker_profit"] or 0.0


def main(page: Path) -> None:
    """Run the attack through each spec; the naive one must lose, the others must not."""
    flow = oracle_attack(seed=1, withdraws=False)
    prices, closed = [], []
    for number, name in enumerate(SPECS):
        run = Run(load_spec(HERE / f"{name}.toml").require(), flow, "BTC-USD")
        record = run.run()
        values = measure(record, run.venue, flow)
        liquidated = values["liquidated"] or 0.0
        profit, withdrawn = values["attacker_profit"] or 0.0, attacker_profit(name, withdraws=True)
        print(
            f"{name:<11} index off by {values['index_error'] or 0:7.1f} bps at most, liquidated"
            f" {liquidated:10,.0f}, attacker {profit:9,.0f}"
            f" (and {withdrawn:9,.0f} when withdrawing at the false price)"
        )
        fell = name == "naive"
        if any(succeeded != fell for succeeded in (liquidated > 0, profit > 0, withdrawn > 0)):
            raise SystemExit(
                f"{name}: liquidated {liquidated:,.0f}, attacker {profit:,.0f}, withdrawing {withdrawn:,.0f}"
            )
        times = [sample.time / 1000 for sample in record.samples]
        start = record.samples[0].index
        common = {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "line": {"color": colour(number)},
            "x": times,
        }
        prices.append({**common, "y": [100 * sample.index / start for sample in record.samples]})
        closed.append({**common, "y": [sample.liquidated / run.venue.unit for sample in record.samples]})
    axis = {"title": {"text": "seconds"}}
    write_plots(
        page,
        "An oracle attack, stopped three ways",
        "One feed shows a price 20% too low for 20 seconds. With one source and no limits the index follows"
        " and positions are liquidated; a median ignores the feed, a step limit keeps the tick out, and with"
        " a long average nobody is liquidatable and no paper gain leaves although the index follows.",
        [
            figure("Index, % of its start", prices, xaxis=axis),
            figure("Liquidated so far", closed, xaxis=axis),
        ],
    )
    print(f"plot: {page}")


if __name__ == "__main__":
    main(page_for("oracle_attack", sys.argv[1:]))
