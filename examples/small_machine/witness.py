"""Running the machine, and the witness of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from examples.small_machine.air import OPERATIONS, Instruction, MachineMemory, Processor, machine_air
from l2forge.air.compiled import CompiledAir
from l2forge.air.witness import count_ranges, make_trace
from l2forge.stark.field import P, U64Array

FIBONACCI = (
    Instruction("set", c=4, immediate=1),
    Instruction("set", c=2, immediate=1),
    Instruction("add", a=1, b=2, c=3),  # the loop: (x, y) in cells 1 and 2 becomes (y, x + y)
    Instruction("add", a=2, b=9, c=1),
    Instruction("add", a=3, b=9, c=2),
    Instruction("out", a=1),
    Instruction("sub", a=0, b=4, c=0),
    Instruction("jump", a=0, immediate=2),
    Instruction("halt"),
)
"""Puts out as many Fibonacci numbers, 1 1 2 3 …, as cell 0 says; at least 1, at most 45."""


@dataclass
class Run:
    """What a run did: a dictionary of processor columns for each step, and the memory's history."""

    rows: list[dict[str, int]] = field(default_factory=list)
    final: dict[int, tuple[int, int]] = field(default_factory=dict)
    """cell → (time of its last access, value)"""
    output: list[tuple[int, int]] = field(default_factory=list)

    def touch(self, cell: int, time: int) -> tuple[int, int]:
        """(gap, value found) of an access."""
        before, value = self.final.get(cell, (0, 0))
        self.final[cell] = (time, value)
        return time - 1 - before, value


def row_of(
    op: Instruction, at: int, values: tuple[int, int, int, int], gaps: tuple[int, int, int]
) -> dict[str, int]:
    """A real row of the processor but for its step; values are those of a, of b, found in c, left in c."""
    return {
        "is_real": 1,
        "at": at,
        "inverse": pow(values[0], -1, P) if values[0] else 0,
        **{f"is_{name}": int(op.operation == name) for name in OPERATIONS},
        "a": op.a,
        "b": op.b,
        "c": op.c,
        "immediate": op.immediate,
        **dict(zip(("value_a", "value_b", "found", "left"), values, strict=True)),
        **dict(zip(("gap_a", "gap_b", "gap_c"), gaps, strict=True)),
    }


def run_machine(program: Sequence[Instruction], value: int, *, max_steps: int = 1 << 20) -> Run:
    """Run the program with `value` in cell 0.

    Raises RuntimeError after `max_steps`, or on a result outside 32 bits.
    """
    run, at = Run(final={0: (0, value)}), 0
    for step in range(max_steps):
        op = program[at]
        if op.operation == "halt":
            run.rows.append(row_of(op, at, (0, 0, 0, 0), (0, 0, 0)))
            return run
        gap_a, a = run.touch(op.a, 4 * step + 1)
        gap_b, b = run.touch(op.b, 4 * step + 2)
        gap_c, found = run.touch(op.c, 4 * step + 3)
        left = {"add": a + b, "sub": a - b, "set": op.immediate}.get(op.operation, found)
        if not 0 <= left < 1 << 32:
            raise RuntimeError(f"step {step}: the result {left} has not 32 bits")
        run.final[op.c] = (4 * step + 3, left)
        run.rows.append(row_of(op, at, (a, b, found, left), (gap_a, gap_b, gap_c)))
        if op.operation == "out":
            run.output.append((step, a))
        at = op.immediate if op.operation == "jump" and a else at + 1
    raise RuntimeError(f"the program has not halted after {max_steps} steps")


def machine_witness(
    program: Sequence[Instruction], value: int, *, air: CompiledAir | None = None
) -> tuple[list[U64Array | None], tuple[int, ...], list[U64Array]]:
    """Traces of the four tables, the public scalar (input) and the public list `output`."""
    run = run_machine(program, value)
    return traces_of(program, run, value, air or machine_air(program))


def traces_of(
    program: Sequence[Instruction], run: Run, value: int, air: CompiledAir
) -> tuple[list[U64Array | None], tuple[int, ...], list[U64Array]]:
    """The witness of a run."""
    log_height = max(1, (len(run.rows) - 1).bit_length())
    columns = {name: [row[name] for row in run.rows] for name in run.rows[0]}
    columns["step"] = list(range(1 << log_height))
    processor = make_trace(Processor.columns, log_height, columns)
    size = air.table("program").preprocessed
    assert size is not None
    counts = np.bincount(columns["at"], minlength=size.shape[1]).astype(np.uint64).reshape(1, -1)
    traces: list[U64Array | None] = [counts, processor, _memory_trace(run, value), None]
    public = (value,)
    traces[3] = count_ranges(air, traces, public)
    output = np.array(run.output, np.uint64).reshape(-1, 2)
    return traces, public, [output]


def _memory_trace(run: Run, value: int) -> U64Array:
    cells = sorted(run.final)
    gaps = [after - before - 1 for before, after in pairwise(cells)]
    return make_trace(
        MachineMemory().columns,
        max(1, (len(cells) - 1).bit_length()),
        {
            "is_real": [1] * len(cells),
            "address": cells,
            "gap": [*gaps, 0],
            "time": [run.final[cell][0] for cell in cells],
            "initial": [[value if cell == 0 else 0 for cell in cells]],
            "final": [[run.final[cell][1] for cell in cells]],
        },
    )
