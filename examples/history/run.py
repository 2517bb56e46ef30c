"""Six days that perpetual venues remember, through four known designs: who survives, and by which figure.

Each scenario is a seeded flow (`l2forge compare … --flow history/NAME` runs one with any specs); what
happened, with numbers and source, stands in l2forge/compare/flow/history.py and is printed here.

    python examples/history/run.py [PAGE.html]
"""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.compare.charts import colour, figure
from l2forge.compare.comparison import compare
from l2forge.compare.flow.history import SCENARIOS
from l2forge.compare.plots import page_for, write_plots

PRESETS = ("order_book", "perp_v1", "drift", "gmx")
FIGURES = ("bad_debt", "attacker_profit", "deleveraged", "liquidated")


def main(page: Path) -> None:
    """Run all six, print the verdicts, plot the figures that decide."""
    bars: dict[str, dict[str, list[float]]] = {name: {preset: [] for preset in PRESETS} for name in FIGURES}
    for name, scenario in SCENARIOS.items():
        found = compare([f"preset:{p}" for p in PRESETS], f"history/{name}", n_seeds=1, with_attacks=False)
        print(f"\n{name}: {(scenario.__doc__ or '').splitlines()[0]}")
        print(f"  source: {found.source}")
        broken = found.broken(found.survives)
        for outcome in found.outcomes:
            failed = [f"{b.limit.measure} {b.worst:,.0f}" for b in broken if b.label == outcome.label]
            print(f"  {outcome.label:<11} {'fails: ' + ', '.join(failed) if failed else 'survives'}")
            for figure_name in FIGURES:
                bars[figure_name][outcome.label].append(max(0.0, outcome.values[0][figure_name] or 0.0))
    if not any(value for values in bars["bad_debt"].values() for value in values):
        raise SystemExit("six disasters and no bad debt: the scenarios do not bite")
    figures = [
        figure(
            name.replace("_", " "),
            [
                {
                    "type": "bar",
                    "name": preset,
                    "marker": {"color": colour(i)},
                    "x": list(SCENARIOS),
                    "y": bars[name][preset],
                }
                for i, preset in enumerate(PRESETS)
            ],
        )
        for name in FIGURES
    ]
    text = "Six scenarios through four presets, one seed: what each design would have lost, in collateral."
    write_plots(page, "History as scenarios", text, figures)
    print(f"\nplot: {page}")


if __name__ == "__main__":
    main(page_for("history", sys.argv[1:]))
