"""Every constraint at a point, over K: what a verifier computes at the out-of-domain point.

This is the slow and obvious reading of the graph; the interpreter and the Solidity evaluator agree with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from l2forge.air.graph import Kind, Node
from l2forge.stark.claims import Claims, Point
from l2forge.stark.ext import ZERO, Ext
from l2forge.stark.field import P, root_of_unity

if TYPE_CHECKING:
    from l2forge.air.table import Table

Value: TypeAlias = "Ext | int"


@dataclass(frozen=True)
class Selectors:
    """The selectors of a table at x, with y = x^r and Z = y^(2^h) − 1, and y itself."""

    first: Ext
    last: Ext
    transition: Ext
    y: Ext
    factors: tuple[Value, Ext, Ext, Ext] = field(init=False)
    """by `Selector`"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "factors", (1, self.first, self.last, self.transition))


def selectors_at(x: Ext, lift: int, log_height: int) -> Selectors:
    """is_first = Z/(y − 1), is_last = Z/(y − ω^(−1)), is_transition = y − ω^(−1), for y = x^lift outside
    ⟨ω⟩ with ω of order 2^log_height. Raises ZeroDivisionError when y is in ⟨ω⟩."""
    y = x**lift
    vanishing = y ** (1 << log_height) - 1
    before_first = pow(root_of_unity(log_height), -1, P)
    last = vanishing / (y - before_first)
    return Selectors(vanishing / (y - 1), last, y - before_first, y)


def evaluate_nodes(table: Table, point: Point, claims: Claims, y: Ext, log_height: int) -> list[Value]:
    """The value of every node of the table's graph; base-field nodes that are uniform stay integers."""
    uniform = evaluate_uniform(table, claims)
    periods = []
    for periodic in table.periodic:
        argument, value = y ** ((1 << log_height) // len(periodic.values)), ZERO
        for coefficient in reversed(periodic.coefficients):
            value = value * argument + coefficient
        periods.append(value)
    columns = {
        Kind.MAIN: _both_rows(point.main, table.main_mask, point.main_next),
        Kind.INTERACTION: _both_rows(point.interaction, table.interaction_mask, point.interaction_next),
        Kind.PREPROCESSED: _both_rows(point.preprocessed, table.preprocessed_mask, point.preprocessed_next),
    }
    values: list[Value] = []
    for index, (kind, a, b) in enumerate(table.nodes):
        if index in uniform:
            values.append(uniform[index])
        elif kind == Kind.ADD:
            values.append(values[a] + values[b])
        elif kind == Kind.SUB:
            values.append(values[a] - values[b])
        elif kind == Kind.MUL:
            values.append(values[a] * values[b])
        else:
            values.append(periods[a] if kind == Kind.PERIODIC else columns[kind][b][a])
    return values


def evaluate_uniform(table: Table, claims: Claims) -> dict[int, Value]:
    """The values of the uniform nodes: those that are the same on every row."""
    challenges = (claims.challenges.alpha, claims.challenges.beta, claims.challenges.rho)
    values: dict[int, Value] = {}
    for index in table.uniform_nodes:
        node = table.nodes[index]
        if node.kind == Kind.ADD:
            values[index] = values[node.a] + values[node.b]
        elif node.kind == Kind.SUB:
            values[index] = values[node.a] - values[node.b]
        elif node.kind == Kind.MUL:
            values[index] = values[node.a] * values[node.b]
        elif node.kind == Kind.CONST:
            values[index] = node.a
        elif node.kind == Kind.PUBLIC:
            values[index] = claims.public[node.a]
        elif node.kind == Kind.CHALLENGE:
            values[index] = challenges[node.a]
        else:
            values[index] = _claimed(claims, table, node)
    return values


def _claimed(claims: Claims, table: Table, node: Node) -> Ext:
    """A table sum or fingerprint; 0 where it is not claimed yet, when nothing that depends on it is read."""
    if node.kind == Kind.TABLE_SUM:
        total = claims.sums[table.index] if claims.sums else None
        return ZERO if total is None else total
    return claims.fingerprints[node.a] if claims.fingerprints else ZERO


def _both_rows(
    current: Sequence[Ext], mask: Sequence[int], after: Sequence[Ext]
) -> tuple[dict[int, Ext], dict[int, Ext]]:
    return dict(enumerate(current)), dict(zip(mask, after, strict=True))


def evaluate_table(
    table: Table, point: Point, claims: Claims, selectors: Selectors, log_height: int
) -> list[Ext]:
    """Every constraint of the table, its selector included, in order."""
    values = evaluate_nodes(table, point, claims, selectors.y, log_height)
    factors = selectors.factors
    return [ZERO + values[c.node] * factors[c.selector] for c in table.constraints]


def composition(
    tables: Sequence[Table],
    z: Ext,
    log_heights: Sequence[int],
    points: Sequence[Point | None],
    claims: Claims,
    gamma: Ext,
) -> Ext:
    """Horner in γ over all constraints of the present tables, in order: C ← C·γ + constraint.

    log_heights[i] is −1 and points[i] None for an absent table. Raises ZeroDivisionError when z lies in the
    trace domain ⟨ω_n⟩.
    """
    highest = max(log_heights)
    total = ZERO
    for table, log_height, point in zip(tables, log_heights, points, strict=True):
        if point is None:
            continue
        selectors = selectors_at(z, 1 << (highest - log_height), log_height)
        for value in evaluate_table(table, point, claims, selectors, log_height):
            total = total * gamma + value
    return total
