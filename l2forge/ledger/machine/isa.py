"""The numbers of the machine: units, hints, and what one instruction is. docs/machine.md is their page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

SLOTS = 4
"""Instructions in a row of the cpu table."""


class Unit(IntEnum):
    """Who serves a call."""

    NONE = 0
    READ = 1
    WRITE = 2
    RANGE = 3
    MULDIV = 4
    DIVREM = 5
    DIGEST = 6
    SIGNED = 7
    REQUEST = 8
    PAYOUT = 9
    ABSORB = 16
    ABSORB_NEXT = 17
    ABSORB_TWO = 18
    ABSORB_SIX = 19


WORD_BOUND = (1 << 62) + (1 << 48) - (1 << 46)
"""What RANGE and all operands of MULDIV stay below: see `chips.units.words`."""

OFFSET_SHIFT = 8
"""A call's number is unit + offset·2^8."""


class Hint(IntEnum):
    """How the interpreter finds the value of an instruction that no gate defines.

    A hint is a convenience of the honest prover; the gates and units hold whatever value stands there.
    x, y, z are operands, k the immediate; "signed" reads a field element above p/2 as negative.
    """

    NONE = 0
    INPUT = 1
    """The operation's input number k."""
    AT_LEAST = 2
    """1 if x ≥ y, signed, else 0."""
    INVERSE = 3
    """1/x, and 0 of 0."""
    BITS = 4
    """⌊x / 2^(k mod 64)⌋ mod 2^⌊k / 64⌋."""
    DIVIDE = 5
    """Quotient of x·y / z: rounded up if k = 1, or if k ≥ 2 and V[t − k + 2] = 1."""
    REMAINDER = 6
    """What goes with DIVIDE: |x·y − z·q|."""
    DIGEST = 7
    """Output element k of permutation number x."""
    RANKED = 8
    """The value of rank x (from 0) among the ⌊k / 256⌋ values from y's place, every (k mod 256)-th."""


@dataclass(frozen=True)
class Instruction:
    """One line of a program; operands are places in the program, −1 none."""

    a: int = -1
    b: int = -1
    qa: int = 0
    qb: int = 0
    qm: int = 0
    qc: int = 0
    qo: int = 0
    unit: Unit = Unit.NONE
    offset: int = 0
    """Of READ and WRITE: the word of the leaf, 0 … 255."""
    hint: Hint = Hint.NONE
    x: int = -1
    y: int = -1
    z: int = -1
    k: int = 0
    label: str = ""
    """Which rule fails when this line does."""
