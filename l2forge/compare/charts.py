"""The report's charts, as Plotly figures in plain data (traces, layout); one colour per spec throughout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from l2forge.compare.comparison import Comparison, Outcome
from l2forge.compare.measures import BUCKETS
from l2forge.compare.record import Record, Sample

Figure = dict[str, Any]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#000000")
"""Okabe and Ito's palette, which the colour-blind can tell apart."""
INK, PAPER, GRID = "#1f2937", "#ffffff", "#e5e7eb"


def colour(number: int) -> str:
    """The colour of the spec with that number."""
    return COLOURS[number % len(COLOURS)]


def figure(title: str, traces: list[dict[str, Any]], **layout: Any) -> Figure:
    """A figure with the report's common layout."""
    axis = {"gridcolor": GRID, "zerolinecolor": "#9ca3af", "automargin": True}
    base: dict[str, Any] = {
        "title": {
            "text": title,
            "x": 0,
            "xanchor": "left",
            "y": 0.97,
            "yanchor": "top",
            "font": {"size": 16},
        },
        "font": {"family": "system-ui, sans-serif", "color": INK, "size": 13},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 60, "r": 20, "t": 84, "b": 50},
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        "height": 380,
        "hovermode": "x unified",
    }
    for name in ("xaxis", "yaxis"):
        layout[name] = {**axis, **layout.get(name, {})}
    return {"data": traces, "layout": {**base, **layout}}


def charts(comparison: Comparison) -> list[tuple[Figure, str]]:
    """All charts, each with the sentence below it."""
    chosen = [
        (_slippage(comparison), "Percentiles over all seeds; the line on a bar spans the seeds' interval."),
        (
            _taker_cost(comparison),
            "What trading cost takers in all, and how much of what they wanted they got.",
        ),
        (_spread_and_depth(comparison), "Means over time. Depth is what can be traded, both sides' mean."),
        (
            _providers(comparison),
            "Profit of who provides liquidity: makers on books, the pool behind curves.",
        ),
        (_over_time(comparison, "The index and what the asset is worth", _price), "First seed."),
        (_over_time(comparison, "Spread over time", _spread), "First seed; gaps: one side was not quoted."),
        (_over_time(comparison, "Liquidated so far", _liquidated), "First seed."),
        (_over_time(comparison, "Insurance fund", _insurance), "First seed."),
        (_risk(comparison), "Means over the seeds with their intervals."),
        (
            _attacks(comparison),
            "Above the dashed line an attack pays: profit inside beyond the cost outside.",
        ),
        (_pareto(comparison), "Left and down is better; filled: not beaten on every count by another spec."),
    ]
    return [(one, note) for one, note in chosen if one["data"]]


def _bars(comparison: Comparison, names: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """A bar per spec and measure, with the interval over seeds as its error bar."""
    traces = []
    for number, outcome in enumerate(comparison.outcomes):
        found = [(label, outcome.summary(name)) for name, label in names]
        known = [(label, one) for label, one in found if one is not None]
        if not known:
            continue
        traces.append(
            {
                "type": "bar",
                "name": outcome.label,
                "marker": {"color": colour(number)},
                "x": [label for label, _ in known],
                "y": [one.mean for _, one in known],
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [one.high - one.mean for _, one in known],
                    "arrayminus": [one.mean - one.low for _, one in known],
                    "thickness": 1,
                },
            }
        )
    return traces


def _slippage(comparison: Comparison) -> Figure:
    names = [
        (f"slippage_{bucket}_p{part}", f"{bucket} p{part}")
        for bucket, _, _ in BUCKETS
        for part in (50, 95, 99)
    ]
    axis = {"title": {"text": "bps (logarithmic)"}, "type": "log"}
    return figure("Slippage by order size", _bars(comparison, names), yaxis=axis)


def _taker_cost(comparison: Comparison) -> Figure:
    traces = _bars(comparison, [("taker_cost", "cost, fees included (bps)"), ("filled_share", "filled (%)")])
    return figure("What takers paid and got", traces)


def _spread_and_depth(comparison: Comparison) -> Figure:
    traces = _bars(comparison, [("depth_10bps", "within ±10 bps"), ("depth_50bps", "within ±50 bps")])
    return figure("Depth around the mid", traces, yaxis={"title": {"text": "collateral"}})


def _providers(comparison: Comparison) -> Figure:
    names = ("profit", "fees", "markout", "funding")
    pairs = [
        (f"{who}_{name}", f"{label}{name}")
        for who, label in (("maker", "makers<br>"), ("lp", "pool<br>"))
        for name in names
    ]
    known = [(name, label) for name, label in pairs if name != "lp_fees"]
    return figure(
        "Profit of liquidity providers", _bars(comparison, known), yaxis={"title": {"text": "collateral"}}
    )


