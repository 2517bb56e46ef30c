"""The trace of the table `multiples`, in numba; `signature_witness` counts what is asked of it."""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.air.errors import TraceError
from l2forge.ledger.chips.multiples import CURVE_A, GENERATOR_ENCODING, Multiples
from l2forge.ledger.chips.signature_points import N_MULTIPLES, OFFSET
from l2forge.ledger.chips.slopes import add_by_chord, invert1
from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve.wide import Five
from l2forge.ledger.ecgfp5 import B
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import U64Array, sub
from l2forge.stark.parallel import run_blocks

_OFFSET = np.array(OFFSET, np.uint64)
_A = np.uint64(CURVE_A)
_4B = np.uint64(4 * B[1])
_TILE = 64
_X, _Y, _CHORD, _ROOT, _ENCODING = (
    Multiples.columns.names.index(f"{name}[0]") for name in ("x", "y", "chord", "root", "encoding")
)
_INVERSE, _NUMBER = (Multiples.columns.names.index(name) for name in ("inverse", "number"))


@njit(nogil=True, cache=True)
def _decode(w: Five) -> tuple[bool, Five]:
    """Whether w ≠ 0 encodes a point of the order-n subgroup, and a square root of that point's x.

    x is the square among the roots of x² + (2 − w²)x + 263z, whose product 263z is none.
    """
    ww = f.square(w)
    total = (sub(ww[0], _A), ww[1], ww[2], ww[3], ww[4])
    d = f.square(total)
    found, root = f.sqrt((d[0], sub(d[1], _4B), d[2], d[3], d[4]))
    square, root_x = f.sqrt(f.scale(f.add(total, root), f.HALF))
    if not square:
        square, root_x = f.sqrt(f.scale(f.sub(total, root), f.HALF))
    return found and square, root_x


@njit(nogil=True, cache=True)
def put(trace: U64Array, column: int, row: int, value: U64Array) -> None:
    """Write five coefficients into five columns."""
    for k in range(5):
        trace[column + k, row] = value[k]


@njit(nogil=True, cache=True)
def _fill(keys: U64Array, trace: U64Array, offset: U64Array, failed: U64Array, first: int, last: int) -> None:
    """Blocks first … last − 1; failed[k] is set for a key that has no block."""
    shape = (_TILE, 2, 5)
    points, own = np.empty(shape, np.uint64), np.empty(shape, np.uint64)
    slopes, scratch = np.empty((_TILE, 5), np.uint64), np.empty((_TILE, 5), np.uint64)
    roots, gaps = np.empty((_TILE, 5), np.uint64), np.empty(_TILE, np.uint64)
    for tile in range(first, last, _TILE):
        n = min(_TILE, last - tile)
        for i in range(n):
            w = f.load(keys[tile + i])
            found, root = _decode(w)
            if not found:
                failed[tile + i] = np.uint64(1)
                return
            x = f.square(root)
            f.store(roots[i], root)
            f.store(own[i, 0], x)
            f.store(own[i, 1], f.neg(f.mul(w, x)))
            points[i] = offset
        for j in range(N_MULTIPLES):
            for i in range(n):
                row = N_MULTIPLES * (tile + i) + j
                put(trace, _X, row, points[i, 0])
                put(trace, _Y, row, points[i, 1])
                put(trace, _ROOT, row, roots[i])
                put(trace, _ENCODING, row, keys[tile + i])
                gaps[i] = sub(own[i, 0, 0], points[i, 0, 0])
            at = invert1(gaps[:n], scratch.reshape(-1))
            if at < 0:
                at = add_by_chord(points[:n], own[:n], slopes[:n], scratch)
            if at >= 0:
                failed[tile + at] = np.uint64(1)
                return
            for i in range(n):
                row = N_MULTIPLES * (tile + i) + j
                put(trace, _CHORD, row, slopes[i])
                trace[_INVERSE, row] = gaps[i]


def multiples_trace(keys: U64Array) -> U64Array:
    """The trace for public keys (n, 5), which get the numbers 1 … n; counts are 0.

    Number 0 is the generator; its block is repeated up to a power of two. Raises TraceError for a key that is
    no encoding of a point but the neutral one, or that the circuit refuses (see `multiples`).
    """
    everyone = np.concatenate([np.array([GENERATOR_ENCODING], np.uint64), keys.reshape(-1, DEGREE)])
    n = len(everyone)
    size = 1 << (n - 1).bit_length()
    trace = np.zeros((len(Multiples.columns), N_MULTIPLES * size), np.uint64)
    failed = np.zeros(n, np.uint64)
    run_blocks(lambda a, b: _fill(everyone, trace, _OFFSET, failed, a, b), n, granule=_TILE)
    if failed.any():
        k = int(np.argmax(failed))
        raise TraceError(
            f"public key {k - 1}, {everyone[k].tolist()}, encodes no point but perhaps the neutral one",
            remedy="refuse such a key when it is registered",
        )
    trace[:, N_MULTIPLES * n :] = np.tile(trace[:, :N_MULTIPLES], size - n)
    trace[_NUMBER] = np.arange(N_MULTIPLES * size, dtype=np.uint64) // np.uint64(N_MULTIPLES)
    return trace


def entries_of(trace: U64Array) -> U64Array:
    """The points T + j·P of a trace: (blocks, 32, 2, 5)."""
    points = trace[: 2 * DEGREE].reshape(2, DEGREE, -1, N_MULTIPLES)
    return np.ascontiguousarray(points.transpose(2, 3, 0, 1))
