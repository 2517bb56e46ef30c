"""`l2forge status`: how a venue is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from l2forge.cli.output import print_result

if TYPE_CHECKING:
    from l2forge.launch.control import Status


class Format(StrEnum):
    """How the status is printed."""

    TEXT = "text"
    JSON = "json"


def status(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TEXT,
) -> None:
    """Say how a venue is: processes, batches, proofs.

    Exit status 0 if it is healthy, else 1.
    """
    import json

    from l2forge.launch.control import status as ask

    found = ask(spec)
    print_result(json.dumps(found.as_dict(), indent=2) if format is Format.JSON else _text(found))
    if not found.healthy:
        raise typer.Exit(1)


def _text(found: Status) -> str:
    if not found.up:
        return "down"
    lines = [f"{'healthy' if found.healthy else 'not healthy'}, {found.url}"]
    for name, each in found.processes.items():
        lines.append(f"  {name:<10} {each['state']:<9} pid {each['pid'] or '-'}, started {each['starts']}×")
    if found.venue is not None:
        batches = found.venue["batches"]
        lines.append(f"  {found.venue['records']} records, {found.venue['live_orders']} live orders")
        lines.append(f"  {batches['closed']} batches closed, {batches['proven']} settled on L1")
    return "\n".join(lines)
