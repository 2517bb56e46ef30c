"""A build: the same bytes everywhere, every difference named, nothing half done."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from l2forge.cli.failures import INTERRUPTED
from l2forge.compile.manifest import LOCK_NAME
from l2forge.compile.phases import VenueCompilation
from l2forge.compile.proven import unproven
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.spec.load import SpecError, loads_spec
from tests.cli.helpers import COMMAND, l2forge

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
BOOK = resource_dir("presets") / "order_book.toml"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec in a directory of its own, built."""
    directory = tmp_path_factory.mktemp("venue")
    shutil.copy(BOOK, directory / "venue.toml")
    VenueCompilation(directory / "venue.toml").write(directory / "build")
    return directory


@pytest.fixture
def copy(venue: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the built venue that a test may spoil."""
    shutil.copytree(venue, tmp_path / "copy")
    yield tmp_path / "copy"


def tree(directory: Path) -> dict[str, bytes]:
    """Path → content of every file."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_two_directories_get_the_same_bytes(venue: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "deep"
    other.mkdir(parents=True)
    shutil.copy(BOOK, other / "other-name.toml")
    VenueCompilation(other / "other-name.toml").write(other / "out")
    assert tree(other / "out") == tree(venue / "build")


def test_layout_and_comments_of_the_spec_change_nothing(venue: Path, tmp_path: Path) -> None:
    spec = tmp_path / "venue.toml"
    spec.write_text("# another head\n\n" + BOOK.read_text().replace("  #", "      #"))
    assert VenueCompilation(spec).files == tree(venue / "build")


def test_another_rule_is_another_spec_hash_in_every_contract(venue: Path, tmp_path: Path) -> None:
    spec = tmp_path / "venue.toml"
    spec.write_text(BOOK.read_text().replace('penalty = "1%"', 'penalty = "2%"'))
    old, new = VenueCompilation(venue / "venue.toml"), VenueCompilation(spec)
    assert old.loaded.hash() != new.loaded.hash()
    for name, text in new.sources.items():
        assert new.loaded.hash() in text and old.loaded.hash() not in text, name
    assert bytes.fromhex(old.loaded.hash()) in old.contracts["VenueConfig"].runtime


def test_no_path_and_no_time_in_any_output(venue: Path) -> None:
    for name, content in tree(venue / "build").items():
        assert str(venue).encode() not in content, name
        assert str(Path.home()).encode() + b"/" not in content, name
        assert time.strftime("%Y-%m-%d").encode() not in content, name


def test_the_lock_names_every_output(venue: Path) -> None:
    lock = json.loads((venue / "build" / LOCK_NAME).read_text())
    assert set(lock["outputs"]) | {LOCK_NAME} == set(tree(venue / "build"))
    assert lock["compilers"]["solc"]["version"] and lock["templates"] and lock["packages"]


def test_verify_accepts_what_was_built(venue: Path) -> None:
    assert VenueCompilation(venue / "venue.toml").verify(venue / "build").lines() == []


def test_verify_names_a_flipped_byte_of_any_file(copy: Path) -> None:
    compilation = VenueCompilation(copy / "venue.toml")
    for path in sorted(file for file in (copy / "build").rglob("*") if file.is_file()):
        original = path.read_bytes()
        flipped = bytearray(original)
        flipped[len(flipped) // 2] ^= 1
        path.write_bytes(flipped)
        expected = [f"changed: {path.relative_to(copy / 'build').as_posix()}"]
        assert compilation.verify(copy / "build").lines() == expected
        path.write_bytes(original)


def test_verify_names_missing_and_extra_files(copy: Path) -> None:
    (copy / "build" / "constants.json").unlink()
    (copy / "build" / "contracts" / "Backdoor.sol").write_text("contract Backdoor {}")
    (copy / "build" / "spec.json").unlink()
    (copy / "build" / "spec.json").symlink_to("/dev/null")
    lines = VenueCompilation(copy / "venue.toml").verify(copy / "build").lines()
    assert lines == ["changed: spec.json", "missing: constants.json", "extra: contracts/Backdoor.sol"]


def test_the_command_verifies_with_status_one(copy: Path) -> None:
    assert l2forge("build", "--verify", cwd=copy).returncode == 0
    with (copy / "build" / "constants.json").open("a") as file:
        file.write(" ")
    done = l2forge("build", "--verify", cwd=copy)
    assert (done.returncode, done.stdout) == (1, "changed: constants.json\n")
    assert "build again" in done.stderr


def test_verify_without_a_build_is_wrong_input(tmp_path: Path) -> None:
    shutil.copy(BOOK, tmp_path / "venue.toml")
    done = l2forge("build", "--verify", cwd=tmp_path)
    assert done.returncode == 2 and "l2forge build" in done.stderr


def test_a_spec_with_errors_builds_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "venue.toml"
    spec.write_text(BOOK.read_text().replace('penalty = "1%"', 'penalty = "101%"'))
    with pytest.raises(SpecError):
        VenueCompilation(spec).write(tmp_path / "build")
    done = l2forge("build", spec)
    assert done.returncode == 2 and f"{spec}:" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "build").exists()


def test_a_directory_that_is_no_build_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"dear")
    with pytest.raises(InputError, match="not a build"):
        VenueCompilation(BOOK).write(tmp_path / "photos")
    assert (tmp_path / "photos" / "one.jpg").read_bytes() == b"dear"


