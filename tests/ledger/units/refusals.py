"""What refuses a script, or a script whose unit tables are changed."""

from __future__ import annotations

from l2forge.air.check import check
from l2forge.ledger.chips.units import Access, Gather, MulDiv, Ranges
from l2forge.stark.field import P, U64Array
from tests.ledger.units.caller import Script, Traces, settle

ACCESS, RANGES, MULDIV, GATHER = range(4)
COLUMNS = (Access.columns, Ranges.columns, MulDiv.columns, Gather.columns)
Cells = dict[str, int]


def refused_by(script: Script, table: int = 0, row: int = 0, cells: Cells | None = None) -> set[str]:
    """Names of what does not hold, after some cells of one row of a unit table are changed."""
    return names_of(script, changed(script, table, row, cells or {}))


def names_of(script: Script, traces: Traces) -> set[str]:
    """Names of what does not hold of these traces of the script's tables."""
    return check(*settle(script.air(), traces)).names


def changed(script: Script, table: int, row: int, cells: Cells) -> Traces:
    """The script's traces with some cells of one row of a unit table changed."""
    traces = script.traces()
    if cells:
        change(traces[table], table, row, cells)
    return traces


def change(trace: U64Array | None, table: int, row: int, cells: Cells) -> None:
    """Write cells of a row, by column name; values mod p."""
    assert trace is not None
    for name, value in cells.items():
        trace[COLUMNS[table].index(name), row] = value % P
