"""Number-theoretic transforms of the columns of a matrix, and low-degree extension onto cosets.

Conventions: a matrix has shape (n_columns, n), n a power of two; w_n = `root_of_unity(log n)`. A coefficient
vector c in natural order has values c(s·w_n^i) on the coset s·⟨w_n⟩. Arrays that end in `_brev` are indexed
by the bit-reversed exponent: v_brev[bit_reverse(i)] = v[i].
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

from l2forge.stark import ntt_kernels as kernels
from l2forge.stark.field import GENERATOR, P, U64Array, mul_montgomery, root_of_unity
from l2forge.stark.field_array import powers
from l2forge.stark.parallel import run_blocks

_MONTGOMERY = (1 << 64) % P
_MAX_TILE_BITS = 5


def log2_exact(n: int) -> int:
    """log₂ n. Raises ValueError unless n is a power of two."""
    if n < 1 or n & (n - 1):
        raise ValueError(f"the length of a transform must be a power of two, not {n}")
    return n.bit_length() - 1


@lru_cache(maxsize=4)
def twiddles(log_n: int) -> U64Array:
    """For each q = 1, 2, 4 … n/4, at offset 3q: w^j, w^2j, w^3j for j < q, w = w_{4q}, in Montgomery form."""
    table = np.zeros(max(6, 3 << max(0, log_n - 1)), np.uint64)
    for log_q in range(log_n - 1):
        q = 1 << log_q
        root = root_of_unity(log_q + 2)
        for e in (1, 2, 3):
            table[(2 + e) * q : (3 + e) * q] = powers(pow(root, e, P), q, start=_MONTGOMERY)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=8)
def _reversal(n_bits: int) -> U64Array:
    return np.array([int(f"{v:0{n_bits}b}"[::-1], 2) if n_bits else 0 for v in range(1 << n_bits)], np.uint64)


@njit(nogil=True, cache=True)
def _bit_reverse_columns(matrix: U64Array, out: U64Array, reversal: U64Array, start: int, stop: int) -> None:
    for c in range(start, stop):
        kernels.bit_reverse(matrix[c], out[c], reversal)


@njit(nogil=True, cache=True)
def _interpolate_columns(
    matrix: U64Array, scale: U64Array, table: U64Array, reversal: U64Array, start: int, stop: int
) -> None:
    """In place: natural-order values to coefficients, times scale.

    A forward transform at −i is an inverse transform but for 1/n, which scale includes.
    """
    n = matrix.shape[1]
    work = np.empty(n, np.uint64)
    tile = np.zeros((kernels.MAX_TAIL, kernels.LANES), np.uint64)
    for c in range(start, stop):
        column = matrix[c]
        kernels.transform(column, table, tile)
        kernels.bit_reverse(column, work, reversal)
        column[0] = mul_montgomery(work[0], scale[0])
        for i in range(1, n):
            column[i] = mul_montgomery(work[n - i], scale[i])


@njit(nogil=True, cache=True)
def _evaluate_cosets(
    coefficients: U64Array, scales: U64Array, table: U64Array, out: U64Array, start: int, stop: int
) -> None:
    """Values_brev on cosets: column, coset = divmod(item, n_cosets); out has shape (columns, cosets, n)."""
    n_cosets, n = scales.shape
    tile = np.zeros((kernels.MAX_TAIL, kernels.LANES), np.uint64)
    for item in range(start, stop):
        source = coefficients[item // n_cosets]
        scale = scales[item % n_cosets]
        target = out[item // n_cosets, item % n_cosets]
        for i in range(n):
            target[i] = mul_montgomery(source[i], scale[i])
        kernels.transform(target, table, tile)


def _reversal_for(log_n: int) -> U64Array:
    return _reversal(min(_MAX_TILE_BITS, log_n // 2))


def bit_reverse(matrix: U64Array) -> U64Array:
    """The columns of a (n_columns, n) matrix with indices bit-reversed; its own inverse."""
    matrix = np.ascontiguousarray(matrix)
    out = np.empty_like(matrix)
    reversal = _reversal_for(log2_exact(matrix.shape[1]))
    run_blocks(lambda a, b: _bit_reverse_columns(matrix, out, reversal, a, b), matrix.shape[0])
    return out


def _interpolate_in_place(values: U64Array, shift: int) -> U64Array:
    """Natural-order values on shift·⟨w_n⟩ to coefficients, overwriting the matrix."""
    log_n = log2_exact(values.shape[1])
    n = 1 << log_n
    scale = powers(pow(shift, -1, P), n, start=pow(n, -1, P) * _MONTGOMERY)
    table, reversal = twiddles(log_n), _reversal_for(log_n)
    run_blocks(lambda a, b: _interpolate_columns(values, scale, table, reversal, a, b), values.shape[0])
    return values


def intt(values: U64Array, *, shift: int = 1) -> U64Array:
    """Coefficients of the polynomials of degree < n with these natural-order values on shift·⟨w_n⟩."""
    return _interpolate_in_place(np.array(values, np.uint64, order="C"), shift)


def intt_brev(values_brev: U64Array, *, shift: int = 1) -> U64Array:
    """Coefficients (natural order) of the polynomials of degree < n with these values_brev on shift·⟨w_n⟩."""
    return _interpolate_in_place(bit_reverse(values_brev), shift)


def ntt_brev(coefficients: U64Array, *, shift: int = 1) -> U64Array:
    """Values_brev on the coset shift·⟨w_n⟩ of polynomials given by (n_columns, n) coefficients."""
    return coset_lde_of_coefficients_brev(coefficients, 0, shift=shift)


def ntt(coefficients: U64Array, *, shift: int = 1) -> U64Array:
    """Values in natural order on the coset shift·⟨w_n⟩ of polynomials given by coefficients."""
    return bit_reverse(ntt_brev(coefficients, shift=shift))


def _coset_scales(log_n: int, log_blowup: int, shift: int) -> U64Array:
    """Row r: powers of the shift of block r, shift·w_N^bit_reverse(r), in Montgomery form."""
    root = root_of_unity(log_n + log_blowup)
    scales = np.empty((1 << log_blowup, 1 << log_n), np.uint64)
    for row, j in enumerate(_reversal(log_blowup)):
        scales[row] = powers(shift * pow(root, int(j), P), 1 << log_n, start=_MONTGOMERY)
    return scales


def coset_lde_of_coefficients_brev(
    coefficients: U64Array, log_blowup: int, *, shift: int = GENERATOR, out: U64Array | None = None
) -> U64Array:
    """Values_brev on shift·⟨w_N⟩, N = n·2^log_blowup, of polynomials given by (n_columns, n) coefficients.

    In bit-reversed order block r of n values is the coset shift·w_N^j·⟨w_n⟩ with j = bit_reverse(r), so every
    block is one transform of size n. They are written to `out` (n_columns, N), contiguous, where it is given.
    Raises ValueError when N exceeds 2³².
    """
    coefficients = np.ascontiguousarray(coefficients)
    n_columns, n = coefficients.shape
    log_n = log2_exact(n)
    scales = _coset_scales(log_n, log_blowup, shift)
    values = np.empty((n_columns, len(scales) * n), np.uint64) if out is None else out
    cosets = values.reshape(n_columns, len(scales), n)
    table = twiddles(log_n)
    run_blocks(
        lambda a, b: _evaluate_cosets(coefficients, scales, table, cosets, a, b), n_columns * len(scales)
    )
    return values


def coset_lde_brev(values: U64Array, log_blowup: int, *, shift: int = GENERATOR) -> U64Array:
    """Values on ⟨w_n⟩ in natural order, extended to values_brev on shift·⟨w_N⟩, N = n·2^log_blowup."""
    return coset_lde_of_coefficients_brev(intt(values), log_blowup, shift=shift)


def coset_lde(values: U64Array, log_blowup: int, *, shift: int = GENERATOR) -> U64Array:
    """`coset_lde_brev` in natural order."""
    return bit_reverse(coset_lde_brev(values, log_blowup, shift=shift))
