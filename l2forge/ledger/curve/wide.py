"""Arithmetic of GF(p⁵) as machine code: sums of 128-bit products in three words, each reduced once.

numba has no 128-bit integers, so these operations are written as LLVM instructions, which a processor has as
one multiplication of 64 × 64 → 128 bits and additions with carry. A coefficient of a·b is a sum of five
products with weights 1 and 3, below 13·2¹²⁸, and is reduced only when it is complete. Elements are tuples of
five canonical words; results are canonical. Intrinsics are called inside kernels only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

from l2forge.ledger.fp5 import DEGREE, NON_RESIDUE
from l2forge.stark.field import P

Five: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]
"""Coefficients of an element of GF(p⁵), canonical."""

FIVE = types.UniTuple(types.uint64, DEGREE)
_WORD = ir.IntType(64)
_SUM = ir.IntType(192)
_EPSILON = _WORD(0xFFFF_FFFF)
_P = _WORD(P)
_0 = _WORD(0)
_32 = _WORD(32)


def _gives_element(code: Callable[..., Any]) -> Callable[..., Five]:
    """An operation of kernels whose result is an element."""
    return cast(Callable[..., Five], extending.intrinsic(code))


def _gives_word(code: Callable[..., Any]) -> Callable[..., np.uint64]:
    """An operation of kernels whose result is a word."""
    return cast(Callable[..., np.uint64], extending.intrinsic(code))


def _less(builder: Any, a: Any, b: Any) -> Any:
    return builder.icmp_unsigned("<", a, b)


def _add(builder: Any, a: Any, b: Any) -> Any:
    """a + b as a − (p − b), whose borrow decides the only correction."""
    complement = builder.sub(_P, b)
    return _wrapped(builder, builder.sub(a, complement), _less(builder, a, complement), builder.sub)


def _sub(builder: Any, a: Any, b: Any) -> Any:
    return _wrapped(builder, builder.sub(a, b), _less(builder, a, b), builder.sub)


def _product(builder: Any, a: Any, b: Any) -> Any:
    """The full product of two words, in three."""
    double = ir.IntType(128)
    product = builder.mul(builder.zext(a, double), builder.zext(b, double))
    return builder.zext(product, _SUM)


def _total(builder: Any, terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = builder.add(total, term)
    return total


def _reduced(builder: Any, total: Any) -> Any:
    """h₂·2¹²⁸ + h₁·2⁶⁴ + h₀ mod p for h₂ < 2³¹, as h₀ − u − h₂·2³² + v·(2³² − 1) with h₁ = u·2³² + v.

    For 2⁶⁴ ≡ 2³² − 1, 2⁹⁶ ≡ −1, 2¹²⁸ ≡ −2³². A borrow takes 2³² − 1 off, a carry adds it; neither happens
    twice, as u + h₂·2³² < 2⁶⁴ − 2³², and v·(2³² − 1) ≤ 2⁶⁴ − 2³³ + 1.
    """
    h0 = builder.trunc(total, _WORD)
    h1 = builder.trunc(builder.lshr(total, _SUM(64)), _WORD)
    h2 = builder.trunc(builder.lshr(total, _SUM(128)), _WORD)
    off = builder.add(builder.lshr(h1, _32), builder.shl(h2, _32))
    x = _wrapped(builder, builder.sub(h0, off), _less(builder, h0, off), builder.sub)
    return _folded(builder, x, builder.and_(h1, _EPSILON))


def _folded(builder: Any, low: Any, high: Any) -> Any:
    """high·2⁶⁴ + low mod p, canonical, for high < 2³²."""
    y = builder.sub(builder.shl(high, _32), high)
    r = builder.add(low, y)
    r = _wrapped(builder, r, _less(builder, r, y), builder.add)
    return _wrapped(builder, r, builder.icmp_unsigned(">=", r, _P), builder.add)


def _scaled(builder: Any, a: Any, factor: Any) -> Any:
    """a·factor mod p for a factor below 2³²."""
    product = _product(builder, a, factor)
    high = builder.trunc(builder.lshr(product, _SUM(64)), _WORD)
    return _folded(builder, builder.trunc(product, _WORD), high)


def _wrapped(builder: Any, value: Any, happened: Any, correction: Any) -> Any:
    return builder.select(happened, correction(value, _EPSILON), value)


def _unpacked(builder: Any, five: Any) -> list[Any]:
    return [builder.extract_value(five, i) for i in range(DEGREE)]


def _packed(builder: Any, kind: Any, values: list[Any]) -> Any:
    out = ir.Constant(kind, ir.Undefined)
    for i, value in enumerate(values):
        out = builder.insert_value(out, value, i)
    return out


def _coefficient(builder: Any, terms: list[Any], above: list[Any]) -> Any:
    """A coefficient of a product, reduced: its own terms and three times those of z⁵ times it."""
    total = _total(builder, terms)
    if above:
        wrapped = _total(builder, above)
        total = builder.add(total, builder.add(wrapped, builder.shl(wrapped, _SUM(1))))
    return _reduced(builder, total)


def _returned(context: Any, builder: Any, signature: Any, values: list[Any]) -> Any:
    return _packed(builder, context.get_value_type(signature.return_type), values)


def _elementwise(operation: Callable[[Any, list[Any], list[Any]], list[Any]]) -> Callable[..., Any]:
    """The code of an operation on two elements, from that on their coefficients."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, y = _unpacked(builder, args[0]), _unpacked(builder, args[1])
        return _returned(context, builder, signature, operation(builder, x, y))

    return codegen


