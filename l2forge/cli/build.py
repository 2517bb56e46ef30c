"""`l2forge build`: a spec compiled into a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2forge.cli.output import print_note, print_result, progress


def build(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    out: Annotated[
        Path | None, typer.Option(help="Where to; by default `build` beside the spec.", show_default=False)
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Build again and compare with what is there; change nothing.")
    ] = False,
) -> None:
    """Compile a spec into a build directory.

    The same spec gives the same bytes everywhere; l2forge.lock in the directory names each by its hash.
    """
    from l2forge.compile.phases import VenueCompilation
    from l2forge.errors import CheckFailed
    from l2forge.spec.diagnostics import Severity

    directory = spec.parent / "build" if out is None else out
    with progress(f"build {spec}") as step:
        compilation = VenueCompilation(spec, step)
        if verify:
            differences = compilation.verify(directory).lines()
        else:
            compilation.write(directory)
            differences = []
            if compilation.circuit is not None:
                from l2forge.ledger.warm import warm_ledger
                from l2forge.venue.kernels import warm_venue

                step("compiling the venue's kernels, or finding them compiled")
                warm_venue()
                step("compiling the prover's kernels, or finding them compiled")
                warm_ledger(compilation.circuit)
    for finding in compilation.checked.diagnostics:
        if finding.severity is Severity.WARNING and not verify:
            print_note(str(finding))
    if differences:
        print_result("\n".join(differences))
        raise CheckFailed(
            f"{directory} is not what {spec} builds to: {len(differences)} differences",
            remedy="find out who changed it, or build again",
        )
    done = "is what the spec builds to" if verify else "built"
    print_result(
        f"{directory}: {done}, {len(compilation.files)} files, spec {compilation.loaded.hash()[:16]}"
    )
