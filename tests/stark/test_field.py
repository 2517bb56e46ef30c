"""Goldilocks kernels against Python integers, edges first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from l2forge.stark import field, field_array
from l2forge.stark.field import GENERATOR, TWO_ADIC_ROOT, TWO_ADICITY, P, root_of_unity
from tests.stark.field_values import EDGES, edge_pairs, field_values

_INVERSE_2_64 = pow(2**64, -1, P)
elements = st.one_of(st.sampled_from(EDGES), st.integers(0, P - 1))


def elementwise(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A scalar kernel of two arguments as a compiled loop over arrays."""

    @njit
    def loop(a, b, out):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = kernel(a[i], b[i])

    return loop


ORACLES = {
    "add": (field.add, lambda a, b: (a + b) % P),
    "sub": (field.sub, lambda a, b: (a - b) % P),
    "mul": (field.mul, lambda a, b: a * b % P),
    "mul_montgomery": (field.mul_montgomery, lambda a, b: a * b * _INVERSE_2_64 % P),
}


@pytest.mark.parametrize("name", ORACLES)
def test_scalar_kernels_are_exact_on_edges_and_random_values(name: str) -> None:
    kernel, oracle = ORACLES[name]
    edges_a, edges_b = edge_pairs()
    a = np.concatenate((edges_a, field_values(3000, 1)))
    b = np.concatenate((edges_b, field_values(3000, 2)))
    out = np.empty_like(a)
    elementwise(kernel)(a, b, out)
    assert out.tolist() == [oracle(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]


def test_products_take_any_64_bits() -> None:
    words = [*EDGES, P, P + 1, 2**64 - 2**32, 2**64 - 2, 2**64 - 1]
    a = np.array(words, np.uint64).repeat(len(words))
    b = np.tile(np.array(words, np.uint64), len(words))
    out = np.empty_like(a)
    elementwise(field.mul)(a, b, out)
    assert out.tolist() == [x * y % P for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    elementwise(field.reduce_wide)(a, b, out)
    assert out.tolist() == [((x << 64) + y) % P for x, y in zip(a.tolist(), b.tolist(), strict=True)]


@settings(deadline=None)  # the first call compiles
@given(elements, elements)
def test_unary_kernels_agree_with_integers(a: int, b: int) -> None:
    x, e = np.uint64(a), np.uint64(b)
    assert _neg(x) == -a % P
    assert _turn(x) == a * 2**48 % P
    assert field.power(x, e) == pow(a, b, P)
    assert field.inv(x) == (pow(a, -1, P) if a else 0)


@njit
def _neg(a):  # type: ignore[no-untyped-def]
    return field.neg(a)


@njit
def _turn(a):  # type: ignore[no-untyped-def]
    return field.mul_fourth_root(a)


def test_array_forms_agree_with_integers() -> None:
    a, b = field_values(999, 3), field_values(999, 4)
    ints = list(zip(a.tolist(), b.tolist(), strict=True))
    assert field_array.add_arrays(a, b).tolist() == [(x + y) % P for x, y in ints]
    assert field_array.sub_arrays(a, b).tolist() == [(x - y) % P for x, y in ints]
    assert field_array.mul_arrays(a, b).tolist() == [x * y % P for x, y in ints]
    assert field_array.scale_array(a, P - 2).tolist() == [x * (P - 2) % P for x, _ in ints]
    assert field_array.mul_arrays(a.reshape(9, 111), b.reshape(9, 111)).shape == (9, 111)


def test_arrays_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="do not match"):
        field_array.add_arrays(field_values(3), field_values(4))


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 1000])
def test_batch_inverse(n: int) -> None:
    values = np.maximum(field_values(n, n), np.uint64(1))
    assert (field_array.mul_arrays(values, field_array.batch_inverse(values)) == 1).all()


def test_batch_inverse_refuses_zero_and_accepts_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        field_array.batch_inverse(np.array([1, 0, 2], np.uint64))
    assert field_array.batch_inverse(np.empty(0, np.uint64)).size == 0


def test_powers() -> None:
    assert field_array.powers(P - 3, 7, start=5).tolist() == [5 * pow(P - 3, i, P) % P for i in range(7)]
    assert field_array.powers(3, 0).size == 0


def test_signed_integers_enter_the_field() -> None:
    values = [0, 1, -1, 2**63 - 1, -(2**63), -(2**32)]
    assert field.to_field(np.array(values, np.int64)).tolist() == [v % P for v in values]


def test_generator_and_roots_of_unity() -> None:
    prime_factors = (2, 3, 5, 17, 257, 65537)
    assert all(pow(GENERATOR, (P - 1) // q, P) != 1 for q in prime_factors)
    assert pow(GENERATOR, (P - 1) >> TWO_ADICITY, P) == TWO_ADIC_ROOT
    for log_n in range(1, TWO_ADICITY + 1):
        assert pow(root_of_unity(log_n), 1 << (log_n - 1), P) == P - 1
    assert root_of_unity(0) == 1
    assert root_of_unity(2) == 2**48


@pytest.mark.parametrize("log_n", [-1, 33])
def test_roots_beyond_the_two_adicity_are_refused(log_n: int) -> None:
    with pytest.raises(ValueError, match="no root of unity"):
        root_of_unity(log_n)
