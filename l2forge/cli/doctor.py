"""`l2forge doctor`: what this machine has, what it lacks, and how to get it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from l2forge.cli.output import print_result, progress


class Format(StrEnum):
    """How the findings are printed."""

    text = "text"
    json = "json"


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Install or repair what is missing.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.text,
) -> None:
    """Check this machine for what l2forge needs, and mend it.

    Exit status 3 if something that is needed is missing.
    """
    from l2forge.chain.doctor import as_json, examine, is_healthy, mend

    with progress("doctor") as report:
        if fix:
            mend(report)
        report("looking")
        findings = examine()
    if format is Format.json:
        print_result(as_json(findings))
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            remedy = f"\n{'':{width + 10}}→ {finding.remedy}" if finding.remedy else ""
            print_result(f"{finding.status:8} {finding.name:{width}}  {finding.detail}{remedy}")
    if not is_healthy(findings):
        raise typer.Exit(3)
