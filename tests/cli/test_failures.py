"""How failures end: one line on stderr with a remedy, a status that means something, no traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from l2forge.cli.failures import BROKEN_PIPE, BUG, INTERRUPTED, report_failure
from l2forge.errors import CheckFailed, EnvironmentFailure, InputError
from tests.cli.helpers import COMMAND, l2forge, on_terminal


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (CheckFailed("the build differs", remedy="build again"), 1),
        (InputError("no such key", remedy="write another"), 2),
        (EnvironmentFailure("no node", remedy="install it"), 3),
        (OSError(errno.ENOSPC, "No space left on device", "build/x"), 3),
        (PermissionError(errno.EACCES, "Permission denied", "build/x"), 3),
        (KeyboardInterrupt(), INTERRUPTED),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    failure: BaseException, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_failure(failure) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ") and captured.err.count("\n") == 1


def test_a_remedy_follows_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(OSError(errno.ENOSPC, "No space left on device", "build/x"))
    assert capsys.readouterr().err == "error: No space left on device: build/x; free some room on that disk\n"


def test_a_bug_shows_its_traceback_and_no_status_of_a_user(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ZeroDivisionError("inside")
    except ZeroDivisionError as error:
        assert report_failure(error) == BUG
    shown = capsys.readouterr().err
    assert "Traceback" in shown and "this is a bug in l2forge" in shown


def test_a_broken_pipe_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(BrokenPipeError(errno.EPIPE, "Broken pipe")) == BROKEN_PIPE
    assert capsys.readouterr().err == ""


def test_the_traceback_is_there_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("L2FORGE_TRACEBACK", "1")
    report_failure(InputError("no such key"))
    assert "InputError" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == BROKEN_PIPE


def test_a_full_disk_behind_stdout_is_reported() -> None:
    always_full = Path("/dev/full")
    if not always_full.exists():
        return  # a device of Linux
    with always_full.open("w") as full:
        done = subprocess.run(
            [*COMMAND, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert done.stderr == "error: No space left on device; free some room on that disk\n"


def test_plain_lines_in_a_pipe_and_colour_on_a_terminal_only_if_wanted(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    assert "\x1b" not in l2forge("build", missing).stderr
    status, shown = on_terminal("build", "--verfy", env={"NO_COLOR": "1"})
    assert status == 2 and "error:" in shown and "\x1b[" not in shown
    _, coloured = on_terminal("build", "--verfy", env={"NO_COLOR": ""})
    assert "\x1b[" in coloured


def test_an_interrupt_while_starting_is_quiet() -> None:
    script = (
        "import sys, builtins; real = builtins.__import__\n"
        "def interrupted(name, *rest, **more):\n"
        "    if name == 'typer': raise KeyboardInterrupt\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = interrupted\n"
        "from l2forge.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert (done.returncode, done.stderr) == (INTERRUPTED, "")
