"""One compilation: load → resolve → derive → render → compile → manifest, each phase an attribute made once.

An attribute is computed when it is first read, and reads the attributes before it; so a caller names what it
wants and gets it with what that needs, and nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2forge.compile.constants import Venue
from l2forge.compile.derive import derive_constants
from l2forge.compile.manifest import LOCK_NAME, Comparison, compare_directory, lock_text
from l2forge.compile.proven import require_proven, unproven
from l2forge.compile.publish import publish_directory
from l2forge.compile.resolve import resolve
from l2forge.errors import InputError
from l2forge.spec.check import check_spec
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models import Spec

if TYPE_CHECKING:
    from l2forge.chain.artifacts import Artifact, Compilation
    from l2forge.ledger.proving import Setup

Report = Callable[[str], None]
CONSTANTS_NAME = "constants.json"
CIRCUIT_NAME = "circuit.json"


def _silent(_: str) -> None:
    pass


class VenueCompilation:
    """The compilation of one spec. `report` is told when a phase begins that may take seconds."""

    def __init__(self, spec_path: Path, report: Report = _silent) -> None:
        self.spec_path = spec_path
        self._report = report

    @cached_property
    def loaded(self) -> LoadedSpec:
        """Phase load: the spec with the places of its keys, and what the spec layer finds in it."""
        return check_spec(self.spec_path)

    @cached_property
    def checked(self) -> LoadedSpec:
        """Phase resolve: the loaded spec with every finding, those of this layer's rules included."""
        loaded = self.loaded
        findings = [] if loaded.spec is None else resolve(loaded)
        spec = None if findings else loaded.spec
        return LoadedSpec(loaded.source, spec, sorted([*loaded.diagnostics, *findings]))

    @property
    def spec(self) -> Spec:
        """The spec, free of errors. Raises SpecError with all of them where it is not."""
        return self.checked.require()

    @cached_property
    def constants(self) -> Venue:
        """Phase derive: the venue in integers."""
        return derive_constants(self.spec)

    @cached_property
    def sources(self) -> dict[str, str]:
        """Phase render: source name → Solidity text."""
        from l2forge.chain.solc import compiler_version
        from l2forge.compile.render import render_contracts

        return render_contracts(self.spec, self.loaded.hash(), self.constants, solidity=compiler_version())

    @cached_property
    def contracts(self) -> Compilation:
        """Phase compile: the contracts with their code and interface."""
        from l2forge.chain.solc import compile_sources

        self._report("compiling the contracts")
        return compile_sources(self.sources, report=self._report)

    @cached_property
    def circuit(self) -> Setup | None:
        """The AIR of the venue's batches and its parameters; None for a spec that is not proven."""
        from l2forge.ledger.proving import Setup

        if unproven(self.checked):
            return None
        self._report("compiling the rules into the circuit")
        return Setup.of(self.checked)

    @cached_property
    def outputs(self) -> dict[str, bytes]:
        """Path in the build directory → content of every output but the lock file."""
        files = {"spec.json": _json(json.loads(self.loaded.canonical()))}
        files[CONSTANTS_NAME] = _json(self.constants.as_dict())
        for name, text in self.sources.items():
            files[f"contracts/{name}"] = text.encode()
        for artifact in self.contracts.contracts.values():
            files[f"artifacts/{artifact.name}.json"] = _json(_artifact_dict(artifact))
        if self.circuit is not None:
            files |= self._circuit_files(self.circuit)
        return dict(sorted(files.items()))

    def _circuit_files(self, setup: Setup) -> dict[str, bytes]:
        """What the circuit is, and the verifier's contracts: sources, code and interface."""
        from l2forge.compile.verifier import compile_verifier, render_verifier

        sources = render_verifier(
            setup.air, setup.params, spec_hash=setup.spec_hash, max_log_height=setup.max_log_height
        )
        self._report("compiling the verifier")
        compiled = compile_verifier(sources)
        files = {CIRCUIT_NAME: _json(setup.describe())}
        for name, text in {**sources.contracts, **sources.evaluators}.items():
            files[f"contracts/verifier/{name}"] = text.encode()
        for artifact in compiled.all:
            files[f"artifacts/verifier/{artifact.name}.json"] = _json(_artifact_dict(artifact))
        return files

    @cached_property
    def lock(self) -> str:
        """Phase manifest: the text of l2forge.lock."""
        from l2forge.chain.solc import DEFAULT_SETTINGS, compiler_version
        from l2forge.chain.toolchain import pinned_versions
        from l2forge.compile.render import template_hashes

        inputs = {
            "spec": {"name": self.spec.venue.name, "hash": self.loaded.hash()},
            "templates": template_hashes(local_chain=self._local_chain),
            "compilers": {
                "solc": {
                    "version": compiler_version(),
                    "settings": DEFAULT_SETTINGS.as_json(),
                    "input": self.contracts.input_hash,
                }
            },
            "packages": {
                name: version for name, version in pinned_versions().items() if "/anvil-" not in name
            },
        }
        return lock_text(inputs, self.outputs)

    @property
    def files(self) -> dict[str, bytes]:
        """Path in the build directory → content, the lock file included."""
        return {**self.outputs, LOCK_NAME: self.lock.encode()}

    def write(self, directory: Path) -> None:
        """Build into `directory`, whole or not at all; what was there before is replaced."""
        require_proven(self.checked)
        _require_replaceable(directory)
        files = self.files
        self._report(f"writing {len(files)} files")

        def write_files(beside: Path) -> None:
            for name, content in files.items():
                path = beside / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

        publish_directory(directory.resolve(), write_files)

    def verify(self, directory: Path) -> Comparison:
        """Build again in memory and compare with `directory`, every byte of every file."""
        require_proven(self.checked)
        if not directory.is_dir():
            raise InputError(f"there is no build at {directory}", remedy="run `l2forge build` first")
        return compare_directory(directory, self.files)

    @property
    def _local_chain(self) -> bool:
        return self.spec.l1.kind == "anvil"


def _require_replaceable(directory: Path) -> None:
    """Never replace what is not a build: a mistyped --out must not cost anybody a directory."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise InputError(f"{directory} is no directory", remedy="name another --out")
    if directory.is_dir() and any(directory.iterdir()) and not (directory / LOCK_NAME).is_file():
        raise InputError(
            f"{directory} has files but no {LOCK_NAME}: it is not a build", remedy="name another --out"
        )


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _artifact_dict(artifact: Artifact) -> dict[str, Any]:
    return {
        "contract": artifact.name,
        "source": artifact.source,
        "abi": list(artifact.abi),
        "initcode": "0x" + artifact.initcode.hex(),
        "runtime": "0x" + artifact.runtime.hex(),
        "immutables": [list(span) for span in artifact.immutables],
    }
