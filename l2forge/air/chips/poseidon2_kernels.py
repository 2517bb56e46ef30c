"""The rounds of Poseidon2 over a tile of rows, element by element canonical: what a witness records.

The hash itself (l2forge.stark.poseidon2) works in Montgomery form, whose intermediate states no column holds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.air.chips.poseidon2_layers import WIDTH
from l2forge.stark.field import U64Array, add, mul
from l2forge.stark.poseidon2 import TILE, _external_layer
from l2forge.stark.poseidon2_constants import INTERNAL_DIAGONAL

_DIAGONAL = np.array(INTERNAL_DIAGONAL, np.uint64)


@njit(inline="always")
def _power7(x: np.uint64) -> np.uint64:
    x2 = mul(x, x)
    return mul(mul(x, x2), mul(x2, x2))


@njit(nogil=True, cache=True)
def full_round(s: U64Array, constants: U64Array) -> None:
    """A full round on TILE states: element k of state l is s[k·TILE + l]."""
    for k in range(WIDTH):
        element = s[k * TILE : (k + 1) * TILE]
        constant = constants[k]
        for lane in range(TILE):
            element[lane] = _power7(add(element[lane], constant))
    _external_layer(s)


@njit(nogil=True, cache=True)
def partial_round(s: U64Array, constant: np.uint64, total: U64Array) -> None:
    """A partial round on TILE states; `total` receives the sum of each state after its S-box."""
    first = s[:TILE]
    for lane in range(TILE):
        first[lane] = _power7(add(first[lane], constant))
        total[lane] = first[lane]
    for k in range(1, WIDTH):
        element = s[k * TILE : (k + 1) * TILE]
        for lane in range(TILE):
            total[lane] = add(total[lane], element[lane])
    for k in range(WIDTH):
        element = s[k * TILE : (k + 1) * TILE]
        factor = _DIAGONAL[k]
        for lane in range(TILE):
            element[lane] = add(mul(element[lane], factor), total[lane])
