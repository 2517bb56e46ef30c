"""`l2forge verify`: the check of a proof file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the result is printed."""

    TEXT = "text"
    JSON = "json"


def verify(
    proof: Annotated[Path, typer.Argument(help="A proof file.", show_default=False)],
    spec: Annotated[
        Path | None, typer.Option(help="Insist on this spec's rules.", show_default=False)
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print the result.")] = Format.TEXT,
) -> None:
    """Check a proof against its public values and its spec.

    The circuit is compiled anew from the spec in the file. Exit status 1, with the number of the verifier's
    step, for a proof that is none.
    """
    import json
    import time

    from l2forge.cli.output import print_result
    from l2forge.errors import CheckFailed
    from l2forge.ledger.proving import ProofFile, Setup, read_file, spec_of
    from l2forge.spec.load import load_spec

    began = time.perf_counter()
    file = ProofFile.loads(read_file(proof), str(proof))
    loaded = spec_of(file.spec, str(proof))
    if spec is not None and load_spec(spec).hash() != loaded.hash():
        raise CheckFailed(
            f"{proof} is about the rules of spec {loaded.hash()[:16]}, not about those of {spec}",
            remedy="ask for a proof of this venue",
        )
    setup = Setup.of(loaded, file.log_blowup)
    ready = time.perf_counter()
    phases: dict[str, float] = {}
    setup.verify(file.public, file.proof, lambda phase, seconds: phases.update({phase: seconds}))
    done = time.perf_counter()
    requests, payouts, leaves = (len(entries) for entries in file.public.lists)
    report = {
        "spec": loaded.hash(),
        "air": setup.air.hash.hex(),
        "security_bits": setup.security_bits,
        "old_root": list(file.public.scalars[:4]),
        "new_root": list(file.public.scalars[4:]),
        "requests": requests,
        "payouts": payouts,
        "leaves": leaves,
        "setup_s": ready - began,
        "verify_s": done - ready,
    }
    if format is Format.JSON:
        print_result(json.dumps(report | {"phases_s": phases}, indent=2))
        return
    for phase, seconds in phases.items():
        print_result(f"{phase:26} {seconds:8.3f} s")
    for name, value in report.items():
        shown = f"{value:.3f}" if isinstance(value, float) else value
        print_result(f"{name:14} {shown}")
    print_result(f"{proof}: valid")
