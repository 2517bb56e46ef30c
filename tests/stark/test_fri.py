"""FRI's folding, the DEEP function and evaluation of columns, against their definitions."""

from __future__ import annotations

import random

import numpy as np
import pytest

from l2forge.stark.deep import combine_row
from l2forge.stark.evaluation import (
    add_combination,
    barycentric_weights,
    coset_brev,
    evaluate_columns,
    inverse_distances,
    repeat_to,
)
from l2forge.stark.ext import ONE, ZERO, Ext, from_array, to_array
from l2forge.stark.field import GENERATOR, P, root_of_unity
from l2forge.stark.fri import FOLD, domain_point, evaluate, fold_coefficients, fold_values, reverse_bits
from l2forge.stark.ntt import coset_lde_of_coefficients_brev

RNG = random.Random(5)


def random_ext() -> Ext:
    return Ext(RNG.randrange(P), RNG.randrange(P), RNG.randrange(P))


def fold_by_definition(coefficients: list[Ext], zeta: Ext) -> list[Ext]:
    """Σ_i ζ^i g_i for g(X) = Σ X^i g_i(X^8)."""
    parts = [coefficients[i::FOLD] for i in range(FOLD)]
    return [sum((zeta**i * parts[i][j] for i in range(FOLD)), ZERO) for j in range(len(coefficients) // FOLD)]


def test_folding_coefficients_is_the_definition() -> None:
    coefficients, zeta = [random_ext() for _ in range(64)], random_ext()
    assert from_array(fold_coefficients(to_array(coefficients), zeta)) == fold_by_definition(
        coefficients, zeta
    )


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_folding_values_is_folding_coefficients(layer: int) -> None:
    """Every leaf of a codeword folds to the value of the folded polynomial at the leaf's next point."""
    coefficients, zeta = [random_ext() for _ in range(16)], random_ext()
    log_size = 6
    codeword = from_array(
        coset_lde_of_coefficients_brev(to_array(coefficients), 2, shift=pow(GENERATOR, 8**layer, P))
    )
    folded = fold_by_definition(coefficients, zeta)
    for leaf in range(8):
        value = fold_values(codeword[8 * leaf : 8 * leaf + 8], domain_point(layer, log_size, 8 * leaf), zeta)
        assert value == evaluate(folded, domain_point(layer + 1, log_size - 3, leaf))


def test_points_of_the_codeword_are_the_domain_points() -> None:
    coefficients = [random_ext() for _ in range(8)]
    codeword = from_array(coset_lde_of_coefficients_brev(to_array(coefficients), 2))
    for position, value in enumerate(codeword):
        assert evaluate(coefficients, domain_point(0, 5, position)) == value


def test_a_leaf_is_a_coset_of_the_eighth_roots() -> None:
    eighth = {pow(root_of_unity(3), k, P) for k in range(8)}
    for leaf in (0, 3, 7):
        first = domain_point(1, 6, 8 * leaf)
        points = [domain_point(1, 6, 8 * leaf + k) for k in range(8)]
        assert {point * pow(first, -1, P) % P for point in points} == eighth
        assert {pow(point, 8, P) for point in points} == {domain_point(2, 3, leaf)}


def test_reversal() -> None:
    assert [reverse_bits(k, 3) for k in range(8)] == [0, 4, 2, 6, 1, 5, 3, 7]
    assert reverse_bits(0, 0) == 0


@pytest.mark.parametrize("log_n", [0, 1, 3, 11])
def test_columns_are_evaluated_from_a_coset(log_n: int) -> None:
    n = 1 << log_n
    coefficients = np.random.default_rng(log_n).integers(0, P, (3, n), dtype=np.uint64)
    extended = coset_lde_of_coefficients_brev(coefficients, 2)
    z = random_ext()
    values = evaluate_columns(extended, [2, 0], barycentric_weights(z, log_n, GENERATOR))
    for column, value in zip([2, 0], values, strict=True):
        expected, power = ZERO, ONE
        for c in coefficients[column].tolist():
            expected, power = expected + power * c, power * z
        assert value == expected


def test_the_coset_and_its_distances() -> None:
    points = coset_brev(3, 7).tolist()
    assert points == [7 * pow(root_of_unity(3), reverse_bits(i, 3), P) % P for i in range(8)]
    z = random_ext()
    inverses = from_array(inverse_distances(coset_brev(3, 7), z))
    assert [(z - x) * inverse for x, inverse in zip(points, inverses, strict=True)] == [ONE] * 8
    with pytest.raises(ZeroDivisionError):
        inverse_distances(coset_brev(3, 7), Ext(points[5]))


def test_combinations_of_columns_are_combinations_of_rows() -> None:
    matrix = np.random.default_rng(2).integers(0, P, (5, 16), dtype=np.uint64)
    factors = [random_ext() for _ in range(4)] + [ZERO]
    out = np.zeros((3, 8), np.uint64)
    add_combination(matrix, factors, out)
    expected = [combine_row(matrix[:, i].tolist(), factors) for i in range(8)]
    assert from_array(out) == expected
    by_hand = sum((factor * int(v) for factor, v in zip(factors, matrix[:, 3], strict=True)), ZERO)
    assert expected[3] == by_hand


def test_lifting_repeats_bit_reversed_entries() -> None:
    assert repeat_to(np.arange(6, dtype=np.uint64).reshape(3, 2), 4).tolist() == [
        [0, 0, 1, 1],
        [2, 2, 3, 3],
        [4, 4, 5, 5],
    ]
