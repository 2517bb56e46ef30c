"""All programs of a spec as arrays: what the program table holds, and what the interpreter walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.isa import OFFSET_SHIFT, SLOTS, Instruction, Unit
from l2forge.stark.field import U64Array

GATES = ("qa", "qb", "qm", "qc", "qo")


@dataclass(frozen=True)
class Routine:
    """A program's place in the code: its first row, its rows, its inputs."""

    name: str
    row: int
    rows: int
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """The programs, one after the other; each starts a row. Instruction i of row r is at SLOTS·r + i.

    The first program opens a batch and the last one closes it; every other one may follow any other.
    """

    routines: Mapping[str, Routine]
    lines: tuple[Instruction, ...]
    owners: tuple[str, ...]
    """The name of the program of each row."""
    distances: NDArray[np.int64]
    """(2, lines): of the operands a and b; 0 where there is none."""
    gates: U64Array
    """(5, lines): qa, qb, qm, qc, qo."""
    units: NDArray[np.int64]
    hints: NDArray[np.int64]
    """(5, lines): kind, distances of x, y, z, immediate."""
    entry: U64Array
    """By row: an operation starts here, and may after any other."""
    last: U64Array
    """By row: an operation ends here."""

    @property
    def rows(self) -> int:
        """Rows of the program table that are used."""
        return len(self.last)

    @property
    def log_height(self) -> int:
        """log2 of the program table's height."""
        return max(1, (self.rows - 1).bit_length())

    def place(self, line: int) -> str:
        """The name of a line for a message: its program, number and rule."""
        owner = self.owners[line // SLOTS]
        number = line - SLOTS * self.routines[owner].row
        return f"{owner}, line {number}: {self.lines[line].label or 'no rule'}"


def assemble(programs: Sequence[Program]) -> Code:
    """The code of the programs, in their order; names are distinct."""
    routines: dict[str, Routine] = {}
    lines: list[Instruction] = []
    owners: list[str] = []
    entry: list[int] = []
    last: list[int] = []
    for program in programs:
        if program.name in routines:
            raise ValueError(f"two programs are called {program.name}")
        own = program.finished()
        rows = len(own) // SLOTS
        routines[program.name] = Routine(program.name, len(last), rows, program.inputs)
        entry += [int(len(last) > 0), *[0] * (rows - 1)]
        last += [*[0] * (rows - 1), 1]
        lines += own
        owners += [program.name] * rows
    return Code(routines, tuple(lines), tuple(owners), *_arrays(lines, routines), *_flags(entry, last))


def _flags(entry: Sequence[int], last: Sequence[int]) -> tuple[U64Array, U64Array]:
    return np.array(entry, np.uint64), np.array(last, np.uint64)


def _arrays(
    lines: Sequence[Instruction], routines: Mapping[str, Routine]
) -> tuple[NDArray[np.int64], U64Array, NDArray[np.int64], NDArray[np.int64]]:
    n = len(lines)
    distances = np.zeros((2, n), np.int64)
    gates = np.zeros((len(GATES), n), np.uint64)
    units = np.zeros(n, np.int64)
    hints = np.zeros((5, n), np.int64)
    for routine in routines.values():
        for number in range(routine.rows * SLOTS):
            at = SLOTS * routine.row + number
            line = lines[at]
            for k, operand in enumerate((line.a, line.b)):
                distances[k, at] = number - operand if operand >= 0 else 0
            gates[:, at] = [getattr(line, name) for name in GATES]
            units[at] = line.unit + (line.offset << OFFSET_SHIFT)
            operands = [number - x if x >= 0 else 0 for x in (line.x, line.y, line.z)]
            hints[:, at] = [line.hint, *operands, line.k]
            if line.unit == Unit.NONE and max(distances[:, at]) > number:
                raise ValueError(f"{routine.name}: an operand lies before the program")
    return distances, gates, units, hints
