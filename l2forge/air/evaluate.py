"""Every constraint at a point, over K: what a verifier computes at the out-of-domain point.

This is the slow and obvious reading of the graph; the interpreter and the Solidity evaluator agree with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from l2forge.air.graph import Kind
from l2forge.air.table import Table
from l2forge.stark.claims import Challenges as Challenges
from l2forge.stark.claims import Claims as Claims
from l2forge.stark.claims import Point as Point
from l2forge.stark.ext import ZERO, Ext
from l2forge.stark.field import P, root_of_unity

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
    challenges = (claims.challenges.alpha, claims.challenges.beta, claims.challenges.rho)
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
    for kind, a, b in table.nodes:
        if kind == Kind.ADD:
            values.append(values[a] + values[b])
        elif kind == Kind.SUB:
            values.append(values[a] - values[b])
        elif kind == Kind.MUL:
            values.append(values[a] * values[b])
        elif kind in columns:
            values.append(columns[kind][b][a])
        elif kind == Kind.CONST:
            values.append(a)
        elif kind == Kind.PUBLIC:
            values.append(claims.public[a])
        elif kind == Kind.CHALLENGE:
            values.append(challenges[a])
        elif kind == Kind.PERIODIC:
            values.append(periods[a])
        else:
            claim = claims.sums[table.index] if kind == Kind.TABLE_SUM else claims.fingerprints[a]
            values.append(ZERO if claim is None else claim)
    return values


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
