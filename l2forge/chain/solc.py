"""The Solidity compiler, pinned: sources in, typed artefacts out; the same input gives the same bytes.

solc runs as WebAssembly inside Node.js (about 1 s and 300 MB per run). Answers are kept in the user's cache,
keyed by the hash of the whole request and of the compiler, so that an unchanged contract compiles once.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2forge.chain.artifacts import Compilation, read_answer
from l2forge.chain.files import cache_dir, write_atomically
from l2forge.chain.imports import closed_sources
from l2forge.chain.node import find_node
from l2forge.chain.toolchain import (
    MEND,
    NPM_PROJECT,
    Report,
    Toolchain,
    ensure_toolchain,
    pinned_versions,
    silent,
)
from l2forge.errors import EnvironmentFailure

TIMEOUT_S = 600
_OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.bytecode.linkReferences",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.linkReferences",
    "evm.deployedBytecode.immutableReferences",
]


@dataclass(frozen=True)
class Settings:
    """What the compiler is told besides the sources.

    `evm_version`: "prague" runs on every chain that is at Prague or later (mainnet, and anvil as started
    here); Osaka adds only the CLZ instruction. `optimizer_runs`: how often an opcode is expected to run, the
    trade between deployment and calls. `via_ir`: the optimiser that moves values to memory by itself
    ("stack too deep" does not occur). `yul_optimizer`: off for generated straight-line assembly, which is
    written as it shall run and whose thousands of values the optimiser would try to keep on the stack.
    """

    evm_version: str = "prague"
    optimizer_runs: int = 1_000
    via_ir: bool = True
    yul_optimizer: bool = True

    def as_json(self) -> dict[str, Any]:
        """The `settings` of a standard-JSON request, without the output selection."""
        optimizer: dict[str, Any] = {"enabled": True, "runs": self.optimizer_runs}
        if not self.yul_optimizer:
            optimizer["details"] = {"yul": False, "inliner": False}
        return {
            "evmVersion": self.evm_version,
            "optimizer": optimizer,
            "viaIR": self.via_ir,
            # No hash of comments and paths inside the code: same code, same bytes.
            "metadata": {"bytecodeHash": "none", "appendCBOR": False},
        }


DEFAULT_SETTINGS = Settings()


def compiler_version() -> str:
    """The pinned version of solc, e.g. "0.8.37"."""
    return pinned_versions()["solc"]


def compile_sources(
    sources: Mapping[str, str], *, settings: Settings = DEFAULT_SETTINGS, report: Report = silent
) -> Compilation:
    """Compile `sources` (name such as "contracts/Venue.sol" → text) and what they import.

    Artefacts are returned for the contracts of `sources` only, not for imported packages.
    Errors: CompilationError (file:line:col of every error; contracts too large), EnvironmentFailure.
    """
    toolchain = ensure_toolchain(report)
    closed = closed_sources(sources, toolchain.modules)
    request = standard_json(closed, roots=list(sources), settings=settings)
    compiler = toolchain.compiler_sha256()
    key = hashlib.sha256(f"{compiler}\n{request}".encode()).hexdigest()
    answer = _remembered(key)
    if answer is None:
        answer = _run_solc(toolchain, request)
        _remember(key, answer)
    input_hash = hashlib.sha256(request.encode()).hexdigest()
    return read_answer(answer, closed, sources, compiler_version(), input_hash)


def compile_files(paths: list[Path], *, base: Path, settings: Settings = DEFAULT_SETTINGS) -> Compilation:
    """Compile Solidity files; their names in messages and artefacts are relative to `base`."""
    sources = {path.relative_to(base).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return compile_sources(sources, settings=settings)


def standard_json(sources: Mapping[str, str], *, roots: list[str], settings: Settings) -> str:
    """The request to solc, as canonical JSON: sorted keys, no spaces."""
    selection = {root: {"*": _OUTPUTS} for root in roots}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**settings.as_json(), "outputSelection": selection},
    }
    return json.dumps(request, sort_keys=True, separators=(",", ":"))


def _run_solc(toolchain: Toolchain, request: str) -> dict[str, Any]:
    """One run of the compiler; its answer. Errors: EnvironmentFailure if it does not run to its end."""
    done = _node_run(toolchain, request, TIMEOUT_S)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        tail = done.stderr.decode(errors="replace").strip()[-500:]
        raise EnvironmentFailure(f"solc ended with status {done.returncode}: {tail}", remedy=MEND) from error
    return answer


def installed_compiler_version() -> str:
    """What the installed solc calls itself, e.g. "0.8.37+commit.….Emscripten.clang"."""
    return str(_run_solc(ensure_toolchain(), "")["version"])


def _node_run(toolchain: Toolchain, request: str, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    command = [str(find_node().node), str(NPM_PROJECT / "compile.cjs"), str(toolchain.modules)]
    # NODE_OPTIONS may preload modules or open a debugger's port; NODE_PATH may shadow what solc requires.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")}
    try:
        return subprocess.run(
            command,
            input=request.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailure(
            f"solc did not finish within {timeout_s:.0f} s", remedy="compile fewer contracts at once"
        ) from error


def _cache_file(key: str) -> Path:
    return cache_dir() / "solc" / f"{key}.json"


def _remembered(key: str) -> dict[str, Any] | None:
    """An earlier answer to the same request, if it is there and whole."""
    try:
        stored = _cache_file(key).read_bytes()
    except OSError:
        return None
    digest, _, body = stored.partition(b"\n")
    if digest.decode(errors="replace") != hashlib.sha256(body).hexdigest():
        return None
    answer: dict[str, Any] = json.loads(body)
    return answer


def _remember(key: str, answer: dict[str, Any]) -> None:
    """Keep an answer. A cache that cannot be written costs time, not correctness."""
    body = json.dumps(answer, sort_keys=True).encode()
    try:
        write_atomically(_cache_file(key), hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    except OSError:
        return
