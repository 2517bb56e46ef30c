"""`l2forge logs`: what a venue's processes say, in one stream."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_result


def logs(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    process: Annotated[
        list[str] | None, typer.Option(help="Only this process (repeat for more).", show_default=False)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is said.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the past.")] = 50,
) -> None:
    """Print what a venue's processes say, in one stream."""
    from l2forge.launch.home import Home
    from l2forge.launch.logs import follow_logs, last_lines

    home = Home.of(spec)
    for line in last_lines(home, process, lines):
        print_result(line)
    if follow:
        for line in follow_logs(home, process):
            print_result(line)
