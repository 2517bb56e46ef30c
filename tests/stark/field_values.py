"""Field elements for tests: random ones among those where limbs and corrections change."""

from __future__ import annotations

import random

import numpy as np

from l2forge.stark.field import P, U64Array

EDGES = [
    0,
    1,
    2,
    2**31,
    2**32 - 2,
    2**32 - 1,
    2**32,
    2**32 + 1,
    2**33 - 1,
    2**48,
    2**63 - 1,
    2**63,
    2**63 + 1,
]
EDGES += [P - 2**33, P - 2**32 - 1, P - 2**32, P - 2**32 + 1, P - 3, P - 2, P - 1]


def field_values(n: int, seed: int = 0) -> U64Array:
    """n canonical values, every third one an edge."""
    rng = random.Random(seed)
    values = [rng.choice(EDGES) if i % 3 == 0 else rng.randrange(P) for i in range(n)]
    return np.array(values, np.uint64)


def edge_pairs() -> tuple[U64Array, U64Array]:
    """Every pair of edges."""
    edges = np.array(EDGES, np.uint64)
    return np.repeat(edges, len(edges)), np.tile(edges, len(edges))


def field_matrix(n_columns: int, n_rows: int, seed: int = 0) -> U64Array:
    """A matrix of shape (n_columns, n_rows) of canonical values."""
    return field_values(n_columns * n_rows, seed).reshape(n_columns, n_rows)
