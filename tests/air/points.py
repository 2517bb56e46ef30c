"""Random columns of a table on a coset, and one of their rows as a point for the Python evaluator."""

from __future__ import annotations

import random

import numpy as np

from l2forge.air import Challenges, Claims, CompiledAir, Point, Table
from l2forge.air.tiles.runner import Matrices
from l2forge.stark.ext import Ext
from l2forge.stark.field import P, root_of_unity


def random_ext(rng: random.Random) -> Ext:
    """An element of K."""
    return Ext(rng.randrange(P), rng.randrange(P), rng.randrange(P))


def random_claims(air: CompiledAir, rng: random.Random) -> Claims:
    """Challenges, public scalars, sums and fingerprints."""
    return Claims(
        Challenges(random_ext(rng), random_ext(rng), random_ext(rng)),
        tuple(rng.randrange(P) for _ in air.public),
        tuple(random_ext(rng) for _ in air.tables),
        tuple(random_ext(rng) for _ in air.lists),
    )


def random_matrices(table: Table, log_rows: int, seed: int) -> Matrices:
    """Uniform values; half of the rows hold edge values of the field only."""
    rng = np.random.default_rng(seed)
    edges = np.array([0, 1, P - 1, P - 2, 2**32 - 1, 2**32, 2**63], np.uint64)

    def columns(count: int) -> np.ndarray:
        values = rng.integers(0, P, (count, 1 << log_rows), dtype=np.uint64)
        values[:, ::2] = rng.choice(edges, values[:, ::2].shape)
        return values

    return Matrices(columns(table.n_main), columns(table.n_preprocessed), columns(3 * table.n_interaction))


def brev(value: int, n_bits: int) -> int:
    """The n_bits bits of a value, reversed."""
    return int(format(value, f"0{n_bits}b")[::-1], 2) if n_bits else 0


def coset_point(
    table: Table, matrices: Matrices, position: int, log_height: int, log_expansion: int, shift: int
) -> tuple[Ext, Point]:
    """y and the table's values at a bit-reversed position of shift·⟨ω⟩; the next row by its definition."""
    n_bits = log_height + log_expansion
    natural = brev(position, n_bits)
    after = brev((natural + (1 << log_expansion)) % (1 << n_bits), n_bits)

    def base(matrix: np.ndarray, column: int, row: int) -> Ext:
        return Ext(int(matrix[column, row]))

    def ext(column: int, row: int) -> Ext:
        return Ext(*(int(matrices.interaction[3 * column + k, row]) for k in range(3)))

    point = Point(
        [base(matrices.main, c, position) for c in range(table.n_main)],
        [base(matrices.main, c, after) for c in table.main_mask],
        [ext(c, position) for c in range(table.n_interaction)],
        [ext(c, after) for c in table.interaction_mask],
        [base(matrices.preprocessed, c, position) for c in range(table.n_preprocessed)],
        [base(matrices.preprocessed, c, after) for c in table.preprocessed_mask],
    )
    return Ext(shift * pow(root_of_unity(n_bits), natural, P) % P), point