@_gives_element
def add5(_context: Any, a: Any, b: Any) -> Any:
    """a + b."""
    code = _elementwise(lambda builder, x, y: [_add(builder, *pair) for pair in zip(x, y, strict=True)])
    return FIVE(FIVE, FIVE), code


@_gives_element
def sub5(_context: Any, a: Any, b: Any) -> Any:
    """a − b."""
    code = _elementwise(lambda builder, x, y: [_sub(builder, *pair) for pair in zip(x, y, strict=True)])
    return FIVE(FIVE, FIVE), code


@_gives_element
def mul5(_context: Any, a: Any, b: Any) -> Any:
    """a·b."""

    def product(builder: Any, x: list[Any], y: list[Any]) -> list[Any]:
        def terms(k: int) -> list[Any]:
            """The products whose power of z is k."""
            return [_product(builder, x[i], y[k - i]) for i in range(DEGREE) if 0 <= k - i < DEGREE]

        return [_coefficient(builder, terms(k), terms(k + DEGREE)) for k in range(DEGREE)]

    return FIVE(FIVE, FIVE), _elementwise(product)


@_gives_element
def square5(_context: Any, a: Any) -> Any:
    """a²: fifteen products, the mixed ones doubled."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x = _unpacked(builder, args[0])

        def terms(k: int) -> list[Any]:
            """The products whose power of z is k."""
            mixed = [_product(builder, x[i], x[k - i]) for i in range(DEGREE) if i < k - i < DEGREE]
            found = [builder.shl(_total(builder, mixed), _SUM(1))] if mixed else []
            even = k % 2 == 0 and k < 2 * DEGREE
            return found + ([_product(builder, x[k // 2], x[k // 2])] if even else [])

        values = [_coefficient(builder, terms(k), terms(k + DEGREE)) for k in range(DEGREE)]
        return _returned(context, builder, signature, values)

    return FIVE(FIVE), codegen


@_gives_element
def scale5(_context: Any, a: Any, factor: Any) -> Any:
    """factor·a for a factor below 2³²."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = [_scaled(builder, x, args[1]) for x in _unpacked(builder, args[0])]
        return _returned(context, builder, signature, values)

    return FIVE(FIVE, types.uint64), codegen


@_gives_element
def scale5_z(_context: Any, a: Any, factor: Any) -> Any:
    """factor·z·a for a factor below 2³⁰."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *lower, top = _unpacked(builder, args[0])
        first = _scaled(builder, top, builder.mul(args[1], _WORD(NON_RESIDUE)))
        values = [first] + [_scaled(builder, x, args[1]) for x in lower]
        return _returned(context, builder, signature, values)

    return FIVE(FIVE, types.uint64), codegen


def _binary(operation: Callable[[Any, Any, Any], Any]) -> Any:
    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return operation(builder, *args)

    return types.uint64(types.uint64, types.uint64), codegen


@_gives_word
def add1(_context: Any, a: Any, b: Any) -> Any:
    """a + b mod p."""
    return _binary(_add)


@_gives_word
def sub1(_context: Any, a: Any, b: Any) -> Any:
    """a − b mod p."""
    return _binary(_sub)


@_gives_word
def mul1(_context: Any, a: Any, b: Any) -> Any:
    """a·b mod p for two words of any value."""
    return _binary(lambda builder, x, y: _reduced(builder, _product(builder, x, y)))
