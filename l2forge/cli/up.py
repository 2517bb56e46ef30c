"""`l2forge up`: launch a venue and keep it running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from l2forge.cli.output import print_note, print_result

if TYPE_CHECKING:
    from l2forge.launch.home import Home


def up(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Leave it running in the background.")
    ] = False,
) -> None:
    """Launch a venue: local chain, contracts, sequencer, prover.

    Everything is kept in .l2forge beside the spec; what was killed at any point goes on from there. Ctrl-C,
    or `l2forge down`, stops it in order.
    """
    from l2forge.launch.control import up as launch
    from l2forge.launch.control import up_detached

    if detach:
        _tell(up_detached(spec, print_note))
    else:
        launch(spec, print_note, on_healthy=_tell)


def _tell(home: Home) -> None:
    from l2forge.launch.venue import api_url

    print_result(f"{home.spec}: up, {api_url(home)}")
