"""Every row of the table of bad specs: the errors, all of them, at their exact places, and no other."""

from __future__ import annotations

import pytest

from l2forge.spec import loads_spec
from l2forge.spec.catalogue import entries
from l2forge.spec.checks import CHECKS
from l2forge.spec.diagnostics import Severity
from tests.spec.bad_specs import BAD_SPECS, MARK, BadSpec


@pytest.mark.parametrize("row", BAD_SPECS, ids=lambda row: row.name)
def test_errors_are_found_at_their_places(row: BadSpec) -> None:
    loaded = loads_spec(row.text().replace(MARK, ""), "venue.toml")
    found = [(item.line, item.col, item.code) for item in loaded.errors]
    assert found == row.expected(), "\n".join(map(str, loaded.diagnostics))
    assert loaded.spec is None
    for item in loaded.errors:
        assert item.file == "venue.toml" and item.message and item.remedy


def test_the_table_is_large_and_its_names_differ() -> None:
    assert len(BAD_SPECS) >= 60
    assert len({row.name for row in BAD_SPECS}) == len(BAD_SPECS)


def test_every_check_is_seen_to_refuse() -> None:
    refused = {code for row in BAD_SPECS for code in row.codes}
    assert not {check.code for check in CHECKS if check.severity is Severity.ERROR} - refused


def test_every_code_is_explained() -> None:
    assert {code for row in BAD_SPECS for code in row.codes} <= set(entries())
