"""The generated pages are current, and say everything that the models and the catalogue know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

from l2forge.compile.reference import main, pages
from l2forge.spec.catalogue import define, entries
from l2forge.spec.introspect import walk
from tests.spec.bad_specs import EXAMPLES


@pytest.mark.parametrize("path, text", pages().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_page_is_current(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `python -m l2forge.compile.reference`"


def test_staleness_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2forge.compile.reference.DOCS", tmp_path)
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / "spec.md").write_text("older")
    assert main(["--check"]) == 1


def test_every_key_of_the_models_and_of_the_examples_is_on_the_page() -> None:
    page = next(text for path, text in pages().items() if path.name == "spec.md")
    rows = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert {key for path, key in walk() if key not in ("address", "key", "public_key")} <= rows

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for inner in value.values() for key in keys(inner)}
        return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()

    for path in EXAMPLES.glob("*.toml"):
        assert keys(tomli.loads(path.read_text(encoding="utf-8"))) <= rows


def test_every_entry_of_the_catalogue_is_complete() -> None:
    for code, entry in entries().items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|syntax", code), code
        assert entry.title and entry.why and entry.wrong and entry.right, code
        assert entry.wrong != entry.right, code
        assert code in entry.text()


def test_a_code_is_defined_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        define("unknown-key", "", "", "", "")
