"""The group of ecGFp5 in fractional coordinates, with formulas that have no exceptions.

A point is held as (X, Z, U, T) with x = X/Z and u = x/y = U/T on y² = x(x² + 2x + 263z): here, unlike in
`l2forge.ledger.ecgfp5`, as the published group has it, the points with x a non-square, with the neutral
element N = (0, 0) as (0, 1, 0, 1). Addition is that of the curve plus N. So w = y/x = T/U.

Source: Pornin, EcGFp5 (ePrint 2022/274), and Double-Odd Elliptic Curves (ePrint 2020/1558).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve.jit import kernel
from l2forge.ledger.curve.wide import Five, mul5, square5, sub1

Point: TypeAlias = tuple[Five, Five, Five, Five]
"""(X, Z, U, T)."""
Affine: TypeAlias = tuple[Five, Five]
"""(x, u)."""

_B = np.uint64(263)
_2B = np.uint64(2 * 263)
_4B = np.uint64(4 * 263)
_16B = np.uint64(16 * 263)
_2 = np.uint64(2)
_4 = np.uint64(4)
NEUTRAL = (f.ZERO, f.ONE, f.ZERO, f.ONE)


@kernel
def _combine(xx: Five, zz: Five, uu: Five, tt: Five, cross_x: Five, cross_u: Five) -> Point:
    """The sum from x₁x₂, z₁z₂, u₁u₂, t₁t₂, x₁z₂ + x₂z₁ and u₁t₂ + u₂t₁; four products."""
    bzz = f.scale_z(zz, _B)
    s = f.add(xx, bzz)
    ts = f.mul(tt, s)
    tail = f.mul(uu, f.add(f.scale_z(cross_x, _2B), f.double(s)))
    both = f.mul(f.add(tt, f.double(uu)), f.add(cross_x, s))
    x = f.scale_z(f.sub(both, ts), _B)
    return x, f.sub(ts, tail), f.mul(cross_u, f.sub(bzz, xx)), f.add(ts, tail)


@kernel
def add(p: Point, q: Point) -> Point:
    """P + Q for any two points, equal, opposite and neutral ones included: ten products."""
    x1, z1, u1, t1 = p
    x2, z2, u2, t2 = q
    xx, zz, uu, tt = f.mul(x1, x2), f.mul(z1, z2), f.mul(u1, u2), f.mul(t1, t2)
    cross_x = f.sub(f.mul(f.add(x1, z1), f.add(x2, z2)), f.add(xx, zz))
    cross_u = f.sub(f.mul(f.add(u1, t1), f.add(u2, t2)), f.add(uu, tt))
    return _combine(xx, zz, uu, tt, cross_x, cross_u)


@kernel
def add_affine(p: Point, q: Affine) -> Point:
    """P + Q for Q with Z = T = 1: eight products."""
    x1, z1, u1, t1 = p
    x2, u2 = q
    cross_x, cross_u = f.add(x1, f.mul(x2, z1)), f.add(u1, f.mul(u2, t1))
    return _combine(f.mul(x1, x2), z1, f.mul(u1, u2), t1, cross_x, cross_u)


@kernel
def negate(p: Point) -> Point:
    """−P: u changes its sign."""
    return p[0], p[1], f.neg(p[2]), p[3]


@kernel
def double(p: Point) -> Point:
    """2P: four products and five squares."""
    x, z, u, t = p
    zt = f.mul(z, t)
    ztt = f.mul(zt, t)
    ztu = f.mul(zt, u)
    w = f.sub(ztt, f.mul(f.square(u), f.double(f.add(x, z))))
    s, ww = f.square(ztu), f.square(w)
    u2 = f.sub(f.square(f.add(w, ztu)), f.add(s, ww))
    t2 = f.sub(f.double(f.square(ztt)), f.add(f.scale_small(s, _4), ww))
    return f.scale_z(s, _4B), ww, u2, t2


@kernel
def double_many(p: Point, n: int) -> Point:
    """2ⁿ·P: two products and five squares a doubling, for the steps between the first and the last.

    Between them the point is on an isogenous curve, in weighted coordinates (x/z², w/z).
    """
    if n == 0:
        return p
    if n == 1:
        return double(p)
    x, z, u, t = p
    zt = f.mul(z, t)
    ztt = f.mul(zt, t)
    z = f.mul(zt, u)
    w = f.sub(ztt, f.mul(f.double(f.add(x, p[1])), f.square(u)))
    ww, zz = f.square(w), f.square(z)
    wz2 = f.sub(f.square(f.add(w, z)), f.add(ww, zz))
    w = f.sub(f.double(f.square(ztt)), f.add(f.scale_small(zz, _4), ww))
    x = f.scale_z(f.square(zz), _16B)
    z = wz2
    for _ in range(n - 2):
        x, w, z = _middle_doubling(x, w, z)
    return _last_doubling(x, w, z)


@kernel
def _middle_doubling(x: Five, w: Five, z: Five) -> tuple[Five, Five, Five]:
    zz, ww = square5(z), square5(w)
    z4, w4 = square5(zz), square5(ww)
    wz2 = f.sub(square5(f.add(w, z)), f.add(zz, ww))
    z_next = mul5(wz2, f.sub(f.double(f.add(x, zz)), ww))
    x_next = f.scale_z(mul5(z4, w4), _16B)
    w_next = f.sub(f.sub(f.scale_small(z4, _4), f.scale_z(z4, _4B)), w4)
    return x_next, w_next, z_next


@kernel
def _last_doubling(x: Five, w: Five, z: Five) -> Point:
    ww, zz = f.square(w), f.square(z)
    wz2 = f.sub(f.square(f.add(w, z)), f.add(ww, zz))
    w1 = f.sub(ww, f.double(f.add(x, zz)))
    z_out = f.square(w1)
    t_out = f.sub(f.mul(f.double(ww), f.sub(ww, f.double(zz))), z_out)
    return f.scale_z(f.square(wz2), _B), z_out, f.mul(wz2, w1), t_out


@kernel
def encode(p: Point) -> Five:
    """w = T/U, and 0 for the neutral element."""
    return f.mul(p[3], f.inverse(p[2]))


@kernel
def decode(w: Five) -> tuple[bool, Point]:
    """Whether w, canonical, encodes a point other than the neutral one, and that point.

    x is the non-square root of x² + (2 − w²)x + 263z, whose discriminant is no square for w = 0.
    """
    ww = f.square(w)
    total = (sub1(ww[0], _2), ww[1], ww[2], ww[3], ww[4])
    square = f.square(total)
    found, root = f.sqrt((square[0], sub1(square[1], _4B), square[2], square[3], square[4]))
    x = f.scale(f.add(total, root), f.HALF)
    if f.is_square(x):
        x = f.sub(x, root)
    return found, (x, f.ONE, f.ONE, w)
