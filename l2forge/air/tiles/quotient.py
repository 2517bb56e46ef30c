"""The prover's evaluation of a table's constraints on a coset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from l2forge.air.evaluate import evaluate_uniform
from l2forge.air.tiles.program import Program
from l2forge.air.tiles.runner import Matrices, coset_walk, run
from l2forge.stark.claims import Claims
from l2forge.stark.ext import Ext
from l2forge.stark.field import U64Array

if TYPE_CHECKING:
    from l2forge.air.table import Table


@dataclass(frozen=True)
class TableLde:
    """A table's columns on s^r·⟨ω⟩ in bit-reversed order, of which the first 2^(log_height + log_expansion)
    rows are read: these are the points of the coset of that size, for any blow-up that is at least that."""

    matrices: Matrices
    log_height: int
    log_expansion: int
    """log2 of the cosets of 2^log_height points"""
    shift: int
    """s^r mod p, with r = 2^(H − log_height)"""


def composition_on_coset(
    program: Program, table: Table, lde: TableLde, claims: Claims, weights: Sequence[Ext]
) -> U64Array:
    """Σ_k weights[k]·constraint_k over the program's constraints on the coset, (3, rows), bit-reversed,
    before division by Z.

    weights[k] is the power of γ that Horner over all constraints of the AIR gives to this table's k-th.
    """
    walk = coset_walk(table, lde.log_height, lde.log_expansion, lde.shift)
    scalars = program.scalars(evaluate_uniform(table, claims), weights)
    return run(program, table, lde.matrices, walk, scalars)
