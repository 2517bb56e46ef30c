"""Where a launched venue keeps itself: `.l2forge/` beside its spec.

supervisor.lock    held by the supervisor while it lives
run.json           what runs: processes, ports, how often each was started
ports.json         ports that were chosen once, so that a restart finds the same
settings.json      what the venue's processes are started with
deployment.json    the contracts' record, resumable
anvil.json         the local chain's state
data/              journal, snapshots, history, the ledger's states
logs/NAME.log      one log a process
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2forge.chain.files import write_atomically
from l2forge.errors import InputError

HOME = ".l2forge"


@dataclass(frozen=True)
class Home:
    """The directory of one launched venue."""

    spec: Path

    @classmethod
    def of(cls, spec: Path) -> Home:
        """The home of a spec. Errors: InputError where there is no such file."""
        if not spec.is_file():
            raise InputError(f"there is no spec {spec}", remedy="name one, or create it with `l2forge new`")
        return cls(spec.resolve())

    @property
    def root(self) -> Path:
        """The directory."""
        return self.spec.parent / HOME

    @property
    def data(self) -> Path:
        """The venue's own data."""
        return self.root / "data"

    @property
    def build(self) -> Path:
        """The build that the venue runs: its own, so that a build beside the spec may change meanwhile."""
        return self.root / "build"

    @property
    def settings(self) -> Path:
        """What the venue's processes are started with."""
        return self.root / "settings.json"

    @property
    def run_file(self) -> Path:
        """What runs."""
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor."""
        return self.root / "supervisor.lock"

    @property
    def deployment(self) -> Path:
        """The contracts' record."""
        return self.root / "deployment.json"

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.root / "logs" / f"{name}.log"

    def port(self, name: str, wanted: int = 0) -> int:
        """The port of a process: `wanted`, else the one chosen at first."""
        path = self.root / "ports.json"
        ports: dict[str, int] = read_json(path) or {}
        if wanted:
            return wanted
        if name not in ports:
            ports[name] = free_port()
            write_atomically(path, json.dumps(ports, indent=2).encode() + b"\n")
        return ports[name]


def read_json(path: Path) -> Any:
    """A JSON file's value; None where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_free(host: str, port: int) -> bool:
    """Whether something can be made to listen there now."""
    try:
        with socket.create_server((host.strip("[]"), port), family=_family(host)):
            return True
    except OSError:
        return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
