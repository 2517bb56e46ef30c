"""A prover who runs the ledger's programs with every check switched off, and fills the tables honestly.

What he writes into a value that no gate defines (an input, a hint) is his choice: `lies`. What
follows is computed by the real programs, so each false batch breaks just the rule that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from l2forge.air import CompiledAir
from l2forge.ledger import statement
from l2forge.ledger.ledger import ExecutedBatch, Ledger, Rules
from l2forge.ledger.machine.code import Code
from l2forge.ledger.machine.interpreter import Interpreter, Operation
from l2forge.ledger.machine.isa import SLOTS, WORD_BOUND, Hint, Unit
from l2forge.ledger.machine.run import Run
from l2forge.ledger.messages import Message
from l2forge.ledger.operations import PlainOperation, Translated
from l2forge.ledger.schnorr import public_key, sign
from l2forge.ledger.state import State
from l2forge.stark.field import P
from tests.soundness.statements import Statement

UNIT_MASK = 255
UNREGISTERED = 77
"""A secret whose key no account has."""
FLIPPED = -1
"""A lie about a bit: the other one than the true one."""


class Raw(dict[str, Any]):
    """An operation of the machine as it is, with the message that its signature is of."""

    def __init__(self, program: str, inputs: Sequence[int], message: Message | None = None) -> None:
        super().__init__(op=program)
        self.operation = Operation((program,), tuple(inputs))
        self.message = message


@dataclass(frozen=True)
class Lie:
    """A value that the prover puts in the place of what an instruction would have.

    The instruction is the `which`-th of the program with this label and hint, or unit.
    """

    program: str
    label: str
    value: int
    unit: Unit = Unit.NONE
    hint: Hint = Hint.NONE
    which: int = 0

    def line(self, code: Code) -> int:
        """Where it is told."""
        start = SLOTS * code.routines[self.program].row
        end = start + SLOTS * code.routines[self.program].rows
        found = [
            k
            for k in range(start, end)
            if (self.unit == Unit.NONE or code.lines[k].unit == self.unit)
            and (self.hint == Hint.NONE or code.lines[k].hint == self.hint)
            and self._label(code, k) == self.label
        ]
        return found[self.which]

    def _label(self, code: Code, k: int) -> str:
        """Of an advice without label: that of the first instruction after it that has one."""
        while not code.lines[k].label:
            k += 1
        return code.lines[k].label


def careless(code: Code, lies: Sequence[Lie]) -> Code:
    """The code without assertions, ranges and bounds, and with the lies as constants."""
    kinds = code.units & UNIT_MASK
    gates, units, hints = code.gates.copy(), code.units.copy(), code.hints.copy()
    gates[:, (kinds == Unit.NONE) & (gates[4] == 0) & (hints[0] == 0)] = 0
    units[np.isin(kinds, (Unit.RANGE, Unit.MULDIV, Unit.DIVREM))] = 0
    for lie in lies:
        line = lie.line(code)
        gates[:, line] = (0, 0, 0, lie.value % P, 1)
        units[line] = hints[0, line] = 0
    return replace(code, gates=gates, units=units, hints=hints)


class CarelessInterpreter(Interpreter):
    """Runs careless code; the calls that it leaves behind are those of the real one."""

    def __init__(self, code: Code, lies: Sequence[Lie], load: Any) -> None:
        super().__init__(careless(code, lies), load)
        self.real = code

    def finish(self) -> Run:
        run = super().finish()
        numbers = self.real.units[lines_of(run)]
        kinds = numbers & UNIT_MASK
        calls = {int(unit): np.flatnonzero(kinds == unit) for unit in np.unique(kinds) if unit}
        return replace(run, calls=calls, offsets=(numbers >> 8).astype(np.uint8))


def lines_of(run: Run) -> Any:
    """By t: the line of the code."""
    return (run.rows[:, None] * SLOTS + np.arange(SLOTS)).reshape(-1)


class Sender(Ledger):
    """The ledger, which also takes operations of the machine as they are."""

    def _translated(self, plain: PlainOperation | Raw) -> Translated:
        if isinstance(plain, Raw):
            return Translated(plain.operation, plain.message)
        return super()._translated(plain)


class Cheater(Sender):
    """A ledger that takes whatever it is given: of an operation's programs the first."""

    def __init__(self, rules: Rules, state: State, lies: Sequence[Lie] = ()) -> None:
        super().__init__(rules, state)
        self.lies = lies

    def execute(self, operations: Sequence[PlainOperation | Raw]) -> ExecutedBatch:
        """Run the operations; a lie about a bit is settled by a run without lies."""
        if any(lie.value == FLIPPED for lie in self.lies):
            true = Cheater(self.rules, self.state.copy()).execute(operations).run
            lines = lines_of(true)
            values = (
                int(true.values[np.flatnonzero(lines == lie.line(self.rules.code))[-1]]) for lie in self.lies
            )
            self.lies = [replace(lie, value=1 - value) for lie, value in zip(self.lies, values, strict=True)]
        return super().execute(operations)

    def _machine(self) -> Interpreter:
        return CarelessInterpreter(self.rules.code, self.lies, self._leaf)


