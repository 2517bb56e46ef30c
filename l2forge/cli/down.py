"""`l2forge down`: stop a venue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_result


def down(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
) -> None:
    """Stop a venue in order; `up` goes on from there."""
    from l2forge.launch.control import down as stop

    print_result(f"{spec}: {'stopped' if stop(spec) else 'was not up'}")
