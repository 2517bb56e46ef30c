"""Kill witnesses of the small machine: runs that break one rule and keep all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from examples.small_machine import FIBONACCI, Instruction, machine_air
from examples.small_machine.air import MachineMemory, Processor
from examples.small_machine.witness import row_of
from l2forge.air import CompiledAir
from l2forge.air.witness import count_ranges, make_trace
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues
from tests.soundness.statements import Statement, Traces, airs, machine_statement, trace_of

VALUE = 2
NO_CELL_0 = (
    Instruction("set", a=1, b=1, c=1, immediate=7),
    Instruction("out", a=1, b=1, c=1),
    Instruction("halt"),
)


@dataclass
class Rules:
    """Which rule a run breaks, by step number."""

    program: Sequence[Instruction] = FIBONACCI
    start: int = 0
    first_step: int = 0
    skip_before: int = -1
    """the step before which a number of the clock is left out"""
    jump_at: Mapping[int, int] = field(default_factory=dict)
    inverse_at: Mapping[int, int] = field(default_factory=dict)
    more_at: Mapping[int, int] = field(default_factory=dict)
    """what is added to the value that is left in cell c"""
    halts: int = 1
    """halt instructions that are run until the end"""
    n_rows: int = 1000
    initial: Mapping[int, int] = field(default_factory=dict)


Row = dict[str, int]


def simulate(rules: Rules) -> tuple[list[Row], dict[int, list[int]]]:
    """Processor rows, and cell → [initial, time, final]."""
    memory = {cell: [v, 0, v] for cell, v in {0: VALUE, **rules.initial}.items()}
    rows: list[Row] = []
    at, clock, halts = rules.start, rules.first_step, 0
    while len(rows) < rules.n_rows and halts < rules.halts:
        k, op = len(rows), rules.program[min(at, len(rules.program) - 1)]
        clock += k == rules.skip_before
        values, gaps = (0, 0, 0, 0), (0, 0, 0)
        if op.operation != "halt":
            values, gaps = _access(memory, op, clock, rules.more_at.get(k, 0))
        row = row_of(op, at, values, gaps) | {"step": clock}
        row["inverse"] = rules.inverse_at.get(k, row["inverse"])
        rows.append(row)
        halts += op.operation == "halt"
        taken = op.operation == "jump" and values[0] * row["inverse"] % P != 0
        at = rules.jump_at.get(k, op.immediate if taken else at + 1)
        clock += 1
    return rows, memory


def _access(
    memory: dict[int, list[int]], op: Instruction, clock: int, more: int
) -> tuple[tuple[int, int, int, int], tuple[int, int, int]]:
    found, gaps = [], []
    for k, cell in enumerate((op.a, op.b, op.c)):
        entry = memory.setdefault(cell, [0, 0, 0])
        gaps.append(4 * clock + k - entry[1])
        found.append(entry[2])
        entry[1] = 4 * clock + k + 1
    a, b, old = found
    left = {"add": a + b, "sub": a - b, "set": op.immediate}.get(op.operation, old) + more
    memory[op.c][2] = left
    return (a, b, old, left), (gaps[0], gaps[1], gaps[2])


MemoryRow = tuple[int, int, int, list[int]]
"""(is_real, address, gap, [initial, time, final])"""


def memory_rows(memory: Mapping[int, list[int]]) -> list[MemoryRow]:
    """The rows of the memory table in rising order."""
    cells = sorted(memory)
    following = [*cells[1:], cells[-1] + 1]
    return [(1, c, f - c - 1, memory[c]) for c, f in zip(cells, following, strict=True)]


def assemble(
    program: Sequence[Instruction], rows: Sequence[Row], cells: Sequence[MemoryRow], value: int = VALUE
) -> Statement:
    """The statement of these rows; the public list is what they put out."""
    air = airs()["small_machine"] if program == FIBONACCI else machine_air(program)
    log_height = max(1, (len(rows) - 1).bit_length())
    columns: dict[str, Any] = {name: [row.get(name, 0) for row in rows] for name in Processor.columns.groups}
    last = rows[-1]["step"]
    columns["step"] += [last + 1 + k for k in range((1 << log_height) - len(rows))]
    processor = make_trace(Processor.columns, log_height, columns)
    log_memory = max(1, (len(cells) - 1).bit_length())
    initial, time, final = (list(x) for x in zip(*(entry for *_, entry in cells), strict=True))
    memory = make_trace(
        MachineMemory().columns,
        log_memory,
        {
            "is_real": [c[0] for c in cells],
            "address": [c[1] for c in cells],
            "gap": [c[2] for c in cells],
            "time": time,
            "initial": [initial],
            "final": [final],
        },
    )
    traces: Traces = [_instruction_counts(air, rows), processor, memory, None]
    traces[3] = count_ranges(air, traces, (value,))
    output = [(row["step"], row["value_a"]) for row in rows if row["is_real"] and row["is_out"]]
    return air, traces, PublicValues((value,), (np.array(output, np.uint64).reshape(-1, 2),))


def _instruction_counts(air: CompiledAir, rows: Sequence[Row]) -> U64Array:
    rom = air.table("program").preprocessed
    assert rom is not None
    counts = [0] * rom.shape[1]
    for row in rows:
        counts[row["at"]] += row["is_real"]
    return np.array([[c % P for c in counts]], np.uint64)


def run(**rules: Any) -> Callable[[], Statement]:
    """The statement of a run under changed rules."""

    def make() -> Statement:
        chosen = Rules(**rules)
        rows, memory = simulate(chosen)
        return assemble(chosen.program, rows, memory_rows(memory))

    return make


def padding(**cells: int) -> Row:
    """A padding row of the processor."""
    return {"is_real": 0, "is_out": 0, "at": 0, **cells}


def with_rows(change: Callable[[list[Row], list[MemoryRow]], None]) -> Callable[[], Statement]:
    """The statement of a good run after `change(processor rows, memory rows)`."""

    def make() -> Statement:
        rows, memory = simulate(Rules())
        cells = memory_rows(memory)
        change(rows, cells)
        return assemble(FIBONACCI, rows, cells)

    return make


def padding_between(rows: list[Row], cells: list[MemoryRow]) -> None:
    """A second halt after a padding row."""
    last = rows[-1]
    rows.append(padding(is_halt=1, step=last["step"] + 1, at=last["at"] - 1))
    rows.append(last | {"step": last["step"] + 2})


def no_row_is_real(rows: list[Row], cells: list[MemoryRow]) -> None:
    """Nothing runs: cell 0 keeps its value."""
    rows[:] = [padding(step=0)]
    cells[:] = [(1, 0, 0, [VALUE, 0, VALUE])]


def out_on_padding(rows: list[Row], cells: list[MemoryRow]) -> None:
    """is_out = 2 where nothing is put out."""
    rows.append(padding(is_out=2, step=rows[-1]["step"] + 1))


def halt_reads(rows: list[Row], cells: list[MemoryRow]) -> None:
    """A value that the halting row has not read."""
    rows[-1]["value_b"] = 1


def spare(cells: list[MemoryRow], address: int, is_real: int = 1) -> MemoryRow:
    """A row of a cell that is never used; the row before is made to point at it."""
    real, before, _, entry = cells[-1]
    cells[-1] = (real, before, address - before - 1, entry)
    return (is_real, address, 0, [0, 0, 0])


def twice_real_cell(rows: list[Row], cells: list[MemoryRow]) -> None:
    """is_real = 2 on the row of a cell that is never used: it sends and takes the same tuple twice."""
    cells.append(spare(cells, 100, is_real=2))


def cell_after_padding(rows: list[Row], cells: list[MemoryRow]) -> None:
    """real, padding, real."""
    cells += [(0, 50, 49, [0, 0, 0]), (1, 100, 0, [0, 0, 0])]


def cell_twice(rows: list[Row], cells: list[MemoryRow]) -> None:
    """An address below the last one."""
    cells.append((1, 1, 0, [0, 0, 0]))


def other_input() -> Statement:
    """The public input is not what cell 0 starts with."""
    air, traces, public = machine_statement()
    return air, traces, PublicValues((public.scalars[0] + 1,), public.lists)


def _range_table(
    values: Callable[[U64Array], U64Array], log_height: int, statement: Callable[[], Statement]
) -> Callable[[], Statement]:
    """The range table with other values, each count moved to a row that holds its value."""

    def make() -> Statement:
        air, traces, public = statement()
        counts = trace_of(traces, air, "range16")[1]
        table = np.zeros((2, 1 << log_height), np.uint64)
        table[0] = values(np.arange(1 << log_height, dtype=np.uint64))
        row_of_value = {int(v): row for row, v in enumerate(table[0])}
        for value in np.nonzero(counts)[0].tolist():
            table[1, row_of_value[value]] = counts[value]
        traces[air.table("range16").index] = table
        return air, traces, public

    return make


def _from_minus_65536(rows: U64Array) -> U64Array:
    return np.where(rows < 65536, rows + np.uint64(P - 65536), rows - np.uint64(65536))


def _repeat_40000(rows: U64Array) -> U64Array:
    return np.where(rows == 40001, np.uint64(40000), rows)


def kills_of_machine() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for the chips of the small machine."""
    n_good = len(simulate(Rules())[0])
    full_height = 1 << (n_good.bit_length() - 1)
    last_jump = max(k for k, row in enumerate(simulate(Rules())[0]) if row["is_jump"])
    processor: dict[str, Callable[[], Statement]] = {
        "padding_stays": with_rows(padding_between),
        "is_out/boolean": with_rows(out_on_padding),
        "starts_real": with_rows(no_row_is_real),
        "step_starts_at_0": run(first_step=1),
        "step_rises": run(skip_before=5),
        "starts_at_0": run(start=8),
        "inverse_of_nonzero": run(inverse_at={7: 0}),
        "inverse_of_zero": run(inverse_at={last_jump: 5}),
        "next_instruction": run(jump_at={3: 8}),
        "result": run(more_at={2: 1}),
        "halt_is_last": run(halts=2),
        "only_halt_is_last": run(n_rows=n_good - 1),
        "last_row_halts": run(n_rows=full_height),
        "halt_reads_nothing": with_rows(halt_reads),
    }
    memory: dict[str, Callable[[], Statement]] = {
        "is_real/boolean": with_rows(twice_real_cell),
        "is_real/monotone": with_rows(cell_after_padding),
        "addresses_rise": with_rows(cell_twice),
        "first_is_cell_0": run_without_cell_0,
        "input_is_public": other_input,
        "others_start_at_0": run(initial={3: 7}),
    }
    for table, kills in (("processor", processor), ("memory", memory)):
        for name, make in kills.items():
            yield f"{table}/{name}", make
    yield from kills_of_ranges(machine_statement)


def kills_of_ranges(statement: Callable[[], Statement]) -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for the chip `range16` in a statement that never looks 40001 up."""
    yield "range16/value_starts_at_0", _range_table(_from_minus_65536, 17, statement)
    yield "range16/value_rises_by_1", _range_table(_repeat_40000, 16, statement)
    yield "range16/value_ends_at_65535", _range_table(lambda rows: rows, 17, statement)


def run_without_cell_0() -> Statement:
    """A program that never touches cell 0; the memory's first row is cell 1, which starts with the input."""
    rules = Rules(program=NO_CELL_0, initial={1: VALUE})
    rows, memory = simulate(rules)
    del memory[0]
    return assemble(NO_CELL_0, rows, memory_rows(memory))
