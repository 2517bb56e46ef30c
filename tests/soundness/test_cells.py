"""Whichever cell of a valid trace is changed, the checker names a constraint, a bus or a public list."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.air.check import check
from l2forge.stark.field import P
from tests.soundness.statements import STATEMENTS, Statement, trace_of

RANGE_ROWS = (0, 1, 40_000, 65_535)


def used_rows(statement: Statement, table: str) -> int:
    """Rows of a table before its padding, whose cells mean nothing: it is zero on every bus and list."""
    air, traces, _ = statement
    trace = trace_of(traces, air, table)
    columns = air.table(table).columns
    return int(trace[columns.index("is_real")].sum()) if "is_real" in columns else trace.shape[1]


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_statement_is_true(name: str) -> None:
    air, traces, public = STATEMENTS[name]()
    assert not check(air, traces, public)


def tables() -> list[tuple[str, str]]:
    """(AIR, table) of all examples."""
    return [(name, table.name) for name, make in STATEMENTS.items() for table in make()[0].tables]


@pytest.mark.parametrize(("name", "table"), tables())
def test_a_change_of_any_cell_is_named(name: str, table: str) -> None:
    air, traces, public = statement = STATEMENTS[name]()
    trace = trace_of(traces, air, table)
    used = used_rows(statement, table)
    rows = RANGE_ROWS if table == "range16" else sorted({0, used // 2, used - 1})
    rng = np.random.default_rng(5)
    for column in range(len(trace)):
        for row in rows:
            kept = int(trace[column, row])
            for changed in ((kept + 1) % P, int(rng.integers(0, P, dtype=np.uint64))):
                trace[column, row] = changed
                assert check(air, traces, public), f"{air.table(table).columns[column]}, row {row}: {changed}"
            trace[column, row] = kept
    assert not check(air, traces, public)
