"""Array forms of the field operations: element-wise over contiguous uint64 arrays of canonical values."""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.stark.field import P, U64Array, add, inv, mul, sub

_LANES = 256
"""Independent products that `batch_inverse` runs side by side, so that its chains vectorise."""


@njit(nogil=True, cache=True)
def _add(a: U64Array, b: U64Array, out: U64Array) -> None:
    for i in range(out.size):
        out[i] = add(a[i], b[i])


@njit(nogil=True, cache=True)
def _sub(a: U64Array, b: U64Array, out: U64Array) -> None:
    for i in range(out.size):
        out[i] = sub(a[i], b[i])


@njit(nogil=True, cache=True)
def _mul(a: U64Array, b: U64Array, out: U64Array) -> None:
    for i in range(out.size):
        out[i] = mul(a[i], b[i])


@njit(nogil=True, cache=True)
def _scale(a: U64Array, factor: np.uint64, out: U64Array) -> None:
    for i in range(out.size):
        out[i] = mul(a[i], factor)


def _operands(a: U64Array, b: U64Array) -> tuple[U64Array, U64Array, U64Array]:
    if a.shape != b.shape:
        raise ValueError(f"arrays of shapes {a.shape} and {b.shape} do not match")
    return np.ascontiguousarray(a), np.ascontiguousarray(b), np.empty(a.shape, np.uint64)


def add_arrays(a: U64Array, b: U64Array) -> U64Array:
    """a + b mod p, element-wise, for arrays of equal shape."""
    a, b, out = _operands(a, b)
    _add(a.reshape(-1), b.reshape(-1), out.reshape(-1))
    return out


def sub_arrays(a: U64Array, b: U64Array) -> U64Array:
    """a − b mod p, element-wise, for arrays of equal shape."""
    a, b, out = _operands(a, b)
    _sub(a.reshape(-1), b.reshape(-1), out.reshape(-1))
    return out


def mul_arrays(a: U64Array, b: U64Array) -> U64Array:
    """a·b mod p, element-wise, for arrays of equal shape."""
    a, b, out = _operands(a, b)
    _mul(a.reshape(-1), b.reshape(-1), out.reshape(-1))
    return out


def scale_array(a: U64Array, factor: int) -> U64Array:
    """factor·a mod p, element-wise; 0 ≤ factor < p."""
    a = np.ascontiguousarray(a)
    out = np.empty(a.shape, np.uint64)
    _scale(a.reshape(-1), np.uint64(factor), out.reshape(-1))
    return out


@njit(nogil=True, cache=True)
def _batch_inverse(values: U64Array, out: U64Array) -> None:
    """1/values for values of shape (rows, lanes) without zeros: prefix products down each lane, and back."""
    n_rows, n_lanes = values.shape
    running = np.ones(n_lanes, np.uint64)
    for row in range(n_rows):
        source = values[row]
        prefix = out[row]
        for lane in range(n_lanes):
            prefix[lane] = running[lane]
            running[lane] = mul(running[lane], source[lane])
    for lane in range(n_lanes):
        running[lane] = inv(running[lane])
    for row in range(n_rows - 1, -1, -1):
        source = values[row]
        prefix = out[row]
        for lane in range(n_lanes):
            prefix[lane] = mul(prefix[lane], running[lane])
            running[lane] = mul(running[lane], source[lane])


def batch_inverse(values: U64Array) -> U64Array:
    """1/values, element-wise, for an array of any shape; about three products an element.

    Raises ZeroDivisionError when a value is 0.
    """
    if not values.all():
        raise ZeroDivisionError("0 has no inverse in the field")
    n_rows = -(-values.size // _LANES)
    padded = np.ones((n_rows, _LANES), np.uint64)
    padded.reshape(-1)[: values.size] = values.reshape(-1)
    out = np.empty_like(padded)
    _batch_inverse(padded, out)
    return out.reshape(-1)[: values.size].reshape(values.shape)


@njit(nogil=True, cache=True)
def _powers(factor: np.uint64, out: U64Array) -> None:
    """Fill out[1:] from out[0] with out[i] = out[0]·factor^i, doubling the filled length each time."""
    filled = 1
    step = factor
    while filled < out.size:
        count = min(filled, out.size - filled)
        source = out[:count]
        target = out[filled : filled + count]
        for i in range(count):
            target[i] = mul(source[i], step)
        step = mul(step, step)
        filled += count


def powers(base: int, n: int, *, start: int = 1) -> U64Array:
    """[start·base^i for i < n] mod p."""
    out = np.empty(n, np.uint64)
    if n:
        out[0] = start % P
        _powers(np.uint64(base % P), out)
    return out
