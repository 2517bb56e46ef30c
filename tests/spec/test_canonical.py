"""The hash of a spec: one for each meaning, whatever its spelling."""

from __future__ import annotations

import json

import pytest

from l2forge.spec import Spec, SpecError, loads_spec
from tests.spec.test_good_specs import BOOK, load

SAME = [
    ('taker = "4bps"', 'taker = "0.04%"'),
    ('taker = "4bps"', 'taker = "4.0bps"'),
    ('timelock = "14d"', 'timelock = "336h"'),
    ('initial = "100000"', 'initial = "100000.00"'),
    ('[api]\nlisten = "127.0.0.1:8080"\nrate_limit = "200/s"', ""),
    ("[rollout]\n", "# a comment\n[rollout]\n"),
    ('tick_size = "0.1"\nlot_size = "0.00001"', 'lot_size = "0.00001"\ntick_size = "0.10"'),
]
DIFFERENT = [
    ('taker = "4bps"', 'taker = "5bps"'),
    ('name = "alpha"', 'name = "alpha2"'),
    ('modes = ["cross", "isolated"]', 'modes = ["isolated", "cross"]'),
    ('recipient = "dev:3"', 'recipient = "dev:4"'),
]


@pytest.mark.parametrize("edit", SAME)
def test_another_spelling_has_the_same_hash(edit: tuple[str, str]) -> None:
    assert load(BOOK, edit).hash() == load(BOOK).hash()


@pytest.mark.parametrize("edit", DIFFERENT)
def test_another_meaning_has_another_hash(edit: tuple[str, str]) -> None:
    assert load(BOOK, edit).hash() != load(BOOK).hash()


def test_the_canonical_form_is_sorted_json_and_a_spec_again() -> None:
    loaded = load(BOOK)
    tree = json.loads(loaded.canonical())
    assert json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == loaded.canonical()
    assert Spec.model_validate(tree) == loaded.spec


def test_a_spec_with_errors_has_no_hash() -> None:
    with pytest.raises(SpecError) as caught:
        loads_spec("schema = 1\n").hash()
    assert len(caught.value.diagnostics) > 5
