"""The cubic extension: `Ext` against the definition, the kernels against `Ext`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2forge.stark import ext
from l2forge.stark.ext import ONE, ZERO, Ext, X
from l2forge.stark.field import P
from tests.stark.field_values import EDGES, field_matrix, field_values

coefficients = st.one_of(st.sampled_from(EDGES), st.integers(0, P - 1))
elements = st.builds(Ext, coefficients, coefficients, coefficients)


def schoolbook(a: Ext, b: Ext) -> Ext:
    """The product by its definition: multiply polynomials, then divide by x³ − x − 1."""
    product = [0] * 5
    for i, u in enumerate(a):
        for j, v in enumerate(b):
            product[i + j] += u * v
    for degree in (4, 3):
        product[degree - 2] += product[degree]
        product[degree - 3] += product[degree]
    return Ext(*(c % P for c in product[:3]))


@given(elements, elements, elements)
def test_ext_is_a_commutative_ring(a: Ext, b: Ext, c: Ext) -> None:
    assert a * b == schoolbook(a, b) == b * a
    assert (a + b) * c == a * c + b * c
    assert a - b == -(b - a)
    assert a + ZERO == a * ONE == a
    assert 3 * a - 2 * a == a == a - 0
    assert 1 - a == -(a - 1)


@given(elements)
def test_every_element_but_zero_has_an_inverse(a: Ext) -> None:
    if a:
        assert a * a.inverse() == ONE
        assert (7 / a) * a == Ext(7)
        assert a**-2 == (a * a).inverse()
    else:
        with pytest.raises(ZeroDivisionError):
            a.inverse()


def test_x_is_a_root_and_the_modulus_is_irreducible() -> None:
    assert X**3 == X + 1
    assert X**P != X, "else x³ − x − 1 would have a root in the field"
    assert X ** (P**3) == X


def test_array_products_agree_with_ext() -> None:
    a, b = field_matrix(3, 700, 1), field_matrix(3, 700, 2)
    pairs = list(zip(ext.from_array(a), ext.from_array(b), strict=True))
    assert ext.from_array(ext.mul_arrays(a, b)) == [x * y for x, y in pairs]
    factor = Ext(P - 1, 5, P - 7)
    assert ext.from_array(ext.scale_array(a, factor)) == [x * factor for x, _ in pairs]
    base = field_values(700, 3)
    scaled = [x * y for (x, _), y in zip(pairs, base.tolist(), strict=True)]
    assert ext.from_array(ext.mul_base(a, base)) == scaled


def test_batch_inverse_agrees_with_ext() -> None:
    a = field_matrix(3, 600, 4)
    a[0, (a == 0).all(axis=0)] = 1
    assert ext.from_array(ext.batch_inverse(a)) == [x.inverse() for x in ext.from_array(a)]


def test_batch_inverse_refuses_zero() -> None:
    a = field_matrix(3, 5, 4)
    a[:, 3] = 0
    with pytest.raises(ZeroDivisionError):
        ext.batch_inverse(a)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 13])
def test_powers(n: int) -> None:
    base, start = Ext(3, P - 1, 7), Ext(0, 2, 0)
    assert ext.from_array(ext.powers(base, n, start=start)) == [start * base**i for i in range(n)]


def test_arrays_and_elements_convert_both_ways() -> None:
    a = field_matrix(3, 10, 6)
    assert np.array_equal(ext.to_array(ext.from_array(a)), a)
    assert ext.to_array([]).shape == (3, 0)
