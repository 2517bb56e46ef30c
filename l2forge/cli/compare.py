"""`l2forge compare`: the same order flow through the venues of several specs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

BROKEN: Final = 1


class Format(StrEnum):
    """How the comparison is printed."""

    TEXT = "text"
    JSON = "json"


def compare(
    specs: Annotated[
        list[str], typer.Argument(help="Specs: files, or presets as preset:NAME.", metavar="SPEC...")
    ],
    flow: Annotated[str, typer.Option(help="A flow's name, or a CSV file of order messages.")] = "mixed",
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="How many seeds of the flow.")] = 3,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TEXT,
    html: Annotated[
        Path | None, typer.Option(help="Also write a report with charts there.", show_default=False)
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(help='Fail beyond it: "bad_debt<=0". May be repeated.', show_default=False),
    ] = None,
    attacks: Annotated[bool, typer.Option(help="Also search the best attack on each venue's prices.")] = True,
) -> None:
    """Run one order flow through several specs, in memory.

    Every spec is given the same flow, seed by seed, whatever its matching model. Flows: mixed, calm,
    flash-crash, oracle-attack, history/dydx-yfi-2023, history/mango-2022, history/gmx-avax-2022,
    history/hyperliquid-jelly-2025, history/paradex-2026, history/october-2025. Exit status 1 if a limit
    is broken.
    """
    from l2forge.cli.output import print_note, print_result, progress
    from l2forge.compare.comparison import compare as run_comparison
    from l2forge.compare.limits import parse_limit
    from l2forge.compare.render import as_json, as_text

    limits = [parse_limit(text) for text in limit or []]
    with progress("comparing") as step:
        comparison = run_comparison(
            specs, flow, n_seeds=seeds, limits=limits, with_attacks=attacks, step=step
        )
    if html is not None:
        from l2forge.compare.report import write_report

        write_report(comparison, html)
        print_note(f"report: {html}")
    print_result(as_json(comparison) if format is Format.JSON else as_text(comparison))
    if comparison.broken(limits):
        raise typer.Exit(BROKEN)
