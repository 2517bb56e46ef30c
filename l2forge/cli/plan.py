"""`l2forge plan`: what changes between what is built and a spec."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

DIFFERS: Final = 4


class Format(StrEnum):
    """How the plan is printed."""

    TEXT = "text"
    JSON = "json"


def plan(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    built: Annotated[
        Path | None,
        typer.Option(
            help="The build to compare with; by default `build` beside the spec.", show_default=False
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TEXT,
) -> None:
    """Say what a spec changes in a build, and for whom.

    Each change says what it takes: a new verifier, the timelock, or nothing. Exit status 0 if nothing
    changes, 4 if something does. Nothing is written.
    """
    from l2forge.cli.output import print_result
    from l2forge.compile.plan import make_plan
    from l2forge.compile.plan.built import read_built
    from l2forge.compile.plan.render import as_json, as_text
    from l2forge.spec.load import load_spec

    loaded = load_spec(spec)
    loaded.require()
    found = make_plan(read_built(spec.parent / "build" if built is None else built), loaded)
    print_result(as_json(found) if format is Format.JSON else as_text(found))
    if not found.is_same:
        raise typer.Exit(DIFFERS)
