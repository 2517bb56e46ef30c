"""`l2forge prove`: the proof of a batch file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the result is printed."""

    TEXT = "text"
    JSON = "json"


def prove(
    batch: Annotated[Path, typer.Argument(help="A batch file.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the proof.", show_default=False)],
    log_blowup: Annotated[
        int | None,
        typer.Option(min=1, max=6, help="Instead of the spec's, for development.", show_default=False),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print the result.")] = Format.TEXT,
) -> None:
    """Prove a batch: run it, fill the tables, prove them.

    The file has the spec, the state before the batch and its operations. An operation that the rules refuse
    is named with its rule, and nothing is proven.
    """
    import json

    from l2forge.cli.output import print_result, progress
    from l2forge.compile.proven import require_proven
    from l2forge.ledger.proving import BatchFile, ProofFile, Setup, read_file, spec_of
    from l2forge.stark.memory import keep_freed_memory

    keep_freed_memory()
    work = BatchFile.loads(read_file(batch), str(batch))
    with progress(f"prove {batch}") as step:
        loaded = spec_of(work.spec, str(batch))
        require_proven(loaded)
        setup = Setup.of(loaded, log_blowup)
        step("running the batch")
        executed = work.execute(setup.rules)
        proven = setup.prove(executed, lambda phase, seconds: step(f"{phase} {seconds:.2f} s"))
    log = setup.params.log_blowup
    out.write_text(ProofFile(work.spec, log, proven.public, proven.proof).dumps())
    if format is Format.JSON:
        report = {
            "operations": len(work.operations),
            "proof_bytes": len(proven.proof),
            "phases_s": proven.phases,
            "old_root": list(proven.public.scalars[:4]),
            "new_root": list(proven.public.scalars[4:]),
        }
        print_result(json.dumps(report, indent=2))
        return
    for name, seconds in proven.phases.items():
        print_result(f"{name:22} {seconds:8.3f} s")
    print_result(f"{out}: {len(work.operations)} operations proven, {len(proven.proof)} bytes")
