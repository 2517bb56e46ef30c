"""GF(p⁵): the shortcuts through the Frobenius map against powers written out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2forge.ledger import fp5
from l2forge.stark.field import P

coefficients = st.one_of(st.sampled_from([0, 1, P - 1, 1 << 32]), st.integers(0, P - 1))
elements = st.tuples(*[coefficients] * 5)
few = settings(max_examples=25, deadline=None)


@few
@given(elements, elements, elements)
def test_ring(a: fp5.Fp5, b: fp5.Fp5, c: fp5.Fp5) -> None:
    assert fp5.mul(a, b) == fp5.mul(b, a)
    assert fp5.mul(a, fp5.add(b, c)) == fp5.add(fp5.mul(a, b), fp5.mul(a, c))
    assert fp5.mul(fp5.mul(a, b), c) == fp5.mul(a, fp5.mul(b, c))
    assert fp5.add(fp5.sub(a, b), b) == a and fp5.add(a, fp5.neg(a)) == fp5.ZERO


def test_fifth_power_of_z() -> None:
    assert fp5.power(fp5.element(0, 1), 5) == fp5.element(3)


@few
@given(elements)
def test_frobenius_norm_and_inverse_are_the_powers_they_stand_for(a: fp5.Fp5) -> None:
    assert fp5.frobenius(a) == fp5.power(a, P)
    assert fp5.frobenius(a, 2) == fp5.power(a, P * P)
    assert fp5.element(fp5.norm(a)) == fp5.power(a, (P**5 - 1) // (P - 1))
    if a != fp5.ZERO:
        assert fp5.inverse(a) == fp5.power(a, P**5 - 2)


@few
@given(elements)
def test_legendre_and_square_root(a: fp5.Fp5) -> None:
    assert fp5.element(fp5.legendre(a)) == fp5.power(a, (P**5 - 1) // 2)
    root = fp5.sqrt(a)
    assert (root is None) == (fp5.legendre(a) == -1)
    assert root is None or fp5.square(root) == a
    again = fp5.sqrt(fp5.square(a))
    assert again in (a, fp5.neg(a))


def test_zero_has_no_inverse() -> None:
    with pytest.raises(ZeroDivisionError):
        fp5.inverse(fp5.ZERO)
