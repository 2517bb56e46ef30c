"""The cpu table: four instructions a row, as the program table has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.ledger.chips.program import FIELDS, PROGRAM_BUS, SLOT_FIELDS, program_fields, slot_column
from l2forge.ledger.machine.code import Code
from l2forge.ledger.machine.isa import SLOTS
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import U64Array
from l2forge.stark.parallel import run_blocks

VALUE_BUS, CALL_BUS = "value", "call"
OPERANDS = ("a", "b", "c", "count")


class Cpu(Chip):
    """The execution of a batch.

    1. The first row is the first row of the code, with t = 0; t rises by SLOTS from row to row.
    2. The row after one that does not end an operation is the next row of the code; after one that does, any
       entry. The last real row is the last one of the code: the operation that closes the batch.
    3. Each row's fields are those of its row of the program table (bus `program`).
    4. Each slot's gate holds: qa·a + qb·b + qm·a·b + qc = qo·c.
    5. a = V[t − da] and b = V[t − db], by sends on `value`; c = V[t], received as often as it is read.
    6. A calling slot sends (unit, t, a, b, c).
    Soundness: by 1 and 2 no two real rows have one t (heights are below 2^24), so V has one value at each
    t. By
    2 and 3 the rows are whole programs, one after the other: `entry` is 0 in the middle of a program, and in
    the first program, so a batch is opened once. `count` is free: see `Compression` for why that is sound.
    """

    name = "cpu"

    def __init__(self, code: Code) -> None:
        slots = {slot_column(f, k): "field" for k in range(SLOTS) for f in (*OPERANDS, *SLOT_FIELDS)}
        self.columns = Columns(is_real="real", t="field", pc="field", entry="field", last="field", **slots)
        self._end = code.rows - 1

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce_first("starts_real", row.is_real - 1)
        b.enforce_first("starts_at_time_0", row.t)
        b.enforce_first("starts_at_row_0", row.pc)
        b.enforce("time_rises", next.is_real * (next.t - row.t - SLOTS))
        b.enforce("row_follows", next.is_real * (1 - row.last) * (next.pc - row.pc - 1))
        b.enforce("entry_after_end", next.is_real * row.last * (1 - next.entry))
        b.enforce("ends_with_the_code", (row.is_real - next.is_real) * (row.pc - self._end))
        b.enforce_last("ends_with_the_code_at_the_bottom", row.is_real * (row.pc - self._end))
        b.send(PROGRAM_BUS, [row[name] for name in FIELDS], row.is_real)
        for k in range(SLOTS):
            self._slot(b, row, k)

    def _slot(self, b: Any, row: Row, k: int) -> None:
        """Instruction k of the row."""
        s = {f: row[slot_column(f, k)] for f in (*OPERANDS, *SLOT_FIELDS)}
        t = row.t + k
        gate = s["qa"] * s["a"] + s["qb"] * s["b"] + s["qm"] * s["a"] * s["b"] + s["qc"] - s["qo"] * s["c"]
        b.enforce(f"gate{k}", gate)
        b.receive(VALUE_BUS, [t, s["c"]], row.is_real * s["count"])
        b.send(VALUE_BUS, [t - s["da"], s["a"]], row.is_real)
        b.send(VALUE_BUS, [t - s["db"], s["b"]], row.is_real)
        b.send(CALL_BUS, [s["unit"], t, s["a"], s["b"], s["c"]], row.is_real * s["calls"])


def fill_cpu(code: Code, run: Run) -> U64Array:
    """The trace of a run, once all tables have counted their reads in it."""
    n = len(run.rows)
    trace = np.zeros(
        (5 + SLOTS * len((*OPERANDS, *SLOT_FIELDS)), 1 << max(1, (n - 1).bit_length())), np.uint64
    )
    fields = program_fields(code)
    trace[0, :n] = 1
    trace[1, :n] = np.arange(n, dtype=np.uint64) * np.uint64(SLOTS)
    width = len(OPERANDS) + len(SLOT_FIELDS)
    fixed = [2, 3, 4]
    for k in range(SLOTS):
        at = 5 + k * width
        for j, array in enumerate((run.a, run.b, run.values, run.reads)):
            trace[at + j, :n] = array[k::SLOTS]
        fixed += range(at + len(OPERANDS), at + width)
    places = np.array(fixed)
    run_blocks(lambda first, last: _spread(fields, run.rows, trace, places, first, last), len(fixed))
    return trace


@njit(nogil=True, cache=True)
def _spread(
    fields: U64Array,
    rows: NDArray[np.int64],
    trace: U64Array,
    places: NDArray[np.int64],
    first: int,
    last: int,
) -> None:
    """Field k of each executed row into column places[k], first ≤ k < last."""
    for k in range(first, last):
        field, column = fields[k], trace[places[k]]
        for i in range(rows.size):
            column[i] = field[rows[i]]
