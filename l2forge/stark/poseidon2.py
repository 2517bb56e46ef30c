"""Poseidon2 of width 12 over Goldilocks (x⁷, 8 full, 22 partial rounds): scalar oracle and batched kernels.

Permutation: external layer; 4 full rounds; 22 partial rounds; 4 full rounds. A full round adds 12 constants,
raises every element to the 7th power and applies the external layer; a partial round adds one constant to
element 0, raises it alone, and applies the internal layer x[i] ← d[i]·x[i] + Σ x. The external layer is
M4 (rows 2 3 1 1 / 1 2 3 1 / 1 1 2 3 / 3 1 1 2) on each group of four, then adds to each element the sum of
the elements at its place in all groups.

Sponge: rate 8, inputs overwrite the state, no padding: only for inputs whose length the context fixes.
Source: Grassi, Khovratovich, Schofnegger, Poseidon2 (ePrint 2023/323); the instance is that of
elliottech/poseidon_crypto, see `poseidon2_constants`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from l2forge.stark.field import P, U64Array, add, double, mul, mul_montgomery, square
from l2forge.stark.parallel import run_blocks
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS, INTERNAL_DIAGONAL

WIDTH = 12
RATE = 8
DIGEST = 4
N_PARTIAL_ROUNDS = len(INTERNAL_CONSTANTS)
HALF_FULL_ROUNDS = len(EXTERNAL_CONSTANTS) // 2

TILE = 256
"""States permuted together by the batched kernel; their 24 KB stay in the first-level cache."""

_EXTERNAL = np.array(EXTERNAL_CONSTANTS, np.uint64)
_INTERNAL = np.array(INTERNAL_CONSTANTS, np.uint64)
_DIAGONAL = np.array([(d << 64) % P for d in INTERNAL_DIAGONAL], np.uint64)
"""The internal diagonal in Montgomery form."""


def _external_layer_ints(x: Sequence[int]) -> list[int]:
    groups = [
        [2 * a + 3 * b + c + d, a + 2 * b + 3 * c + d, a + b + 2 * c + 3 * d, 3 * a + b + c + 2 * d]
        for a, b, c, d in (x[0:4], x[4:8], x[8:12])
    ]
    sums = [sum(column) for column in zip(*groups, strict=True)]
    return [(groups[i // 4][i % 4] + sums[i % 4]) % P for i in range(WIDTH)]


def permute_ints(state: Sequence[int]) -> list[int]:
    """The permutation of 12 canonical Python ints; the oracle of the kernels and the verifier's own."""
    x = _external_layer_ints(state)
    for r in range(2 * HALF_FULL_ROUNDS):
        if r == HALF_FULL_ROUNDS:
            for constant in INTERNAL_CONSTANTS:
                x[0] = pow(x[0] + constant, 7, P)
                total = sum(x)
                x = [(d * v + total) % P for d, v in zip(INTERNAL_DIAGONAL, x, strict=True)]
        x = _external_layer_ints([pow(v + c, 7, P) for v, c in zip(x, EXTERNAL_CONSTANTS[r], strict=True)])
    return x


def hash_ints(elements: Sequence[int], n_outputs: int = DIGEST) -> list[int]:
    """Sponge hash of canonical Python ints: rate 8, overwrite mode, no padding, at most 8 outputs.

    Raises ValueError for an empty input, an element outside of [0, p), or more than 8 outputs.
    """
    _check_lengths(len(elements), n_outputs)
    if any(not 0 <= e < P for e in elements):
        raise ValueError("a hashed element must be a canonical field element")
    state = [0] * WIDTH
    for start in range(0, len(elements), RATE):
        block = list(elements[start : start + RATE])
        state = permute_ints(block + state[len(block) :])
    return state[:n_outputs]


def compress_ints(left: Sequence[int], right: Sequence[int]) -> list[int]:
    """The 4 + 4 → 4 compression of tree nodes: the sponge over left ‖ right."""
    return hash_ints([*left, *right])


def _check_lengths(n_elements: int, n_outputs: int) -> None:
    if n_elements < 1 or not 1 <= n_outputs <= RATE:
        raise ValueError(f"cannot hash {n_elements} elements to {n_outputs}: 1 or more to 1 … {RATE}")


@njit(inline="always")
def _m4(s: U64Array, i: int) -> None:
    """M4 on the four elements at i, i + TILE, i + 2·TILE, i + 3·TILE."""
    x0, x1, x2, x3 = s[i], s[i + TILE], s[i + 2 * TILE], s[i + 3 * TILE]
    x01 = add(x0, x1)
    x23 = add(x2, x3)
    total = add(x01, x23)
    with_x1 = add(total, x1)
    with_x3 = add(total, x3)
    s[i] = add(with_x1, x01)
    s[i + TILE] = add(with_x1, double(x2))
    s[i + 2 * TILE] = add(with_x3, x23)
    s[i + 3 * TILE] = add(with_x3, double(x0))


