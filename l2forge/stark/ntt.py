"""Number-theoretic transforms of the columns of a matrix, and low-degree extension onto cosets.

Conventions: a matrix has shape (n_columns, n), n a power of two; w_n = `root_of_unity(log n)`. A coefficient
vector c in natural order has values c(s·w_n^i) on the coset s·⟨w_n⟩. Arrays that end in `_brev` are indexed
by the bit-reversed exponent: v_brev[bit_reverse(i)] = v[i].
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

from l2forge.stark.field import GENERATOR, P, U64Array, add, mul, root_of_unity, sub
from l2forge.stark.field_array import _powers as _fill_powers
from l2forge.stark.field_array import powers
from l2forge.stark.parallel import run_blocks


def log2_exact(n: int) -> int:
    """log₂ n. Raises ValueError unless n is a power of two."""
    if n < 1 or n & (n - 1):
        raise ValueError(f"the length of a transform must be a power of two, not {n}")
    return n.bit_length() - 1


@lru_cache(maxsize=8)
def _twiddles(log_n: int, inverse: bool) -> U64Array:
    """Twiddles of all layers: at offset h, for half-size h = 1, 2, 4 … n/2, the h powers of w_{2h}^(±1)."""
    table = np.ones(max(2, 1 << log_n), np.uint64)
    for log_h in range(log_n):
        h = 1 << log_h
        root = root_of_unity(log_h + 1)
        table[h : 2 * h] = powers(pow(root, -1, P) if inverse else root, h)
    table.flags.writeable = False
    return table


@njit(nogil=True, cache=True)
def _dif(column: U64Array, twiddles: U64Array) -> None:
    """In place: natural-order coefficients to bit-reversed values (decimation in frequency)."""
    h = column.size >> 1
    while h >= 1:
        w = twiddles[h : 2 * h]
        for start in range(0, column.size, 2 * h):
            low = column[start : start + h]
            high = column[start + h : start + 2 * h]
            for i in range(h):
                a, b = low[i], high[i]
                low[i] = add(a, b)
                high[i] = mul(sub(a, b), w[i])
        h >>= 1


@njit(nogil=True, cache=True)
def _dit(column: U64Array, twiddles: U64Array) -> None:
    """In place: bit-reversed values to natural-order coefficients, unscaled (decimation in time)."""
    h = 1
    while h < column.size:
        w = twiddles[h : 2 * h]
        for start in range(0, column.size, 2 * h):
            low = column[start : start + h]
            high = column[start + h : start + 2 * h]
            for i in range(h):
                a, b = low[i], mul(high[i], w[i])
                low[i] = add(a, b)
                high[i] = sub(a, b)
        h *= 2


@njit(nogil=True, cache=True)
def _dif_columns(matrix: U64Array, twiddles: U64Array, start: int, stop: int) -> None:
    for c in range(start, stop):
        _dif(matrix[c], twiddles)


@njit(nogil=True, cache=True)
def _dit_columns(matrix: U64Array, twiddles: U64Array, scale: U64Array, start: int, stop: int) -> None:
    """Inverse transforms of columns in place, then a product with `scale` element by element."""
    for c in range(start, stop):
        column = matrix[c]
        _dit(column, twiddles)
        for i in range(column.size):
            column[i] = mul(column[i], scale[i])


@njit(nogil=True, cache=True)
def _bit_reverse_into(source: U64Array, target: U64Array, log_n: int, start: int, stop: int) -> None:
    n = 1 << log_n
    for c in range(start, stop):
        column = source[c]
        out = target[c]
        j = 0
        for i in range(n):
            out[j] = column[i]
            bit = n >> 1
            while bit and j & bit:
                j ^= bit
                bit >>= 1
            j |= bit


@njit(nogil=True, cache=True)
def _lde_cosets(
    coefficients: U64Array, shifts: U64Array, twiddles: U64Array, out: U64Array, start: int, stop: int
) -> None:
    """Values on each coset: column, coset = divmod(item, n_cosets); out has shape (columns, cosets, n)."""
    n_cosets = shifts.size
    n = coefficients.shape[1]
    scale = np.empty(n, np.uint64)
    for item in range(start, stop):
        column = coefficients[item // n_cosets]
        target = out[item // n_cosets, item % n_cosets]
        scale[0] = np.uint64(1)
        _fill_powers(shifts[item % n_cosets], scale)
        for i in range(n):
            target[i] = mul(column[i], scale[i])
        _dif(target, twiddles)


def bit_reverse(matrix: U64Array) -> U64Array:
    """The columns of a (n_columns, n) matrix with indices bit-reversed; its own inverse."""
    out = np.empty_like(matrix)
    log_n = log2_exact(matrix.shape[1])
    run_blocks(lambda a, b: _bit_reverse_into(matrix, out, log_n, a, b), matrix.shape[0])
    return out


def ntt_brev(coefficients: U64Array, *, shift: int = 1) -> U64Array:
    """Values_brev on the coset shift·⟨w_n⟩ of polynomials given by (n_columns, n) coefficients."""
    return coset_lde_of_coefficients_brev(coefficients, 0, shift=shift)


def ntt(coefficients: U64Array, *, shift: int = 1) -> U64Array:
    """Values in natural order on the coset shift·⟨w_n⟩ of polynomials given by coefficients."""
    return bit_reverse(ntt_brev(coefficients, shift=shift))


def intt_brev(values_brev: U64Array, *, shift: int = 1) -> U64Array:
    """Coefficients (natural order) of the polynomials of degree < n with these values_brev on shift·⟨w_n⟩."""
    n = values_brev.shape[1]
    log_n = log2_exact(n)
    out = values_brev.copy()
    scale = powers(pow(shift, -1, P), n, start=pow(n, -1, P))
    twiddles = _twiddles(log_n, True)
    run_blocks(lambda a, b: _dit_columns(out, twiddles, scale, a, b), out.shape[0])
    return out


def intt(values: U64Array, *, shift: int = 1) -> U64Array:
    """Coefficients of the polynomials of degree < n with these natural-order values on shift·⟨w_n⟩."""
    return intt_brev(bit_reverse(values), shift=shift)


def coset_lde_of_coefficients_brev(
    coefficients: U64Array, log_blowup: int, *, shift: int = GENERATOR
) -> U64Array:
    """Values_brev on shift·⟨w_N⟩, N = n·2^log_blowup, of polynomials given by (n_columns, n) coefficients.

    In bit-reversed order block r of n values is the coset shift·w_N^j·⟨w_n⟩ with j = bit_reverse(r), so every
    block is one transform of size n, and rows of a block share a cache.
    """
    n_columns, n = coefficients.shape
    log_n = log2_exact(n)
    n_cosets = 1 << log_blowup
    root = root_of_unity(log_n + log_blowup)
    shifts_natural = powers(root, n_cosets, start=shift)
    shifts = bit_reverse(shifts_natural.reshape(1, -1))[0]
    out = np.empty((n_columns, n_cosets, n), np.uint64)
    twiddles = _twiddles(log_n, False)
    run_blocks(lambda a, b: _lde_cosets(coefficients, shifts, twiddles, out, a, b), n_columns * n_cosets)
    return out.reshape(n_columns, n_cosets * n)


def coset_lde_brev(values: U64Array, log_blowup: int, *, shift: int = GENERATOR) -> U64Array:
    """Values on ⟨w_n⟩ in natural order, extended to values_brev on shift·⟨w_N⟩, N = n·2^log_blowup."""
    return coset_lde_of_coefficients_brev(intt(values), log_blowup, shift=shift)


def coset_lde(values: U64Array, log_blowup: int, *, shift: int = GENERATOR) -> U64Array:
    """`coset_lde_brev` in natural order."""
    return bit_reverse(coset_lde_brev(values, log_blowup, shift=shift))
