"""The program table: every instruction of every rule, fixed with the AIR."""

from __future__ import annotations

from typing import Any

import numpy as np

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.ledger.machine.code import GATES, Code
from l2forge.ledger.machine.isa import SLOTS
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import P, U64Array

PROGRAM_BUS = "program"
SLOT_FIELDS = ("da", "db", *GATES, "unit", "calls")
"""What is fixed of an instruction: operand distances, gate, unit, whether it calls one."""


def slot_column(field: str, slot: int) -> str:
    """The name of a slot's column."""
    return f"{field}{slot}"


FIELDS = ("pc", "entry", "last", *(slot_column(f, k) for k in range(SLOTS) for f in SLOT_FIELDS))


class ProgramTable(Chip):
    """The rows of the code, in order; `count` is how often each is executed.

    Rows behind the code repeat its first row's fields with pc = −1, which no execution reaches.
    """

    name = "program"
    columns = Columns(count="field")

    def __init__(self, code: Code) -> None:
        height = 1 << code.log_height
        fields = np.zeros((len(FIELDS), height), np.uint64)
        fields[:, code.rows :] = 0
        fields[0, code.rows :] = P - 1
        fields[:, : code.rows] = program_fields(code)
        self.preprocessed = dict(zip(FIELDS, fields, strict=True))

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive(PROGRAM_BUS, [row[name] for name in FIELDS], row.count)


def program_fields(code: Code) -> U64Array:
    """The fixed fields of each row of the code: (fields, rows)."""
    fields = np.zeros((len(FIELDS), code.rows), np.uint64)
    fields[0] = np.arange(code.rows)
    fields[1], fields[2] = code.entry, code.last
    for k in range(SLOTS):
        at = 3 + k * len(SLOT_FIELDS)
        own = slice(k, None, SLOTS)
        fields[at : at + 2] = code.distances[:, own]
        fields[at + 2 : at + 2 + len(GATES)] = code.gates[:, own]
        fields[at + 2 + len(GATES)] = code.units[own]
        fields[at + 3 + len(GATES)] = code.units[own] != 0
    return fields


def fill_program(code: Code, run: Run) -> U64Array:
    """The trace: how often each row was executed."""
    return np.bincount(run.rows, minlength=1 << code.log_height).astype(np.uint64)[None, :]
