"""`l2forge message`: check the messages of a file as a venue's door and the proof do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Action(StrEnum):
    """What to do with the messages."""

    VERIFY = "verify"


class Format(StrEnum):
    """How the result is printed."""

    TEXT = "text"
    JSON = "json"


def message(
    action: Annotated[Action, typer.Argument(help="Check hashes and signatures.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="A JSON list of signed messages.", show_default=False)],
    format: Annotated[Format, typer.Option(help="How to print the result.")] = Format.TEXT,
) -> None:
    """Check hash and signature of every message of a file.

    What is wrong with a message is one line: its number, type, account and nonce, and whether a field, the
    hash, the signature or the key is wrong. Exit status 1 if any is, 2 if the file is no list of messages.
    """
    import json
    from dataclasses import asdict

    from l2forge.cli.output import print_note, print_result
    from l2forge.ledger.messages.file import read_entries
    from l2forge.ledger.messages.verify import title, unsigned_fields, verify_entries

    assert action is Action.VERIFY  # the only one, so far as typer lets through
    entries = read_entries(file)
    problems = verify_entries(entries)
    bad = len({problem.message for problem in problems})
    if format is Format.JSON:
        report = {
            "messages": len(entries),
            "valid": len(entries) - bad,
            "unsigned_fields": unsigned_fields(entries),
            "problems": [asdict(problem) for problem in problems],
        }
        print_result(json.dumps(report, indent=2))
    else:
        for problem in problems:
            place = f" {problem.place}" if problem.place not in ("", problem.what) else ""
            print_result(f"{title(problem)}: {problem.what}{place}: {problem.reason}; {problem.remedy}")
        broken = ", where reading ended" if entries and entries[-1].broken else ""
        if loose := unsigned_fields(entries):
            print_note(f"not covered by the public format's signature, so not checked: {', '.join(loose)}")
        print_note(f"{len(entries)} messages{broken}: {len(entries) - bad} valid, {bad} not")
    if problems:
        raise typer.Exit(1)
