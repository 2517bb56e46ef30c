"""The identity of an AIR: its listing says everything, and its hash changes only on purpose.

`python -m tests.air.test_listing` writes the golden hashes anew; do it when an example or the language is
meant to change, since every contract and proof of an AIR is bound to its hash.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from l2forge.air import Chip, Columns, Row, compile_air
from l2forge.air.listing import formula
from l2forge.stark.keccak import keccak256
from tests.soundness.statements import airs
from tests.soundness.toy import toy_air

GOLDEN = Path(__file__).parent / "air_hashes.json"


def hashes() -> dict[str, str]:
    """AirHash of each example."""
    return {name: air.hash.hex() for name, air in airs().items()}


def test_hashes_are_those_of_the_golden_file() -> None:
    assert hashes() == json.loads(GOLDEN.read_text())


def test_hashes_do_not_depend_on_the_process() -> None:
    code = "from tests.air.test_listing import hashes; print(sorted(hashes().items()))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "12345", "PATH": ""},
    )
    assert run.stdout.strip() == str(sorted(hashes().items()))


def test_the_hash_is_that_of_the_listing() -> None:
    for air in airs().values():
        assert air.hash == keccak256(air.listing.encode())
        for table in air.tables:
            for line in (
                f"table {table.index} {table.name} log_height",
                *(f"main {k} {name}" for k, name in enumerate(table.columns)),
                *(f"constraint {c.name} {c.selector.name.lower()} n{c.node}" for c in table.constraints),
                *(f"periodic {k} {p.name}" for k, p in enumerate(table.periodic)),
            ):
                assert f"{line}" in air.listing


def variant(**change: object) -> bytes:
    """The hash of a small AIR with one thing changed."""

    class Small(Chip):
        name = "small"
        columns = Columns(**{str(change.get("column", "x")): "field"})
        periodic = {"p": change.get("periodic", [1, 2])}  # noqa: RUF012
        preprocessed = {"f": change.get("preprocessed", [3, 4])}  # noqa: RUF012
        optional = bool(change.get("optional", False))

        def constrain(self, b: object, row: Row, next: Row) -> None:
            x = row[str(change.get("column", "x"))]
            b.enforce(change.get("name", "c"), x * change.get("factor", 2) - row.f)  # type: ignore[attr-defined]
            b.enforce_first("p", x - b.periodic("p"))  # type: ignore[attr-defined]
            b.send(change.get("bus", "bus"), [x])  # type: ignore[attr-defined]

    return compile_air(str(change.get("air", "a")), [Small()], public=change.get("public", ())).hash  # type: ignore[arg-type]


def test_whatever_is_changed_changes_the_hash() -> None:
    changes: list[dict[str, object]] = [
        {},
        {"column": "y"},
        {"periodic": [1, 3]},
        {"preprocessed": [3, 5]},
        {"optional": True},
        {"name": "d"},
        {"factor": 3},
        {"bus": "other"},
        {"air": "b"},
        {"public": ("s",)},
    ]
    assert len({variant(**change) for change in changes}) == len(changes)
    assert variant() == variant()


def test_formulas_are_readable() -> None:
    table = toy_air().table("steps")
    walk = next(c for c in table.constraints if c.name == "steps/walk")
    assert formula(table, walk.node, toy_air().public) == "x' - (y + x·k + period)"


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(hashes(), indent=2) + "\n")
