"""`l2forge check`, `schema`, `presets` and `explain-error`, run as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from l2forge.spec.catalogue import entries
from l2forge.spec.presets import preset_names, preset_path
from tests.cli.helpers import l2forge
from tests.spec.bad_specs import EXAMPLES

BOOK = EXAMPLES / "order_book.toml"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A spec with two errors."""
    text = (
        BOOK.read_text(encoding="utf-8")
        .replace('taker = "4bps"', "taker = 0.0004")
        .replace("id = 1", "id = 0")
    )
    (tmp_path / "bad spec.toml").write_text(text)
    return tmp_path / "bad spec.toml"


def test_all_errors_are_printed_and_the_status_is_2(bad: Path) -> None:
    done = l2forge("check", "bad spec.toml", cwd=bad.parent)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        'bad spec.toml:17:9: error[bare-float] fees.taker: 0.0004 is a bare float; write "0.04%"',
        "bad spec.toml:59:6: error[duplicate-market-id] markets.1.id: market 0 has the id 0 already; "
        "write an id that no market ever had",
    ]
    assert done.stderr == "1 spec: 2 errors\n"


def test_warnings_leave_the_status_at_0() -> None:
    done = l2forge("check", BOOK, EXAMPLES / "amm.toml", EXAMPLES / "hybrid.toml")
    assert done.returncode == 0, done.stdout
    assert "warning[" in done.stdout and "error[" not in done.stdout


def test_json_of_several_files(bad: Path) -> None:
    done = l2forge("check", "--format", "json", BOOK, bad, BOOK)
    assert done.returncode == 2 and done.stderr == ""
    good, wrong = json.loads(done.stdout)["specs"]
    assert good["ok"] and len(good["hash"]) == 64
    assert not wrong["ok"] and wrong["hash"] is None
    first = wrong["findings"][0]
    assert (first["line"], first["col"], first["code"], first["key"]) == (17, 9, "bare-float", "fees.taker")


def test_sarif_names_rules_and_places(bad: Path) -> None:
    done = l2forge("check", "--format", "sarif", bad, cwd=bad.parent)
    (run,) = json.loads(done.stdout)["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("bad%20spec.toml")
        assert place["region"]["startLine"] >= 1
    assert {result["level"] for result in run["results"]} == {"error"}


def test_a_missing_file_beside_a_good_one() -> None:
    done = l2forge("check", "none.toml", BOOK)
    assert done.returncode == 2
    assert done.stdout.startswith("none.toml:1:1: error[file-missing] there is no such file; ")


def test_output_that_cannot_be_encoded_is_escaped(tmp_path: Path) -> None:
    text = BOOK.read_text(encoding="utf-8").replace('interval = "1h"', 'interval = "0s"', 1)
    (tmp_path / "venue.toml").write_text(text)
    done = l2forge("check", tmp_path / "venue.toml", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2, done.stderr
    assert "write a value that is \\u2265 1s" in done.stdout


def test_every_code_is_explained() -> None:
    listed = l2forge("explain-error")
    assert listed.returncode == 0
    assert set(entries()) <= {line.split()[0] for line in listed.stdout.splitlines()}
    done = l2forge("explain-error", "error[bare-float]")
    assert done.stdout.startswith("error[bare-float]: ") and "Right:" in done.stdout


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    done = l2forge("explain-error", "bare-flot")
    assert done.returncode == 2 and "bare-float" in done.stderr and done.stdout == ""


def test_presets_are_listed_and_printed() -> None:
    assert [line.split()[0] for line in l2forge("presets").stdout.splitlines()] == preset_names()
    name = preset_names()[0]
    assert l2forge("presets", name).stdout == preset_path(name).read_text(encoding="utf-8")
    done = l2forge("presets", name + "x")
    assert done.returncode == 2 and f"`{name}`" in done.stderr


def test_the_schema_is_printed() -> None:
    assert json.loads(l2forge("schema").stdout)["title"] == "l2forge spec"
