"""The form of an explanation: sections of facts, each with how far to trust it.

A fact has a text for people and a value for programs. `basis` says what it rests on:

    spec      stands in the spec, or is what the contracts and the circuit enforce from it
    formula   follows from the spec by a stated formula
    estimate  rests on constants of `l2forge.spec.warnings.constants`, which say where each comes from
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Basis = Literal["spec", "formula", "estimate"]
Scalar = str | int | float | bool | None
Value = Scalar | Sequence[Scalar] | Mapping[str, Scalar]


@dataclass(frozen=True)
class Fact:
    """One statement about the venue."""

    key: str
    label: str
    text: str
    value: Value = None
    unit: str = ""
    basis: Basis = "spec"


@dataclass(frozen=True)
class Section:
    """Facts about one subject; `notes` are sentences that hold for all of them."""

    key: str
    title: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """What follows from a spec."""

    venue: str
    spec_hash: str
    sections: tuple[Section, ...] = field(default=())

    def section(self, key: str) -> Section:
        """The section of this key. Raises KeyError."""
        return {section.key: section for section in self.sections}[key]

    def fact(self, section: str, key: str) -> Fact:
        """The fact of this key in a section. Raises KeyError."""
        return {fact.key: fact for fact in self.section(section).facts}[key]
