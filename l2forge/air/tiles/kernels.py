"""Vector kernels of the tile interpreter, one per opcode, and the loop that runs a program over tiles.

A tile's registers and the columns that the program reads lie in one flat array `m`, rows of `size` canonical
values; operands are the rows' places in it. A result never overlaps an operand, except for the accumulators,
which are read and written at the same index. Kernels take places, not arrays: a view that is passed on counts
references, atomically and, for columns, on a cache line that all threads share, which took as long as the
arithmetic of a tile.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.air.tiles.program import Op, Space
from l2forge.stark.field import U64Array, add, inv, mul, sub

_ADD, _SUB, _MUL = int(Op.ADD), int(Op.SUB), int(Op.MUL)
_ADD_S, _SUB_S, _RSUB_S, _MUL_S = int(Op.ADD_S), int(Op.SUB_S), int(Op.RSUB_S), int(Op.MUL_S)
_AXPY, _MUL_SUMS, _MUL_SUM_S = int(Op.AXPY), int(Op.MUL_SUMS), int(Op.MUL_SUM_S)
_EXT0, _EXT1, _EXT2 = int(Op.EXT0), int(Op.EXT1), int(Op.EXT2)
_FILL, _PERIODIC, _FOLD = int(Op.FILL), int(Op.PERIODIC), int(Op.FOLD)
_ACCUMULATE, _OUT = int(Op.ACCUMULATE), int(Op.OUT)
_MAIN, _PREP, _PREP_NEXT = int(Space.MAIN), int(Space.PREPROCESSED), int(Space.PREPROCESSED_NEXT)


@njit(nogil=True, cache=True)
def _add(m: U64Array, to: int, a: int, b: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    for i in range(size):
        out[i] = add(x[i], y[i])


@njit(nogil=True, cache=True)
def _sub(m: U64Array, to: int, a: int, b: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    for i in range(size):
        out[i] = sub(x[i], y[i])


@njit(nogil=True, cache=True)
def _mul(m: U64Array, to: int, a: int, b: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    for i in range(size):
        out[i] = mul(x[i], y[i])


@njit(nogil=True, cache=True)
def _add_s(m: U64Array, to: int, a: int, s: np.uint64, size: int) -> None:
    out, x = m[to : to + size], m[a : a + size]
    for i in range(size):
        out[i] = add(x[i], s)


@njit(nogil=True, cache=True)
def _sub_s(m: U64Array, to: int, a: int, s: np.uint64, size: int) -> None:
    out, x = m[to : to + size], m[a : a + size]
    for i in range(size):
        out[i] = sub(x[i], s)


@njit(nogil=True, cache=True)
def _rsub_s(m: U64Array, to: int, a: int, s: np.uint64, size: int) -> None:
    out, x = m[to : to + size], m[a : a + size]
    for i in range(size):
        out[i] = sub(s, x[i])


@njit(nogil=True, cache=True)
def _mul_s(m: U64Array, to: int, a: int, s: np.uint64, size: int) -> None:
    out, x = m[to : to + size], m[a : a + size]
    for i in range(size):
        out[i] = mul(x[i], s)


@njit(nogil=True, cache=True)
def _axpy(m: U64Array, to: int, a: int, b: int, s: np.uint64, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    for i in range(size):
        out[i] = add(x[i], mul(y[i], s))


@njit(nogil=True, cache=True)
def _mul_sums(m: U64Array, to: int, a: int, b: int, c: int, d: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    z, w = m[c : c + size], m[d : d + size]
    for i in range(size):
        out[i] = mul(add(x[i], y[i]), add(z[i], w[i]))


@njit(nogil=True, cache=True)
def _mul_sum_s(m: U64Array, to: int, a: int, b: int, s: np.uint64, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    for i in range(size):
        out[i] = mul(add(x[i], y[i]), s)


@njit(nogil=True, cache=True)
def _ext0(m: U64Array, to: int, a: int, b: int, c: int, d: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    z, w = m[c : c + size], m[d : d + size]
    for i in range(size):
        out[i] = sub(add(x[i], y[i]), add(z[i], w[i]))


@njit(nogil=True, cache=True)
def _ext1(m: U64Array, to: int, a: int, b: int, c: int, d: int, size: int) -> None:
    out, x, y = m[to : to + size], m[a : a + size], m[b : b + size]
    z, w = m[c : c + size], m[d : d + size]
    for i in range(size):
        out[i] = sub(sub(add(x[i], y[i]), add(z[i], w[i])), w[i])


@njit(nogil=True, cache=True)
def _ext2(m: U64Array, to: int, a: int, b: int, c: int, size: int) -> None:
    out, x, y, z = m[to : to + size], m[a : a + size], m[b : b + size], m[c : c + size]
    for i in range(size):
        out[i] = add(sub(x[i], y[i]), z[i])


@njit(nogil=True, cache=True)
def _accumulate(m: U64Array, to: int, a: int, size: int) -> None:
    out, x = m[to : to + size], m[a : a + size]
    for i in range(size):
        out[i] = add(out[i], x[i])


@njit(nogil=True, cache=True)
def _fold(m: U64Array, to: int, a: int, scalars: U64Array, s: int, size: int) -> None:
    out0, out1, out2 = m[to : to + size], m[to + size : to + 2 * size], m[to + 2 * size : to + 3 * size]
    values = m[a : a + size]
    s0, s1, s2 = scalars[s], scalars[s + 1], scalars[s + 2]
    for i in range(size):
        out0[i] = add(out0[i], mul(values[i], s0))
        out1[i] = add(out1[i], mul(values[i], s1))
        out2[i] = add(out2[i], mul(values[i], s2))


@njit(nogil=True, cache=True)
def _fill(m: U64Array, to: int, s: np.uint64, size: int) -> None:
    out = m[to : to + size]
    for i in range(size):
        out[i] = s


@njit(nogil=True, cache=True)
def _periodic(
    m: U64Array, to: int, values: U64Array, first: int, start: int, shift: int, mask: int, size: int
) -> None:
    """Rows start … of a periodic column whose values are values[first], …: runs of 2^shift rows are equal."""
    out, run = m[to : to + size], min(size, 1 << shift)
    for begin in range(0, size, run):
        value = values[first + (((start + begin) >> shift) & mask)]
        for i in range(begin, begin + run):
            out[i] = value


@njit(nogil=True, cache=True)
def _out(m: U64Array, a: int, out: U64Array, row: int, start: int, size: int) -> None:
    values, target = m[a : a + size], out[row, start : start + size]
    for i in range(size):
        target[i] = values[i]


@njit(nogil=True, cache=True)
def _load(m: U64Array, to: int, matrix: U64Array, column: int, start: int, size: int) -> None:
    out, values = m[to : to + size], matrix[column, start : start + size]
    for i in range(size):
        out[i] = values[i]


@njit(nogil=True, cache=True)
def _gather(m: U64Array, to: int, matrix: U64Array, column: int, base: int, index: np.ndarray) -> None:
    out, values = m[to : to + index.size], matrix[column]
    for i in range(index.size):
        out[i] = values[base + index[i]]


@njit(nogil=True, cache=True)
def multiply(out: U64Array, a: U64Array, b: U64Array) -> None:
    """out ← a·b."""
    for i in range(out.size):
        out[i] = mul(a[i], b[i])


@njit(nogil=True, cache=True)
def invert_tile(values: U64Array, tree: U64Array) -> None:
    """values ← 1/values (0 where 0 is no value: all must be non-zero), of a power of two length; `tree` is
    scratch of twice the length: products of halves up to one value, one inversion, and down again."""
    size = values.size
    tree[:size] = values
    low = 0
    while size > 1:
        half = size >> 1
        a = tree[low : low + half]
        b = tree[low + half : low + size]
        multiply(tree[low + size : low + size + half], a, b)
        low += size
        size = half
    tree[low] = inv(tree[low])
    while size < values.size:
        above = tree[low : low + size]
        low -= 2 * size
        a = tree[low : low + size]
        b = tree[low + size : low + 2 * size]
        out_a = values[:size]
        out_b = values[size : 2 * size]
        multiply(out_a, above, b)
        multiply(out_b, above, a)
        tree[low : low + 2 * size] = values[: 2 * size]
        size *= 2


@njit(nogil=True, cache=True)
def _selectors(m: U64Array, points: U64Array, y: np.uint64, vanishing: np.uint64, last: np.uint64) -> None:
    """is_first, is_last, is_transition in registers 0, 1, 2 at the points y·points[i]; `last` = ω^(−1)."""
    size = points.size
    inverse, tree = np.empty(size, np.uint64), np.empty(2 * size, np.uint64)
    first, final, transition = m[:size], m[size : 2 * size], m[2 * size : 3 * size]
    for i in range(size):
        point = mul(points[i], y)
        first[i] = sub(point, np.uint64(1))
        transition[i] = sub(point, last)
        inverse[i] = mul(first[i], transition[i])
    invert_tile(inverse, tree)
    for i in range(size):
        common = mul(inverse[i], vanishing)
        final[i] = mul(common, first[i])
        first[i] = mul(common, transition[i])


@njit(nogil=True, cache=True)
def _run_tile(
    code: np.ndarray,
    scalars: U64Array,
    m: U64Array,
    periodic: tuple[U64Array, np.ndarray],
    start: int,
    size: int,
    out: U64Array,
) -> None:
    """Run the program over the tile whose columns are loaded; writes out[:, start : start + size].

    periodic = (values of all columns, (offset, shift, mask) of each).
    """
    values, layout = periodic
    for k in range(code.shape[0]):
        op, to = code[k, 0], code[k, 1] * size
        x, y, z = code[k, 2], code[k, 3], code[k, 4]
        a, b, c = x * size, y * size, z * size
        if op == _MUL:
            _mul(m, to, a, b, size)
        elif op == _ADD:
            _add(m, to, a, b, size)
        elif op == _AXPY:
            _axpy(m, to, a, b, scalars[z], size)
        elif op == _SUB:
            _sub(m, to, a, b, size)
        elif op == _MUL_SUMS:
            _mul_sums(m, to, a, b, c, code[k, 5] * size, size)
        elif op == _EXT0:
            _ext0(m, to, a, b, c, code[k, 5] * size, size)
        elif op == _EXT1:
            _ext1(m, to, a, b, c, code[k, 5] * size, size)
        elif op == _EXT2:
            _ext2(m, to, a, b, c, size)
        elif op == _ADD_S:
            _add_s(m, to, a, scalars[y], size)
        elif op == _SUB_S:
            _sub_s(m, to, a, scalars[y], size)
        elif op == _RSUB_S:
            _rsub_s(m, to, a, scalars[y], size)
        elif op == _MUL_S:
            _mul_s(m, to, a, scalars[y], size)
        elif op == _MUL_SUM_S:
            _mul_sum_s(m, to, a, b, scalars[z], size)
        elif op == _FOLD:
            _fold(m, to, a, scalars, y, size)
        elif op == _ACCUMULATE:
            _accumulate(m, to, a, size)
        elif op == _FILL:
            _fill(m, to, scalars[x], size)
        elif op == _PERIODIC:
            _periodic(m, to, values, layout[x, 0], start, layout[x, 1], layout[x, 2], size)
        elif op == _OUT:
            _out(m, a, out, code[k, 1], start, size)


@njit(nogil=True, cache=True)
def run_tiles(
    program: tuple[np.ndarray, np.ndarray, U64Array, int, int],
    columns: tuple[U64Array, U64Array, U64Array],
    walk: tuple,
    out: U64Array,
    first_tile: int,
    last_tile: int,
) -> None:
    """Run a program over tiles first_tile … last_tile − 1.

    program = (code, reads, scalars, registers, pinned registers, which start at 0): the columns that are
    read, (space, row) each, are loaded into the rows behind the registers. columns = (main, preprocessed,
    interaction). walk = (next starts, wrapped, wrap index, periodic, domain): the next rows of tile t begin
    at next_starts[t]; where wrapped[t] is set they are not contiguous: element i is row next_starts[t] +
    wrap_index[i]. domain = (points of a tile relative to its first, y of each tile, Z of each tile, ω^(−1));
    with no points there are no selectors.
    """
    code, reads, scalars, n_registers, n_pinned = program
    next_starts, wrapped, wrap_index, periodic, domain = walk
    points, y, vanishing, last = domain
    size = wrap_index.size
    m = np.empty((n_registers + reads.shape[0]) * size, np.uint64)
    for tile in range(first_tile, last_tile):
        m[: n_pinned * size] = np.uint64(0)
        if points.size:
            _selectors(m, points, y[tile], vanishing[tile], last)
        for k in range(reads.shape[0]):
            space, row, to = reads[k, 0], reads[k, 1], (n_registers + k) * size
            matrix = columns[0] if space < _PREP else columns[1] if space <= _PREP_NEXT else columns[2]
            if (space - _MAIN) % 2 == 0:
                _load(m, to, matrix, row, tile * size, size)
            elif wrapped[tile]:
                _gather(m, to, matrix, row, next_starts[tile], wrap_index)
            else:
                _load(m, to, matrix, row, next_starts[tile], size)
        _run_tile(code, scalars, m, periodic, tile * size, size, out)
