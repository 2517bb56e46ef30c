"""Poseidon2 permutations, one in each row: 12 + 8·12 + 22 = 130 columns, constraints of degree 7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from l2forge.air.chip import Chip, Row
from l2forge.air.chips.poseidon2_layers import WIDTH, external_layer, full_round, partial_round
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.stark import poseidon2 as hash_kernels
from l2forge.stark.field import U64Array
from l2forge.stark.parallel import run_blocks
from l2forge.stark.poseidon2 import TILE
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS

HALF = len(EXTERNAL_CONSTANTS) // 2
N_PARTIAL = len(INTERNAL_CONSTANTS)
N_COLUMNS = WIDTH + 2 * HALF * WIDTH + N_PARTIAL
COMPRESS_BUS = "compress"


class Permutation(Chip):
    """A permutation in each row.

    1. `full<r>` is the state after full round r, from the state before it.
    2. `totals[r]` is the sum of the state after the S-box of partial round r.
    All other states are linear in these columns. A subclass adds columns behind them (`extra`), and
    says in `use` what the rows are for. A row of zeros is no permutation: unused rows hold that of zeros.
    """

    name = "poseidon2"

    def __init__(self, **extra: str) -> None:
        rounds = {f"full{r}": f"field[{WIDTH}]" for r in range(2 * HALF)}
        halves = [dict(list(rounds.items())[:HALF]), dict(list(rounds.items())[HALF:])]
        self.columns = Columns(
            input=f"field[{WIDTH}]", **halves[0], totals=f"field[{N_PARTIAL}]", **halves[1], **extra
        )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        state: Sequence[Expr] = external_layer(row.input)
        for r in range(HALF):
            state = self._full(b, row, state, r)
        for r in range(N_PARTIAL):
            body, state = partial_round(state, INTERNAL_CONSTANTS[r], row.totals[r])
            b.enforce(f"partial{r}", body)
        for r in range(HALF, 2 * HALF):
            state = self._full(b, row, state, r)
        self.use(b, row, next)

    def _full(self, b: Any, row: Row, state: Sequence[Expr], r: int) -> Sequence[Expr]:
        after: Sequence[Expr] = row[f"full{r}"]
        for k, body in enumerate(full_round(state, EXTERNAL_CONSTANTS[r])):
            b.enforce(f"full{r}[{k}]", after[k] - body)
        return after

    def use(self, b: Any, row: Row, next: Row) -> None:
        """What the permutation from `row.input` to `output(row)` serves."""

    @staticmethod
    def output(row: Row) -> Sequence[Expr]:
        """The permuted state."""
        state: Sequence[Expr] = row[f"full{2 * HALF - 1}"]
        return state


class Compression(Permutation):
    """The compressions 4 + 4 → 4 of tree nodes, on the bus `compress`: (left, right, digest).

    `count` is how often a row is used; it is 0 where the row's capacity is not 0, so that no other sponge
    state passes for a compression. Soundness: `count` is free otherwise. A tuple that is no compression has
    no row, so its number of uses would have to be 0 mod p; there are fewer than p.
    """

    optional = True

    def __init__(self) -> None:
        super().__init__(count="field")

    def use(self, b: Any, row: Row, next: Row) -> None:
        for k in range(8, WIDTH):
            b.enforce(f"capacity_is_zero[{k - 8}]", row.count * row.input[k])
        b.receive(COMPRESS_BUS, [*row.input[:8], *self.output(row)[:4]], row.count)


@njit(nogil=True, cache=True)
def _record(state: U64Array, trace: U64Array, column: int, row: int) -> None:
    """Copy a tile's state to twelve columns, as many rows as are left."""
    n = min(TILE, trace.shape[1] - row)
    for k in range(WIDTH):
        trace[column + k, row : row + n] = state[k * TILE : k * TILE + n]


@njit(nogil=True, cache=True)
def _fill(inputs: U64Array, trace: U64Array, external: U64Array, internal: U64Array, span: tuple) -> None:
    state, total = np.zeros(WIDTH * TILE, np.uint64), np.empty(TILE, np.uint64)
    for row in range(span[0], span[1], TILE):
        n = min(TILE, trace.shape[1] - row)
        for k in range(WIDTH):
            state[k * TILE : k * TILE + n] = inputs[k, row : row + n]
        _record(state, trace, 0, row)
        hash_kernels.external_layer(state)
        column = WIDTH
        for r in range(HALF):
            hash_kernels.full_round(state, external[r])
            _record(state, trace, column, row)
            column += WIDTH
        for r in range(N_PARTIAL):
            hash_kernels.partial_round(state, internal[r], total)
            trace[column, row : row + n] = total[:n]
            column += 1
        for r in range(HALF, 2 * HALF):
            hash_kernels.full_round(state, external[r])
            _record(state, trace, column, row)
            column += WIDTH


def fill_permutations(inputs: U64Array, trace: U64Array) -> None:
    """Fill the first 130 columns of `trace` (columns, rows) for inputs (12, rows), canonical."""
    external = np.array(EXTERNAL_CONSTANTS, np.uint64)
    internal = np.array(INTERNAL_CONSTANTS, np.uint64)
    run_blocks(lambda a, b: _fill(inputs, trace, external, internal, (a, b)), inputs.shape[1], granule=TILE)
