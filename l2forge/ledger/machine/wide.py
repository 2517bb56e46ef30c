"""Wide division and signed comparison of field elements, for hints."""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.stark.field import P

_HALF = np.uint64((P - 1) // 2)
_P = np.uint64(P)
_0, _1 = np.uint64(0), np.uint64(1)
_MASK = np.uint64((1 << 32) - 1)
_32 = np.uint64(32)


@njit(nogil=True, cache=True)
def is_at_least(x: np.uint64, y: np.uint64) -> bool:
    """x ≥ y, where elements above p/2 are negative."""
    x_negative, y_negative = x > _HALF, y > _HALF
    if x_negative != y_negative:
        return bool(y_negative)
    return bool(x >= y)


@njit(nogil=True, cache=True)
def divide(x: np.uint64, y: np.uint64, z: np.uint64, up: bool) -> tuple[np.uint64, np.uint64]:
    """(q, r) of x·y by z, for x, y, z < 2^63 and q < 2^63: rounded down, r = x·y − z·q; up, r = z·q − x·y.

    (0, 0) where z is 0, and q saturates: the unit refuses what is out of its bounds.
    """
    if z == _0:
        return _0, _0
    x0, x1, y0, y1 = x & _MASK, x >> _32, y & _MASK, y >> _32
    low = x0 * y0
    middle = x1 * y0 + (low >> _32)
    cross = x0 * y1 + (middle & _MASK)
    high = x1 * y1 + (middle >> _32) + (cross >> _32)
    low = (cross << _32) | (low & _MASK)
    if high >= z:
        return _P - _1, _0
    # Long division by bits: the remainder stays below z < 2^63, so doubling it does not overflow.
    q, r = _0, high
    for k in range(63, -1, -1):
        r = (r << _1) | ((low >> np.uint64(k)) & _1)
        q = q << _1
        if r >= z:
            r -= z
            q |= _1
    if up and r != _0:
        return q + _1, z - r
    return q, r
