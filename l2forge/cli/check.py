"""`l2forge check`: every error of one or more specs at once, with its place and what to write instead."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def check(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="TOML files.", show_default=False)],
    format: Annotated[Format, typer.Option(help="How to print the findings.")] = Format.TEXT,
) -> None:
    """Find all errors of specs at once, and warn of risks.

    Each finding is one line, file:line:col: error[code] key: what is wrong; what to write. Exit status 2 if
    there is any error; warnings leave it at 0.
    """
    from l2forge.cli.output import print_note, print_result
    from l2forge.compile.phases import VenueCompilation
    from l2forge.spec.report import json_report, sarif_report, summary, text_report

    checked = [VenueCompilation(Path(path)).checked for path in dict.fromkeys(specs)]
    reports = {Format.TEXT: text_report, Format.JSON: json_report, Format.SARIF: sarif_report}
    text = reports[format](checked)
    if text:
        print_result(text)
    if format is Format.TEXT:
        print_note(summary(checked))
    if any(loaded.errors for loaded in checked):
        raise typer.Exit(2)
