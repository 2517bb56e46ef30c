"""Whichever cell of a valid trace is changed, the checker names a constraint, a bus or a public list."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.air.check import check
from l2forge.stark.field import P
from tests.soundness.statements import STATEMENTS, UNREAD, Statement, trace_of

RANGE_ROWS = (0, 1, 40_000, 65_535)


def rows_to_change(statement: Statement, table: str, column: int) -> list[int]:
    """First, middle and last row whose cell means something: padding, for one, is on no bus."""
    air, traces, _ = statement
    trace = trace_of(traces, air, table)
    columns = air.table(table).columns
    if table == "range16":
        return list(RANGE_ROWS)
    read = np.ones(trace.shape[1], bool)
    if "is_real" in columns:
        read = trace[columns.index("is_real")] == 1
    if unread := UNREAD.get((air.name, table)):
        read = ~unread(trace)[column]
    rows = np.flatnonzero(read)
    return sorted({int(rows[k]) for k in (0, len(rows) // 2, -1)})


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
    rng = np.random.default_rng(5)
    for column in range(len(trace)):
        for row in rows_to_change(statement, table, column):
            kept = int(trace[column, row])
            for changed in ((kept + 1) % P, int(rng.integers(0, P, dtype=np.uint64))):
                trace[column, row] = changed
                assert check(air, traces, public), f"{air.table(table).columns[column]}, row {row}: {changed}"
            trace[column, row] = kept
    assert not check(air, traces, public)
