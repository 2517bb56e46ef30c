"""The rules of phase resolve: code, place, and that each has a twin which is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from l2forge.compile.phases import VenueCompilation
from l2forge.resources import resource_dir
from l2forge.spec.catalogue import entries

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
BOOK = (resource_dir("presets") / "order_book.toml").read_text()

# code, key that it points at, keys of the preset that are changed
BAD = [
    ("rate-too-fine", "fees.taker", {"taker": '"4.000001bps"'}),
    ("rate-too-fine", "liquidation.penalty", {"penalty": '"1.0000000001%"'}),
    ("price-too-wide", "markets.0.tick_size", {"tick_size": '"0.0001"', "lot_size": '"0.01"'}),
    (
        "size-too-wide",
        "markets.1.lot_size",
        {
            "collateral": '{ symbol = "USDC", decimals = 8 }',
            "tick_size": '"1"',
            "lot_size": '"0.00000001"',
            "open_interest_cap": '"15000000"',
        },
    ),
    (
        "equity-too-wide",
        "markets.1.open_interest_cap",
        {"lot_size": '"0.001"', "open_interest_cap": '"200000000000"'},
    ),
    ("security-unreachable", "proof.log_blowup", {"log_blowup": "1"}),
    ("security-unreachable", "proof.log_blowup", {"max_operations": "1048576"}),
]


def changed(keys: dict[str, str]) -> str:
    """The preset with every value of these keys replaced."""
    text = BOOK
    for key, value in keys.items():
        text, n_changed = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert n_changed, f"the preset has no key {key} any more: choose another"
    return text


def codes(text: str, tmp_path: Path) -> list[tuple[str, str]]:
    """(code, key) of every error of a spec."""
    path = tmp_path / "venue.toml"
    path.write_text(text)
    return [(finding.code, finding.key) for finding in VenueCompilation(path).checked.errors]


@pytest.mark.parametrize(
    ("code", "key", "keys"), BAD, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_bad_spec_is_refused_where_a_person_would_edit(
    code: str, key: str, keys: dict[str, str], tmp_path: Path
) -> None:
    text = changed(keys)
    assert (code, key) in codes(text, tmp_path)
    errors = VenueCompilation(tmp_path / "venue.toml").checked.errors
    found = next(error for error in errors if (error.code, error.key) == (code, key))
    assert text.splitlines()[found.line - 1].startswith(key.rsplit(".", 1)[1] + " =")
    assert found.remedy


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_are_accepted(preset: Path) -> None:
    assert VenueCompilation(preset).checked.errors == []


def test_every_code_is_explained() -> None:
    known = entries()
    for code in {code for code, *_ in BAD}:
        assert known[code].why and known[code].wrong != known[code].right
