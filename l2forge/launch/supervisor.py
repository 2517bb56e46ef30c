"""The supervisor: starts a venue's processes in order, keeps them running, and writes down what runs."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from l2forge.chain.files import write_atomically
from l2forge.errors import EnvironmentFailure
from l2forge.launch.home import Home
from l2forge.launch.managed import READY, STARTING, Managed, ProcessSpec

POLL_S = 0.1
LOCK_TIMEOUT_S = 1.0
"""Longer than `is_supervised` holds the lock to see whether it is free."""
MAX_STARTS = 5
"""Before a venue was healthy for the first time, a process that ends this often ends the launch."""

Report = Callable[[str], None]


class Supervisor:
    """Processes of one home, in the order of their start."""

    def __init__(self, home: Home, specs: Sequence[ProcessSpec], report: Report) -> None:
        self.home = home
        self.managed = {spec.name: Managed(spec, home.log(spec.name)) for spec in specs}
        self._report = report
        self._said: dict[str, tuple[str, int]] = {}
        self._healthy_once = False

    @property
    def is_healthy(self) -> bool:
        """Whether every process is ready."""
        return all(each.state == READY for each in self.managed.values())

    def run(self, stop: threading.Event, on_healthy: Callable[[], None] = lambda: None) -> None:
        """Supervise until `stop`; then end everything, last started first.

        Errors: EnvironmentFailure where the venue does not become healthy.
        """
        try:
            self._write()  # whoever wants to stop it finds it from now on
            while not stop.is_set():
                self.look()
                if self.is_healthy and not self._healthy_once:
                    self._healthy_once = True
                    on_healthy()
                stop.wait(POLL_S)
        finally:
            for each in reversed(self.managed.values()):
                each.stop()
            self._write()

    def look(self) -> None:
        """One round over the processes."""
        for each in self.managed.values():
            each.look(all(self.managed[name].state == READY for name in each.spec.after))
        self._tell()
        if not self._healthy_once:
            for each in self.managed.values():
                if each.starts >= MAX_STARTS and each.pid is None:
                    raise EnvironmentFailure(
                        f"{each.spec.name} does not start (status {each.exit_status}):\n{each.last_words()}",
                        remedy=f"see {each.log}",
                    )

    def _tell(self) -> None:
        """Report and write what has changed."""
        changed = False
        for name, each in self.managed.items():
            now = (each.state, each.starts)
            if self._said.get(name) == now:
                continue
            self._said[name] = now
            changed = True
            if each.state == READY:
                self._report(f"{name} is ready")
            elif each.state == STARTING and each.starts > 1:
                self._report(f"{name} ended with status {each.exit_status}; start number {each.starts}")
        if changed:
            self._write()

    def _write(self) -> None:
        content: dict[str, Any] = {
            "supervisor": os.getpid(),
            "healthy": self.is_healthy,
            "time": time.time(),
            "processes": {
                name: {
                    "state": each.state,
                    "pid": each.pid,
                    "starts": each.starts,
                    "exit_status": each.exit_status,
                    "log": str(each.log),
                }
                for name, each in self.managed.items()
            },
        }
        write_atomically(self.home.run_file, json.dumps(content, indent=2).encode() + b"\n")


@contextlib.contextmanager
def supervision(home: Home) -> Iterator[None]:
    """The right to supervise a home. Errors: EnvironmentFailure where another process has it."""
    home.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.lock)
    try:
        lock.acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout:
        raise EnvironmentFailure(
            f"the venue of {home.spec} is up already", remedy="see `l2forge status`, or `l2forge down`"
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_supervised(home: Home) -> bool:
    """Whether a supervisor lives."""
    if not home.lock.exists():
        return False
    lock = FileLock(home.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def log_of(home: Home) -> Path:
    """The supervisor's own log, when it is detached."""
    return home.log("supervisor")
