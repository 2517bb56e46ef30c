"""The AIR of the machine: program, processor, memory, ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from l2forge.air import Chip, Columns, CompiledAir, Expr, Row, compile_air
from l2forge.air.chips.memory import Memory, access
from l2forge.air.chips.range16 import Range16

OPERATIONS = ("add", "sub", "set", "jump", "out", "halt")


@dataclass(frozen=True)
class Instruction:
    """One instruction over memory cells a, b, c.

    add, sub: c ← a ± b, which must lie in 0 … 2^32 − 1; set: c ← immediate; jump: to the instruction
    `immediate` unless cell a is 0; out: put (step, cell a) out; halt.
    """

    operation: str
    a: int = 0
    b: int = 0
    c: int = 0
    immediate: int = 0


class ProgramRom(Chip):
    """The program as preprocessed columns; `count` is how often each instruction runs.

    The rows after the program's end repeat its last instruction under their own addresses.
    """

    name = "program"
    columns = Columns(count="field")

    def __init__(self, program: Sequence[Instruction]) -> None:
        size = 1 << max(1, (len(program) - 1).bit_length())
        padded = [*program, *[program[-1]] * (size - len(program))]
        self.preprocessed = {
            "address": list(range(size)),
            **{f"is_{name}": [int(i.operation == name) for i in padded] for name in OPERATIONS},
            **{field: [getattr(i, field) for i in padded] for field in ("a", "b", "c", "immediate")},
        }

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive("program", [row[name] for name in self.preprocessed], row.count)


class Processor(Chip):
    """One instruction in each real row.

    1. It starts at step 0 at instruction 0 with a real row; each row is the next step.
    2. The instruction at `at` is looked up, with its flags, cells and immediate.
    3. Cells a and b are read at times 4·step + 1 and + 2; cell c is read and written at + 3. The value left
       in c is the sum, the difference, the immediate, or what was there.
    4. After a jump whose cell a is not 0 comes `immediate`, else the next instruction; `inverse` is 1/a or 0.
    5. The last real row, and no other, halts; it reads and writes nothing.
    Soundness: by 1 and 5, `is_real` is 1 up to the halting row and 0 after it. `left` is 32 bits wide, so
    that no sum or difference leaves the range unseen; flags are bound on real rows by the look-up, `is_out`
    also on padding, since a published row needs it.
    """

    name = "processor"
    columns = Columns(
        is_real="flag",
        step="field",
        at="field",
        is_add="field",
        is_sub="field",
        is_set="field",
        is_jump="field",
        is_out="bool",
        is_halt="field",
        a="field",
        b="field",
        c="field",
        immediate="field",
        value_a="field",
        value_b="field",
        found="field",
        left="u32",
        inverse="field",
        gap_a="u32",
        gap_b="u32",
        gap_c="u32",
    )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        self._run(b, row, next)
        flags = [row[f"is_{name}"] for name in OPERATIONS]
        b.send("program", [row.at, *flags, row.a, row.b, row.c, row.immediate], row.is_real)
        for k, (cell, found, left) in enumerate(
            (("a", row.value_a, row.value_a), ("b", row.value_b, row.value_b), ("c", row.found, row.left))
        ):
            access(
                b,
                "memory",
                address=row[cell],
                time=4 * row.step + (k + 1),
                gap=row[f"gap_{cell}"],
                values=([found], [left]),
                multiplicity=row.is_real * (1 - row.is_halt),
            )
        b.known_bool(row.is_real)
        b.publish("output", when=row.is_real * row.is_out, values=(row.step, row.value_a))

    def _run(self, b: Any, row: Row, next: Row) -> None:
        b.enforce_first("starts_real", row.is_real - 1)
        b.enforce_first("step_starts_at_0", row.step)
        b.enforce("step_rises", next.step - row.step - 1)
        b.enforce_first("starts_at_0", row.at)
        taken: Expr = row.value_a * row.inverse
        b.enforce("inverse_of_nonzero", row.is_real * row.value_a * (1 - taken))
        b.enforce("inverse_of_zero", row.is_real * row.inverse * (1 - taken))
        jump = row.is_jump * taken * (row.immediate - row.at - 1)
        b.enforce("next_instruction", next.is_real * (next.at - row.at - 1 - jump))
        kept = (1 - row.is_add - row.is_sub - row.is_set) * row.found
        total = row.is_add * (row.value_a + row.value_b) + row.is_sub * (row.value_a - row.value_b)
        result = total + row.is_set * row.immediate + kept
        b.enforce("result", row.is_real * (row.left - result))
        b.enforce("halt_is_last", row.is_real * row.is_halt * next.is_real)
        b.enforce("only_halt_is_last", row.is_real * (1 - row.is_halt) * (1 - next.is_real))
        b.enforce("padding_stays", next.is_real * (1 - row.is_real))
        b.enforce_last("last_row_halts", row.is_real * (1 - row.is_halt))
        b.enforce("halt_reads_nothing", row.is_real * row.is_halt * row.value_b)


class MachineMemory(Memory):
    """The memory: cell 0 starts with the public input, every other with 0."""

    def bind(self, b: Any, row: Row, next: Row) -> None:
        b.enforce_first("first_is_cell_0", row.address)
        b.enforce_first("input_is_public", row.initial[0] - b.public("input"))
        b.enforce("others_start_at_0", next.is_real * next.initial[0])


def machine_air(program: Sequence[Instruction]) -> CompiledAir:
    """The AIR of this program: the program is part of its identity."""
    chips: list[Chip] = [ProgramRom(program), Processor(), MachineMemory(), Range16()]
    return compile_air("small_machine", chips, public=("input",))
