"""The list of commands is true, and the help page is made without importing any of them."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import l2forge.cli
from l2forge.cli.commands import COMMANDS
from tests.cli.helpers import l2forge as run

NOT_COMMANDS = {"__init__", "app", "commands", "failures", "output", "settings"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_listed_command_exists_and_its_line_is_its_docstring(name: str) -> None:
    identifier = name.replace("-", "_")
    function = getattr(importlib.import_module(f"l2forge.cli.{identifier}"), identifier)
    assert (inspect.getdoc(function) or "").splitlines()[0] == COMMANDS[name]


def test_every_command_is_listed() -> None:
    files = {path.stem for path in Path(inspect.getfile(l2forge.cli)).parent.glob("*.py")}
    assert {stem.replace("_", "-") for stem in files - NOT_COMMANDS} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_page(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"Usage: l2forge {name}" in done.stdout
    assert done.stderr == ""


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    script = (
        "import sys; from l2forge.cli.app import run; run(['--help']);"
        "heavy = {'pydantic', 'rich', 'jinja2', 'web3', 'numba', 'numpy', 'copier', 'l2forge.spec'};"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")
    for name, line in COMMANDS.items():
        assert name in done.stdout
        assert line in done.stdout, "too long for a terminal of 80 columns"


def test_a_name_with_a_slip_is_answered_with_the_nearest() -> None:
    done = run("chek", "venue.toml")
    assert done.returncode == 2
    assert "chek" in done.stderr and "Did you mean 'check'" in done.stderr
    assert done.stdout == ""


def test_an_option_with_a_slip_is_answered_with_the_nearest() -> None:
    done = run("build", "--verfy")
    assert done.returncode == 2
    assert "--verify" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_argument_is_named() -> None:
    done = run("new")
    assert done.returncode == 2
    assert "DIR" in done.stderr and "l2forge new --help" in done.stderr


def test_without_a_command_the_help_is_shown_as_an_error() -> None:
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: l2forge" in done.stderr


def test_version() -> None:
    assert run("--version").stdout == f"l2forge {l2forge.__version__}\n"


def test_the_shell_completes_commands_and_options() -> None:
    def complete(words: str, at: int) -> set[str]:
        env = {"_L2FORGE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(at)}
        return set(run(env=env).stdout.split())

    assert complete("l2forge ", 1) == set(COMMANDS)
    assert complete("l2forge bu", 1) == {"build"}
    assert {"--out", "--verify"} <= complete("l2forge build --", 2)
