"""up, down, status, reset, logs: what they refuse, and what they say of a venue that is not up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from l2forge.errors import InputError
from l2forge.launch.control import down, load_for_launch, reset, status, up_detached
from l2forge.launch.deployment import build
from l2forge.launch.home import Home
from l2forge.launch.logs import last_lines
from l2forge.launch.supervisor import supervision
from l2forge.spec.load import SpecError, load_spec

PRESETS = Path(__file__).parent.parent.parent / "presets"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A spec in a directory of its own."""
    path = tmp_path / "venue.toml"
    shutil.copy(PRESETS / "order_book.toml", path)
    return path


@pytest.mark.parametrize("preset", ["gmx", "drift", "optimistic", "validium"])
def test_a_spec_that_is_not_proven_is_not_launched(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "venue.toml"
    shutil.copy(PRESETS / f"{preset}.toml", path)
    with pytest.raises(SpecError, match="not-proven"):
        up_detached(path, lambda _: None)
    assert not Home.of(path).root.exists()


def test_a_spec_with_errors_is_not_launched(tmp_path: Path) -> None:
    path = tmp_path / "venue.toml"
    path.write_text("schema = 1\n")
    with pytest.raises(SpecError):
        load_for_launch(path)
    with pytest.raises(InputError, match="no spec"):
        status(tmp_path / "other.toml")


def test_a_venue_that_is_not_up(spec: Path) -> None:
    found = status(spec)
    assert (found.up, found.healthy, found.url, found.processes) == (False, False, None, {})
    assert down(spec) is False


def test_reset_forgets_only_what_is_down(spec: Path) -> None:
    home = Home.of(spec)
    with supervision(home), pytest.raises(InputError, match="is up"):
        reset(spec)
    home.data.mkdir(parents=True)
    assert reset(spec) == home.root
    assert not home.root.exists()
    assert spec.is_file()


@pytest.mark.slow
def test_a_launched_venue_keeps_its_spec(spec: Path) -> None:
    home = Home.of(spec)
    build(home, load_spec(spec))
    build(home, load_spec(spec))
    home.data.mkdir()
    spec.write_text(spec.read_text().replace('taker = "4bps"', 'taker = "5bps"'))
    with pytest.raises(InputError, match="another spec"):
        build(home, load_spec(spec))


def test_logs_are_one_stream_in_the_order_of_time(spec: Path) -> None:
    home = Home.of(spec)
    home.log("one").parent.mkdir(parents=True)
    home.log("one").write_text("2026-01-01 00:00:01,000 INFO a\nTraceback\n2026-01-01 00:00:03,000 INFO c\n")
    home.log("two").write_text("2026-01-01 00:00:02,000 INFO b\n")
    lines = [line.split()[-1] for line in last_lines(home, None, 10)]
    assert lines == ["a", "Traceback", "b", "c"]
    assert last_lines(home, ["two"], 10) == ["two        2026-01-01 00:00:02,000 INFO b"]
    assert last_lines(home, None, 0) == []
    with pytest.raises(InputError, match="no log of three"):
        last_lines(home, ["three"], 10)
