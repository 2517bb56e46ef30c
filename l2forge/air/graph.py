"""The hash-consed expression graph of a chip: every subexpression once, with its degree and its kind."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from l2forge.air.errors import AirError
from l2forge.stark.field import P


class Kind(IntEnum):
    """What a node is. `a` and `b` of the node mean what is said here."""

    CONST = 0
    """a = value in [0, p)"""
    PUBLIC = 1
    """a = index of the public scalar"""
    CHALLENGE = 2
    """a = 0 for α, 1 for β, 2 for ρ; an element of K"""
    TABLE_SUM = 3
    """S of the table, an element of K"""
    FINGERPRINT = 4
    """a = index of the public list; an element of K"""
    PERIODIC = 5
    """a = index of the periodic column"""
    PREPROCESSED = 6
    """a = column, b = 0 for the current row, 1 for the next"""
    MAIN = 7
    """a = column, b = 0 or 1"""
    INTERACTION = 8
    """a = column, b = 0 or 1; an element of K"""
    ADD = 9
    """a, b = operands (indices of earlier nodes), as for SUB and MUL"""
    SUB = 10
    MUL = 11


ALPHA, BETA, RHO = 0, 1, 2
OPERATIONS = (Kind.ADD, Kind.SUB, Kind.MUL)
COLUMNS = (Kind.PREPROCESSED, Kind.MAIN, Kind.INTERACTION)


class Node(NamedTuple):
    """One node: its kind and two integers whose meaning `Kind` tells."""

    kind: Kind
    a: int = 0
    b: int = 0


class Fact(NamedTuple):
    """What is known of a node without evaluating it."""

    degree: int
    """degree in the columns; a column has 1, a uniform node 0"""
    is_ext: bool
    """its values lie in K and not (in general) in F"""
    is_uniform: bool
    """it is the same on all rows"""
    reads_next: bool
    """it reads the next row"""


_LEAVES = {
    Kind.CONST: Fact(0, False, True, False),
    Kind.PUBLIC: Fact(0, False, True, False),
    Kind.CHALLENGE: Fact(0, True, True, False),
    Kind.TABLE_SUM: Fact(0, True, True, False),
    Kind.FINGERPRINT: Fact(0, True, True, False),
    Kind.PERIODIC: Fact(1, False, False, False),
    Kind.PREPROCESSED: Fact(1, False, False, False),
    Kind.MAIN: Fact(1, False, False, False),
    Kind.INTERACTION: Fact(1, True, False, False),
}


def fact_of(node: Node, facts: list[Fact]) -> Fact:
    """The fact about `node`, given those of all earlier nodes."""
    if node.kind not in OPERATIONS:
        fact = _LEAVES[node.kind]
        return fact._replace(reads_next=bool(node.b)) if node.kind in COLUMNS else fact
    x, y = facts[node.a], facts[node.b]
    degree = x.degree + y.degree if node.kind == Kind.MUL else max(x.degree, y.degree)
    return Fact(degree, x.is_ext or y.is_ext, x.is_uniform and y.is_uniform, x.reads_next or y.reads_next)


def facts_of(nodes: tuple[Node, ...]) -> list[Fact]:
    """The facts about all nodes of a topologically ordered graph."""
    facts: list[Fact] = []
    for node in nodes:
        facts.append(fact_of(node, facts))
    return facts


class Graph:
    """Nodes in topological order, each different one stored once; constants are folded."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.facts: list[Fact] = []
        self._index: dict[Node, int] = {}

    def leaf(self, kind: Kind, a: int = 0, b: int = 0) -> Expr:
        """The expression of a leaf node."""
        return Expr(self, self._add(Node(kind, a, b)))

    def const(self, value: int) -> Expr:
        """The constant `value` mod p."""
        return self.leaf(Kind.CONST, value % P)

    def value(self, index: int) -> int | None:
        """The value of a constant node, or None."""
        node = self.nodes[index]
        return node.a if node.kind == Kind.CONST else None

    def operate(self, kind: Kind, a: int, b: int) -> int:
        """The node of `a kind b`, simplified when an operand is a constant that allows it."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            folded = {Kind.ADD: x + y, Kind.SUB: x - y, Kind.MUL: x * y}[kind]
            return self._add(Node(Kind.CONST, folded % P))
        if y == 0:
            return b if kind == Kind.MUL else a
        if x == 0 and kind != Kind.SUB:
            return a if kind == Kind.MUL else b
        if kind == Kind.MUL and (x == 1 or y == 1):
            return b if x == 1 else a
        if kind != Kind.SUB and a > b:
            a, b = b, a
        return self._add(Node(kind, a, b))

    def _add(self, node: Node) -> int:
        index = self._index.get(node)
        if index is None:
            index = len(self.nodes)
            self._index[node] = index
            self.nodes.append(node)
            self.facts.append(fact_of(node, self.facts))
        return index


class Expr:
    """An expression over a chip's columns; +, −, × and ** build new ones. Integers mean themselves mod p."""

    __slots__ = ("graph", "index")

    def __init__(self, graph: Graph, index: int) -> None:
        self.graph = graph
        self.index = index

    @property
    def fact(self) -> Fact:
        """Degree, field and rows that this expression reads."""
        return self.graph.facts[self.index]

    def _operand(self, other: Expr | int) -> int:
        if isinstance(other, Expr):
            if other.graph is not self.graph:
                raise AirError("an expression mixes the columns of two chips", remedy="join chips by a bus")
            return other.index
        return self.graph.const(int(other)).index

    def __add__(self, other: Expr | int) -> Expr:
        return Expr(self.graph, self.graph.operate(Kind.ADD, self.index, self._operand(other)))

    def __sub__(self, other: Expr | int) -> Expr:
        return Expr(self.graph, self.graph.operate(Kind.SUB, self.index, self._operand(other)))

    def __rsub__(self, other: int) -> Expr:
        return Expr(self.graph, self.graph.operate(Kind.SUB, self._operand(other), self.index))

    def __mul__(self, other: Expr | int) -> Expr:
        return Expr(self.graph, self.graph.operate(Kind.MUL, self.index, self._operand(other)))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Expr:
        return 0 - self

    def __pow__(self, exponent: int) -> Expr:
        """Square and multiply from the top bit: x⁷ takes four multiplications."""
        if exponent < 1:
            raise AirError(f"the exponent {exponent} is not positive")
        power = self
        for bit in bin(exponent)[3:]:
            power = power * power
            if bit == "1":
                power = power * self
        return power

    def __bool__(self) -> bool:
        raise AirError(
            "an expression has no truth value while the constraints are written",
            remedy="multiply by a boolean column instead of using `if`",
        )
