"""`l2forge build`: a spec compiled into a directory."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from l2forge.cli.output import print_note, print_result, progress

if TYPE_CHECKING:
    from l2forge.compile.phases import VenueCompilation


def build(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    out: Annotated[
        Path | None, typer.Option(help="Where to; by default `build` beside the spec.", show_default=False)
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Build again and compare with what is there; change nothing.")
    ] = False,
    kernels: Annotated[
        bool, typer.Option(help="Compile the kernels of venue and prover too, so that `up` need not wait.")
    ] = True,
) -> None:
    """Compile a spec into a build directory.

    The same spec gives the same bytes everywhere; l2forge.lock in the directory names each by its hash.
    """
    from l2forge.compile.phases import VenueCompilation
    from l2forge.compile.proven import NOT_DONE
    from l2forge.errors import CheckFailed
    from l2forge.spec.diagnostics import Severity

    directory = spec.parent / "build" if out is None else out
    with progress(f"build {spec}") as step:
        compilation = VenueCompilation(spec, step)
        if verify:
            differences = compilation.verify(directory).lines()
        else:
            _write(compilation, directory, step, kernels=kernels)
            differences = []
    for each in NOT_DONE if not verify else ():
        print_note(f"not done yet: {each}")
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


def _write(
    compilation: VenueCompilation, directory: Path, step: Callable[[str], object], *, kernels: bool
) -> None:
    """Build, and have kernels compiled beside it: the venue's in another process, then the prover's here."""
    from l2forge.ledger.warm import warm_ledger
    from l2forge.venue.kernels import warming_apart

    circuit = compilation.circuit if kernels else None
    with warming_apart() if circuit is not None else contextlib.nullcontext():
        compilation.write(directory)
        if circuit is not None:
            step("compiling the kernels of venue and prover, or finding them compiled")
            warm_ledger(circuit)
