"""The interaction columns of a trace: group sums, the running sum φ, and prefixes of public lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from l2forge.air.errors import TraceError
from l2forge.air.evaluate import evaluate_uniform
from l2forge.air.tiles.runner import Matrices, natural_walk, run
from l2forge.stark.claims import Claims
from l2forge.stark.ext import Ext, batch_inverse, ext_mul, mul_arrays
from l2forge.stark.field import U64Array, add, mul

if TYPE_CHECKING:
    from l2forge.air.table import Table


@dataclass(frozen=True)
class InteractionTrace:
    """A table's interaction columns: (3·n_interaction, rows), natural order; three base columns each."""

    columns: U64Array
    sum: Ext | None
    """S, or None for a table without interactions"""
    fingerprints: dict[int, Ext]
    """F of each list that the table publishes, by the list's index"""


@njit(nogil=True, cache=True)
def _exclusive_prefix(totals: U64Array, out: U64Array) -> tuple[np.uint64, np.uint64, np.uint64]:
    """out[:, i] = Σ_{j<i} totals[:, j]; returns the sum over all rows."""
    s0 = s1 = s2 = np.uint64(0)
    for i in range(totals.shape[1]):
        out[0, i], out[1, i], out[2, i] = s0, s1, s2
        s0, s1, s2 = add(s0, totals[0, i]), add(s1, totals[1, i]), add(s2, totals[2, i])
    return s0, s1, s2


@njit(nogil=True, cache=True)
def _horner_prefix(
    when: U64Array, step: U64Array, stretch: U64Array, out: U64Array
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """out[:, 0] = 1, out[:, i + 1] = out[:, i]·stretch + step[:, i] where when[i] is 1, else out[:, i];
    returns what follows the last row. A `when` other than 0 and 1 scales the step, as the constraint does."""
    a0, a1, a2 = np.uint64(1), np.uint64(0), np.uint64(0)
    r0, r1, r2 = stretch[0], stretch[1], stretch[2]
    for i in range(when.size):
        out[0, i], out[1, i], out[2, i] = a0, a1, a2
        w = when[i]
        if w != 0:
            b0, b1, b2 = ext_mul(a0, a1, a2, r0, r1, r2)
            a0 = add(a0, mul(w, add(b0, step[0, i])))
            a1 = add(a1, mul(w, add(b1, step[1, i])))
            a2 = add(a2, mul(w, add(b2, step[2, i])))
    return a0, a1, a2


@njit(nogil=True, cache=True)
def _add_into(total: U64Array, value: U64Array) -> None:
    for k in range(3):
        for i in range(total.shape[1]):
            total[k, i] = add(total[k, i], value[k, i])


def interaction_trace(table: Table, main: U64Array, claims: Claims) -> InteractionTrace:
    """Interaction columns of a main trace (n_main, rows), for the challenges and public scalars of `claims`.

    Raises TraceError when a denominator is 0, which random challenges meet with negligible probability.
    """
    log_height = main.shape[1].bit_length() - 1
    program = table.interaction_program
    scalars = program.scalars(evaluate_uniform(table, claims), ())
    matrices = Matrices.of(main, table.preprocessed)
    parts = run(program, table, matrices, natural_walk(table, log_height), scalars)
    columns = np.zeros((3 * table.n_interaction, main.shape[1]), np.uint64)
    taken = 0
    total: Ext | None = None
    if table.groups:
        taken = 6 * len(table.groups)
        total = _running_sum(table, parts[:taken], columns)
    fingerprints = {}
    for k, publication in enumerate(table.publications):
        column = columns[3 * (len(table.groups) + k) :][:3]
        stretch = claims.challenges.rho ** len(publication.values) - 1
        factor = np.array(tuple(stretch), np.uint64)
        when, step = parts[taken + 4 * k], parts[taken + 4 * k + 1 :][:3]
        end = _horner_prefix(when, step, factor, column)
        fingerprints[publication.list_index] = Ext(*map(int, end))
    return InteractionTrace(columns, total, fingerprints)


def _running_sum(table: Table, parts: U64Array, columns: U64Array) -> Ext:
    """Fill the group columns and φ from (numerator, denominator) of each group; returns the table's sum."""
    n_groups, n_rows = len(table.groups), columns.shape[1]
    total = np.zeros((3, n_rows), np.uint64)
    for k in range(n_groups):
        numerator, denominator = parts[6 * k : 6 * k + 3], parts[6 * k + 3 : 6 * k + 6]
        try:
            quotient = mul_arrays(numerator, batch_inverse(denominator))
        except ZeroDivisionError as failure:
            raise TraceError(f"table {table.name}: a LogUp denominator is 0") from failure
        if k < n_groups - 1:
            columns[3 * k : 3 * k + 3] = quotient
        _add_into(total, quotient)
    phi = columns[3 * (n_groups - 1) : 3 * n_groups]
    return Ext(*map(int, _exclusive_prefix(total, phi)))
