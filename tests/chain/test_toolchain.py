"""Installing the tool chain: once, whole, by one process at a time; every failure with its remedy.

These tests run npm for real. The packages come from npm's own cache after the first time.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l2forge.chain import npm_ci
from l2forge.chain import toolchain as module
from l2forge.chain.files import CACHE_VARIABLE, explained_os_errors, write_atomically
from l2forge.chain.node import NodeRuntime, find_node
from l2forge.chain.toolchain import Toolchain, ensure_toolchain, install, installed
from l2forge.errors import EnvironmentFailure


@pytest.fixture
def copy(toolchain: Toolchain, empty_cache: Path) -> Toolchain:
    """A copy of the installed tool chain in a cache of the test's own, free to be damaged."""
    target = module.toolchain_dir()
    shutil.copytree(toolchain.root, target, symlinks=True)
    return Toolchain(target)


def leftovers(cache: Path) -> list[Path]:
    """Installations that were begun and not finished."""
    return list((cache / "toolchain").glob(".install-*"))


def test_the_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    lock = json.loads((module.NPM_PROJECT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/solc" in packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_package_json_pins_exact_versions_and_agrees_with_the_lock() -> None:
    lock = json.loads((module.NPM_PROJECT / "package-lock.json").read_text())
    for name, version in module.pinned_versions().items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


@pytest.mark.slow
def test_installation_from_nothing(empty_cache: Path) -> None:
    said: list[str] = []
    assert installed() is None
    first = ensure_toolchain(said.append)
    assert "solc 0.8.37" in said[0]
    assert first.damage(thorough=True) == []
    assert first.soljson.is_file()
    assert (first.modules / "@openzeppelin" / "contracts" / "package.json").is_file()
    assert subprocess.run([first.anvil, "--version"], capture_output=True, check=True).stdout
    assert leftovers(empty_cache) == []
    before = {path: path.stat().st_mtime_ns for path in empty_cache.rglob("*")}
    assert ensure_toolchain(said.append) == first
    assert {path: path.stat().st_mtime_ns for path in empty_cache.rglob("*")} == before
    assert len(said) == 2


@pytest.mark.slow
def test_of_concurrent_installers_one_installs_and_the_others_wait(empty_cache: Path) -> None:
    code = "from l2forge.chain.toolchain import ensure_toolchain; ensure_toolchain(print)"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    reports = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum("tool chain installed" in report for report in reports) == 1
    assert ensure_toolchain().damage(thorough=True) == []
    assert leftovers(empty_cache) == []


@pytest.mark.slow
def test_an_installer_killed_in_the_middle_blocks_nobody_and_leaves_nothing(empty_cache: Path) -> None:
    code = "from l2forge.chain.toolchain import install; install()"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    deadline = time.monotonic() + 60
    while not leftovers(empty_cache) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert leftovers(empty_cache)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert installed() is None
    assert install().damage(thorough=True) == []
    assert leftovers(empty_cache) == []


@pytest.mark.slow
def test_ctrl_c_ends_npm_too_and_leaves_nothing(empty_cache: Path) -> None:
    code = (
        "from l2forge.chain.toolchain import install\n"
        "try: install()\nexcept KeyboardInterrupt: raise SystemExit(42)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not any((path / "package-lock.json").exists() for path in leftovers(empty_cache)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 42
    assert leftovers(empty_cache) == []
    assert installed() is None


def test_a_changed_file_is_found(copy: Toolchain) -> None:
    soljson = copy.soljson
    data = bytearray(soljson.read_bytes())
    data[len(data) // 2] ^= 1
    soljson.write_bytes(data)
    assert copy.damage(thorough=False) == []
    assert copy.damage(thorough=True) == ["node_modules/solc/soljson.js: content changed"]
    with pytest.raises(EnvironmentFailure, match=r"was changed after installation.*--fix"):
        copy.compiler_sha256()


@pytest.mark.parametrize("damage", ["shorter", "gone", "no manifest", "manifest is junk"])
def test_a_damaged_installation_is_refused_with_the_remedy(copy: Toolchain, damage: str) -> None:
    if damage == "shorter":
        copy.anvil.write_bytes(b"")
    elif damage == "gone":
        copy.soljson.unlink()
    else:
        manifest = copy.root / module.MANIFEST
        manifest.write_text('{"files": 7}' if damage == "manifest is junk" else "[")
    with pytest.raises(EnvironmentFailure) as failure:
        ensure_toolchain()
    assert "damaged" in failure.value.message
    assert "doctor --fix" in failure.value.remedy


@pytest.mark.slow
def test_a_damaged_installation_is_replaced_when_asked(copy: Toolchain, empty_cache: Path) -> None:
    copy.soljson.unlink()
    assert install(force=True).damage(thorough=True) == []
    assert leftovers(empty_cache) == []


def test_without_network_the_error_says_so(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(EnvironmentFailure) as failure:
        ensure_toolchain()
    assert "connect to the network" in failure.value.remedy
    assert leftovers(empty_cache) == []
    assert installed() is None


@pytest.mark.slow
def test_other_bytes_than_the_lock_pins_are_refused(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "npm"
    shutil.copytree(module.NPM_PROJECT, project)
    lock = json.loads((project / "package-lock.json").read_text())
    lock["packages"]["node_modules/tmp"]["integrity"] = "sha512-" + "A" * 86 + "=="
    (project / "package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(module, "NPM_PROJECT", project)
    with pytest.raises(EnvironmentFailure) as failure:
        install()
    assert "EINTEGRITY" in failure.value.message
    assert "do not use them" in failure.value.remedy
    assert leftovers(empty_cache) == []


@pytest.mark.slow
def test_what_the_user_has_configured_for_npm_does_not_change_the_installation(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "omit": "optional",
        "package_lock": "false",
        "dry_run": "true",
        "global": "true",
        "install_strategy": "nested",
        "engine_strict": "true",
        "loglevel": "silent",
    }.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    found = install()
    assert found.anvil.is_file()
    assert found.soljson.is_file()


def test_a_file_in_the_way_of_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(EnvironmentFailure, match="remove the file that is in the way"):
        ensure_toolchain()


def test_a_full_disk_is_noticed_before_npm_starts(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEEDED_BYTES", 10**18)
    with pytest.raises(EnvironmentFailure, match="free some disk space"):
        ensure_toolchain()


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("npm error code ENOSPC", "free some disk space"),
        ("npm error code EACCES", "writable"),
        ("npm error code EROFS", "writable"),
        ("npm error code ENOTFOUND", "connect to the network"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "certificate"),
        ("npm error code E404", "lacks a pinned package"),
        ("npm error code E401", "log in"),
        ("npm error who knows", "doctor --fix"),
    ],
)
def test_every_failure_of_npm_has_a_remedy(tmp_path: Path, said: str, remedy: str) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    npm.chmod(0o755)
    runtime = NodeRuntime(find_node().node, "20.0.0", (str(npm),), "PATH")
    with pytest.raises(EnvironmentFailure) as failure:
        npm_ci.run_npm_ci(runtime, tmp_path)
    assert said in failure.value.message
    assert remedy in failure.value.remedy


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some disk space"),
        (errno.EACCES, "a directory you may write"),
        (errno.EROFS, "a directory you may write"),
        (errno.ENOTDIR, "in the way"),
        (errno.EIO, "doctor"),
    ],
)
def test_every_failure_of_the_disk_has_a_remedy(number: int, remedy: str) -> None:
    with pytest.raises(EnvironmentFailure, match=remedy), explained_os_errors("write", Path("x")):
        raise OSError(number, os.strerror(number), "x")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    write_atomically(target, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_machine_without_a_pinned_anvil_is_told_how_to_bring_one(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(EnvironmentFailure, match=r"riscv64.*L2FORGE_ANVIL"):
        _ = toolchain.anvil
    monkeypatch.setenv("L2FORGE_ANVIL", "/opt/anvil")
    assert toolchain.anvil == Path("/opt/anvil")
