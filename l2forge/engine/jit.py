"""How a kernel is declared, and the bit operations that jitted and plain runs share.

The whole state of a venue is one flat int64 array `s`; kernels take `s` and a few integers. With
NUMBA_DISABLE_JIT=1 the same bodies run as plain Python over a memoryview of that array: Python integers do
not wrap and the memoryview refuses what does not fit, so a plain run also proves that nothing overflows.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic, overload

from l2forge.rules.jit import Kernel, compiled

_ONES = (1 << 64) - 1


def kernel(function: Kernel) -> Kernel:
    """Compile a kernel that only other kernels call; `.py_func` keeps the plain body."""
    return compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def inner(function: Kernel) -> Kernel:
    """Compile a kernel whose body becomes part of its callers: for the steps that every order takes, since a
    call (registers saved and restored, result and error through memory) costs as much as a step.
    """
    return compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)


def entry(function: Kernel) -> Kernel:
    """Compile a kernel that Python calls."""
    return compiled(function, no_cfunc_wrapper=True)


def lowest_bit(word: int) -> int:
    """Index of the lowest set bit of a non-zero 64-bit word."""
    return (word & -word & _ONES).bit_length() - 1


def highest_bit(word: int) -> int:
    """Index of the highest set bit of a non-zero 64-bit word."""
    return (word & _ONES).bit_length() - 1


def one_bit(index: int) -> int:
    """The two's-complement word with only bit `index` set, 0 ≤ index < 64."""
    return 1 << index if index < 63 else -(1 << 63)


def bits_from(index: int) -> int:
    """The word with bits index..63 set."""
    return -1 << index


def bits_through(index: int) -> int:
    """The word with bits 0..index set."""
    return (2 << index) - 1 if index < 63 else -1


@intrinsic
def _cttz(_context: Any, word: Any) -> Any:
    def codegen(_c: Any, builder: Any, _s: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), codegen


@intrinsic
def _ctlz(_context: Any, word: Any) -> Any:
    def codegen(_c: Any, builder: Any, _s: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), codegen


@overload(lowest_bit, inline="never")
def _lowest_bit(word):  # type: ignore[no-untyped-def]
    return lambda word: _cttz(word)  # type: ignore[call-arg]


@overload(highest_bit, inline="never")
def _highest_bit(word):  # type: ignore[no-untyped-def]
    return lambda word: 63 - _ctlz(word)  # type: ignore[call-arg]


@overload(one_bit, inline="never")
def _one_bit(index):  # type: ignore[no-untyped-def]
    return lambda index: 1 << index


@overload(bits_from, inline="never")
def _bits_from(index):  # type: ignore[no-untyped-def]
    return lambda index: -1 << index


@overload(bits_through, inline="never")
def _bits_through(index):  # type: ignore[no-untyped-def]
    return lambda index: ~(-2 << index)


def words(array: Any) -> Any:
    """The array as a bare pointer to its int64 words: nothing is counted or bounds-checked on the hot path.

    A one-dimensional contiguous array passed down many calls costs seven registers and atomic reference
    counts each time; a pointer costs one register (five times the speed, measured on the order book).
    In a plain run the memoryview itself.
    """
    return array


@intrinsic
def _pointer(_context: Any, array: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return types.CPointer(types.int64)(array), codegen


@overload(words, inline="never")
def _words(array):  # type: ignore[no-untyped-def]
    return lambda array: _pointer(array)  # type: ignore[call-arg]


def prefetch(s: Any, index: int) -> None:
    """Ask for the cache line of s[index]; a hint that changes nothing. No-op in a plain run."""


@intrinsic
def _prefetch(_context: Any, s: Any, index: Any) -> Any:
    def codegen(_c: Any, builder: Any, _s: Any, args: Any) -> Any:
        address = builder.gep(args[0], [args[1]])
        pointer, i32 = address.type, ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, i32, i32, i32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        builder.call(function, [address, i32(0), i32(3), i32(1)])

    return types.void(s, types.int64), codegen


@overload(prefetch, inline="never")
def _prefetch_overload(s, index):  # type: ignore[no-untyped-def]
    return lambda s, index: _prefetch(s, index)  # type: ignore[call-arg]
