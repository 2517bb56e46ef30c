"""Vector kernels of the tile interpreter, one per opcode, and the loop that runs a program over tiles.

All vectors are contiguous uint64 arrays of one tile's length with canonical values, and a result never
overlaps an operand, except for the accumulators, which are read and written at the same index.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.air.tiles.program import SPACE_SHIFT, Op, Space
from l2forge.stark.field import U64Array, add, inv, mul, sub

_ADD, _SUB, _MUL = int(Op.ADD), int(Op.SUB), int(Op.MUL)
_ADD_S, _SUB_S, _RSUB_S, _MUL_S = int(Op.ADD_S), int(Op.SUB_S), int(Op.RSUB_S), int(Op.MUL_S)
_AXPY, _MUL_SUMS, _MUL_SUM_S = int(Op.AXPY), int(Op.MUL_SUMS), int(Op.MUL_SUM_S)
_EXT0, _EXT1, _EXT2 = int(Op.EXT0), int(Op.EXT1), int(Op.EXT2)
_FILL, _PERIODIC, _FOLD = int(Op.FILL), int(Op.PERIODIC), int(Op.FOLD)
_ACCUMULATE, _OUT = int(Op.ACCUMULATE), int(Op.OUT)
_MAIN, _MAIN_NEXT = int(Space.MAIN), int(Space.MAIN_NEXT)
_PREP, _PREP_NEXT, _INTER = int(Space.PREPROCESSED), int(Space.PREPROCESSED_NEXT), int(Space.INTERACTION)
_ROW_MASK = (1 << SPACE_SHIFT) - 1


@njit(nogil=True, cache=True)
def _add(out: U64Array, a: U64Array, b: U64Array) -> None:
    for i in range(out.size):
        out[i] = add(a[i], b[i])


@njit(nogil=True, cache=True)
def _sub(out: U64Array, a: U64Array, b: U64Array) -> None:
    for i in range(out.size):
        out[i] = sub(a[i], b[i])


@njit(nogil=True, cache=True)
def _mul(out: U64Array, a: U64Array, b: U64Array) -> None:
    for i in range(out.size):
        out[i] = mul(a[i], b[i])


@njit(nogil=True, cache=True)
def _add_s(out: U64Array, a: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = add(a[i], s)


@njit(nogil=True, cache=True)
def _sub_s(out: U64Array, a: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = sub(a[i], s)


@njit(nogil=True, cache=True)
def _rsub_s(out: U64Array, a: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = sub(s, a[i])


@njit(nogil=True, cache=True)
def _mul_s(out: U64Array, a: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = mul(a[i], s)


@njit(nogil=True, cache=True)
def _axpy(out: U64Array, a: U64Array, b: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = add(a[i], mul(b[i], s))


@njit(nogil=True, cache=True)
def _mul_sums(out: U64Array, a: U64Array, b: U64Array, c: U64Array, d: U64Array) -> None:
    for i in range(out.size):
        out[i] = mul(add(a[i], b[i]), add(c[i], d[i]))


@njit(nogil=True, cache=True)
def _mul_sum_s(out: U64Array, a: U64Array, b: U64Array, s: np.uint64) -> None:
    for i in range(out.size):
        out[i] = mul(add(a[i], b[i]), s)


@njit(nogil=True, cache=True)
def _ext0(out: U64Array, a: U64Array, b: U64Array, c: U64Array, d: U64Array) -> None:
    for i in range(out.size):
        out[i] = sub(add(a[i], b[i]), add(c[i], d[i]))


@njit(nogil=True, cache=True)
def _ext1(out: U64Array, a: U64Array, b: U64Array, c: U64Array, d: U64Array) -> None:
    for i in range(out.size):
        out[i] = sub(sub(add(a[i], b[i]), add(c[i], d[i])), d[i])


@njit(nogil=True, cache=True)
def _ext2(out: U64Array, a: U64Array, b: U64Array, c: U64Array) -> None:
    for i in range(out.size):
        out[i] = add(sub(a[i], b[i]), c[i])


@njit(nogil=True, cache=True)
def _fold(out0: U64Array, out1: U64Array, out2: U64Array, a: U64Array, s: U64Array) -> None:
    s0, s1, s2 = s[0], s[1], s[2]
    for i in range(out0.size):
        out0[i] = add(out0[i], mul(a[i], s0))
        out1[i] = add(out1[i], mul(a[i], s1))
        out2[i] = add(out2[i], mul(a[i], s2))


@njit(nogil=True, cache=True)
def _accumulate(out: U64Array, a: U64Array) -> None:
    for i in range(out.size):
        out[i] = add(out[i], a[i])


@njit(nogil=True, cache=True)
def _periodic(out: U64Array, values: U64Array, start: int, shift: int, mask: int) -> None:
    for i in range(out.size):
        out[i] = values[((start + i) >> shift) & mask]


@njit(nogil=True, cache=True)
def _gather(out: U64Array, matrix: U64Array, row_mask: np.ndarray, base: int, index: np.ndarray) -> None:
    for c in row_mask:
        for i in range(index.size):
            out[c, i] = matrix[c, base + index[i]]


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
        _mul(tree[low + size : low + size + half], a, b)
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
        _mul(out_a, above, b)
        _mul(out_b, above, a)
        tree[low : low + 2 * size] = values[: 2 * size]
        size *= 2


@njit(nogil=True, cache=True)
def _selectors(
    registers: U64Array, points: U64Array, y: np.uint64, vanishing: np.uint64, last: np.uint64
) -> None:
    """is_first, is_last, is_transition in registers 0, 1, 2 at the points y·points[i]; `last` = ω^(−1)."""
    size = points.size
    inverse, tree = np.empty(size, np.uint64), np.empty(2 * size, np.uint64)
    first, final, transition = registers[0], registers[1], registers[2]
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
def run_tile(
    code: np.ndarray,
    scalars: U64Array,
    registers: U64Array,
    columns: tuple[U64Array, U64Array, U64Array],
    after: tuple[U64Array, U64Array, U64Array],
    periodic: tuple[U64Array, np.ndarray],
    rows: tuple[int, int],
    out: U64Array,
) -> None:
    """Run the program over one tile: rows = (start, start of the next rows); registers (n, tile length).

    columns = (main, preprocessed, interaction) read from `start`, `after` the same from the next start;
    periodic = (values of all columns, (offset, shift, mask) of each). Writes out[:, start : start + tile].
    """
    size = registers.shape[1]
    start, following = rows
    for k in range(code.shape[0]):
        op = code[k, 0]
        target = registers[code[k, 1]] if op != _OUT else out[code[k, 1], start : start + size]
        if op == _FILL:
            target[:] = scalars[code[k, 2]]
            continue
        if op == _PERIODIC:
            values, layout = periodic
            p = code[k, 2]
            _periodic(target, values[layout[p, 0] :], start, layout[p, 1], layout[p, 2])
            continue
        a = _vector(code[k, 2], registers, columns, after, start, following)
        if op == _OUT:
            target[:] = a
        elif op == _ACCUMULATE:
            _accumulate(target, a)
        elif op == _FOLD:
            row, s = code[k, 1], code[k, 3]
            _fold(target, registers[row + 1], registers[row + 2], a, scalars[s : s + 3])
        elif op == _ADD_S:
            _add_s(target, a, scalars[code[k, 3]])
        elif op == _SUB_S:
            _sub_s(target, a, scalars[code[k, 3]])
        elif op == _RSUB_S:
            _rsub_s(target, a, scalars[code[k, 3]])
        elif op == _MUL_S:
            _mul_s(target, a, scalars[code[k, 3]])
        else:
            b = _vector(code[k, 3], registers, columns, after, start, following)
            if op == _ADD:
                _add(target, a, b)
            elif op == _SUB:
                _sub(target, a, b)
            elif op == _MUL:
                _mul(target, a, b)
            elif op == _AXPY:
                _axpy(target, a, b, scalars[code[k, 4]])
            elif op == _MUL_SUM_S:
                _mul_sum_s(target, a, b, scalars[code[k, 4]])
            else:
                c = _vector(code[k, 4], registers, columns, after, start, following)
                if op == _EXT2:
                    _ext2(target, a, b, c)
                    continue
                d = _vector(code[k, 5], registers, columns, after, start, following)
                if op == _MUL_SUMS:
                    _mul_sums(target, a, b, c, d)
                elif op == _EXT0:
                    _ext0(target, a, b, c, d)
                elif op == _EXT1:
                    _ext1(target, a, b, c, d)


@njit(nogil=True, cache=True)
def _vector(
    address: int,
    registers: U64Array,
    columns: tuple[U64Array, U64Array, U64Array],
    after: tuple[U64Array, U64Array, U64Array],
    start: int,
    following: int,
) -> U64Array:
    """The operand at an address of the program."""
    size = registers.shape[1]
    space, row = address >> SPACE_SHIFT, address & _ROW_MASK
    if space == 0:
        return registers[row, 0:size]
    if space == _MAIN:
        return columns[0][row, start : start + size]
    if space == _MAIN_NEXT:
        return after[0][row, following : following + size]
    if space == _PREP:
        return columns[1][row, start : start + size]
    if space == _PREP_NEXT:
        return after[1][row, following : following + size]
    if space == _INTER:
        return columns[2][row, start : start + size]
    return after[2][row, following : following + size]


@njit(nogil=True, cache=True)
def run_tiles(
    program: tuple[np.ndarray, U64Array, int, int],
    columns: tuple[U64Array, U64Array, U64Array],
    masks: tuple[np.ndarray, np.ndarray, np.ndarray],
    walk: tuple,
    out: U64Array,
    first_tile: int,
    last_tile: int,
) -> None:
    """Run a program over tiles first_tile … last_tile − 1.

    program = (code, scalars, registers, pinned registers, which start at 0). walk = (next starts, wrapped,
    wrap index, periodic, domain): the next rows of tile t begin at next_starts[t]; where wrapped[t] is set
    they are not contiguous: element i is row next_starts[t] + wrap_index[i], and the masked columns are
    gathered first. domain = (points of a tile relative to its first, y of each tile, Z of each tile, ω^(−1));
    with no points there are no selectors.
    """
    code, scalars, n_registers, n_pinned = program
    next_starts, wrapped, wrap_index, periodic, domain = walk
    points, y, vanishing, last = domain
    size = wrap_index.size
    registers = np.empty((n_registers, size), np.uint64)
    for tile in range(first_tile, last_tile):
        registers[:n_pinned] = np.uint64(0)
        if points.size:
            _selectors(registers, points, y[tile], vanishing[tile], last)
        if wrapped[tile]:
            base = next_starts[tile]
            main = np.empty((columns[0].shape[0], size), np.uint64)
            prep = np.empty((columns[1].shape[0], size), np.uint64)
            inter = np.empty((columns[2].shape[0], size), np.uint64)
            _gather(main, columns[0], masks[0], base, wrap_index)
            _gather(prep, columns[1], masks[1], base, wrap_index)
            _gather(inter, columns[2], masks[2], base, wrap_index)
            rows = (tile * size, 0)
            run_tile(code, scalars, registers, columns, (main, prep, inter), periodic, rows, out)
        else:
            rows = (tile * size, next_starts[tile])
            run_tile(code, scalars, registers, columns, columns, periodic, rows, out)
