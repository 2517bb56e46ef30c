"""A liquidation cascade: sixty leveraged traders, a fall of 31%, and where the losses go.

The flow is 10 October 2025 (`history/october-2025`); the venue is the preset `order_book`, once as it is and
once with deleveraging forced by an empty insurance fund. Writes a page with a plot; prints what it shows.

    python examples/liquidation_cascade/run.py [PAGE.html]
"""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.compare.charts import colour, figure
from l2forge.compare.flow import load_flow
from l2forge.compare.plots import page_for, write_plots
from l2forge.compare.run import Run
from l2forge.spec.load import load_spec

HERE = Path(__file__).parent
VENUES = ("insured.toml", "uninsured.toml")


def line(name: str, number: int, times: list[float], values: list[float]) -> dict:
    """A trace over time."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "line": {"color": colour(number)},
        "x": times,
        "y": values,
    }


def main(page: Path) -> None:
    """Run both venues, plot, and check that money is where the story says."""
    flow = load_flow("history/october-2025", 1)
    price, liquidated, insurance = [], [], []
    for number, name in enumerate(VENUES):
        run = Run(load_spec(HERE / name).require(), flow, "BTC-USD")
        record = run.run()
        unit = run.venue.unit
        label = Path(name).stem
        times = [sample.time / 1000 for sample in record.samples]
        if number == 0:
            start = record.samples[0].index
            price.append(line("index", 6, times, [100 * s.index / start for s in record.samples]))
        liquidated.append(line(label, number, times, [s.liquidated / unit for s in record.samples]))
        insurance.append(line(label, number, times, [s.insurance / unit for s in record.samples]))
        debt = (record.insurance_paid + record.owed) / unit
        print(f"{label}: {record.liquidations} liquidation steps close {record.liquidated / unit:,.0f};")
        print(f"  bad debt {debt:,.0f}, of which insurance paid {record.insurance_paid / unit:,.0f};")
        print(f"  {record.deleveraged / unit:,.0f} of positions were taken from winners by deleveraging")
        if record.liquidated == 0:
            raise SystemExit("a fall of 31% liquidated nobody")
        if label == "uninsured" and record.deleveraged == 0:
            raise SystemExit("with an empty insurance fund somebody must be deleveraged")
    axis = {"title": {"text": "seconds"}}
    write_plots(
        page,
        "A liquidation cascade",
        "The price falls by 31% within minutes while makers have left. Positions are closed step by step;"
        " what they lose beyond their margin is paid by the insurance fund, and where that is empty, by the"
        " winners.",
        [
            figure("Index, % of its start", price, xaxis=axis),
            figure("Liquidated so far", liquidated, xaxis=axis),
            figure("Insurance fund", insurance, xaxis=axis),
        ],
    )
    print(f"plot: {page}")


if __name__ == "__main__":
    main(page_for("liquidation_cascade", sys.argv[1:]))
