"""The cubic extension F_p[x]/(x³ − x − 1) of Goldilocks, in which all challenges live.

Arrays hold an extension vector as shape (3, n): row k holds the coefficients of x^k. Reduction: x³ = x + 1,
x⁴ = x² + x. `Ext` is the same field on Python integers, which the verifier uses and the tests trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union

import numpy as np
from numba import njit

from l2forge.stark.field import P, U64Array, add, mul, sub
from l2forge.stark.field_array import batch_inverse as base_batch_inverse

DEGREE = 3
Triple: TypeAlias = tuple[np.uint64, np.uint64, np.uint64]


@dataclass(frozen=True, slots=True)
class Ext:
    """c0 + c1·x + c2·x², each coefficient a canonical Python int; ints mix in as base-field constants."""

    c0: int
    c1: int = 0
    c2: int = 0

    def __add__(self, other: ExtLike) -> Ext:
        b = as_ext(other)
        return Ext((self.c0 + b.c0) % P, (self.c1 + b.c1) % P, (self.c2 + b.c2) % P)

    def __neg__(self) -> Ext:
        return Ext(-self.c0 % P, -self.c1 % P, -self.c2 % P)

    def __sub__(self, other: ExtLike) -> Ext:
        return self + (-as_ext(other))

    def __rsub__(self, other: int) -> Ext:
        return as_ext(other) - self

    def __mul__(self, other: ExtLike) -> Ext:
        if isinstance(other, int):
            return Ext(self.c0 * other % P, self.c1 * other % P, self.c2 * other % P)
        a0, a1, a2, b0, b1, b2 = self.c0, self.c1, self.c2, other.c0, other.c1, other.c2
        x3 = a1 * b2 + a2 * b1
        x4 = a2 * b2
        return Ext(
            (a0 * b0 + x3) % P, (a0 * b1 + a1 * b0 + x3 + x4) % P, (a0 * b2 + a1 * b1 + a2 * b0 + x4) % P
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Ext:
        if exponent < 0:
            return self.inverse() ** -exponent
        result, base = Ext(1), self
        while exponent:
            if exponent & 1:
                result = result * base
            base = base * base
            exponent >>= 1
        return result

    def inverse(self) -> Ext:
        """1/self by the adjugate of multiplication by self. Raises ZeroDivisionError for 0."""
        a0, a1, a2 = self.c0, self.c1, self.c2
        s, t = a0 + a2, a1 + a2
        n0, n1, n2 = s * s - a1 * t, a2 * t - a1 * s, a1 * a1 - a2 * s
        norm = (a0 * n0 + a2 * n1 + a1 * n2) % P
        if norm == 0:
            raise ZeroDivisionError("0 has no inverse in the extension field")
        return Ext(n0, n1, n2) * pow(norm, -1, P)

    def __truediv__(self, other: ExtLike) -> Ext:
        return self * as_ext(other).inverse()

    def __rtruediv__(self, other: int) -> Ext:
        return as_ext(other) * self.inverse()

    def __bool__(self) -> bool:
        return bool(self.c0 or self.c1 or self.c2)

    def __iter__(self) -> Iterator[int]:
        return iter((self.c0, self.c1, self.c2))


ExtLike: TypeAlias = Union[Ext, int]  # noqa: UP007 - a forward reference inside the class above

ZERO = Ext(0)
ONE = Ext(1)
X = Ext(0, 1)


def as_ext(value: ExtLike) -> Ext:
    """The value itself, or the base-field integer (any sign, any size) as an extension element."""
    return value if isinstance(value, Ext) else Ext(value % P)


@njit(inline="always")
def ext_mul(
    a0: np.uint64, a1: np.uint64, a2: np.uint64, b0: np.uint64, b1: np.uint64, b2: np.uint64
) -> Triple:
    """(a0 + a1·x + a2·x²)(b0 + b1·x + b2·x²) with six base products (Karatsuba), coefficients canonical."""
    d0 = mul(a0, b0)
    d1 = mul(a1, b1)
    d2 = mul(a2, b2)
    x1 = sub(mul(add(a0, a1), add(b0, b1)), add(d0, d1))
    x2 = add(sub(mul(add(a0, a2), add(b0, b2)), add(d0, d2)), d1)
    x3 = sub(mul(add(a1, a2), add(b1, b2)), add(d1, d2))
    return add(d0, x3), add(add(x1, x3), d2), add(x2, d2)


@njit(nogil=True, cache=True)
def _mul(a: U64Array, b: U64Array, out: U64Array) -> None:
    a0, a1, a2 = a[0], a[1], a[2]
    b0, b1, b2 = b[0], b[1], b[2]
    out0, out1, out2 = out[0], out[1], out[2]
    for i in range(out0.size):
        out0[i], out1[i], out2[i] = ext_mul(a0[i], a1[i], a2[i], b0[i], b1[i], b2[i])


@njit(nogil=True, cache=True)
def _scale(a: U64Array, c0: np.uint64, c1: np.uint64, c2: np.uint64, out: U64Array) -> None:
    a0, a1, a2 = a[0], a[1], a[2]
    out0, out1, out2 = out[0], out[1], out[2]
    for i in range(out0.size):
        out0[i], out1[i], out2[i] = ext_mul(a0[i], a1[i], a2[i], c0, c1, c2)


@njit(nogil=True, cache=True)
def _mul_base(a: U64Array, base: U64Array, out: U64Array) -> None:
    for k in range(3):
        source = a[k]
        target = out[k]
        for i in range(target.size):
            target[i] = mul(source[i], base[i])


@njit(nogil=True, cache=True)
def _adjugate(a: U64Array, numerator: U64Array, norm: U64Array) -> None:
    """numerator/norm = 1/a; the norm lies in the base field. See `Ext.inverse`."""
    a0, a1, a2 = a[0], a[1], a[2]
    n0, n1, n2 = numerator[0], numerator[1], numerator[2]
    for i in range(norm.size):
        s = add(a0[i], a2[i])
        t = add(a1[i], a2[i])
        u0 = sub(mul(s, s), mul(a1[i], t))
        u1 = sub(mul(a2[i], t), mul(a1[i], s))
        u2 = sub(mul(a1[i], a1[i]), mul(a2[i], s))
        n0[i], n1[i], n2[i] = u0, u1, u2
        norm[i] = add(add(mul(a0[i], u0), mul(a2[i], u1)), mul(a1[i], u2))


def mul_arrays(a: U64Array, b: U64Array) -> U64Array:
    """a·b element-wise for two extension vectors of shape (3, n)."""
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    out = np.empty_like(a)
    _mul(a, b, out)
    return out


def scale_array(a: U64Array, factor: Ext) -> U64Array:
    """factor·a element-wise for an extension vector of shape (3, n)."""
    a = np.ascontiguousarray(a)
    out = np.empty_like(a)
    _scale(a, np.uint64(factor.c0), np.uint64(factor.c1), np.uint64(factor.c2), out)
    return out


def mul_base(a: U64Array, base: U64Array) -> U64Array:
    """a·base element-wise: extension vector (3, n) times base-field vector (n,)."""
    a, base = np.ascontiguousarray(a), np.ascontiguousarray(base)
    out = np.empty_like(a)
    _mul_base(a, base, out)
    return out


def batch_inverse(a: U64Array) -> U64Array:
    """1/a element-wise for an extension vector of shape (3, n). Raises ZeroDivisionError when one is 0."""
    a = np.ascontiguousarray(a)
    numerator = np.empty_like(a)
    norm = np.empty(a.shape[1], np.uint64)
    _adjugate(a, numerator, norm)
    return mul_base(numerator, base_batch_inverse(norm))


def powers(base: Ext, n: int, *, start: Ext = ONE) -> U64Array:
    """[start·base^i for i < n] as an extension vector of shape (3, n), by doubling."""
    out = to_array([start])[:, :n]
    factor = base
    while (known := out.shape[1]) < n:
        out = np.concatenate((out, scale_array(out[:, : n - known], factor)), axis=1)
        factor = factor * factor
    return out


def to_array(elements: Iterable[Ext]) -> U64Array:
    """Extension elements as an extension vector of shape (3, n)."""
    return np.array([tuple(e) for e in elements], np.uint64).reshape(-1, 3).T.copy()


def from_array(array: U64Array) -> list[Ext]:
    """The extension vector of shape (3, n) as a list of `Ext`."""
    return [Ext(int(c0), int(c1), int(c2)) for c0, c1, c2 in array.T]