@njit(nogil=True, cache=True)
def external_layer(s: U64Array) -> None:
    """The external layer of a tile: element k of state l is s[k·TILE + l], canonical."""
    for g in range(3):
        group = s[4 * g * TILE : 4 * (g + 1) * TILE]
        for lane in range(TILE):
            _m4(group, lane)
    for i in range(4 * TILE):
        a, b, c = s[i], s[i + 4 * TILE], s[i + 8 * TILE]
        total = add(add(a, b), c)
        s[i] = add(a, total)
        s[i + 4 * TILE] = add(b, total)
        s[i + 8 * TILE] = add(c, total)


@njit(inline="always")
def _power7(x: np.uint64) -> np.uint64:
    x2 = square(x)
    return mul(mul(x, x2), square(x2))


@njit(nogil=True, cache=True)
def full_round(s: U64Array, constants: U64Array) -> None:
    """One full round of a tile with its 12 constants."""
    for k in range(WIDTH):
        element = s[k * TILE : (k + 1) * TILE]
        constant = constants[k]
        for lane in range(TILE):
            element[lane] = _power7(add(element[lane], constant))
    external_layer(s)


@njit(nogil=True, cache=True)
def partial_round(s: U64Array, constant: np.uint64, total: U64Array) -> None:
    """One partial round of a tile; total, of TILE words, becomes Σ x after the S-box."""
    first = s[:TILE]
    for lane in range(TILE):
        first[lane] = _power7(add(first[lane], constant))
    for lane in range(TILE):
        running = s[lane]
        for k in range(1, WIDTH):
            running = add(running, s[lane + k * TILE])
        total[lane] = running
    for k in range(WIDTH):
        element = s[k * TILE : (k + 1) * TILE]
        factor = _DIAGONAL[k]
        for lane in range(TILE):
            element[lane] = add(mul_montgomery(element[lane], factor), total[lane])


@njit(nogil=True, cache=True)
def permute_tile(s: U64Array, total: U64Array) -> None:
    """Permute the TILE states of a tile in place; total is scratch of TILE words."""
    external_layer(s)
    for r in range(HALF_FULL_ROUNDS):
        full_round(s, _EXTERNAL[r])
    for r in range(N_PARTIAL_ROUNDS):
        partial_round(s, _INTERNAL[r], total)
    for r in range(HALF_FULL_ROUNDS, 2 * HALF_FULL_ROUNDS):
        full_round(s, _EXTERNAL[r])


@njit(nogil=True, cache=True)
def _sponge(inputs: U64Array, out: U64Array, start: int, stop: int) -> None:
    """out[:, i] = sponge over inputs[:, i] for start ≤ i < stop."""
    n_elements = inputs.shape[0]
    state = np.empty(WIDTH * TILE, np.uint64)
    total = np.empty(TILE, np.uint64)
    for first in range(start, stop, TILE):
        count = min(TILE, stop - first)
        state[:] = 0
        for k in range(n_elements):
            place = (k % RATE) * TILE
            state[place : place + count] = inputs[k, first : first + count]
            if k % RATE == RATE - 1 or k == n_elements - 1:
                permute_tile(state, total)
        for k in range(out.shape[0]):
            out[k, first : first + count] = state[k * TILE : k * TILE + count]


@njit(nogil=True, cache=True)
def _permute(states: U64Array, out: U64Array, start: int, stop: int) -> None:
    tile = np.zeros(WIDTH * TILE, np.uint64)
    total = np.empty(TILE, np.uint64)
    for first in range(start, stop, TILE):
        count = min(TILE, stop - first)
        for k in range(WIDTH):
            tile[k * TILE : k * TILE + count] = states[k, first : first + count]
        permute_tile(tile, total)
        for k in range(WIDTH):
            out[k, first : first + count] = tile[k * TILE : k * TILE + count]


def permute_many(states: U64Array) -> U64Array:
    """The permutation of n states of canonical values, shape (12, n)."""
    states = np.ascontiguousarray(states)
    out = np.empty_like(states)
    run_blocks(lambda a, b: _permute(states, out, a, b), states.shape[1], granule=TILE)
    return out


def hash_many(inputs: U64Array, n_outputs: int = DIGEST) -> U64Array:
    """Sponge hashes of n inputs of equal length: (n_elements, n) → (n_outputs, n); see `hash_ints`."""
    _check_lengths(inputs.shape[0], n_outputs)
    inputs = np.ascontiguousarray(inputs)
    out = np.empty((n_outputs, inputs.shape[1]), np.uint64)
    run_blocks(lambda a, b: _sponge(inputs, out, a, b), inputs.shape[1], granule=TILE)
    return out


def compress_many(left: U64Array, right: U64Array) -> U64Array:
    """The 4 + 4 → 4 compressions of n pairs of nodes: (4, n), (4, n) → (4, n)."""
    return hash_many(np.concatenate((left, right)))
