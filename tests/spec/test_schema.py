"""The JSON Schema accepts what the models accept, and underlines what editors can know to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
from jsonschema import Draft202012Validator

from l2forge.spec.presets import preset_names, preset_path
from l2forge.spec.schema import json_schema
from tests.spec.bad_specs import EXAMPLES

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
BOOK = (EXAMPLES / "order_book.toml").read_text(encoding="utf-8")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "path", [*EXAMPLES.glob("*.toml"), *map(preset_path, preset_names())], ids=lambda path: path.stem
)
def test_good_specs_pass(path: Any) -> None:
    assert not list(VALIDATOR.iter_errors(tomli.loads(path.read_text(encoding="utf-8"))))


def test_a_spec_that_extends_may_leave_things_out() -> None:
    assert VALIDATOR.is_valid({"schema": 1, "extends": "preset:minimal"})
    assert not VALIDATOR.is_valid({"schema": 1})


@pytest.mark.parametrize(
    "old, new",
    [
        ('taker = "4bps"', 'taker = "4"'),
        ('taker = "4bps"', "taker = 4"),
        ('mode = "validity"', 'mode = "optimistic"'),
        ('model = "order_book"', 'model = "amm"'),
        ("decimals = 6", "decimals = 9"),
        ("[api]", "[api]\nx = 1"),
        ('operator = "dev:0"', 'operator = "dev0"'),
        ('timelock = "14d"', 'timelock = "2 weeks"'),
    ],
)
def test_bad_specs_do_not(old: str, new: str) -> None:
    assert old in BOOK
    assert not VALIDATOR.is_valid(tomli.loads(BOOK.replace(old, new, 1)))


def test_keys_have_descriptions_and_defaults_as_a_spec_spells_them() -> None:
    proof = SCHEMA["$defs"]["Proof"]["properties"]
    assert proof["max_interval"]["default"] == "30s"
    for table in SCHEMA["$defs"].values():
        assert all(key.get("description") for key in table["properties"].values())
