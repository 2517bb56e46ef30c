"""The interpreter agrees with the Python evaluator on cosets of all sizes, for any number of threads."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from l2forge.air import Claims, CompiledAir, Table, TraceError
from l2forge.air.evaluate import evaluate_table, selectors_at
from l2forge.air.tiles.quotient import TableLde, composition_on_coset
from l2forge.air.tiles.runner import Matrices
from l2forge.stark.ext import ZERO, Ext
from l2forge.stark.field import U64Array
from l2forge.stark.parallel import set_n_threads
from tests.air.points import coset_point, random_claims, random_ext, random_matrices
from tests.soundness.statements import airs
from tests.soundness.toy import toy_air

N_POINTS = 1000
SHIFT = 7**8


def expected(
    table: Table,
    matrices: Matrices,
    position: int,
    sizes: tuple[int, int],
    claims: Claims,
    weights: Sequence[Ext],
) -> Ext:
    """Σ weights·constraints at a position of the coset, by the Python evaluator."""
    y, point = coset_point(table, matrices, position, *sizes, SHIFT)
    values = evaluate_table(table, point, claims, selectors_at(y, 1, sizes[0]), sizes[0])
    total = ZERO
    for weight, value in zip(weights, values, strict=True):
        total = total + weight * value
    return total


def evaluate(
    table: Table, matrices: Matrices, sizes: tuple[int, int], claims: Claims, weights: Sequence[Ext]
) -> U64Array:
    """The same on the whole coset, by the interpreter."""
    lde = TableLde(matrices, *sizes, SHIFT)
    return composition_on_coset(table.composition_program, table, lde, claims, weights)


def agree(air: CompiledAir, table: Table, sizes: tuple[int, int], n_points: int) -> None:
    """Compare both at random positions."""
    rng = random.Random(f"{air.name} {table.name} {sizes}")
    claims, weights = random_claims(air, rng), [random_ext(rng) for _ in table.constraints]
    matrices = random_matrices(table, sum(sizes), rng.randrange(1 << 30))
    found = evaluate(table, matrices, sizes, claims, weights)
    n_rows = 1 << sum(sizes)
    for position in rng.sample(range(n_rows), min(n_points, n_rows)):
        wanted = expected(table, matrices, position, sizes, claims, weights)
        assert tuple(int(x) for x in found[:, position]) == tuple(wanted), position


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "table"), [(name, table.name) for name, air in airs().items() for table in air.tables]
)
def test_example_airs_at_a_thousand_random_points(name: str, table: str) -> None:
    agree(airs()[name], airs()[name].table(table), (7, 3), N_POINTS)


@pytest.mark.parametrize("log_height", [2, 3, 8, 9, 10, 12])
@pytest.mark.parametrize("log_expansion", [0, 1, 3])
def test_tables_smaller_and_larger_than_a_tile(log_height: int, log_expansion: int) -> None:
    for table in toy_air().tables:
        agree(toy_air(), table, (log_height, log_expansion), 24)


def test_a_table_of_one_row() -> None:
    table = toy_air().table("powers")
    agree(toy_air(), table, (0, 3), 8)


def test_the_number_of_threads_does_not_matter() -> None:
    table, rng = toy_air().table("steps"), random.Random(5)
    claims, weights = random_claims(toy_air(), rng), [random_ext(rng) for _ in table.constraints]
    matrices = random_matrices(table, 14, 3)
    results = []
    try:
        for n_threads in (1, 2, 5):
            set_n_threads(n_threads)
            results.append(evaluate(table, matrices, (11, 3), claims, weights))
    finally:
        set_n_threads(0)
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_matrices_that_are_too_small_are_refused() -> None:
    table, rng = toy_air().table("steps"), random.Random(5)
    claims, weights = random_claims(toy_air(), rng), [random_ext(rng) for _ in table.constraints]
    good = random_matrices(table, 5, 1)
    for bad in (
        Matrices(good.main[:-1], good.preprocessed, good.interaction),
        Matrices(good.main, good.preprocessed, good.interaction[:-1]),
        Matrices(good.main[:, :16].copy(), good.preprocessed, good.interaction),
    ):
        with pytest.raises(TraceError, match="columns have shape"):
            evaluate(table, bad, (2, 3), claims, weights)


def test_the_composition_is_horner_over_all_present_tables() -> None:
    """`composition_at` of two tables, against weights that are powers of γ."""
    air, rng = toy_air(), random.Random(9)
    claims, gamma, z = random_claims(air, rng), random_ext(rng), random_ext(rng)
    log_heights, highest = (3, 3, -1, 1), 3
    points = []
    values: list[Ext] = []
    for table, log_height in zip(air.tables, log_heights, strict=True):
        if log_height < 0:
            points.append(None)
            continue
        matrices = random_matrices(table, 4, table.index)
        _, point = coset_point(table, matrices, 5, 3, 1, SHIFT)
        points.append(point)
        selectors = selectors_at(z, 1 << (highest - log_height), log_height)
        values += evaluate_table(table, point, claims, selectors, log_height)
    wanted = ZERO
    for k, value in enumerate(values):
        wanted = wanted + gamma ** (len(values) - 1 - k) * value
    assert air.composition_at(z, log_heights, points, claims, gamma) == wanted
    with pytest.raises(ZeroDivisionError):
        air.composition_at(Ext(1), log_heights, points, claims, gamma)
