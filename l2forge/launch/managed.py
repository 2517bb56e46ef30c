"""One supervised process: started, probed, restarted with back-off when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from l2forge.errors import L2forgeError
from l2forge.venue.processes import PARENT_VARIABLE

FIRST_BACK_OFF_S = 0.5
MAX_BACK_OFF_S = 30.0
STABLE_S = 60.0
"""A process that has been ready for this long is forgiven its earlier ends."""
STOP_TIMEOUT_S = 10.0
LAST_WORDS = 2_000

STARTING, READY, WAITING, STOPPED = "starting", "ready", "waiting", "stopped"


@dataclass(frozen=True)
class ProcessSpec:
    """How a process is started, and when it counts as ready. `after`: processes that must be ready first."""

    name: str
    command: Callable[[], list[str]]
    is_ready: Callable[[], bool]
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Managed:
    """A process under supervision."""

    def __init__(self, spec: ProcessSpec, log: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.spec = spec
        self.log = log
        self.state = STOPPED
        self.starts = 0
        self.exit_status: int | None = None
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._back_off = FIRST_BACK_OFF_S
        self._not_before = 0.0
        self._ready_since: float | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def look(self, others_ready: bool) -> None:
        """Start it when its time has come; note readiness; note an end, and when it is started again."""
        if self._process is None:
            if others_ready and self._clock() >= self._not_before:
                self._start()
            return
        if self._process.poll() is not None:
            self._note_end(self._process.returncode)
        elif self.state == STARTING and self.spec.is_ready():
            self.state, self._ready_since = READY, self._clock()
        elif self._ready_since is not None and self._clock() - self._ready_since > STABLE_S:
            self._back_off = FIRST_BACK_OFF_S

    def _start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        try:
            command = self.spec.command()
        except L2forgeError as error:
            with self.log.open("a", encoding="utf-8") as output:
                output.write(f"{self.spec.name} cannot be started: {error}\n")
            self._note_end(error.exit_status)
            return
        environment = {**os.environ, **self.spec.environment, PARENT_VARIABLE: str(os.getpid())}
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        self.state = STARTING

    def _note_end(self, status: int) -> None:
        self._process, self._ready_since = None, None
        self.exit_status = status
        self.state = WAITING
        self._not_before = self._clock() + self._back_off
        self._back_off = min(MAX_BACK_OFF_S, 2 * self._back_off)

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        self.state = STOPPED

    def last_words(self) -> str:
        """The end of its log."""
        try:
            content = self.log.read_bytes()
        except OSError:
            return ""
        return content[-LAST_WORDS:].decode(errors="replace").strip()


def module_command(module: str, *arguments: str) -> list[str]:
    """Running a module of l2forge with this interpreter."""
    return [sys.executable, "-m", module, *arguments]