def broken_rules(rules: Rules, batch: ExecutedBatch) -> set[str]:
    """Labels of all instructions of the run that do not hold: what the interpreter would have refused."""
    code, run = rules.code, batch.run
    lines = lines_of(run)
    kinds = code.units[lines] & UNIT_MASK
    qa, qb, qm, qc, qo = (code.gates[k, lines] for k in range(5))
    total = _gate(qa, qb, qm, qc, run)
    wrong = (qo == 0) & (total != 0)
    wrong |= (qo == 1) & (total != run.values) & (kinds == Unit.NONE)
    bound = np.uint64(WORD_BOUND)
    wrong |= (kinds == Unit.RANGE) & (run.values >= bound)
    t = np.flatnonzero(kinds == Unit.MULDIV)
    for at in t.tolist():
        if not _divides(*(int(v) for v in (run.a[at], run.b[at], run.values[at])),
                        *(int(v) for v in (run.a[at + 1], run.b[at + 1], run.values[at + 1]))):  # fmt: skip
            wrong[at] = True
    return {code.lines[k].label for k in lines[wrong]}


def _gate(qa: Any, qb: Any, qm: Any, qc: Any, run: Run) -> Any:
    """qa·a + qb·b + qm·a·b + qc, element by element."""
    rows = zip(*(x.tolist() for x in (qa, qb, qm, qc, run.a, run.b)), strict=True)
    return np.array([(qa * a + qb * b + qm * a * b + qc) % P for qa, qb, qm, qc, a, b in rows], np.uint64)


def _divides(x: int, y: int, q: int, d: int, up: int, r: int) -> bool:
    """What MULDIV and DIVREM state."""
    inside = all(0 <= v < WORD_BOUND for v in (x, y, q, d)) and up in (0, 1) and 0 <= r < d
    return inside and x * y == d * q + (-r if up else r)


def with_words(state: State, words: Mapping[int, int]) -> State:
    """The state with other words at some addresses."""
    twin = state.copy()
    twin.apply(list(words), [value % P for value in words.values()])
    return twin


def false_tables(
    rules: Rules, air: CompiledAir, batch: ExecutedBatch, secrets: Mapping[Any, int]
) -> Statement:
    """The tables of a false batch. The cheater has all secrets: what is in the hashes is signed.

    Where the key of a call is none of `secrets` he signs with his own, UNREGISTERED: it is all he can.
    """
    keys, digests = statement.signers(batch.run)
    own = [secrets.get(tuple(key), UNREGISTERED) for key in keys.tolist()]
    signatures = tuple(sign(secret, digest) for secret, digest in zip(own, digests.tolist(), strict=True))
    answered = np.array([public_key(secret) for secret in own], np.uint64).reshape(-1, statement.KEY_WORDS)
    with patch.object(statement, "signers", lambda _: (answered, digests)):
        traces, public = statement.batch_tables(air, rules, replace(batch, signatures=signatures))
    return air, traces, public
