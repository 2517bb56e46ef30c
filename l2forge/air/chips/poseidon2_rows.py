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

from l2forge.air.chip import Chip, Row
from l2forge.air.chips.poseidon2 import HALF, N_COLUMNS, N_PARTIAL, fill_permutations
from l2forge.air.chips.poseidon2_layers import WIDTH, external_layer, full_round, partial_round
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.stark.field import U64Array
from l2forge.stark.field_array import add_arrays, mul_arrays, scale_array, sub_arrays
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS, INTERNAL_DIAGONAL

INPUT_BUS, OUTPUT_BUS = "permutation_input", "permutation_output"
ROWS = 4
HALF_PARTIAL = N_PARTIAL // 2

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


def _gates() -> dict[str, tuple[int, ...]]:
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
        self.periodic = _gates()

    def constrain(self, b: Any, row: Row, next: Row) -> None:
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
        b.enforce_first("number_starts_at_0", row.number)
        b.enforce("number_rises", next.number - row.number - row3)
        b.enforce("count_is_kept", (1 - row3) * (next.count - row.count))
        b.receive(INPUT_BUS, [row.number, *row.s], row0 * row.count)
        b.receive(OUTPUT_BUS, [row.number, *row.c[:4]], row3 * row.count)


def permutation_rows(inputs: U64Array, counts: U64Array) -> U64Array:
    """The trace for inputs (12, n) and counts (n,), n a power of two: (50, 4n)."""
    n = inputs.shape[1]
    wide = np.zeros((N_COLUMNS, n), np.uint64)
    fill_permutations(inputs, wide)
    first_half = WIDTH * (1 + HALF)
    full = [wide[WIDTH * (1 + r) :][:WIDTH] for r in range(HALF)]
    full += [wide[first_half + N_PARTIAL + WIDTH * r :][:WIDTH] for r in range(HALF)]
    totals = wide[first_half : first_half + N_PARTIAL]
    middle = _after_partial_rounds(full[HALF - 1], totals[:HALF_PARTIAL])
    none, zero = np.zeros((WIDTH, n), np.uint64), np.zeros((1, n), np.uint64)
    by_row = [
        [_first_layer(inputs), full[0], full[1], full[2]],
        [full[2], full[3], none, np.concatenate([totals[:HALF_PARTIAL], zero])],
        [middle, middle, full[4], np.concatenate([totals[HALF_PARTIAL:], zero])],
        [full[4], full[5], full[6], full[7]],
    ]
    trace = np.empty((4 * WIDTH + 2, ROWS * n), np.uint64)
    for k, groups in enumerate(by_row):
        trace[: 4 * WIDTH, k::ROWS] = np.concatenate(groups)
    trace[4 * WIDTH] = np.arange(ROWS * n, dtype=np.uint64) // np.uint64(ROWS)
    trace[4 * WIDTH + 1] = np.repeat(counts, ROWS)
    return trace


def _sum(rows: Sequence[U64Array]) -> U64Array:
    total = rows[0]
    for row in rows[1:]:
        total = add_arrays(total, row)
    return total


def _first_layer(x: U64Array) -> U64Array:
    """The external layer on arrays (12, n)."""
    m4 = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))
    mixed = [_sum([scale_array(x[4 * (k // 4) + j], m4[k % 4][j]) for j in range(4)]) for k in range(WIDTH)]
    sums = [_sum([mixed[k], mixed[k + 4], mixed[k + 8]]) for k in range(4)]
    return np.stack([add_arrays(mixed[k], sums[k % 4]) for k in range(WIDTH)])


def _after_partial_rounds(state: U64Array, totals: U64Array) -> U64Array:
    """The state (12, n) after as many partial rounds as there are totals, each the sum after its S-box."""
    rows = list(state)
    diagonal = [np.full(state.shape[1], d, np.uint64) for d in INTERNAL_DIAGONAL]
    for total in totals:
        rows[0] = sub_arrays(total, _sum(rows[1:]))
        rows = [add_arrays(mul_arrays(x, d), total) for x, d in zip(rows, diagonal, strict=True)]
    return np.stack(rows)