def test_an_output_that_cannot_be_written_is_an_environment_failure() -> None:
    done = l2forge("build", BOOK, "--out", "/proc/nowhere/build")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("error: ") and "Traceback" not in done.stderr


def test_a_limit_of_the_disk_keeps_the_old_build(copy: Path) -> None:
    before = tree(copy / "build")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [*COMMAND, "build", "venue.toml"],
        cwd=copy,
        preexec_fn=limited,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    assert tree(copy / "build") == before
    assert sorted(path.name for path in copy.iterdir()) == ["build", "venue.toml"]


def test_an_interrupt_in_the_middle_keeps_the_old_build(copy: Path) -> None:
    before = tree(copy / "build")
    script = (
        "import sys, time, l2forge.chain.solc as solc\n"
        "def forever(*_, **__):\n"
        "    print('compiling', flush=True)\n"
        "    time.sleep(60)\n"
        "solc.compile_sources = forever\n"
        "sys.argv = ['l2forge', 'build', 'venue.toml']\n"
        "from l2forge.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "compiling\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == INTERRUPTED
        assert "Traceback" not in process.stderr.read()
    assert tree(copy / "build") == before
    assert sorted(path.name for path in copy.iterdir()) == ["build", "venue.toml"]


def test_concurrent_builds_leave_one_whole_build(copy: Path) -> None:
    shutil.rmtree(copy / "build")
    processes = [
        subprocess.Popen([*COMMAND, "build", "venue.toml"], cwd=copy, stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [process.wait(timeout=400) for process in processes] == [0, 0, 0]
    assert VenueCompilation(copy / "venue.toml").verify(copy / "build").lines() == []


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_preset_renders(preset: Path) -> None:
    compilation = VenueCompilation(preset)
    assert {"VenueConfig.sol", "Timelock.sol", "TestToken.sol"} <= set(compilation.sources)
    for name, text in compilation.sources.items():
        assert text.startswith("// Generated by l2forge "), name


def _marked(preset: Path) -> Any:
    """A compilation takes some seconds: one preset per kind of venue in every run, all of them nightly."""
    usual = preset.stem in ("perp_v1", "drift", "validium")
    return pytest.param(preset, id=preset.stem, marks=pytest.mark.slow if usual else pytest.mark.nightly)


@pytest.mark.parametrize("preset", [_marked(preset) for preset in PRESETS])
def test_a_presets_contracts_compile(preset: Path) -> None:
    assert VenueCompilation(preset).outputs


def test_a_proven_preset_builds(tmp_path: Path) -> None:
    compilation = VenueCompilation(resource_dir("presets") / "minimal.toml")
    compilation.write(tmp_path / "build")
    assert compilation.verify(tmp_path / "build").lines() == []


def test_what_is_not_proven_is_not_built(tmp_path: Path) -> None:
    for preset in PRESETS:
        compilation = VenueCompilation(preset)
        expected = [finding.key for finding in unproven(compilation.checked)]
        if not expected:
            continue
        with pytest.raises(SpecError) as refused:
            compilation.write(tmp_path / "build")
        assert [finding.key for finding in refused.value.diagnostics] == expected
        assert not (tmp_path / "build").exists()
    assert [preset.stem for preset in PRESETS if not unproven(VenueCompilation(preset).checked)] == [
        "minimal",
        "order_book",
    ]


def test_a_batch_whose_tables_cannot_be_so_tall_is_not_built() -> None:
    text = BOOK.read_text()
    assert "max_operations = 2048 " in text
    for asked, most in ((16_384, None), (65_536, "write at most 16384")):
        spec = loads_spec(text.replace("max_operations = 2048 ", f"max_operations = {asked} "), "venue.toml")
        found = unproven(spec)
        assert [finding.key for finding in found] == (["proof.max_operations"] if most else [])
        assert most is None or most in str(found[0])
