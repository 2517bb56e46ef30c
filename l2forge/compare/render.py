"""A comparison as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from l2forge.compare.comparison import PARETO, Comparison, Outcome, pareto_point
from l2forge.compare.measures import HIGH, LOW, MEASURES, Measure
from l2forge.compare.statistics import Interval

_ARROWS = {LOW: "↓", HIGH: "↑", 0: " "}


def as_number(value: float | None, unit: str) -> str:
    """A measure's value with as many digits as it deserves; "–" where there is none."""
    if value is None:
        return "–"
    if unit == "money":
        return f"{value:,.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:,.0f}"
    return f"{value:.2f}"


def as_text(comparison: Comparison) -> str:
    """The table, differences against the first spec, attacks, what was refused, and the limits."""
    seeds = len(comparison.flows)
    lines = [
        f"flow {comparison.flow}: {comparison.about}",
        *([f"source: {comparison.source}"] if comparison.source else []),
        *(f"  seed {seed}: {n:,} intents, {digest[:16]}…" for seed, digest, n in comparison.flows),
        "  every spec was given these; all in whole collateral, bps or %; means over "
        + (f"{seeds} seeds" if seeds > 1 else "one seed"),
        "",
        *_table(comparison),
        "",
        *_attack_lines(comparison),
        *_pareto_lines(comparison),
        "",
        *(line for outcome in comparison.outcomes for line in _notes(outcome)),
        *_limit_lines(comparison),
    ]
    return "\n".join(lines)


def _table(comparison: Comparison) -> list[str]:
    """A row per measure, a column per spec; for the others also the difference to the first."""
    head = ["", "unit"]
    for number, outcome in enumerate(comparison.outcomes):
        head += [outcome.label] if number == 0 else [outcome.label, f"vs {comparison.outcomes[0].label}"]
    rows = [head, ["model", "", *_cells(comparison, lambda outcome: outcome.model)]]
    rows.append(["market", "", *_cells(comparison, lambda outcome: outcome.market)])
    for measure in MEASURES:
        row = _row(comparison, measure)
        if row is not None:
            rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
        cells += [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return lines


def _cells(comparison: Comparison, text: Any) -> list[str]:
    cells: list[str] = []
    for number, outcome in enumerate(comparison.outcomes):
        cells += [text(outcome)] if number == 0 else [text(outcome), ""]
    return cells


def _row(comparison: Comparison, measure: Measure) -> list[str] | None:
    row = [f"{_ARROWS[measure.better]} {measure.name}", "" if measure.unit == "money" else measure.unit]
    empty = True
    for number, outcome in enumerate(comparison.outcomes):
        found = outcome.summary(measure.name)
        empty = empty and found is None
        row.append(as_number(found.mean if found else None, measure.unit))
        if number:
            row.append(difference_text(comparison.difference(outcome, measure.name), measure.unit))
    return None if empty else row


def difference_text(found: Interval | None, unit: str) -> str:
    """A paired difference and its interval."""
    if found is None:
        return ""
    mean, low, high = (as_number(value, unit) for value in (found.mean, found.low, found.high))
    sign = "+" if found.mean > 0 else ""
    return f"{sign}{mean} [{low}, {high}]" if found.low != found.high else f"{sign}{mean}"


def _attack_lines(comparison: Comparison) -> list[str]:
    lines = []
    for outcome in comparison.outcomes:
        best = outcome.best_attack
        if best is not None:
            ends = "pays" if best.net > 0 else "does not pay"
            lines.append(
                f"best attack on {outcome.label}: {best.sources} of {best.of} sources moved by"
                f" {best.move_percent:g}%"
                f" earns {best.profit:,.0f} inside, costs {best.cost:,.0f} outside: {ends}"
            )
    return lines


def _pareto_lines(comparison: Comparison) -> list[str]:
    if len(comparison.outcomes) < 2:
        return []
    kept = [o.label for o, good in zip(comparison.outcomes, comparison.pareto(), strict=True) if good]
    return [f"not beaten on all of {', '.join(PARETO)}: {', '.join(kept)}"]


def _notes(outcome: Outcome) -> list[str]:
    lines = [f"{outcome.label}: {note}" for note in outcome.notes]
    if outcome.refused:
        lines.append(f"{outcome.label}: refused orders: {_counts(outcome.refused)}")
    if outcome.price_refusals:
        lines.append(f"{outcome.label}: prices kept out: {_counts(outcome.price_refusals)}")
    return lines


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in counter.most_common())


def _limit_lines(comparison: Comparison) -> list[str]:
    lines: list[str] = []
    if comparison.survives:
        lines.append(f"survives {comparison.flow} if " + " and ".join(map(str, comparison.survives)))
        broken = comparison.broken(comparison.survives)
        for outcome in comparison.outcomes:
            failed = [f"{b.limit.measure} is {b.worst:,.2f}" for b in broken if b.label == outcome.label]
            lines.append(f"  {outcome.label}: " + ("fails: " + "; ".join(failed) if failed else "survives"))
    for item in comparison.broken(comparison.limits):
        lines.append(
            f"limit broken: {item.label}: {item.limit.measure} is {item.worst:,.2f}, not {item.limit}"
        )
    return lines


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Everything as plain data; per-seed values included."""
    return {
        "flow": {
            "name": comparison.flow,
            "about": comparison.about,
            "source": comparison.source,
            "seeds": [{"seed": s, "digest": d, "intents": n} for s, d, n in comparison.flows],
        },
        "measures": {m.name: {"unit": m.unit, "better": m.better, "about": m.about} for m in MEASURES},
        "venues": [_venue(comparison, outcome) for outcome in comparison.outcomes],
        "pareto": {
            "measures": list(PARETO),
            "undominated": [
                o.label for o, good in zip(comparison.outcomes, comparison.pareto(), strict=True) if good
            ],
        },
        "survives": {
            "limits": [str(limit) for limit in comparison.survives],
            "failed": _broken(comparison, comparison.survives),
        },
        "limits": {
            "limits": [str(limit) for limit in comparison.limits],
            "failed": _broken(comparison, comparison.limits),
        },
    }


def _broken(comparison: Comparison, limits: Any) -> list[dict[str, Any]]:
    return [{"venue": b.label, "limit": str(b.limit), "value": b.worst} for b in comparison.broken(limits)]


def _venue(comparison: Comparison, outcome: Outcome) -> dict[str, Any]:
    first = outcome is comparison.outcomes[0]
    point = [value if value != float("inf") else None for value in pareto_point(outcome)]
    return {
        "name": outcome.label,
        "model": outcome.model,
        "market": outcome.market,
        "spec_hash": outcome.spec_hash,
        "measures": {m.name: _measured(outcome, m.name) for m in MEASURES},
        "differences": {}
        if first
        else {m.name: _interval(comparison.difference(outcome, m.name)) for m in MEASURES},
        "pareto_point": point,
        "attacks": [{**vars(attack), "net": attack.net} for attack in outcome.attacks],
        "refused": dict(outcome.refused),
        "left_out": dict(outcome.left_out),
        "prices_kept_out": dict(outcome.price_refusals),
        "notes": outcome.notes,
    }


def _measured(outcome: Outcome, name: str) -> dict[str, Any]:
    return {"seeds": outcome.column(name), **(_interval(outcome.summary(name)) or {})}


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"mean": found.mean, "low": found.low, "high": found.high}


def as_json(comparison: Comparison) -> str:
    """as_dict, indented."""
    return json.dumps(as_dict(comparison), indent=2, ensure_ascii=False)
