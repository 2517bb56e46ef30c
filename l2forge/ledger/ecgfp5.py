"""The curve ecGFp5 on Python integers, in its subgroup of prime order: slow and obvious.

Curve: y² = x(x² + 2x + 263z) over GF(p⁵), of order 2n. The published group is that of the curve's points
outside of the order-n subgroup, with N = (0, 0) as neutral element and addition P + Q + N, encoded as
w = y/x. Here its element P is held as P + N, that is (x, y) ↦ (b/x, −b·y/x²) with b = 263z: these are the
points of order n and infinity, exactly those whose x is a square, and on them plain chord and tangent is
the group law. So the neutral element is `None` (w = 0), and w = −y/x.

Sources: Pornin, EcGFp5 (ePrint 2022/274, pornin/ecgfp5); elliottech/poseidon_crypto, curve/ecgfp5, for
the signer's conventions, which the signed messages of the tests confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from l2forge.errors import InputError
from l2forge.ledger import fp5
from l2forge.ledger.fp5 import Fp5, element
from l2forge.stark.field import P

Point: TypeAlias = tuple[Fp5, Fp5] | None
"""(x, y) with x a non-zero square, or None for the neutral element."""

A: Fp5 = element(2)
B: Fp5 = element(0, 263)
ORDER = 1067993516717146951041484916571792702745057740581727230159139685185762082554198619328292418486241
"""The prime order n of the group, slightly below 2³¹⁹."""

_PUBLISHED_X = element(
    12883135586176881569,
    4356519642755055268,
    5248930565894896907,
    2165973894480315022,
    2448410071095648785,
)
"""x of the published generator, whose y is 4x."""

GENERATOR: tuple[Fp5, Fp5] = (fp5.divide(B, _PUBLISHED_X), fp5.scale(fp5.divide(B, _PUBLISHED_X), -4))


class InvalidPoint(InputError):
    """Five numbers that are no encoding of a point."""


def is_on_curve(point: Point) -> bool:
    """Whether `point` is of the group: infinity, or on the curve with x a non-zero square."""
    if point is None:
        return True
    x, y = point
    right = fp5.mul(x, fp5.add(fp5.mul(fp5.add(x, A), x), B))
    return fp5.legendre(x) == 1 and fp5.square(y) == right


def negate(point: Point) -> Point:
    """−P = (x, −y)."""
    return None if point is None else (point[0], fp5.neg(point[1]))


def double(point: Point) -> Point:
    """2P by the tangent. No point of odd order has y = 0."""
    if point is None:
        return None
    x, y = point
    derivative = fp5.add(fp5.mul(fp5.add(fp5.scale(x, 3), fp5.scale(A, 2)), x), B)
    slope = fp5.divide(derivative, fp5.scale(y, 2))
    return _third(slope, point, x)


def add(left: Point, right: Point) -> Point:
    """P + Q: chord, tangent, or the neutral element."""
    if left is None or right is None:
        return left if right is None else right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        return double(left) if y1 == y2 else None
    return _third(fp5.divide(fp5.sub(y2, y1), fp5.sub(x2, x1)), left, x2)


def _third(slope: Fp5, start: tuple[Fp5, Fp5], other_x: Fp5) -> Point:
    """The sum of two points on the line through `start`: x = λ² − a − x₁ − x₂, y = λ(x₁ − x) − y₁."""
    x = fp5.sub(fp5.sub(fp5.square(slope), A), fp5.add(start[0], other_x))
    return x, fp5.sub(fp5.mul(slope, fp5.sub(start[0], x)), start[1])


def multiply(scalar: int, point: Point) -> Point:
    """scalar·P for any integer, by doubling and adding; the scalar counts modulo n."""
    result: Point = None
    for bit in bin(scalar % ORDER)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point: Point) -> Fp5:
    """w = −y/x, and 0 for the neutral element."""
    return fp5.ZERO if point is None else fp5.neg(fp5.divide(point[1], point[0]))


def decode(w: Sequence[int]) -> Point:
    """The point with encoding w, five canonical ints; w = 0 is the neutral element.

    With y = −w·x, x is a root of x² + (2 − w²)x + 263z: two roots or none, whose product 263z is no square,
    so that exactly one of them is a square. Raises `InvalidPoint`.
    """
    coefficients = tuple(w)
    if not fp5.is_canonical(coefficients):
        raise InvalidPoint(
            "an encoded point needs five numbers below p", remedy="take the public key as the signer made it"
        )
    encoded = element(*coefficients)
    if encoded == fp5.ZERO:
        return None
    minus_sum = fp5.sub(A, fp5.square(encoded))
    root = fp5.sqrt(fp5.sub(fp5.square(minus_sum), fp5.scale(B, 4)))
    if root is None:
        raise InvalidPoint(
            "no point of the curve has this encoding", remedy="take the public key as the signer made it"
        )
    half = (P + 1) // 2
    candidates = [fp5.scale(fp5.sub(r, minus_sum), half) for r in (root, fp5.neg(root))]
    x = next(c for c in candidates if fp5.legendre(c) == 1)
    return x, fp5.neg(fp5.mul(encoded, x))
