"""Poseidon2 of one state at a time, for an input that does not wait for 255 others (`stark.poseidon2`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l2forge.ledger.curve.jit import entry, kernel
from l2forge.ledger.curve.wide import add1 as add
from l2forge.ledger.curve.wide import mul1
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import HALF_FULL_ROUNDS, N_PARTIAL_ROUNDS, RATE, WIDTH
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS, INTERNAL_DIAGONAL

_EXTERNAL = np.array(EXTERNAL_CONSTANTS, np.uint64)
_INTERNAL = np.array(INTERNAL_CONSTANTS, np.uint64)
_DIAGONAL = np.array(INTERNAL_DIAGONAL, np.uint64)


@kernel
def _power7(x: np.uint64) -> np.uint64:
    x2 = mul1(x, x)
    return mul1(mul1(x, x2), mul1(x2, x2))


@kernel
def _external_layer(s: U64Array) -> None:
    for i in range(0, WIDTH, 4):
        x0, x1, x2, x3 = s[i], s[i + 1], s[i + 2], s[i + 3]
        x01, x23 = add(x0, x1), add(x2, x3)
        total = add(x01, x23)
        with_x1, with_x3 = add(total, x1), add(total, x3)
        s[i], s[i + 1] = add(with_x1, x01), add(with_x1, add(x2, x2))
        s[i + 2], s[i + 3] = add(with_x3, x23), add(with_x3, add(x0, x0))
    for i in range(4):
        total = add(add(s[i], s[i + 4]), s[i + 8])
        s[i], s[i + 4], s[i + 8] = add(s[i], total), add(s[i + 4], total), add(s[i + 8], total)


@kernel
def _full_rounds(s: U64Array, first: int) -> None:
    for r in range(first, first + HALF_FULL_ROUNDS):
        for k in range(WIDTH):
            s[k] = _power7(add(s[k], _EXTERNAL[r, k]))
        _external_layer(s)


@entry
def permute(s: U64Array) -> None:
    """The permutation of 12 canonical words, in place."""
    _external_layer(s)
    _full_rounds(s, 0)
    for r in range(N_PARTIAL_ROUNDS):
        s[0] = _power7(add(s[0], _INTERNAL[r]))
        total = s[0]
        for k in range(1, WIDTH):
            total = add(total, s[k])
        for k in range(WIDTH):
            s[k] = add(mul1(s[k], _DIAGONAL[k]), total)
    _full_rounds(s, HALF_FULL_ROUNDS)


@entry
def absorb(inputs: U64Array, s: U64Array) -> None:
    """The sponge over canonical words into the state s: rate 8, overwrite, no padding."""
    for k in range(WIDTH):
        s[k] = np.uint64(0)
    for k in range(inputs.size):
        s[k % RATE] = inputs[k]
        if k % RATE == RATE - 1 or k == inputs.size - 1:
            permute(s)


def hash_one(elements: Sequence[int], n_outputs: int) -> list[int]:
    """`poseidon2.hash_ints` at the speed of one kernel. Raises ValueError as it does."""
    if not elements or not 1 <= n_outputs <= RATE or max(elements) >= P or min(elements) < 0:
        raise ValueError(
            f"cannot hash {len(elements)} elements to {n_outputs}: canonical, 1 or more to 1 … {RATE}"
        )
    state = np.empty(WIDTH, np.uint64)
    absorb(np.array(elements, np.uint64), state)
    return [int(word) for word in state[:n_outputs]]
