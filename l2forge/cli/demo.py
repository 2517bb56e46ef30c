"""`l2forge demo`: a whole venue, from deposit to withdrawal, told step by step."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_note, print_result


class Format(StrEnum):
    """How the figures are printed."""

    TEXT = "text"
    JSON = "json"


def demo(
    preset: Annotated[str, typer.Option("--preset", "-p", help="The design that is shown.")] = "order_book",
    spec: Annotated[Path | None, typer.Option(help="A spec of your own instead.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A value of the demo's copy of the spec."),
    ] = None,
    directory: Annotated[Path | None, typer.Option(help="Where the venue is put: new, or empty.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the venue's directory, with its logs.")] = False,
    format: Annotated[Format, typer.Option(help="Narration, or figures on stdout.")] = Format.TEXT,
) -> None:
    """Show a whole venue: deposit, trade, proof, withdrawal.

    Real processes and contracts on a local chain, stopped at the end, also by Ctrl-C. Exit status 0 only if
    every step did what it should.
    """
    import json

    from l2forge.cli.settings import parse_settings
    from l2forge.launch.demo import run_demo
    from l2forge.launch.demo_scene import DemoRequest

    request = DemoRequest(preset, spec, parse_settings(settings or []), directory, keep)
    figures = run_demo(request, print_note if format is Format.JSON else _print_now)
    if format is Format.JSON:
        print_result(json.dumps(figures, indent=2))


def _print_now(line: str) -> None:
    print_result(line)
    typer.get_text_stream("stdout").flush()
