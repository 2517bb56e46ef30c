"""`extends`: a spec laid on a preset; findings point into the file that says the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from l2forge.spec import load_spec, loads_spec, presets
from tests.spec.bad_specs import EXAMPLES


@pytest.fixture
def preset_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of presets: the example `order_book`, and `cheap`, laid on it."""
    text = (EXAMPLES / "order_book.toml").read_text(encoding="utf-8")
    (tmp_path / "order_book.toml").write_text(text)
    (tmp_path / "cheap.toml").write_text(
        'schema = 1\nextends = "preset:order_book"\n[fees]\nmaker = "0bps"\ntaker = "1bps"\n'
    )
    monkeypatch.setattr(presets, "resource_dir", lambda name: tmp_path)
    return tmp_path


def test_tables_merge_and_arrays_are_replaced(preset_dir: Path) -> None:
    text = (
        'schema = 1\nextends = "preset:order_book"\n[fees]\ntaker = "7bps"\n[margin]\nmodes = ["isolated"]\n'
    )
    spec = loads_spec(text).require()
    assert spec.fees.taker.text() == "7bps" and spec.fees.maker is not None
    assert spec.margin.modes == ["isolated"]
    assert len(spec.markets) == 2


def test_a_spec_that_only_extends_is_the_preset(preset_dir: Path) -> None:
    loaded = loads_spec('schema = 1\nextends = "preset:order_book"\n')
    assert loaded.hash() == load_spec(preset_dir / "order_book.toml").hash()


def test_presets_extend_presets(preset_dir: Path) -> None:
    spec = loads_spec('schema = 1\nextends = "preset:cheap"\nvenue.name = "mine"\n').require()
    assert (spec.venue.name, spec.fees.taker.text(), spec.venue.chain_id) == ("mine", "1bps", 88001)


def test_an_inherited_value_is_found_where_it_is_written(preset_dir: Path) -> None:
    text = 'schema = 1\nextends = "preset:cheap"\n[insurance]\ninitial = "-1"\n[fees]\nmaker = "-2bps"\n'
    loaded = loads_spec(text, "mine.toml")
    assert [(item.file, item.line, item.col, item.code) for item in loaded.errors] == [
        ("mine.toml", 4, 11, "bad-amount"),
        ("mine.toml", 6, 9, "rebate-above-taker-fee"),
    ]
    (preset_dir / "cheap.toml").write_text('schema = 1\nextends = "preset:order_book"\n[fees]\ntaker = "x"\n')
    (error,) = loads_spec('schema = 1\nextends = "preset:cheap"\n', "mine.toml").errors
    assert (error.file, error.line, error.col) == (str(preset_dir / "cheap.toml"), 4, 9)


def test_an_array_of_the_preset_leaves_no_places_behind(preset_dir: Path) -> None:
    text = (
        'schema = 1\nextends = "preset:order_book"\n'
        '[rollout]\nstages = [{ after = "0s", total_deposits = "5" }, '
        '{ after = "0s", total_deposits = "5" }]\n'
    )
    (error,) = loads_spec(text, "mine.toml").errors
    assert (error.file, error.line, error.code) == ("mine.toml", 4, "stages-not-rising")


def test_a_cycle_is_refused(preset_dir: Path) -> None:
    (preset_dir / "order_book.toml").write_text('schema = 1\nextends = "preset:cheap"\n')
    codes = [item.code for item in loads_spec('schema = 1\nextends = "preset:cheap"\n').errors]
    assert codes == ["extends-cycle"]


@pytest.mark.parametrize("name", ["../order_book", "order_book.toml", "", "a/b", "x" * 100])
def test_a_preset_is_a_name_not_a_path(preset_dir: Path, name: str) -> None:
    (error,) = loads_spec(f'schema = 1\nextends = "preset:{name}"\n').errors
    assert error.code == "bad-extends"


def test_a_preset_without_a_version_is_told(preset_dir: Path) -> None:
    (preset_dir / "cheap.toml").write_text('extends = "preset:order_book"\n')
    codes = [item.code for item in loads_spec('schema = 1\nextends = "preset:cheap"\n').errors]
    assert codes == ["schema-missing"]


def test_every_shipped_preset_is_accepted_and_can_be_extended() -> None:
    assert presets.preset_names()
    for name in presets.preset_names():
        loaded = load_spec(presets.preset_path(name))
        assert loaded.spec is not None, "\n".join(map(str, loaded.errors))
        assert loads_spec(f'schema = 1\nextends = "preset:{name}"\n').hash() == loaded.hash()
        assert presets.preset_title(name)


def test_shipped_chain_ids_are_known_as_such() -> None:
    from l2forge.spec.checks.security import SHIPPED_CHAIN_IDS

    paths = [*map(presets.preset_path, presets.preset_names()), *EXAMPLES.glob("*.toml")]
    assert all(load_spec(path).require().venue.chain_id in SHIPPED_CHAIN_IDS for path in paths)
