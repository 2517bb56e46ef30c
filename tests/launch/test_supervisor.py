"""Supervision: order, readiness, restarts with back-off, an orderly end, and what is written down."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from l2forge.errors import EnvironmentFailure, InputError
from l2forge.launch import managed as managed_module
from l2forge.launch.home import Home, read_json
from l2forge.launch.managed import READY, STOPPED, WAITING, Managed, ProcessSpec
from l2forge.launch.supervisor import MAX_STARTS, Supervisor, is_supervised, supervision

PAUSE_S = 0.02
PATIENCE_S = 20.0

SLEEP = "import time; time.sleep(60)"
FAIL = "import sys; print('it has gone wrong', flush=True); sys.exit(7)"
STUBBORN = (
    "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
)


def python(script: str, *arguments: str) -> Callable[[], list[str]]:
    """The command of a process that runs a script."""
    return lambda: [sys.executable, "-c", script, *arguments]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    spec = tmp_path / "venue.toml"
    spec.write_text("schema = 1\n")
    return Home.of(spec)


def look_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    """Rounds until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        supervisor.look()
        time.sleep(PAUSE_S)


def stop_all(supervisor: Supervisor) -> None:
    """End what a test has started."""
    for each in supervisor.managed.values():
        each.stop()


def test_a_process_waits_for_those_that_it_needs(home: Home) -> None:
    ready = home.root / "first-is-ready"
    specs = [
        ProcessSpec("first", python(SLEEP), ready.exists),
        ProcessSpec("second", python(SLEEP), lambda: True, after=("first",)),
    ]
    said: list[str] = []
    supervisor = Supervisor(home, specs, said.append)
    try:
        for _ in range(5):
            supervisor.look()
        assert supervisor.managed["first"].pid is not None
        assert supervisor.managed["second"].starts == 0
        ready.parent.mkdir(parents=True, exist_ok=True)
        ready.touch()
        look_until(supervisor, lambda: supervisor.is_healthy)
        assert said == ["first is ready", "second is ready"]
        run = read_json(home.run_file)
        assert run["healthy"]
        assert run["processes"]["second"]["pid"] == supervisor.managed["second"].pid
    finally:
        stop_all(supervisor)


def test_a_process_that_was_killed_is_started_again(home: Home) -> None:
    supervisor = Supervisor(home, [ProcessSpec("one", python(SLEEP), lambda: True)], lambda _: None)
    try:
        look_until(supervisor, lambda: supervisor.is_healthy)
        first = supervisor.managed["one"].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        look_until(supervisor, lambda: supervisor.managed["one"].starts == 2 and supervisor.is_healthy)
        assert supervisor.managed["one"].pid not in (None, first)
        assert supervisor.managed["one"].exit_status == -signal.SIGKILL
    finally:
        stop_all(supervisor)


def test_each_end_doubles_the_wait_until_it_was_stable(tmp_path: Path) -> None:
    now = [0.0]
    each = Managed(ProcessSpec("one", python(FAIL), lambda: False), tmp_path / "one.log", lambda: now[0])
    waits = []
    for _ in range(3):
        starts = each.starts
        before = now[0]
        while each.starts == starts:
            each.look(others_ready=True)
            now[0] += 0.1
        waits.append(now[0] - before)
        deadline = time.monotonic() + PATIENCE_S
        while each.state != WAITING:
            assert time.monotonic() < deadline
            each.look(others_ready=True)
            time.sleep(PAUSE_S)
    assert waits[1] < 0.8 < waits[2] < 1.3
    assert each.exit_status == 7
    assert each.last_words().endswith("it has gone wrong")


def test_a_launch_that_never_becomes_healthy_ends_with_its_reason(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managed_module, "FIRST_BACK_OFF_S", 0.01)
    monkeypatch.setattr(managed_module, "MAX_BACK_OFF_S", 0.01)
    supervisor = Supervisor(home, [ProcessSpec("one", python(FAIL), lambda: False)], lambda _: None)
    with pytest.raises(EnvironmentFailure, match=r"status 7[\s\S]*gone wrong"):
        supervisor.run(threading.Event())
    assert supervisor.managed["one"].starts == MAX_STARTS
    assert supervisor.managed["one"].state == STOPPED


def test_what_cannot_be_started_counts_as_an_end(home: Home) -> None:
    def command() -> list[str]:
        raise InputError("there is no key")

    each = Managed(ProcessSpec("one", command, lambda: True), home.log("one"))
    each.look(others_ready=True)
    assert (each.state, each.exit_status) == (WAITING, 2)
    assert "there is no key" in each.last_words()


def test_a_process_that_ignores_the_request_to_end_is_ended(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managed_module, "STOP_TIMEOUT_S", 0.3)
    begun = home.spec.parent / "begun"
    each = Managed(ProcessSpec("one", python(STUBBORN, str(begun)), begun.exists), home.log("one"))
    supervisor = Supervisor(home, [each.spec], lambda _: None)
    look_until(supervisor, lambda: supervisor.managed["one"].state == READY)
    pid = supervisor.managed["one"].pid
    stop_all(supervisor)
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_run_ends_everything_when_it_is_told_to(home: Home) -> None:
    specs = [ProcessSpec(name, python(SLEEP), lambda: True) for name in ("one", "two")]
    supervisor = Supervisor(home, specs, lambda _: None)
    stop = threading.Event()
    supervisor.run(stop, on_healthy=stop.set)
    assert [each.pid for each in supervisor.managed.values()] == [None, None]
    assert read_json(home.run_file)["healthy"] is False


def test_a_home_has_one_supervisor(home: Home) -> None:
    assert not is_supervised(home)
    with supervision(home):
        assert is_supervised(home)
        with pytest.raises(EnvironmentFailure, match="up already"), supervision(home):
            pass
    assert not is_supervised(home)


def test_ports_are_chosen_once(home: Home) -> None:
    assert home.port("l1") == home.port("l1") != home.port("other")
    assert home.port("api", 8080) == 8080


CHILD = """
import os, sys, time
from l2forge.venue.processes import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys
named = {**os.environ, "L2FORGE_PARENT": str(os.getpid())}
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=named)
child.wait()
"""


def test_processes_end_when_their_supervisor_is_killed() -> None:
    import subprocess

    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(PAUSE_S)
