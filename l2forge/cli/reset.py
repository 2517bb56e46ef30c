"""`l2forge reset`: forget a launched venue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_result


def reset(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a venue that is down: its journal, its local chain.

    Contracts on a chain that is not local stay where they are, with what they hold.
    """
    from l2forge.launch.control import reset as forget

    if not yes:
        typer.confirm(f"Forget everything in {spec.parent / '.l2forge'}?", abort=True, err=True)
    print_result(f"{forget(spec)}: removed")
