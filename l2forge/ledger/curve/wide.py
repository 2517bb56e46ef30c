"""Products of GF(p⁵) as machine code: sums of 128-bit products in three words, reduced once per coefficient.

numba has no 128-bit integers, so the two products are written as LLVM instructions; a processor multiplies
64 × 64 → 128 bits in one of its own. A coefficient of a·b is a sum of five products with weights 1 and 3,
below 13·2¹²⁸, and is reduced only when it is complete.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

import numpy as np

from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import P

Five: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]
"""Coefficients of an element of GF(p⁵), canonical."""

FIVE = types.UniTuple(types.uint64, DEGREE)
_WORD = ir.IntType(64)
_SUM = ir.IntType(192)
_EPSILON = _WORD(0xFFFF_FFFF)
_32 = _WORD(32)


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
    """A sum below 2⁶⁴·2⁶⁴·2³² mod p, canonical: with words h₂, h₁ = u·2³² + v, h₀ it is h₀ − u − h₂·2³² + v·(2³² − 1).

    2⁶⁴ ≡ 2³² − 1, 2⁹⁶ ≡ −1, 2¹²⁸ ≡ −2³². A borrow takes 2³² − 1 off, a carry adds it; neither happens twice,
    as u + h₂·2³² < 2⁶⁴ − 2³² for h₂ < 2³¹, and v·(2³² − 1) ≤ 2⁶⁴ − 2³³ + 1.
    """
    h0 = builder.trunc(total, _WORD)
    h1 = builder.trunc(builder.lshr(total, _SUM(64)), _WORD)
    h2 = builder.trunc(builder.lshr(total, _SUM(128)), _WORD)
    off = builder.add(builder.lshr(h1, _32), builder.shl(h2, _32))
    x = _wrapped(builder, builder.sub(h0, off), builder.icmp_unsigned("<", h0, off), builder.sub)
    v = builder.and_(h1, _EPSILON)
    y = builder.sub(builder.shl(v, _32), v)
    r = builder.add(x, y)
    r = _wrapped(builder, r, builder.icmp_unsigned("<", r, y), builder.add)
    return _wrapped(builder, r, builder.icmp_unsigned(">=", r, _WORD(P)), builder.add)


def _wrapped(builder: Any, value: Any, happened: Any, correction: Any) -> Any:
    return builder.select(happened, correction(value, _EPSILON), value)


def _unpacked(builder: Any, five: Any) -> list[Any]:
    return [builder.extract_value(five, i) for i in range(DEGREE)]


def _packed(builder: Any, kind: Any, values: list[Any]) -> Any:
    out = ir.Constant(kind, ir.Undefined)
    for i, value in enumerate(values):
        out = builder.insert_value(out, value, i)
    return out


def _folded(builder: Any, sums: dict[int, list[Any]], k: int) -> Any:
    """Coefficient k of the product: the terms of zᵏ and three times those of zᵏ⁺⁵."""
    total = _total(builder, sums[k])
    if k + DEGREE not in sums:
        return _reduced(builder, total)
    above = _total(builder, sums[k + DEGREE])
    triple = builder.add(above, builder.shl(above, _SUM(1)))
    return _reduced(builder, builder.add(total, triple))


@intrinsic
def mul5(_context: Any, a: Any, b: Any) -> Any:
    """a·b for two canonical elements."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, y = _unpacked(builder, args[0]), _unpacked(builder, args[1])
        sums: dict[int, list[Any]] = {}
        for i in range(DEGREE):
            for j in range(DEGREE):
                sums.setdefault(i + j, []).append(_product(builder, x[i], y[j]))
        values = [_folded(builder, sums, k) for k in range(DEGREE)]
        return _packed(builder, context.get_value_type(signature.return_type), values)

    return FIVE(FIVE, FIVE), codegen


@intrinsic
def square5(_context: Any, a: Any) -> Any:
    """a² for a canonical element: fifteen products, the mixed ones doubled."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x = _unpacked(builder, args[0])
        mixed: dict[int, list[Any]] = {}
        for i in range(DEGREE):
            for j in range(i + 1, DEGREE):
                mixed.setdefault(i + j, []).append(_product(builder, x[i], x[j]))
        sums = {k: [builder.shl(_total(builder, terms), _SUM(1))] for k, terms in mixed.items()}
        for i in range(DEGREE):
            sums.setdefault(2 * i, []).append(_product(builder, x[i], x[i]))
        values = [_folded(builder, sums, k) for k in range(DEGREE)]
        return _packed(builder, context.get_value_type(signature.return_type), values)

    return FIVE(FIVE), codegen


@intrinsic
def mul1(_context: Any, a: Any, b: Any) -> Any:
    """a·b mod p for two words of any value."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _reduced(builder, _product(builder, args[0], args[1]))

    return types.uint64(types.uint64, types.uint64), codegen
