"""LogUp and the public fingerprint as constraints over K: grouping, denominators, running columns.

The identities are those of docs/protocol.md, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.air.builder import RawInteraction, RawPublication
from l2forge.air.errors import AirError
from l2forge.air.graph import ALPHA, BETA, RHO, Expr, Graph, Kind
from l2forge.air.table import Selector


@dataclass(frozen=True)
class Term:
    """An interaction with its denominator d; its fraction is sign·multiplicity/d."""

    raw: RawInteraction
    bus_index: int
    denominator: Expr

    @property
    def numerator(self) -> Expr:
        """±multiplicity."""
        return self.raw.multiplicity if self.raw.sign > 0 else -self.raw.multiplicity


@dataclass(frozen=True)
class Fraction:
    """The sum of the fractions of `members` (indices of interactions) over their common denominator."""

    members: tuple[int, ...]
    numerator: Expr
    denominator: Expr


def make_term(graph: Graph, raw: RawInteraction, bus_index: int) -> Term:
    """d = α + bus_id + β·v_1 + β²·v_2 + … + β^w·v_w."""
    beta = graph.leaf(Kind.CHALLENGE, BETA)
    denominator = graph.leaf(Kind.CHALLENGE, ALPHA) + bus_index
    power = beta
    for value in raw.values:
        denominator = denominator + power * value
        power = power * beta
    return Term(raw, bus_index, denominator)


def group_degree(degrees: Sequence[tuple[int, int]], is_last: bool) -> int:
    """Degree of a group's constraint for members of (multiplicity, denominator) degrees; the last group's
    holds a last-row selector too.

    g·∏d has 1 + Σ deg d, and the sum on the right the maximum over j of deg m_j + Σ_{k≠j} deg d_k.
    """
    total = sum(d for _, d in degrees)
    return max(1 + total, *(m + total - d for m, d in degrees)) + is_last


def group_members(
    degrees: Sequence[tuple[int, int]], max_degree: int, names: Sequence[str]
) -> list[tuple[int, ...]]:
    """Partition interactions into groups of constraint degree ≤ max_degree; the last one is φ's.

    First fit in the order of falling degree, φ's group filled first: deterministic, and at most a few
    percent above the optimum for the small degrees that occur. Raises AirError, naming the bus, for an
    interaction that fits no group.
    """
    order = sorted(range(len(degrees)), key=lambda k: (-sum(degrees[k]), k))
    groups: list[list[int]] = []
    for k in order:
        for position, group in enumerate(groups):
            if group_degree([degrees[j] for j in (*group, k)], position == 0) <= max_degree:
                group.append(k)
                break
        else:
            degree = group_degree([degrees[k]], not groups)
            if degree > max_degree:
                raise AirError(
                    f"an interaction on bus {names[k]!r} makes a constraint of degree {degree}, above "
                    f"{max_degree}",
                    remedy="give its values or its multiplicity columns of their own",
                )
            groups.append([k])
    return [tuple(sorted(group)) for group in (*groups[1:], *groups[:1])]


def add_fractions(graph: Graph, terms: Sequence[Term], members: tuple[int, ...]) -> Fraction:
    """Σ ±m_j/d_j over the members, on the common denominator ∏ d_j."""
    numerator, denominator = terms[members[0]].numerator, terms[members[0]].denominator
    for k in members[1:]:
        numerator = numerator * terms[k].denominator + terms[k].numerator * denominator
        denominator = denominator * terms[k].denominator
    return Fraction(members, numerator, denominator)


def logup_constraints(graph: Graph, fractions: Sequence[Fraction]) -> list[tuple[str, Selector, Expr]]:
    """The constraints of all groups; interaction column k is g of group k, and the last one φ."""
    if not fractions:
        return []
    *grouped, last = fractions
    constraints = []
    total = graph.leaf(Kind.INTERACTION, len(grouped))  # φ + Σ g, the prefix sum without the last group
    phi, phi_next = total, graph.leaf(Kind.INTERACTION, len(grouped), 1)
    for k, fraction in enumerate(grouped):
        g = graph.leaf(Kind.INTERACTION, k)
        body = g * fraction.denominator - fraction.numerator
        constraints.append((f"logup/group{k}", Selector.ALL, body))
        total = total + g
    step = (phi_next - total) * last.denominator - last.numerator
    end = (graph.leaf(Kind.TABLE_SUM) - total) * last.denominator - last.numerator
    return [
        *constraints,
        ("logup/first", Selector.FIRST, phi),
        ("logup/step", Selector.TRANSITION, step),
        ("logup/last", Selector.LAST, end),
    ]


def fingerprint_step(graph: Graph, publication: RawPublication) -> Expr:
    """ρ^(w−1)·v_1 + … + v_w, by Horner."""
    rho = graph.leaf(Kind.CHALLENGE, RHO)
    step: Expr = publication.values[0]
    for value in publication.values[1:]:
        step = step * rho + value
    return step


def fingerprint_constraints(
    graph: Graph, publication: RawPublication, column: int, list_index: int
) -> list[tuple[str, Selector, Expr]]:
    """The constraints of a published list's exclusive prefix, kept in interaction column `column`."""
    prefix = graph.leaf(Kind.INTERACTION, column)
    stretch = graph.leaf(Kind.CHALLENGE, RHO) ** len(publication.values) - 1
    taken = prefix + publication.when * (prefix * stretch + fingerprint_step(graph, publication))
    name = f"list/{publication.name}"
    return [
        (f"{name}/first", Selector.FIRST, prefix - 1),
        (f"{name}/step", Selector.TRANSITION, graph.leaf(Kind.INTERACTION, column, 1) - taken),
        (f"{name}/last", Selector.LAST, graph.leaf(Kind.FINGERPRINT, list_index) - taken),
    ]
