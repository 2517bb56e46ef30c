"""Funding over a day: buyers push the price above the index, longs pay, and the books balance to the unit.

Commands go to the engine directly, one block per five minutes: 288 ticks of the oracle, trades between one
buyer and one maker 30 bps above the index until noon and 30 bps below it afterwards. Writes a page with a
plot; checks that nothing was made or lost on the way.

    python examples/funding_day/run.py [PAGE.html]
"""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.compare.charts import colour, figure
from l2forge.compare.plots import page_for, write_plots
from l2forge.engine import Engine, batch, codes, command, order_flags
from l2forge.engine import layout as at
from l2forge.spec.load import load_spec

STEP_MS = 300_000
STEPS = 288
LONG, SHORT = 1, 2
INDEX = 600_000  # ticks of 0.1
LOTS = 1_000
DEPOSIT = 50_000_000_000


def block(step: int, n_sources: int) -> list[tuple[int, ...]]:
    """One block: prices, funding, a proof, and one trade away from the index."""
    time = step * STEP_MS
    rows = [
        command(codes.ORACLE_REPORT, time, account=source, price=INDEX, aux=time)
        for source in range(n_sources)
    ]
    rows += [
        command(codes.ORACLE_TICK, time),
        command(codes.FUNDING, time),
        command(codes.PROVEN, time, aux=time),
    ]
    price = INDEX * 1003 // 1000 if step < STEPS // 2 else INDEX * 997 // 1000
    buys, sells = order_flags(ask=False, time_in_force=codes.IMMEDIATE_OR_CANCEL), order_flags(ask=True)
    rows.append(
        command(codes.CREATE_ORDER, time, account=SHORT, id=2 * step + 1, price=price, size=LOTS, flags=sells)
    )
    rows.append(
        command(codes.CREATE_ORDER, time, account=LONG, id=2 * step + 2, price=price, size=LOTS, flags=buys)
    )
    return rows


def cash(engine: Engine, account: int) -> int:
    """The account's cash; with positions that cancel out, all cash is all there is."""
    row = int(engine.state[at.H_ACCOUNTS_AT]) + account * int(engine.state[at.H_ACCOUNT_WORDS])
    return int(engine.state[row + at.A_CASH])


def main(page: Path) -> None:
    """Run a day, plot the rate and what was paid, and check that it adds up."""
    spec = load_spec(Path(__file__).with_name("hourly.toml")).require()
    engine = Engine.from_spec(spec)
    n_sources = len(spec.oracles[0].sources)
    engine.apply(batch([command(codes.DEPOSIT, 0, account=who, size=DEPOSIT) for who in (LONG, SHORT)]))
    hours, rates, indices = [], [], []
    for step in range(STEPS + 1):
        outcome = engine.apply(batch(block(step, n_sources)))
        if outcome.results[-1] or outcome.results[-2]:
            raise SystemExit(f"an order was refused at step {step}: {outcome.results[-2:]}")
        market = int(engine.state[at.H_MARKETS_AT])
        hours.append(step * STEP_MS / 3_600_000)
        rates.append(int(engine.state[market + at.M_FUNDING_RATE]) / 1e8)
        indices.append(int(engine.state[market + at.M_FUNDING_INDEX]) / 1e6)
    highest, last = max(rates), rates[-1]
    print(f"rate per hour: {highest:.2f} bps at its highest, {last:.2f} bps at the day's end")
    print(f"funding index: up to {max(indices):,.2f} units per lot, {indices[-1]:,.2f} at the day's end")
    if not (highest > 0 > last):
        raise SystemExit("buyers above the index must pay, sellers below it too")
    kept = sum(cash(engine, who) for who in (LONG, SHORT)) + int(
        engine.state[at.H_INSURANCE]
        + engine.state[at.H_FEE_POOL]
        + engine.state[market + at.M_FUNDING_CLEARING]
    )
    put = int(engine.state[at.H_DEPOSITS])
    print(f"put in {put:,} units, there are {kept:,}")
    if kept != put:
        raise SystemExit("money was made or lost")
    axis = {"title": {"text": "hours"}}
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "line": {"color": colour(i), "shape": "hv"},
            "x": hours,
            "y": values,
        }
        for i, values in enumerate((rates, indices))
    ]
    write_plots(
        page,
        "Funding over a day",
        "Until noon trades are 30 bps above the index and longs pay; then 30 bps below, and shorts pay. The"
        " rate is premium + clamp(interest − premium), set each hour and accrued continuously.",
        [
            figure("Rate per hour, bps (positive: longs pay)", lines[:1], xaxis=axis),
            figure("Funding index: collateral units that a lot has paid", lines[1:], xaxis=axis),
        ],
    )
    print(f"plot: {page}")


if __name__ == "__main__":
    main(page_for("funding_day", sys.argv[1:]))
