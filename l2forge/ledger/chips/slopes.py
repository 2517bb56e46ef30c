"""Chords and tangents of many points at once: one inversion in GF(p⁵) for all slopes of a step.

Points are affine, on y² = x(x² + 2x + 263z): arrays of shape (n, 2, 5). Each function fills the slopes, moves
the points, and returns −1, or the first index where the slope has no denominator and nothing was moved.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve.wide import Five
from l2forge.ledger.ecgfp5 import A, B
from l2forge.stark.field import U64Array, add, mul, sub

_A = np.uint64(A[0])
_B = np.uint64(B[1])
_3 = np.uint64(3)
_0 = np.uint64(0)
_1 = np.uint64(1)


# Elements are read and written by index: a view of a row would be counted, atomically, each time.


@njit(inline="always")
def _row(rows: U64Array, i: int) -> Five:
    return rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3], rows[i, 4]


@njit(inline="always")
def _set_row(rows: U64Array, i: int, a: Five) -> None:
    rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3], rows[i, 4] = a[0], a[1], a[2], a[3], a[4]


@njit(inline="always")
def _at(points: U64Array, i: int, k: int) -> Five:
    return points[i, k, 0], points[i, k, 1], points[i, k, 2], points[i, k, 3], points[i, k, 4]


@njit(inline="always")
def _set_at(points: U64Array, i: int, k: int, a: Five) -> None:
    points[i, k, 0], points[i, k, 1], points[i, k, 2], points[i, k, 3], points[i, k, 4] = (
        a[0], a[1], a[2], a[3], a[4],
    )  # fmt: skip


@njit(nogil=True, cache=True)
def invert(values: U64Array, scratch: U64Array) -> int:
    """values ← 1/values, shape (n, 5), by Montgomery's trick: three products an element."""
    n = values.shape[0]
    running = (_1, _0, _0, _0, _0)
    for i in range(n):
        _set_row(scratch, i, running)
        running = f.mul(running, _row(values, i))
    if f.is_zero(running):
        for i in range(n):
            if f.is_zero(_row(values, i)):
                return i
    running = f.inverse(running)
    for i in range(n - 1, -1, -1):
        value = _row(values, i)
        _set_row(values, i, f.mul(running, _row(scratch, i)))
        running = f.mul(running, value)
    return -1


@njit(nogil=True, cache=True)
def invert1(values: U64Array, scratch: U64Array) -> int:
    """values ← 1/values in GF(p), shape (n,); `scratch` has at least as many elements."""
    n = values.shape[0]
    running = _1
    for i in range(n):
        scratch[i] = running
        running = mul(running, values[i])
    if running == _0:
        for i in range(n):
            if values[i] == _0:
                return i
    running = f.inverse1(running)
    for i in range(n - 1, -1, -1):
        value = values[i]
        values[i] = mul(running, scratch[i])
        running = mul(running, value)
    return -1


@njit(inline="always")
def _third(slope: Five, x1: Five, y1: Five, x2: Five) -> tuple[Five, Five]:
    """The sum from the slope: x = λ² − 2 − x₁ − x₂, y = λ(x₁ − x) − y₁."""
    s = f.sub(f.square(slope), f.add(x1, x2))
    x = (sub(s[0], _A), s[1], s[2], s[3], s[4])
    return x, f.sub(f.mul(slope, f.sub(x1, x)), y1)


@njit(nogil=True, cache=True)
def add_by_chord(points: U64Array, entries: U64Array, slopes: U64Array, scratch: U64Array) -> int:
    """points ← points + entries, for pairs of different x."""
    n = points.shape[0]
    for i in range(n):
        _set_row(slopes, i, f.sub(_at(entries, i, 0), _at(points, i, 0)))
    failed = invert(slopes, scratch)
    if failed >= 0:
        return failed
    for i in range(n):
        x1, y1, x2 = _at(points, i, 0), _at(points, i, 1), _at(entries, i, 0)
        slope = f.mul(f.sub(_at(entries, i, 1), y1), _row(slopes, i))
        x, y = _third(slope, x1, y1, x2)
        _set_row(slopes, i, slope)
        _set_at(points, i, 0, x)
        _set_at(points, i, 1, y)
    return -1


@njit(nogil=True, cache=True)
def double_by_tangent(points: U64Array, slopes: U64Array, scratch: U64Array) -> int:
    """points ← 2·points, with slopes (3x² + 4x + 263z)/(2y)."""
    n = points.shape[0]
    for i in range(n):
        _set_row(slopes, i, f.double(_at(points, i, 1)))
    failed = invert(slopes, scratch)
    if failed >= 0:
        return failed
    for i in range(n):
        x1, y1 = _at(points, i, 0), _at(points, i, 1)
        r = f.add(f.scale_small(f.square(x1), _3), f.double(f.double(x1)))
        slope = f.mul((r[0], add(r[1], _B), r[2], r[3], r[4]), _row(slopes, i))
        x, y = _third(slope, x1, y1, x1)
        _set_row(slopes, i, slope)
        _set_at(points, i, 0, x)
        _set_at(points, i, 1, y)
    return -1


@njit(nogil=True, cache=True)
def double_by_root(points: U64Array, slopes: U64Array, roots: U64Array, scratch: U64Array) -> int:
    """points ← 2·points, with the tangents' slopes λ and the square roots v of the doubles' x.

    λ + v = y/x = y²/(xy), λ − v = (2x + 2)·x²/(xy); the double is (v², −v(λv + x)).
    """
    n = points.shape[0]
    for i in range(n):
        _set_row(slopes, i, f.mul(_at(points, i, 0), _at(points, i, 1)))
    failed = invert(slopes, scratch)
    if failed >= 0:
        return failed
    for i in range(n):
        x, y, inverse = _at(points, i, 0), _at(points, i, 1), _row(slopes, i)
        total = f.mul(f.square(y), inverse)
        once = (add(x[0], _1), x[1], x[2], x[3], x[4])
        half_difference = f.mul(f.mul(once, f.square(x)), inverse)
        root = f.sub(f.scale(total, f.HALF), half_difference)
        slope = f.sub(total, root)
        _set_row(slopes, i, slope)
        _set_row(roots, i, root)
        _set_at(points, i, 0, f.square(root))
        _set_at(points, i, 1, f.neg(f.mul(root, f.add(f.mul(slope, root), x))))
    return -1
