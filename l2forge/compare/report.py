"""The comparison as one HTML file that needs nothing else: Plotly's script lies inside, no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from plotly.offline import get_plotlyjs

from l2forge import __version__
from l2forge.compare.charts import charts, colour
from l2forge.compare.comparison import PARETO, Comparison
from l2forge.compare.measures import HIGH, LOW, MEASURES, NEITHER
from l2forge.compare.render import as_number, difference_text
from l2forge.errors import InputError

TEMPLATE = "report.html.j2"
_BETTER = {LOW: "less is better", HIGH: "more is better", NEITHER: ""}


def render_report(comparison: Comparison) -> str:
    """The page's text."""
    environment = Environment(
        loader=PackageLoader("l2forge.compare", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    figures = charts(comparison)
    return environment.get_template(TEMPLATE).render(
        comparison=comparison,
        colours=[colour(number) for number in range(len(comparison.outcomes))],
        rows=_rows(comparison),
        notes=[note for _, note in figures],
        figures=_script_json([one for one, _ in figures]),
        plotly=get_plotlyjs(),
        pareto=list(zip(comparison.outcomes, comparison.pareto(), strict=True)),
        pareto_measures=PARETO,
        broken=comparison.broken([*comparison.survives, *comparison.limits]),
        version=__version__,
    )


def write_report(comparison: Comparison, path: Path) -> None:
    """Write the page to a file; InputError where its folder is missing."""
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such directory", remedy="make it, or choose another place")
    path.write_text(render_report(comparison), encoding="utf-8")


def _script_json(data: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")


def _rows(comparison: Comparison) -> list[dict[str, Any]]:
    """The table's rows: value and difference per spec, and who is best."""
    rows = []
    for measure in MEASURES:
        found = [outcome.summary(measure.name) for outcome in comparison.outcomes]
        means = [one.mean for one in found if one is not None]
        if not means:
            continue
        best = min(means) if measure.better == LOW else max(means)
        decided = measure.better != NEITHER and len(means) > 1 and len(set(means)) > 1
        cells = []
        for outcome, one in zip(comparison.outcomes, found, strict=True):
            first = outcome is comparison.outcomes[0]
            gap = None if first else comparison.difference(outcome, measure.name)
            cells.append(
                {
                    "value": as_number(one.mean if one else None, measure.unit),
                    "best": decided and one is not None and one.mean == best,
                    "difference": difference_text(gap, measure.unit),
                }
            )
        rows.append({"measure": measure, "better": _BETTER[measure.better], "cells": cells})
    return rows
