"""What a cheat is: a batch that must be refused, and the rule that is broken by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from l2forge.ledger import layout
from l2forge.ledger.layout import Kind
from l2forge.ledger.machine.isa import SLOTS, Instruction
from l2forge.ledger.operations import PlainOperation, translate
from l2forge.ledger.state import State
from l2forge.stark.field import P
from tests.soundness.ledger.cheater import Lie, Raw, with_words
from tests.soundness.ledger.scene import address, after, rules

RANGE, ASSERTION, QUOTIENT, MEMORY = "bus range16", "cpu/gate", "muldiv/", "bus memory"
"""What stops a trace: a value that no word is; an instruction's gate; a false quotient; a false history."""

NO_LEAF = ""
"""There is no trace at all: a word is used whose address no leaf has."""


opened = after()


@dataclass(frozen=True)
class Cheat:
    """A batch that must be refused."""

    name: str
    operations: tuple[PlainOperation | Raw, ...]
    rule: str
    """The label of what the programs refuse it by; empty where only the tables can tell."""
    stopped_by: str = RANGE
    """How what the checker names begins."""
    state: Callable[[], State] = opened
    lies: tuple[Lie, ...] = ()
    """With lies, a false witness: the interpreter knows no other values than the true ones."""
    alone: bool = True
    """Whether this is the only rule that is broken; false where others are by what follows from it."""


def changed(plain: PlainOperation, program: str = "", **inputs: int) -> Raw:
    """A translated operation whose inputs the prover has changed; the signature stays that of the message."""
    translated = translate(plain, rules().chain_id)
    operation = translated.operation
    name = program or operation.programs[0]
    names = rules().code.routines[name].inputs
    values = {**dict(zip(names, operation.inputs, strict=True)), **inputs}
    return Raw(name, [value % P for value in values.values()], translated.message)


def market_words(**words: int) -> Callable[[], State]:
    """The scene's state with other words of market 0, by their names in the layout."""
    changes = {address(Kind.MARKET, 0, getattr(layout, name)): word for name, word in words.items()}
    return lambda: with_words(opened(), changes)


def lines_of_program(name: str) -> Sequence[Instruction]:
    """The instructions of a program."""
    code = rules().code
    start = SLOTS * code.routines[name].row
    return code.lines[start : start + SLOTS * code.routines[name].rows]
