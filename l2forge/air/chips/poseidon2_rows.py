"""Poseidon2 permutations over four rows: 48 columns of state instead of 130, for proofs that pay by width.

| row | s | a | b | c |
|---|---|---|---|---|
| 0 | input, after the first external layer | after full round 0 | … 1 | … 2 |
| 1 | c of row 0 | after full round 3 | 0 | totals of partial rounds 0 … 10, 0 |
| 2 | after partial round 10 | s | after full round 4 | totals of partial rounds 11 … 21, 0 |
| 3 | b of row 2 | after full round 5 | … 6 | … 7: the output |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from l2forge.air.chip import Chip, Row
from l2forge.air.chips.poseidon2 import N_PARTIAL
from l2forge.air.chips.poseidon2_layers import WIDTH, external_layer, full_round, partial_round
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.stark.field import U64Array
from l2forge.stark.parallel import run_blocks
from l2forge.stark.poseidon2 import TILE
from l2forge.stark.poseidon2 import external_layer as hash_external_layer
from l2forge.stark.poseidon2 import full_round as hash_full_round
from l2forge.stark.poseidon2 import partial_round as hash_partial_round
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS

INPUT_BUS, OUTPUT_BUS = "permutation_input", "permutation_output"
ROWS = 4
HALF_PARTIAL = N_PARTIAL // 2
S, A, B, C = (k * WIDTH for k in range(4))
"""The first columns of the groups."""

_FULL_ROUND = {"a": (0, 3, None, 5), "b": (1, None, 4, 6), "c": (2, None, None, 7)}
"""The full round whose result each column group holds, by row."""


def send_permutation(
    b: Any, number: Expr, state: Sequence[Expr | int], output: Sequence[Expr], multiplicity: Expr
) -> None:
    """State that `output` begins the permutation of `state`, which the table has under `number`.

    `output` has 4 elements. `number` is a free column of the caller: it only tells both buses which
    permutation is meant, and each number belongs to one permutation.
    """
    b.send(INPUT_BUS, [number, *external_layer([_as_expr(b, x) for x in state])], multiplicity)
    b.send(OUTPUT_BUS, [number, *output], multiplicity)


def _as_expr(b: Any, value: Expr | int) -> Expr:
    return value if isinstance(value, Expr) else b.const(value)


def gates() -> dict[str, tuple[int, ...]]:
    """Periodic columns of `enforce_rounds`: which of the four rows it is, and the constants of its rounds."""
    constants: dict[str, tuple[int, ...]] = {
        f"row{k}": tuple(int(r == k) for r in range(ROWS)) for k in range(ROWS)
    }
    for group, rounds in _FULL_ROUND.items():
        for k in range(WIDTH):
            values = [0 if r is None else EXTERNAL_CONSTANTS[r][k] for r in rounds]
            constants[f"{group}_constant{k}"] = tuple(values)
    for r in range(HALF_PARTIAL):
        pair = INTERNAL_CONSTANTS[r], INTERNAL_CONSTANTS[HALF_PARTIAL + r]
        constants[f"partial_constant{r}"] = (0, *pair, 0)
    return constants


def enforce_rounds(b: Any, row: Row, next: Row) -> None:
    """The columns s, a, b and c hold the rounds as the table above says; what a row does not use is 0."""
    row0, row1, row2, row3 = (b.periodic(f"row{k}") for k in range(ROWS))
    partial: Sequence[Expr] = row.a
    for r in range(HALF_PARTIAL):
        body, partial = partial_round(partial, b.periodic(f"partial_constant{r}"), row.c[r])
        b.enforce(f"partial{r}", (row1 + row2) * body)
    after_s, after_a, after_b, after_partial = (
        full_round(state, [b.periodic(f"{group}_constant{k}") for k in range(WIDTH)])
        for state, group in ((row.s, "a"), (row.a, "b"), (row.b, "c"), (partial, "b"))
    )
    ends, middle = row0 + row3, row1 + row2
    # Group by group, so that the prover's interpreter holds one state at a time.
    for k in range(WIDTH):
        expected = (row0 + row1 + row3) * after_s[k] + row2 * row.s[k]
        b.enforce(f"a[{k}]", row.a[k] - expected)
    for k in range(WIDTH):
        b.enforce(f"b[{k}]", row.b[k] - ends * after_a[k] - row2 * after_partial[k])
    for k in range(WIDTH):
        b.enforce(f"c[{k}]", ends * (row.c[k] - after_b[k]))
    for k in range(WIDTH):
        passed_on = row0 * row.c[k] + row1 * partial[k] + row2 * row.b[k]
        b.enforce(f"s[{k}]", (1 - row3) * next.s[k] - passed_on)
    b.enforce("unused_total", middle * row.c[HALF_PARTIAL])


class PermutationRows(Chip):
    """Permutations over four rows each, looked up by their number.

    1. Rows hold rounds as the table above says; what a row does not use is 0.
    2. `number` is 0 in the first permutation and rises by 1 from one to the next: no two have the same.
    3. `count`, how often the permutation is used, is one value in its four rows, else free: see
       `Compression`.
    """

    name = "permutation"
    columns = Columns(
        s=f"field[{WIDTH}]",
        a=f"field[{WIDTH}]",
        b=f"field[{WIDTH}]",
        c=f"field[{WIDTH}]",
        number="field",
        count="field",
    )
    min_log_height = 2
    optional = True

    def __init__(self) -> None:
        self.periodic = gates()

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        enforce_rounds(b, row, next)
        row0, row3 = b.periodic("row0"), b.periodic("row3")
        b.enforce_first("number_starts_at_0", row.number)
        b.enforce("number_rises", next.number - row.number - row3)
        b.enforce("count_is_kept", (1 - row3) * (next.count - row.count))
        b.receive(INPUT_BUS, [row.number, *row.s], row0 * row.count)
        b.receive(OUTPUT_BUS, [row.number, *row.c[:4]], row3 * row.count)


def permutation_rows(inputs: U64Array, counts: U64Array) -> U64Array:
    """The trace for inputs (12, n) and counts (n,), n a power of two: (50, 4n)."""
    n = inputs.shape[1]
    trace = np.empty((4 * WIDTH + 2, ROWS * n), np.uint64)
    fill_permutation_rows(inputs, trace)
    trace[4 * WIDTH] = np.arange(ROWS * n, dtype=np.uint64) // np.uint64(ROWS)
    trace[4 * WIDTH + 1] = np.repeat(counts, ROWS)
    return trace


def fill_permutation_rows(inputs: U64Array, trace: U64Array) -> None:
    """Fill the first 48 columns of `trace` (columns, 4n) for inputs (12, n), canonical."""
    external = np.array(EXTERNAL_CONSTANTS, np.uint64)
    internal = np.array(INTERNAL_CONSTANTS, np.uint64)
    inputs = np.ascontiguousarray(inputs)
    run_blocks(lambda a, b: _fill(inputs, trace, external, internal, a, b), inputs.shape[1], granule=TILE)


@njit(nogil=True, cache=True)
def _record(values: U64Array, width: int, trace: U64Array, place: tuple, span: tuple) -> None:
    """Copy the first `width` elements of a tile's states start … stop − 1 to the columns and the row of each
    permutation that place = (first column, row) says."""
    column, row = place
    for k in range(width):
        target = trace[column + k]
        for lane in range(span[1] - span[0]):
            target[ROWS * (span[0] + lane) + row] = values[k * TILE + lane]


@njit(nogil=True, cache=True)
def _partial_rounds(state: U64Array, internal: U64Array, trace: U64Array, row: int, span: tuple) -> None:
    """Half of the partial rounds, their totals in group c of `row`."""
    totals = np.zeros(WIDTH * TILE, np.uint64)
    for r in range(HALF_PARTIAL):
        hash_partial_round(state, internal[r], totals[r * TILE : (r + 1) * TILE])
    _record(totals, WIDTH, trace, (C, row), span)


@njit(nogil=True, cache=True)
def _fill(
    inputs: U64Array, trace: U64Array, external: U64Array, internal: U64Array, start: int, stop: int
) -> None:
    state, zero = np.zeros(WIDTH * TILE, np.uint64), np.zeros(WIDTH * TILE, np.uint64)
    for first in range(start, stop, TILE):
        span = (first, min(first + TILE, stop))
        for k in range(WIDTH):
            state[k * TILE : k * TILE + span[1] - first] = inputs[k, first : span[1]]
        hash_external_layer(state)
        _record(state, WIDTH, trace, (S, 0), span)
        for r, group in enumerate((A, B, C)):
            hash_full_round(state, external[r])
            _record(state, WIDTH, trace, (group, 0), span)
        _record(state, WIDTH, trace, (S, 1), span)
        hash_full_round(state, external[3])
        _record(state, WIDTH, trace, (A, 1), span)
        _record(zero, WIDTH, trace, (B, 1), span)
        _partial_rounds(state, internal[:HALF_PARTIAL], trace, 1, span)
        _record(state, WIDTH, trace, (S, 2), span)
        _record(state, WIDTH, trace, (A, 2), span)
        _partial_rounds(state, internal[HALF_PARTIAL:], trace, 2, span)
        hash_full_round(state, external[4])
        _record(state, WIDTH, trace, (B, 2), span)
        _record(state, WIDTH, trace, (S, 3), span)
        for r, group in enumerate((A, B, C)):
            hash_full_round(state, external[5 + r])
            _record(state, WIDTH, trace, (group, 3), span)
