"""What the commands do: bring a venue up, take it down, say how it is, forget it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from l2forge.compile.phases import VenueCompilation
from l2forge.compile.proven import NOT_DONE, require_proven
from l2forge.errors import EnvironmentFailure, InputError
from l2forge.launch.home import Home, read_json
from l2forge.launch.managed import module_command
from l2forge.launch.supervisor import Supervisor, is_supervised, log_of, supervision, wait_until
from l2forge.launch.venue import Launch, api_url, health
from l2forge.spec.load import LoadedSpec
from l2forge.venue.processes import PARENT_VARIABLE

HEALTHY_TIMEOUT_S = 600.0
DOWN_TIMEOUT_S = 60.0

Report = Callable[[str], None]


def load_for_launch(spec: Path) -> LoadedSpec:
    """The spec, free of errors, with every rule proven. Errors: SpecError with all that stands against it."""
    loaded = VenueCompilation(spec).checked
    require_proven(loaded)
    return loaded


def up(spec: Path, report: Report, *, on_healthy: Callable[[Home], None]) -> None:
    """Launch a venue and supervise it until SIGTERM or SIGINT; `on_healthy` is told once.

    Errors: SpecError, EnvironmentFailure.
    """
    home = Home.of(spec)
    loaded = load_for_launch(spec)
    _tell_not_done(report)
    with supervision(home), _ended_by_signals():
        home.run_file.unlink(missing_ok=True)
        supervisor = Supervisor(home, Launch(home, loaded, report).processes(), report)
        supervisor.run(threading.Event(), lambda: on_healthy(home))


def up_detached(spec: Path, report: Report, *, tied: bool = False) -> Home:
    """Launch a venue in the background, and wait until it is healthy; `tied`: it ends with this process.

    Errors: as `up`.
    """
    home = Home.of(spec)
    load_for_launch(spec)
    if is_supervised(home):
        if _is_healthy(home):
            return home
    else:
        home.root.mkdir(parents=True, exist_ok=True)
        home.run_file.unlink(missing_ok=True)
        log = log_of(home)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output, _following(log, report) as follow:
            process = subprocess.Popen(
                module_command("l2forge.launch.detached", str(home.spec)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, PARENT_VARIABLE: str(os.getpid()) if tied else ""},
            )
            report(f"supervisor {process.pid}, see {log}")

            def decided() -> bool:
                follow()
                return _is_healthy(home) or process.poll() is not None

            wait_until(decided, HEALTHY_TIMEOUT_S)
    if not wait_until(lambda: _is_healthy(home) or not is_supervised(home), HEALTHY_TIMEOUT_S):
        raise EnvironmentFailure("the venue did not become healthy in time", remedy="see `l2forge logs`")
    if not _is_healthy(home):
        words = log_of(home).read_text(encoding="utf-8", errors="replace").strip()[-2_000:]
        raise EnvironmentFailure(f"the launch failed:\n{words}", remedy="see `l2forge logs`")
    return home


def _tell_not_done(report: Report) -> None:
    for each in NOT_DONE:
        report(f"not done yet: {each}")


@contextlib.contextmanager
def _following(log: Path, report: Report) -> Iterator[Callable[[], None]]:
    """A function that reports the whole lines which the log has gained since the last call."""
    with log.open("rb") as said:
        said.seek(0, os.SEEK_END)

        def follow() -> None:
            *lines, rest = said.read().split(b"\n")
            said.seek(-len(rest), os.SEEK_CUR)
            for line in lines:
                report(line.decode(errors="replace"))

        yield follow


def down(spec: Path) -> bool:
    """Stop a venue in order; False where none was up. Errors: EnvironmentFailure where it does not end."""
    home = Home.of(spec)
    if not is_supervised(home):
        return False
    run = read_json(home.run_file) or {}
    pid = run.get("supervisor")
    if isinstance(pid, int):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: not is_supervised(home), DOWN_TIMEOUT_S):
        raise EnvironmentFailure(f"the supervisor {pid} does not end", remedy="see `l2forge logs`")
    return True


def reset(spec: Path) -> Path:
    """Forget a venue: its journal, its local chain, its deployment. Errors: InputError while it is up."""
    home = Home.of(spec)
    if is_supervised(home):
        raise InputError(f"the venue of {spec} is up", remedy="stop it first: `l2forge down`")
    if home.root.exists():
        shutil.rmtree(home.root)
    return home.root


@dataclass(frozen=True)
class Status:
    """How a venue is."""

    up: bool
    healthy: bool
    url: str | None
    processes: dict[str, Any]
    venue: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def status(spec: Path) -> Status:
    """How the venue of a spec is. Errors: InputError where there is no such spec."""
    home = Home.of(spec)
    run = read_json(home.run_file) or {}
    lives = is_supervised(home)
    report = health(home) if lives else None
    processes = run.get("processes", {}) if lives else {}
    return Status(lives, lives and _is_healthy(home), api_url(home) if lives else None, processes, report)


def _is_healthy(home: Home) -> bool:
    run = read_json(home.run_file)
    return bool(run and run.get("healthy")) and is_supervised(home)


class _Asked(BaseException):
    """A signal asks for the end."""


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A block that the first SIGTERM or SIGINT ends, in whatever it does (a build may take a minute).

    Later ones are ignored: what the block does at its end is not to be interrupted.
    """

    def end(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise _Asked

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for number in before:
            signal.signal(number, end)
        with contextlib.suppress(_Asked):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
