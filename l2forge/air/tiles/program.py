"""Programs of the tile interpreter: instructions, operand addresses, scalars filled in per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2forge.stark.ext import Ext
from l2forge.stark.field import P, U64Array


class Op(IntEnum):
    """Opcodes; a, b, c, d are vectors, s is a scalar. K is made of three base vectors by the lowering."""

    ADD = 0
    SUB = 1
    MUL = 2
    ADD_S = 3
    """a + s"""
    SUB_S = 4
    """a − s"""
    RSUB_S = 5
    """s − a"""
    MUL_S = 6
    AXPY = 7
    """a + b·s"""
    MUL_SUMS = 8
    """(a + b)·(c + d)"""
    MUL_SUM_S = 9
    """(a + b)·s"""
    EXT0 = 10
    """a + b − c − d; EXT0 … EXT2 end a product in K by Karatsuba"""
    EXT1 = 11
    """a + b − c − 2d"""
    EXT2 = 12
    """a − b + c"""
    FILL = 13
    """s on every row"""
    PERIODIC = 14
    """periodic column number a"""
    FOLD = 15
    """rows dst, dst+1, dst+2 += a·(s, s+1, s+2): the composition's accumulators"""
    ACCUMULATE = 16
    """row dst += a"""
    OUT = 17
    """write a to row dst of the output"""


class Space(IntEnum):
    """Where a vector operand lies: an address is space·2^24 + row."""

    REGISTER = 0
    MAIN = 1
    MAIN_NEXT = 2
    PREPROCESSED = 3
    PREPROCESSED_NEXT = 4
    INTERACTION = 5
    INTERACTION_NEXT = 6


SPACE_SHIFT = 24
CODE_WIDTH = 6
SELECTOR_ROWS = 3
"""Registers 0, 1, 2 hold is_first, is_last, is_transition where a program uses selectors."""


class ScalarSource(NamedTuple):
    """A scalar that is known only when the program runs: components of a uniform node or of a weight, added.

    `kind` is "node" or "weight"; `parts` (0,) is a coefficient, (0, 1) the sum of two (for Karatsuba).
    """

    kind: str
    origin: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """A linear program. `code` has one row (op, dst, a, b, c, d) for each instruction."""

    code: NDArray[np.int32]
    n_registers: int
    n_pinned: int
    """registers that start at 0 and are kept: selectors and accumulators"""
    n_outputs: int
    """base rows of the output"""
    constants: U64Array
    """scalar slots; the dynamic ones hold 0 here"""
    dynamic: tuple[tuple[int, ScalarSource], ...]
    uses_selectors: bool

    @cached_property
    def placed(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The code with columns as rows behind the registers, and which columns these are: (space, row)."""
        operands = self.code[:, 2:]
        is_column = operands >= 1 << SPACE_SHIFT
        read, place = np.unique(operands[is_column], return_inverse=True)
        code = self.code.copy()
        code[:, 2:][is_column] = self.n_registers + place
        return code, np.stack([read >> SPACE_SHIFT, read & ((1 << SPACE_SHIFT) - 1)], axis=1).astype(np.int64)

    @property
    def n_operations(self) -> int:
        """Base-field additions and multiplications for one row."""
        cost = {Op.AXPY: 2, Op.MUL_SUMS: 3, Op.MUL_SUM_S: 2, Op.EXT0: 3, Op.EXT1: 4, Op.EXT2: 2, Op.FOLD: 6}
        free = (Op.FILL, Op.PERIODIC, Op.OUT)
        return sum(0 if op in free else cost.get(Op(op), 1) for op in self.code[:, 0].tolist())

    def scalars(self, uniform: Mapping[int, Ext | int], weights: Sequence[Ext]) -> U64Array:
        """All scalar slots, for these values of the uniform nodes and these weights."""
        filled = self.constants.copy()
        for slot, (kind, origin, parts) in self.dynamic:
            value = uniform[origin] if kind == "node" else weights[origin]
            coefficients = (value % P, 0, 0) if isinstance(value, int) else tuple(value)
            filled[slot] = sum(coefficients[k] for k in parts) % P
        return filled