def _risk(comparison: Comparison) -> Figure:
    names = ("bad_debt", "insurance_drawdown", "deleveraged", "attacker_profit")
    traces = _bars(comparison, [(name, name.replace("_", " ")) for name in names])
    return figure("Who pays when it goes wrong", traces, yaxis={"title": {"text": "collateral"}})


Value = Callable[[Outcome, Sample], float | None]


def _price(outcome: Outcome, sample: Sample) -> float | None:
    """In percent of the first price: specs may count in different ticks."""
    first = outcome.record.samples[0].truth if outcome.record else 1
    return sample.index / first * 100 if sample.index else None


def _spread(outcome: Outcome, sample: Sample) -> float | None:
    if sample.bid is None or sample.ask is None:
        return None
    return max(0.0, (sample.ask - sample.bid) / (sample.ask + sample.bid) * 20_000)


def _liquidated(outcome: Outcome, sample: Sample) -> float | None:
    return sample.liquidated / outcome.unit


def _insurance(outcome: Outcome, sample: Sample) -> float | None:
    return sample.insurance / outcome.unit


_UNITS: dict[Value, str] = {
    _price: "% of the first price",
    _spread: "bps",
    _liquidated: "collateral",
    _insurance: "collateral",
}


def _over_time(comparison: Comparison, title: str, value: Value) -> Figure:
    traces: list[dict[str, Any]] = []
    for number, outcome in enumerate(comparison.outcomes):
        samples = (outcome.record or Record()).samples
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": outcome.label,
                "line": {"color": colour(number), "width": 1.6},
                "x": [sample.time / 1000 for sample in samples],
                "y": [value(outcome, sample) for sample in samples],
            }
        )
    if value is _price and comparison.outcomes[0].record:
        samples = comparison.outcomes[0].record.samples
        line = {"color": INK, "width": 1, "dash": "dot"}
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "worth",
                "line": line,
                "x": [sample.time / 1000 for sample in samples],
                "y": [sample.truth / samples[0].truth * 100 for sample in samples],
            }
        )
    axes = {"xaxis": {"title": {"text": "seconds"}}, "yaxis": {"title": {"text": _UNITS[value]}}}
    return figure(title, traces, **axes)


def _attacks(comparison: Comparison) -> Figure:
    traces: list[dict[str, Any]] = []
    most = 1.0
    for number, outcome in enumerate(comparison.outcomes):
        if not outcome.attacks:
            continue
        texts = [f"{a.sources} of {a.of} sources by {a.move_percent:g}%" for a in outcome.attacks]
        most = max(most, *(a.profit for a in outcome.attacks))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": outcome.label,
                "marker": {"color": colour(number), "size": 10, "opacity": 0.8},
                "x": [a.cost for a in outcome.attacks],
                "y": [a.profit for a in outcome.attacks],
                "text": texts,
                "hovertemplate": "%{text}<br>cost %{x:,.0f}<br>profit %{y:,.0f}",
            }
        )
    if traces:
        low = min(a.cost for outcome in comparison.outcomes for a in outcome.attacks)
        ends = [low, max(low, most) * 1.5]
        line = {"dash": "dash", "color": INK, "width": 1}
        traces.append(
            {"type": "scatter", "mode": "lines", "name": "breaks even", "line": line, "x": ends, "y": ends}
        )
    return figure(
        "Attacks on the price: profit against cost",
        traces,
        hovermode="closest",
        xaxis={"title": {"text": "cost of moving the sources (logarithmic)"}, "type": "log"},
        yaxis={"title": {"text": "profit inside the venue"}},
    )


def _pareto(comparison: Comparison) -> Figure:
    traces: list[dict[str, Any]] = []
    for number, (outcome, good) in enumerate(zip(comparison.outcomes, comparison.pareto(), strict=True)):
        cost, debt = outcome.summary("taker_cost"), outcome.summary("bad_debt")
        if cost is None or debt is None:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": outcome.label,
                "marker": {
                    "color": colour(number),
                    "size": 14,
                    "symbol": "circle" if good else "circle-open",
                },
                "x": [cost.mean],
                "y": [debt.mean],
                "text": [outcome.label],
                "textposition": "top center",
            }
        )
    return figure(
        "Cost of trading against bad debt",
        traces,
        hovermode="closest",
        showlegend=False,
        xaxis={"title": {"text": "takers' cost, bps"}},
        yaxis={"title": {"text": "bad debt, collateral"}},
    )
