"""The DEEP function G of docs/protocol.md, section 5: factors of its terms, and its value at a query.

G(x) = Σ_{j<A} λ^j (f_j(x) − f_j(z))/(x − z) + Σ_{j<M} λ^(A+j) (f_{m_j}(x) − f_{m_j}(zω_n))/(x − zω_n).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.stark.ext import ONE, ZERO, Ext, X
from l2forge.stark.field import P
from l2forge.stark.layout import Group, ProofLayout

_LIMBS = (ONE, X, X * X)


@dataclass(frozen=True)
class Factors:
    """For each base column of a group its factor at z and at zω_n (0 for a column not opened there)."""

    at_z: tuple[Ext, ...]
    at_next: tuple[Ext, ...]


@dataclass(frozen=True)
class Deep:
    """G for given points, openings and batching challenge λ."""

    z: Ext
    z_next: Ext
    powers: tuple[Ext, ...]
    """λ^0 … λ^(A+M−1)"""
    sum_z: Ext
    """Σ_{j<A} λ^j f_j(z)"""
    sum_next: Ext
    """Σ_{j<M} λ^(A+j) f_{m_j}(zω_n)"""

    @classmethod
    def of(cls, layout: ProofLayout, z: Ext, z_next: Ext, openings: Sequence[Ext], batching: Ext) -> Deep:
        """From the openings in the protocol's order."""
        powers, power = [], ONE
        for _ in openings:
            powers.append(power)
            power = power * batching
        terms = [power * value for power, value in zip(powers, openings, strict=True)]
        n_at_z = len(layout.openings)
        return cls(z, z_next, tuple(powers), sum(terms[:n_at_z], ZERO), sum(terms[n_at_z:], ZERO))

    def factors(self, group: Group) -> Factors:
        """λ^j·X^limb for each base column of the group."""
        at_z = [self.powers[term.at_z] * _LIMBS[term.limb] for term in group.terms]
        at_next = [
            ZERO if term.at_next is None else self.powers[term.at_next] * _LIMBS[term.limb]
            for term in group.terms
        ]
        return Factors(tuple(at_z), tuple(at_next))

    def value(self, point: int, combined_z: Ext, combined_next: Ext) -> Ext:
        """G at a point of D, from the combinations of the rows there."""
        first = (combined_z - self.sum_z) * (point - self.z).inverse()
        return first + (combined_next - self.sum_next) * (point - self.z_next).inverse()


def combine_row(row: Sequence[int], factors: Sequence[Ext]) -> Ext:
    """Σ factor·value over a row, summed as integers and reduced once."""
    return Ext(
        sum(v * f.c0 for v, f in zip(row, factors, strict=True)) % P,
        sum(v * f.c1 for v, f in zip(row, factors, strict=True)) % P,
        sum(v * f.c2 for v, f in zip(row, factors, strict=True)) % P,
    )
