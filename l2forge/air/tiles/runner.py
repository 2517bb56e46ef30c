"""Running programs: over the rows of a trace in natural order, and over a coset in bit-reversed order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2forge.air.errors import TraceError
from l2forge.air.tiles.kernels import run_tiles
from l2forge.air.tiles.program import SPACE_SHIFT, Program, Space
from l2forge.stark.field import P, U64Array, root_of_unity
from l2forge.stark.field_array import powers
from l2forge.stark.ntt import bit_reverse, ntt_brev
from l2forge.stark.parallel import run_blocks

if TYPE_CHECKING:
    from l2forge.air.table import Table

LOG_TILE = 9
"""512 rows: a register takes 4 kB, so that the registers of a wide program stay in the second-level cache."""


@dataclass(frozen=True)
class Matrices:
    """Columns of one table, each (columns, rows), uint64, contiguous; interaction columns as base columns."""

    main: U64Array
    preprocessed: U64Array
    interaction: U64Array

    @classmethod
    def of(
        cls, main: U64Array, preprocessed: U64Array | None = None, interaction: U64Array | None = None
    ) -> Matrices:
        """From what the table has; a missing matrix has no columns."""
        none = np.empty((0, 0), np.uint64)
        return cls(
            _writable(main),
            none if preprocessed is None else _writable(preprocessed),
            none if interaction is None else _writable(interaction),
        )


def _writable(matrix: U64Array) -> U64Array:
    """The kernels are compiled for writable contiguous arrays only; read-only ones are copied."""
    if matrix.flags.writeable and matrix.flags.c_contiguous and matrix.dtype == np.uint64:
        return matrix
    return np.array(matrix, np.uint64, order="C")


@dataclass(frozen=True)
class Walk:
    """How tiles go over the rows: see `kernels.run_tiles`."""

    n_rows: int
    next_starts: NDArray[np.int64]
    wrapped: NDArray[np.bool_]
    wrap_index: NDArray[np.int64]
    periodic: U64Array
    periodic_layout: NDArray[np.int64]
    domain: tuple[U64Array, U64Array, U64Array, np.uint64]


_NO_DOMAIN = (np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.uint64), np.uint64(0))


def natural_walk(table: Table, log_height: int) -> Walk:
    """The rows of a trace. The last row's next row is itself; no constraint that holds there reads it."""
    n_rows, size = 1 << log_height, 1 << min(LOG_TILE, log_height)
    starts = np.arange(0, n_rows, size, dtype=np.int64)
    wrapped = np.zeros(len(starts), np.bool_)
    next_starts = starts + 1
    wrapped[-1], next_starts[-1] = True, n_rows - size
    wrap_index = np.minimum(np.arange(1, size + 1), size - 1)
    flat, layout = [np.empty(0, np.uint64)], []
    offset = 0
    for column in table.periodic:
        flat.append(np.array(column.values, np.uint64))
        layout.append((offset, 0, len(column.values) - 1))
        offset += len(column.values)
    return Walk(n_rows, next_starts, wrapped, wrap_index, np.concatenate(flat), _layout(layout), _NO_DOMAIN)


def coset_walk(table: Table, log_height: int, log_expansion: int, shift: int) -> Walk:
    """The coset shift·⟨ω_M⟩ with M = 2^(log_height + log_expansion), in bit-reversed order.

    The next row of position i is at natural index brev(i) + 2^log_expansion. Its reversal leaves the top
    log_expansion bits of i, so blocks of 2^log_height rows are closed under it; within a block, all rows of a
    tile but those of the last tile (whose addition carries into the tile's own bits) go to one other tile,
    in the same order: the next rows of a tile are contiguous too.
    """
    log_rows, log_tile = log_height + log_expansion, min(LOG_TILE, log_height)
    size, n_tiles, log_in_block = 1 << log_tile, 1 << (log_rows - log_tile), log_height - log_tile
    tiles = np.arange(n_tiles, dtype=np.int64)
    inner = _reverse(tiles & ((1 << log_in_block) - 1), log_in_block) + 1
    wrapped = inner == 1 << log_in_block
    target = _reverse(inner & ((1 << log_in_block) - 1), log_in_block)
    next_starts = (((tiles >> log_in_block) << log_in_block) + target) << log_tile
    in_tile = np.arange(size, dtype=np.int64)
    wrap_index = _reverse((_reverse(in_tile, log_tile) + 1) & (size - 1), log_tile)
    flat, layout = [np.empty(0, np.uint64)], []
    offset = 0
    for column in table.periodic:
        log_period = len(column.values).bit_length() - 1
        padded = np.zeros((1, 1 << (log_period + log_expansion)), np.uint64)
        padded[0, : 1 << log_period] = column.coefficients
        repeats = 1 << (log_height - log_period)
        flat.append(ntt_brev(padded, shift=pow(shift, repeats, P))[0])
        layout.append((offset, log_height - log_period, padded.size - 1))
        offset += padded.size
    domain = _domain(log_height, log_expansion, shift, log_tile)
    return Walk(
        n_tiles * size, next_starts, wrapped, wrap_index, np.concatenate(flat), _layout(layout), domain
    )


