"""The kernels of the curve against the field, the curve and the sponge on Python integers."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numba import njit

from l2forge.ledger import ecgfp5, fp5
from l2forge.ledger.curve import extension, group, sponge, wide, windows
from l2forge.ledger.curve.group import Point
from l2forge.ledger.fp5 import Fp5
from l2forge.stark import poseidon2
from l2forge.stark.field import P, U64Array

EDGES = [0, 1, 2, P - 1, P - 2, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, P >> 1]


def elements(n: int, seed: int) -> list[Fp5]:
    """Random elements, many of them with coefficients at the edges."""
    rng = random.Random(seed)
    return [fp5.element(*(rng.choice([*EDGES, rng.randrange(P)]) for _ in range(5))) for _ in range(n)]


def rows(values: list[Fp5]) -> U64Array:
    return np.array(values, np.uint64)


@njit
def _field(a: U64Array, b: U64Array, factor: np.uint64, out: U64Array) -> Any:
    x, y = extension.load(a), extension.load(b)
    for k, value in enumerate(
        (
            wide.add5(x, y),
            wide.sub5(x, y),
            wide.mul5(x, y),
            wide.square5(x),
            wide.scale5(x, factor),
            wide.scale5_z(x, factor),
            extension.neg(x),
            extension.scale(x, y[0]),
            extension.inverse(x),
        )
    ):
        extension.store(out[k], value)
    found, root = extension.sqrt(x)
    extension.store(out[9], root)
    return found, extension.is_square(x)


def test_field_operations() -> None:
    factor = 263 * 16
    out = np.empty((10, 5), np.uint64)
    for a, b in zip(elements(150, 1), elements(150, 2), strict=True):
        found, square = _field(rows([a])[0], rows([b])[0], np.uint64(factor), out)
        inverse = fp5.ZERO if a == fp5.ZERO else fp5.inverse(a)
        assert [tuple(row) for row in out[:9].tolist()] == [
            fp5.add(a, b),
            fp5.sub(a, b),
            fp5.mul(a, b),
            fp5.square(a),
            fp5.scale(a, factor),
            fp5.mul(a, fp5.element(0, factor)),
            fp5.neg(a),
            fp5.scale(a, b[0]),
            inverse,
        ]
        assert found == square == (fp5.legendre(a) == 1)
        assert not found or fp5.square(fp5.element(*out[9].tolist())) == a


@njit
def _group(w: U64Array, v: U64Array, n: int, out: U64Array) -> Any:
    """Encodings of P + Q, P + Q with Q affine, −P, 2P and 2ⁿP."""
    found, p = group.decode(extension.load(w))
    _, q = group.decode(extension.load(v))
    many = group.double_many(p, n)
    x, z, u, t = many
    m = extension.mul
    affine = (m(x, extension.inverse(z)), m(u, extension.inverse(t)))
    extension.store(out[0], group.encode(group.add(p, q)))
    extension.store(out[1], group.encode(group.add_affine(p, affine)))
    extension.store(out[2], group.encode(group.negate(p)))
    extension.store(out[3], group.encode(group.double(p)))
    extension.store(out[4], group.encode(many))
    return found


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
def test_group_operations(n: int) -> None:
    rng = random.Random(n)
    p = ecgfp5.multiply(rng.randrange(ecgfp5.ORDER), ecgfp5.GENERATOR)
    out = np.empty((5, 5), np.uint64)
    for q in (ecgfp5.double(p), p, ecgfp5.negate(p)):
        assert _group(rows([ecgfp5.encode(p)])[0], rows([ecgfp5.encode(q)])[0], n, out)
        many = ecgfp5.multiply(1 << n, p)
        expected = [ecgfp5.add(p, q), ecgfp5.add(p, many), ecgfp5.negate(p), ecgfp5.double(p), many]
        assert [tuple(row) for row in out.tolist()] == [ecgfp5.encode(point) for point in expected]


@njit
def _neutral(w: U64Array, out: U64Array) -> None:
    _, p = group.decode(extension.load(w))
    neutral: Point = group.NEUTRAL
    extension.store(out[0], group.encode(group.add(p, neutral)))
    extension.store(out[1], group.encode(group.add(neutral, p)))
    extension.store(out[2], group.encode(group.double_many(neutral, 3)))
    extension.store(out[3], group.encode(group.double(neutral)))


def test_the_neutral_element() -> None:
    out = np.empty((4, 5), np.uint64)
    w = ecgfp5.encode(ecgfp5.GENERATOR)
    _neutral(rows([w])[0], out)
    assert [tuple(row) for row in out.tolist()] == [w, w, fp5.ZERO, fp5.ZERO]


def test_decoding_accepts_what_the_oracle_does_but_the_neutral_element() -> None:
    for w in [*elements(60, 3), fp5.ZERO, fp5.element(4)]:
        try:
            expected = ecgfp5.decode(w) is not None
        except ecgfp5.InvalidPoint:
            expected = False
        assert _decodes(rows([w])[0]) == expected


@njit
def _decodes(w: U64Array) -> bool:
    found, _ = group.decode(extension.load(w))
    return found


@pytest.mark.parametrize(
    "scalar", [0, 1, 15, 16, 17, 31, 32, (1 << 64) - 1, (1 << 319) - 1, ecgfp5.ORDER - 1]
)
def test_sliding_window_digits(scalar: int) -> None:
    digits = np.empty(windows.MAX_DIGITS, np.int8)
    words = np.frombuffer(scalar.to_bytes(40, "little"), "<u8").astype(np.uint64)
    found = digits[: windows.naf(words, digits)].tolist()
    assert sum(digit << place for place, digit in enumerate(found)) == scalar
    assert all(digit == 0 or (digit % 2 == 1 and abs(digit) < 16) for digit in found)
    places = [place for place, digit in enumerate(found) if digit]
    assert all(later - earlier >= windows.WINDOW_BITS for earlier, later in pairwise(places))


def test_the_comb_holds_the_multiples_it_says() -> None:
    comb = windows.comb_of_generator()
    for window, i in ((0, 0), (0, 127), (1, 0), (39, 4)):
        x, u = (fp5.element(*row) for row in comb[window, i].tolist())
        point = ecgfp5.multiply((i + 1) << (8 * window), ecgfp5.GENERATOR)
        assert fp5.mul(u, ecgfp5.encode(point)) == fp5.ONE
        assert point is not None and fp5.mul(x, point[0]) == ecgfp5.B


@pytest.mark.parametrize("length", [1, 7, 8, 9, 10, 16, 17])
def test_the_sponge_of_one_state(length: int) -> None:
    inputs = [value for a in elements(4, length) for value in a][:length]
    assert sponge.hash_one(inputs, 5) == poseidon2.hash_ints(inputs, 5)


@pytest.mark.parametrize("bad", [[], [P], [-1]])
def test_the_sponge_refuses_what_the_oracle_refuses(bad: list[int]) -> None:
    for hash_one in (sponge.hash_one, poseidon2.hash_ints):
        with pytest.raises(ValueError, match="hash"):
            hash_one(bad, 5)
