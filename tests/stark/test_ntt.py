"""Transforms against the definition, extensions against polynomial evaluation, threads against one thread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from l2forge.stark import ntt, ntt_kernels, parallel
from l2forge.stark.field import GENERATOR, P, U64Array, root_of_unity
from tests.stark.field_values import field_matrix


def evaluate(coefficients: list[int], x: int) -> int:
    """The polynomial's value, by Horner's rule."""
    value = 0
    for c in reversed(coefficients):
        value = (value * x + c) % P
    return value


def naive_values(coefficients: U64Array, log_n: int, shift: int) -> list[list[int]]:
    """Values on shift·⟨w⟩, |⟨w⟩| = 2^log_n, in natural order."""
    points = [shift * pow(root_of_unity(log_n), i, P) % P for i in range(1 << log_n)]
    return [[evaluate(column, x) for x in points] for column in coefficients.tolist()]


def reverse(i: int, n_bits: int) -> int:
    """i with its n_bits bits in opposite order."""
    return int(f"{i:0{n_bits}b}"[::-1], 2) if n_bits else 0


@pytest.mark.parametrize("log_n", range(8))
@pytest.mark.parametrize("shift", [1, GENERATOR])
def test_small_transforms_are_the_definition(log_n: int, shift: int) -> None:
    coefficients = field_matrix(2, 1 << log_n, log_n)
    values = ntt.ntt(coefficients, shift=shift)
    assert values.tolist() == naive_values(coefficients, log_n, shift)
    assert np.array_equal(ntt.intt(values, shift=shift), coefficients)


@pytest.mark.parametrize("log_n", range(8, 18))
def test_large_transforms_at_some_points(log_n: int) -> None:
    n = 1 << log_n
    coefficients = field_matrix(1, n, log_n)
    values = ntt.ntt_brev(coefficients, shift=3)
    for i in (0, 1, n // 3, n // 2, n - 1):
        x = 3 * pow(root_of_unity(log_n), i, P) % P
        assert values[0, reverse(i, log_n)] == evaluate(coefficients[0].tolist(), x)
    assert np.array_equal(ntt.intt_brev(values, shift=3), coefficients)


def test_a_transform_larger_than_the_second_level_cache_inverts() -> None:
    coefficients = field_matrix(1, 1 << 12).repeat(1 << 7, axis=1)
    coefficients[0, 1::3] += np.uint64(1)
    coefficients %= np.uint64(P)
    assert coefficients.shape[1] > 1 << ntt_kernels.LOG_L2
    assert np.array_equal(ntt.intt(ntt.ntt(coefficients)), coefficients)


@pytest.mark.parametrize("log_n", [0, 1, 2, 5, 9, 11, 12, 13])
def test_bit_reversal(log_n: int) -> None:
    matrix = np.arange(3 << log_n, dtype=np.uint64).reshape(3, -1)
    order = [reverse(i, log_n) for i in range(1 << log_n)]
    assert np.array_equal(ntt.bit_reverse(matrix), matrix[:, order])


@pytest.mark.parametrize(("log_n", "log_blowup"), [(0, 0), (0, 3), (1, 1), (3, 4), (5, 2)])
def test_extension_evaluates_the_same_polynomials(log_n: int, log_blowup: int) -> None:
    coefficients = field_matrix(3, 1 << log_n, log_n)
    trace = ntt.ntt(coefficients)
    expected = naive_values(coefficients, log_n + log_blowup, GENERATOR)
    assert ntt.coset_lde(trace, log_blowup).tolist() == expected
    lde_brev = ntt.coset_lde_brev(trace, log_blowup)
    assert np.array_equal(ntt.bit_reverse(lde_brev), np.array(expected, np.uint64))
    restored = ntt.intt_brev(lde_brev, shift=GENERATOR)
    assert np.array_equal(restored[:, : 1 << log_n], coefficients)
    assert not restored[:, 1 << log_n :].any()


def test_the_input_is_left_as_it_was() -> None:
    matrix = field_matrix(2, 64)
    before = matrix.copy()
    for transform in (ntt.ntt, ntt.ntt_brev, ntt.intt, ntt.intt_brev, ntt.bit_reverse):
        transform(matrix)
    assert np.array_equal(matrix, before)


def test_strided_input_is_accepted() -> None:
    wide = field_matrix(4, 128)
    assert np.array_equal(ntt.ntt(wide[::2, ::2]), ntt.ntt(wide[::2, ::2].copy()))


@pytest.fixture
def restored_threads() -> Iterator[None]:
    yield
    parallel.set_n_threads(0)


@pytest.mark.usefixtures("restored_threads")
def test_results_do_not_depend_on_the_number_of_threads() -> None:
    trace = field_matrix(5, 1 << 10)
    results = []
    for n in (1, 2, 3):
        parallel.set_n_threads(n)
        results.append(ntt.coset_lde_brev(trace, 2))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


@pytest.mark.parametrize("n", [0, 3, 6, 100])
def test_lengths_that_are_no_power_of_two_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        ntt.ntt(np.zeros((1, n), np.uint64))


def test_domains_beyond_the_two_adicity_are_refused() -> None:
    with pytest.raises(ValueError, match="no root of unity"):
        ntt.coset_lde_brev(np.zeros((1, 4), np.uint64), 31)
