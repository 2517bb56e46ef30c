"""`l2forge new`: a venue's own repository."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_note, print_result


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that is new or empty.")],
    preset: Annotated[str | None, typer.Option("--preset", "-p", help="The design to start from.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A value of the spec, such as fees.taker=5bps."),
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing, even on a terminal.")] = False,
    source: Annotated[
        str, typer.Option(help="Where the project gets l2forge: a wheel, an index's URL or a git+ URL.")
    ] = "",
) -> None:
    """Create a venue's project: spec, risk page, tests, CI."""
    from l2forge.cli.settings import parse_settings
    from l2forge.compile.project import ProjectRequest, create_project

    ask = not defaults and sys.stdin.isatty() and sys.stderr.isatty()
    request = ProjectRequest(directory, preset, parse_settings(settings or []), source, ask)
    name = create_project(request)
    print_result(f'created venue "{name}" in {directory}')
    print_note(f"next: l2forge check {directory / 'venue.toml'}")
