"""Expressions: sharing, folding, degrees, and what they refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2forge.air import AirError, Expr, Kind
from l2forge.air.graph import Graph
from l2forge.stark.field import P


def column(graph: Graph, index: int, offset: int = 0) -> Expr:
    """A main column."""
    return graph.leaf(Kind.MAIN, index, offset)


def test_equal_subexpressions_are_one_node() -> None:
    graph = Graph()
    x, y = column(graph, 0), column(graph, 1)
    assert (x * y + 3).index == (3 + y * x).index
    assert (x - y).index != (y - x).index
    n_nodes = len(graph.nodes)
    _ = (x * y + 3) * (y * x + 3)
    assert len(graph.nodes) == n_nodes + 1


def test_constants_are_folded() -> None:
    graph = Graph()
    x, zero, one = column(graph, 0), graph.const(0), graph.const(1)
    assert (x + 0).index == (0 + x).index == (x - 0).index == (x * 1).index == x.index
    assert (x * 0).index == zero.index
    assert graph.value((one * 5 - 7).index) == P - 2
    assert graph.value(graph.const(-1).index) == P - 1
    assert (-x).index == (0 - x).index


def test_degrees_rows_and_fields_follow_the_operations() -> None:
    graph = Graph()
    x, after, alpha = column(graph, 0), column(graph, 0, 1), graph.leaf(Kind.CHALLENGE, 0)
    assert (x**7).fact.degree == 7
    assert (x**7 + x * x - 5).fact.degree == 7
    assert not (x * x).fact.reads_next
    assert (x * after).fact.reads_next
    assert (x + alpha).fact.is_ext
    assert not (x * x).fact.is_ext
    assert (alpha * 3 + 1).fact.is_uniform
    assert not (alpha * x).fact.is_uniform


@pytest.mark.parametrize(("exponent", "products"), [(1, 0), (2, 1), (3, 2), (7, 4), (8, 3)])
def test_powers_take_few_products(exponent: int, products: int) -> None:
    graph = Graph()
    _ = column(graph, 0) ** exponent
    assert sum(node.kind == Kind.MUL for node in graph.nodes) == products


def test_what_is_no_expression_is_refused() -> None:
    x, foreign = column(Graph(), 0), column(Graph(), 0)
    with pytest.raises(AirError, match="two chips"):
        _ = x + foreign
    with pytest.raises(AirError, match="truth value"):
        _ = 1 if x else 2
    with pytest.raises(AirError, match="not positive"):
        _ = x**0


def value(graph: Graph, index: int, x: int) -> int:
    """The node's value with every column equal to x."""
    node = graph.nodes[index]
    if node.kind not in (Kind.ADD, Kind.SUB, Kind.MUL):
        return node.a if node.kind == Kind.CONST else x
    a, b = value(graph, node.a, x), value(graph, node.b, x)
    return {Kind.ADD: a + b, Kind.SUB: a - b, Kind.MUL: a * b}[node.kind] % P


@given(st.lists(st.tuples(st.sampled_from("+-*r"), st.integers(-3, P)), max_size=12), st.integers(0, P - 1))
def test_folding_keeps_values(steps: list[tuple[str, int]], x: int) -> None:
    graph = Graph()
    expr, expected = column(graph, 0), x
    for operation, n in steps:
        if operation == "+":
            expr, expected = expr + n, expected + n
        elif operation == "-":
            expr, expected = expr - n, expected - n
        elif operation == "r":
            expr, expected = n - expr, n - expected
        else:
            expr, expected = expr * n, expected * n
    assert value(graph, expr.index, x) == expected % P
