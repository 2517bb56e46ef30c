"""Lowering random graphs: programs compute what the graph says, in F and in K, and registers are reused."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import l2forge.air
from l2forge.air import Chip, Expr, Kind, Table, compile_air
from l2forge.air.chips.range16 import Range16
from l2forge.air.evaluate import evaluate_nodes, evaluate_uniform
from l2forge.air.graph import Graph
from l2forge.air.tiles.lowering import lower_outputs
from l2forge.air.tiles.runner import coset_walk, run
from l2forge.stark.ext import Ext, as_ext
from tests.air.points import coset_point, random_claims, random_matrices
from tests.soundness.statements import airs
from tests.soundness.toy import toy_air

N_MAIN, N_INTERACTION = 3, 2


def random_graph(rng: random.Random, n_operations: int) -> tuple[Graph, list[Expr]]:
    """A graph over all kinds of leaves, and its last few expressions."""
    graph = Graph()
    pool = [graph.leaf(Kind.MAIN, c, offset) for c in range(N_MAIN) for offset in (0, 1)]
    pool += [graph.leaf(Kind.INTERACTION, c, offset) for c in range(N_INTERACTION) for offset in (0, 1)]
    pool += [graph.leaf(Kind.CHALLENGE, k) for k in range(3)] + [graph.leaf(Kind.PUBLIC, 0)]
    pool += [graph.const(rng.randrange(5)), graph.const(rng.getrandbits(64)), graph.leaf(Kind.TABLE_SUM)]
    for _ in range(n_operations):
        a, b = rng.choice(pool), rng.choice(pool[-8:] if rng.random() < 0.6 else pool)
        pool.append(rng.choice([a + b, a - b, a * b, b - a]))
    return graph, pool[-6:]


def table_of(graph: Graph) -> Table:
    """A table that has this graph and nothing else."""
    both = tuple(range(N_MAIN)), tuple(range(N_INTERACTION))
    return Table(
        name="random",
        index=0,
        columns=("a", "b", "c"),
        preprocessed_columns=(),
        preprocessed=None,
        periodic=(),
        interaction_columns=("g", "h"),
        nodes=tuple(graph.nodes),
        constraints=(),
        interactions=(),
        groups=(),
        publications=(),
        main_mask=both[0],
        interaction_mask=both[1],
        preprocessed_mask=(),
        min_log_height=1,
        max_log_height=24,
        optional=False,
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 80))
def test_programs_compute_what_the_graph_says(seed: int, n_operations: int) -> None:
    rng = random.Random(seed)
    graph, outputs = random_graph(rng, n_operations)
    table = table_of(graph)
    claims = random_claims(toy_air(), rng)
    program = lower_outputs(table.nodes, table.facts, [e.index for e in outputs])
    sizes, shift = (2, 1), 49
    matrices = random_matrices(table, 3, seed)
    scalars = program.scalars(evaluate_uniform(table, claims), ())
    found = run(program, table, matrices, coset_walk(table, *sizes, shift), scalars)
    for position in range(8):
        y, point = coset_point(table, matrices, position, *sizes, shift)
        values, row = evaluate_nodes(table, point, claims, y, sizes[0]), 0
        for expr in outputs:
            width = 3 if expr.fact.is_ext else 1
            wanted = tuple(as_ext(values[expr.index]))
            assert tuple(int(x) for x in found[row : row + width, position]) == wanted[:width]
            row += width


def test_registers_are_reused() -> None:
    for air in airs().values():
        for table in air.tables:
            program = table.composition_program
            assert program.n_registers <= 80
            assert program.n_operations >= len(table.constraints)


def test_a_base_value_is_not_promoted() -> None:
    graph = Graph()
    x, alpha = graph.leaf(Kind.MAIN, 0), graph.leaf(Kind.CHALLENGE, 0)
    table = table_of(graph)
    costs = {}
    for name, expr in {"scale": x * alpha, "add": x + alpha, "axpy": (x * alpha) + alpha * x * x}.items():
        table = table_of(graph)
        costs[name] = lower_outputs(table.nodes, table.facts, [expr.index]).n_operations
    assert costs["scale"] == 3
    assert costs["add"] == 1
    assert isinstance(as_ext(3), Ext)


def test_the_example_of_the_page_compiles() -> None:
    page = (Path(__file__).parents[2] / "docs" / "air.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    names = {name: getattr(l2forge.air, name) for name in l2forge.air.__all__} | {"Range16": Range16}
    exec(code, names)
    air = names["air"]
    assert isinstance(air, type(compile_air("range", [Range16()])))
    assert issubclass(names["Counter"], Chip)
    assert [table.name for table in air.tables] == ["counter", "range16"]


@pytest.mark.parametrize("rows", [1, 8])
def test_constants_fill_whole_columns(rows: int) -> None:
    graph = Graph()
    constant = graph.const(7)
    table = table_of(graph)
    program = lower_outputs(table.nodes, table.facts, [constant.index])
    log_height = rows.bit_length() - 1
    matrices = random_matrices(table, log_height, 1)
    out = run(program, table, matrices, coset_walk(table, log_height, 0, 7), program.scalars({}, ()))
    assert np.array_equal(out, np.full((1, rows), 7, np.uint64))
