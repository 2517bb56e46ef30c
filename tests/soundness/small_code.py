"""The cpu and program tables with a small code of their own.

A run is a list of rows that a prover chooses; `settle` makes all counts fit, so that no bus is to blame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.ledger.chips.cpu import CALL_BUS, OPERANDS, Cpu
from l2forge.ledger.chips.program import FIELDS, SLOT_FIELDS, ProgramTable, program_fields, slot_column
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.code import Code, assemble
from l2forge.ledger.machine.isa import SLOTS
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues

CpuRow = dict[str, int]
Statement = tuple[CompiledAir, list["U64Array | None"], PublicValues]
BEGIN, FIRST, SECOND, END = range(4)
"""Rows of the code: a program of one row that opens, one of two rows, one that closes."""

LOG_HEIGHT = 3


class Answers(Chip):
    """A unit that agrees to every call."""

    name = "answers"
    columns = Columns(count="field", call="field[5]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive(CALL_BUS, [*row.call], row.count)


@cache
def small_code() -> Code:
    """begin: four constants; work: a sum, a range, a product and a difference, then four constants; end."""
    begin, work, end = Program("begin"), Program("work"), Program("end")
    for number in range(4):
        begin.fresh(5 + number)
    x = work.fresh(3)
    y = work.fresh(x + 4)
    work.require_positive(x * y, "product")
    work.require_equal(y, 7, "sum")
    for number in range(4):
        work.fresh(20 + number)
    end.constant(0)
    return assemble([begin, work, end])


@cache
def small_air() -> CompiledAir:
    """The two chips, and somebody who takes the calls."""
    return compile_air("cpu", [Cpu(small_code()), ProgramTable(small_code()), Answers()])


def row_at(pc: int, t: int) -> CpuRow:
    """An honest row."""
    fields = dict(zip(FIELDS, (int(x) for x in program_fields(small_code())[:, pc]), strict=True))
    values = {BEGIN: (5, 6, 7, 8), FIRST: (3, 7, 21, 0), SECOND: (20, 21, 22, 23), END: (0, 0, 0, 0)}[pc]
    row = {"is_real": 1, "t": t, **fields}
    for k in range(SLOTS):
        for name in ("a", "b"):
            place = k - fields[slot_column(f"d{name}", k)]
            row[slot_column(name, k)] = values[place]
        row[slot_column("c", k)] = values[k]
    return row


def rows_at(*pcs: int) -> list[CpuRow]:
    """Honest rows one after the other, at times 0, 4, 8, …"""
    return [row_at(pc, SLOTS * k) for k, pc in enumerate(pcs)]


def settle(rows: Sequence[CpuRow], log_height: int = LOG_HEIGHT) -> Statement:
    """The tables of these rows, all counts as the buses need them."""
    _count_reads(rows)
    names = list(Cpu(small_code()).columns.groups)
    cpu = np.zeros((len(names), 1 << log_height), np.uint64)
    for k, row in enumerate(rows):
        cpu[:, k] = [row.get(name, 0) % P for name in names]
    code = np.zeros((1, 1 << small_code().log_height), np.uint64)
    calls = []
    for row in rows:
        code[0, row["pc"]] += np.uint64(row["is_real"])
        for k in range(SLOTS):
            if row[slot_column("calls", k)]:
                call = (row[slot_column("unit", k)], row["t"] + k, *(row[slot_column(f, k)] for f in "abc"))
                calls += [call] * row["is_real"]
    answers = np.zeros((6, max(2, 1 << (len(calls) - 1).bit_length() if calls else 2)), np.uint64)
    answers[0, : len(calls)] = 1
    answers[1:, : len(calls)] = np.array(calls, np.uint64).reshape(-1, 5).T
    return small_air(), [cpu, code, answers], PublicValues((), ())


def _count_reads(rows: Sequence[CpuRow]) -> None:
    """Each value is received as often as it is read; of equal ones the first."""
    reads: Counter[tuple[int, int]] = Counter()
    for row in rows:
        for k in range(SLOTS):
            for name in ("a", "b"):
                place = row["t"] + k - row[slot_column(f"d{name}", k)]
                reads[place, row[slot_column(name, k)]] += row["is_real"]
    for row in rows:
        for k in range(SLOTS):
            times = reads.pop((row["t"] + k, row[slot_column("c", k)]), 0) if row["is_real"] else 0
            row[slot_column("count", k)] = times * pow(row["is_real"], -1, P) if times else 0


def cpu_statement() -> Statement:
    """A batch of two operations."""
    return settle(rows_at(BEGIN, FIRST, SECOND, FIRST, SECOND, END))


def padding(t: int, pc: int, **cells: int) -> CpuRow:
    """A row that is not real, and sums to nothing."""
    slots = (slot_column(name, k) for name in (*OPERANDS, *SLOT_FIELDS) for k in range(SLOTS))
    return {**dict.fromkeys((*FIELDS, *slots), 0), "is_real": 0, "t": t, "pc": pc, **cells}