def _layout(entries: list[tuple[int, int, int]]) -> NDArray[np.int64]:
    return np.array(entries, np.int64).reshape(-1, 3)


def _reverse(values: NDArray[np.int64], n_bits: int) -> NDArray[np.int64]:
    """The lowest n_bits bits of each value, reversed."""
    result = np.zeros_like(values)
    for k in range(n_bits):
        result |= ((values >> k) & 1) << (n_bits - 1 - k)
    return result


def _domain(
    log_height: int, log_expansion: int, shift: int, log_tile: int
) -> tuple[U64Array, U64Array, U64Array, np.uint64]:
    """Points of a tile relative to its first one; the first point and Z = y^(2^log_height) − 1 of each."""
    log_rows = log_height + log_expansion
    relative = _brev_powers(root_of_unity(log_tile), log_tile, 1)
    firsts = _brev_powers(root_of_unity(log_rows), log_rows - log_tile, shift)
    blocks = _brev_powers(root_of_unity(log_expansion), log_expansion, pow(shift, 1 << log_height, P))
    minus_one = (blocks.astype(object) - 1) % P
    vanishing = np.repeat(np.array(minus_one, np.uint64), 1 << (log_height - log_tile))
    return relative, firsts, vanishing, np.uint64(pow(root_of_unity(log_height), -1, P))


def _brev_powers(root: int, log_n: int, start: int) -> U64Array:
    return np.ascontiguousarray(bit_reverse(powers(root, 1 << log_n, start=start).reshape(1, -1))[0])


def run(program: Program, table: Table, matrices: Matrices, walk: Walk, scalars: U64Array) -> U64Array:
    """The program's output, (n_outputs, rows); the same for any number of threads."""
    out = np.empty((program.n_outputs, walk.n_rows), np.uint64)
    columns = (matrices.main, matrices.preprocessed, matrices.interaction)
    domain = walk.domain if program.uses_selectors else _NO_DOMAIN
    _require_shapes(program, table, matrices, walk.n_rows)
    packed = (*program.placed, scalars, program.n_registers, program.n_pinned)
    periodic = (walk.periodic, walk.periodic_layout)
    path = (walk.next_starts, walk.wrapped, walk.wrap_index, periodic, domain)
    run_blocks(lambda first, last: run_tiles(packed, columns, path, out, first, last), len(walk.next_starts))
    return out


def _require_shapes(program: Program, table: Table, matrices: Matrices, n_rows: int) -> None:
    """The kernels check no bounds: refuse matrices with fewer columns or rows than the program may read."""
    reads_interaction = (program.code[:, 2:] >> SPACE_SHIFT).max(initial=0) >= Space.INTERACTION
    for what, matrix, n_columns in (
        ("main", matrices.main, table.n_main),
        ("preprocessed", matrices.preprocessed, table.n_preprocessed),
        ("interaction", matrices.interaction, 3 * table.n_interaction if reads_interaction else 0),
    ):
        if len(matrix) < n_columns or (n_columns and matrix.shape[1] < n_rows):
            raise TraceError(
                f"table {table.name}: the {what} columns have shape {matrix.shape}, and "
                f"({n_columns}, {n_rows}) is read"
            )
