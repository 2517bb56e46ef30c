"""Columns as polynomials: evaluation at points of K, and random combinations, from values on a coset.

Both read the first n values of a bit-reversed low-degree extension on s·⟨ω_N⟩, which are the values on the
coset s·⟨ω_n⟩ in bit-reversed order: n values determine a polynomial of degree below n.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.stark.ext import Ext, batch_inverse, mul_base, scale_array
from l2forge.stark.field import P, U64Array, add, mul, root_of_unity, sub
from l2forge.stark.field_array import powers
from l2forge.stark.ntt import bit_reverse
from l2forge.stark.parallel import run_blocks

_TILE = 1024
"""Rows that are worked on at once: the tile's accumulators stay in the first-level cache."""


def coset_brev(log_n: int, shift: int) -> U64Array:
    """The points shift·ω_n^i, bit-reversed, shape (n,)."""
    natural: U64Array = powers(root_of_unity(log_n), 1 << log_n, start=shift).reshape(1, -1)
    return bit_reverse(natural).reshape(-1)


@njit(nogil=True, cache=True)
def _distances(points: U64Array, z0: np.uint64, z1: np.uint64, z2: np.uint64, out: U64Array) -> None:
    for i in range(points.size):
        out[0, i] = sub(z0, points[i])
        out[1, i] = z1
        out[2, i] = z2


def inverse_distances(points: U64Array, z: Ext) -> U64Array:
    """1/(z − x) for each of the n points x in F, shape (3, n). Raises ZeroDivisionError when z is one."""
    out = np.empty((3, points.size), np.uint64)
    _distances(points, np.uint64(z.c0), np.uint64(z.c1), np.uint64(z.c2), out)
    return batch_inverse(out)


def barycentric_weights(z: Ext, log_n: int, shift: int) -> U64Array:
    """Weights w of shape (3, n) with f(z) = Σ f(x_i)·w_i for deg f < n and x = coset_brev(log_n, shift).

    w_i = (z^n − s^n)/(n·s^n) · x_i/(z − x_i).
    """
    n = 1 << log_n
    points = coset_brev(log_n, shift)
    vanishing = pow(shift, n, P)
    factor = (z**n - vanishing) * pow(n * vanishing, -1, P)
    return scale_array(mul_base(inverse_distances(points, z), points), factor)


@njit(nogil=True, cache=True)
def _dot_columns(
    matrix: U64Array, columns: NDArray[np.int64], weights: U64Array, out: U64Array, start: int, stop: int
) -> None:
    """out[j] = Σ_i matrix[columns[j], i]·weights[:, i] for j in [start, stop), by lanes of a tile."""
    n = weights.shape[1]
    tile = min(_TILE, n)
    lanes = np.empty(tile, np.uint64)
    for j in range(start, stop):
        column = matrix[columns[j]]
        for k in range(3):
            lanes[:] = np.uint64(0)
            for first in range(0, n, tile):
                values = column[first : first + tile]
                factors = weights[k, first : first + tile]
                for i in range(tile):
                    lanes[i] = add(lanes[i], mul(values[i], factors[i]))
            total = np.uint64(0)
            for i in range(tile):
                total = add(total, lanes[i])
            out[j, k] = total


def evaluate_columns(matrix: U64Array, columns: Sequence[int], weights: U64Array) -> list[Ext]:
    """Values at the weights' point of some columns of `matrix` (width, ≥ n); weights of shape (3, n)."""
    indices = np.array(columns, np.int64)
    out = np.empty((indices.size, 3), np.uint64)
    run_blocks(lambda a, b: _dot_columns(matrix, indices, weights, out, a, b), indices.size)
    return [Ext(int(c0), int(c1), int(c2)) for c0, c1, c2 in out]


@njit(nogil=True, cache=True)
def _combine(matrix: U64Array, factors: U64Array, out: U64Array, start: int, stop: int) -> None:
    for first in range(start, stop, _TILE):
        last = min(first + _TILE, stop)
        for c in range(matrix.shape[0]):
            values = matrix[c, first:last]
            for k in range(3):
                factor = factors[c, k]
                if factor == 0:
                    continue
                target = out[k, first:last]
                for i in range(last - first):
                    target[i] = add(target[i], mul(values[i], factor))


def add_combination(matrix: U64Array, factors: Sequence[Ext], out: U64Array) -> None:
    """out[:, i] += Σ_c factors[c]·matrix[c, i]; matrix (width, ≥ n), out (3, n)."""
    table = np.array([tuple(factor) for factor in factors], np.uint64)
    run_blocks(lambda a, b: _combine(matrix, table, out, a, b), out.shape[1], granule=_TILE)


def repeat_to(values: U64Array, n: int) -> U64Array:
    """Lift bit-reversed values (3, m) to n entries: position q reads entry q·m/n."""
    return values if values.shape[1] == n else np.repeat(values, n // values.shape[1], axis=1)
