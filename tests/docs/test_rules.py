"""docs/rules.md names what exists, and leaves no line of a program out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.soundness.ledger.scene import air, rules
from tests.soundness.test_ledger_cheats import CHEATS, NAMES

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "rules.md").read_text()
NAMED = sorted(set(re.findall(r"`([^`]+)`", PAGE)))
_VARIANT = re.compile(
    r"(_with_attributes|_maker_shrinks|_taker_shrinks|_stale|_at_average)+(?=_\d+$|$)|_\d+$"
)

SHARED = {"state", "comparison", "zero test", "sign of a position", "average price"}
"""Labels of helpers that many rules use; the page names them where they decide something."""

CALLS = {
    "L1 request", "attributes", "message hash", "payout", "report hash", "signature",
    "signature of the report", "state", "zero test",
}  # fmt: skip
"""Labels without a cheat: calls, which always pass, their buses and lists having tests of their own; and the
test whether there is nothing left to maintain, whose only false answer adds a demand."""


def labels() -> set[str]:
    """`program: label` of every line, by the program's name without market and variant."""
    code = rules().code
    found = set()
    for name, routine in code.routines.items():
        base = _VARIANT.sub("", _VARIANT.sub("", name))
        lines = code.lines[4 * routine.row : 4 * (routine.row + routine.rows)]
        found |= {f"{base}: {line.label}" for line in lines if line.label}
    return found


def exists(name: str) -> bool:
    """Whether there is such a thing."""
    kind, _, rest = name.partition(" ")
    if kind == "cheat:":
        return rest in NAMES
    if kind == "bus":
        return rest in {bus.name for bus in air().buses}
    if kind == "list":
        return rest in {entry.name for entry in air().lists}
    if name.startswith("tests/"):
        path, _, test = name.partition("::")
        return (ROOT / path).exists() and f"def {test}" in (ROOT / path).read_text()
    if ": " in name:
        return name in labels()
    return name in {c.name for table in air().tables for c in table.constraints}


PROSE = {"program: label", "table/name", "bus name", "list name", "cheat: name", "muldiv", "build"}


@pytest.mark.parametrize("name", [name for name in NAMED if name not in PROSE])
def test_what_the_page_names_exists(name: str) -> None:
    assert exists(name), name


def test_a_name_that_is_not_there_is_seen() -> None:
    assert not exists("fill: any rule") and not exists("cheat: none") and not exists("cpu/gate4")
    assert not exists("tests/docs/test_rules.py::test_nothing") and not exists("bus none")


def test_every_rule_of_a_program_is_named() -> None:
    told = {name.partition(": ")[2] for name in NAMED if ": " in name}
    assert {label.partition(": ")[2] for label in labels()} - told - SHARED == set()


def test_every_rule_of_a_program_has_a_cheat() -> None:
    cheated = {cheat.rule for cheat in CHEATS}
    assert {label.partition(": ")[2] for label in labels()} - cheated == CALLS


def rows() -> list[tuple[str, str, str]]:
    """Rule, what enforces it and what shows it: the rows of three cells."""
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in PAGE.splitlines() if line.startswith("| ")]
    return [(rule.strip(), by, shown) for rule, by, shown in (row for row in cells if len(row) == 3)]


def refused_elsewhere(by: str, shown: str) -> set[str]:
    """The row's cheats that no label of the row refuses; those without a label are the tables' to refuse."""
    own = {name.partition(": ")[2] for name in re.findall(r"`([^`]+)`", by) if ": " in name}
    named = re.findall(r"`cheat: ([^`]+)`", shown)
    return {cheat.name for cheat in CHEATS if cheat.name in named and cheat.rule and cheat.rule not in own}


@pytest.mark.parametrize(("rule", "by", "shown"), [row for row in rows() if "`cheat: " in row[2]])
def test_a_rules_cheats_are_refused_by_what_enforces_it(rule: str, by: str, shown: str) -> None:
    assert refused_elsewhere(by, shown) == set(), rule


def test_a_cheat_in_the_row_of_another_rule_is_seen() -> None:
    assert refused_elsewhere("`fill: fee`", "`cheat: two bids`, `cheat: fee above the schedule`") == {
        "two bids"
    }


def test_every_cheat_is_in_the_suite_and_most_are_on_the_page() -> None:
    """Variants of one cheat need not all be listed."""
    told = {name.partition(" ")[2] for name in NAMED if name.startswith("cheat: ")}
    left = {name for name in NAMES if name not in told}
    assert all(name.startswith(("comparison ", "wrong median")) for name in left), left
