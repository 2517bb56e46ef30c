"""The transform of one column: decimation in frequency, radix 4, in passes that suit the caches.

Natural-order input, bit-reversed output, in place. A pass over blocks of 4q elements combines x₀ … x₃ that
lie q apart; with w = w_{4q}^j and i = w₄ = 2⁴⁸

    x₀ + x₂ + x₁ + x₃,   (x₀ + x₂ − x₁ − x₃)·w²,   (x₀ − x₂ + i(x₁ − x₃))·w,   (x₀ − x₂ − i(x₁ − x₃))·w³

are two radix-2 layers at the price of three products. Twiddles are in Montgomery form. Blocks larger than a
cache are passed over until their parts fit. The last passes, where q is shorter than a vector, run on tiles
in which LANES blocks lie side by side.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit

from l2forge.stark.field import U64Array, add, mul_fourth_root, mul_montgomery, sub

LANES = 16
LOG_L1 = 11
"""Blocks of 2^11 elements (16 KB) stay in the first-level cache beside their twiddles."""
LOG_L2 = 16
"""Blocks of 2^16 elements (512 KB) stay in the second-level cache."""
MAX_TAIL = 64
_Quad: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@njit(inline="always")
def _turn(x0: np.uint64, x1: np.uint64, x2: np.uint64, x3: np.uint64) -> _Quad:
    """The four sums of a radix-4 butterfly, before their twiddles."""
    even = add(x0, x2)
    odd = add(x1, x3)
    even_difference = sub(x0, x2)
    turned = mul_fourth_root(sub(x1, x3))
    return add(even, odd), sub(even, odd), add(even_difference, turned), sub(even_difference, turned)


@njit(nogil=True, cache=True)
def _pass(block: U64Array, twiddles: U64Array) -> None:
    """One radix-4 pass over a block of 4q elements; twiddles[3q : 6q] holds w^j, w^2j, w^3j for j < q."""
    q = block.size >> 2
    x0, x1, x2, x3 = block[:q], block[q : 2 * q], block[2 * q : 3 * q], block[3 * q :]
    w1, w2, w3 = twiddles[3 * q : 4 * q], twiddles[4 * q : 5 * q], twiddles[5 * q : 6 * q]
    for j in range(q):
        s0, s1, s2, s3 = _turn(x0[j], x1[j], x2[j], x3[j])
        x0[j] = s0
        x1[j] = mul_montgomery(s1, w2[j])
        x2[j] = mul_montgomery(s2, w1[j])
        x3[j] = mul_montgomery(s3, w3[j])


@njit(nogil=True, cache=True)
def _passes(block: U64Array, twiddles: U64Array, max_size: int) -> int:
    """Passes over the whole block until its independent parts have at most max_size elements; their size."""
    size = block.size
    while size > max_size:
        for start in range(0, block.size, size):
            _pass(block[start : start + size], twiddles)
        size >>= 2
    return size


@njit(nogil=True, cache=True)
def _tile_pass(tile: U64Array, first: int, q: int, twiddles: U64Array) -> None:
    """One radix-4 pass over the elements first … first + 4q − 1 of every lane of a tile."""
    for j in range(q):
        w1, w2, w3 = twiddles[3 * q + j], twiddles[4 * q + j], twiddles[5 * q + j]
        p = first + j
        x0, x1, x2, x3 = tile[p], tile[p + q], tile[p + 2 * q], tile[p + 3 * q]
        for lane in range(LANES):
            s0, s1, s2, s3 = _turn(x0[lane], x1[lane], x2[lane], x3[lane])
            x0[lane] = s0
            x1[lane] = mul_montgomery(s1, w2)
            x2[lane] = mul_montgomery(s2, w1)
            x3[lane] = mul_montgomery(s3, w3)


@njit(nogil=True, cache=True)
def _tile_last_pass(tile: U64Array, n_points: int) -> None:
    """The pass without twiddles: radix 4 if log n_points is even, else radix 2."""
    if n_points & 0x5555_5555:
        for p in range(0, n_points, 4):
            x0, x1, x2, x3 = tile[p], tile[p + 1], tile[p + 2], tile[p + 3]
            for lane in range(LANES):
                x0[lane], x1[lane], x2[lane], x3[lane] = _turn(x0[lane], x1[lane], x2[lane], x3[lane])
    else:
        for p in range(0, n_points, 2):
            x0, x1 = tile[p], tile[p + 1]
            for lane in range(LANES):
                a, b = x0[lane], x1[lane]
                x0[lane] = add(a, b)
                x1[lane] = sub(a, b)


@njit(nogil=True, cache=True)
def _tail(block: U64Array, n_points: int, tile: U64Array, twiddles: U64Array) -> None:
    """Transform every n_points neighbours of a block, LANES groups at a time side by side in a tile."""
    for start in range(0, block.size, n_points * LANES):
        n_lanes = min(LANES, (block.size - start) // n_points)
        for p in range(n_points):
            source = block[start + p :]
            target = tile[p]
            for lane in range(n_lanes):
                target[lane] = source[lane * n_points]
        q = n_points >> 2
        while q >= 2:
            for first in range(0, n_points, 4 * q):
                _tile_pass(tile, first, q, twiddles)
            q >>= 2
        _tile_last_pass(tile, n_points)
        for lane in range(n_lanes):
            group = block[start + lane * n_points : start + (lane + 1) * n_points]
            for p in range(n_points):
                group[p] = tile[p, lane]


@njit(nogil=True, cache=True)
def transform(column: U64Array, twiddles: U64Array, tile: U64Array) -> None:
    """In place: 2^k coefficients in natural order to values on ⟨w⟩ in bit-reversed order.

    twiddles as `ntt.twiddles` makes them for this size or a larger one; tile is scratch of (MAX_TAIL, LANES).
    """
    n = column.size
    if n == 1:
        return
    even_log = n & 0x5555_5555_5555_5555 != 0
    n_points = min(n, MAX_TAIL if even_log else MAX_TAIL >> 1)
    outer_size = _passes(column, twiddles, max(n_points, 1 << LOG_L2))
    for outer_start in range(0, n, outer_size):
        outer = column[outer_start : outer_start + outer_size]
        inner_size = _passes(outer, twiddles, max(n_points, 1 << LOG_L1))
        for inner_start in range(0, outer_size, inner_size):
            inner = outer[inner_start : inner_start + inner_size]
            _passes(inner, twiddles, n_points)
            _tail(inner, n_points, tile, twiddles)


@njit(nogil=True, cache=True)
def bit_reverse(source: U64Array, target: U64Array, reversed_high: U64Array) -> None:
    """target[bit_reverse(i)] = source[i], in square tiles whose lines are contiguous on both sides.

    An index is (high, middle, low) with high and low of b bits, 2^b = reversed_high.size, where
    reversed_high[v] is the reversal of v. Needs log n ≥ 2b.
    """
    n = source.size
    side = reversed_high.size
    n_middle = n // (side * side)
    stride = n // side
    tile = np.empty((side, side), np.uint64)
    reversed_middle = 0
    for middle in range(n_middle):
        for high in range(side):
            line = source[high * stride + middle * side :]
            row = tile[reversed_high[high]]
            for low in range(side):
                row[low] = line[low]
        for low in range(side):
            line = target[np.int64(reversed_high[low]) * stride + reversed_middle * side :]
            for high in range(side):
                line[high] = tile[high, low]
        bit = n_middle >> 1
        while bit and reversed_middle & bit:
            reversed_middle ^= bit
            bit >>= 1
        reversed_middle |= bit
