"""Migrations bring an older document to the present version; findings point at what the user wrote."""

from __future__ import annotations

import pytest

from l2forge.spec.diagnostics import Severity
from l2forge.spec.document import Document, parse
from l2forge.spec.migrations import MIGRATIONS, Migration, migrate
from l2forge.spec.models import SCHEMA_VERSION


def _one_to_two(document: Document) -> None:
    document.move(("fee", "taker_bps"), ("fees", "taker"))
    document.put(("fees", "taker"), f"{document.data['fees']['taker']}bps")
    document.take(("fee",))


def _two_to_three(document: Document) -> None:
    for index in range(len(document.data["markets"])):
        document.move(("markets", index, "tick"), ("markets", index, "tick_size"))
    document.put(("api", "listen"), "127.0.0.1:1")


STEPS: dict[int, Migration] = {1: _one_to_two, 2: _two_to_three}
OLD = 'schema = 1\n[fee]\ntaker_bps = 4\n[[markets]]\ntick = "1"\n[[markets]]\ntick = "2"\n'


def test_every_step_runs_and_is_noted() -> None:
    document = parse(OLD, "old.toml")
    notes = migrate(document, STEPS, version=3)
    assert document.data == {
        "schema": 3,
        "fees": {"taker": "4bps"},
        "markets": [{"tick_size": "1"}, {"tick_size": "2"}],
        "api": {"listen": "127.0.0.1:1"},
    }
    assert [(note.code, note.severity, note.line) for note in notes] == [
        ("schema-migrated", Severity.NOTE, 1),
        ("schema-migrated", Severity.NOTE, 1),
    ]


def test_places_move_with_their_keys() -> None:
    document = parse(OLD, "old.toml")
    migrate(document, STEPS, version=3)
    assert document.place(("fees", "taker"))[1:] == (3, 13)
    assert document.place(("markets", 1, "tick_size"))[1:] == (7, 8)
    assert document.key_place(("markets", 1, "tick_size"))[1:] == (7, 1)
    assert document.place(("api", "listen"))[1:] == (1, 1)


def test_a_middle_version_skips_the_first_step() -> None:
    document = parse('schema = 2\n[[markets]]\ntick = "1"\n', "old.toml")
    assert len(migrate(document, STEPS, version=3)) == 1
    assert document.data["markets"] == [{"tick_size": "1"}]


def test_the_present_version_is_left_alone() -> None:
    document = parse(OLD.replace("schema = 1", "schema = 3"), "new.toml")
    before = dict(document.data)
    assert migrate(document, STEPS, version=3) == []
    assert document.data == before


@pytest.mark.parametrize(
    "schema, code",
    [("4", "schema-too-new"), ("0", "schema-unknown"), ("true", "schema-unknown"), ('"1"', "schema-unknown")],
)
def test_what_is_no_version(schema: str, code: str) -> None:
    (error,) = migrate(parse(f"schema = {schema}\n", "x.toml"), STEPS, version=3)
    assert (error.code, error.severity, error.line, error.col) == (code, Severity.ERROR, 1, 10)


def test_every_released_version_has_its_migration() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))
