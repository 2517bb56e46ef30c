"""The parts of a compiled AIR, frozen: tables, constraints, interactions, lists; see docs/air.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from l2forge.air.graph import Fact, Node, facts_of
from l2forge.air.tiles.lowering import ZERO, Lowering, lower_composition, lower_outputs
from l2forge.air.tiles.program import Program
from l2forge.stark.field import U64Array


class Selector(IntEnum):
    """Where a constraint holds: the factor that the protocol puts before it."""

    ALL = 0
    FIRST = 1
    LAST = 2
    TRANSITION = 3


@dataclass(frozen=True)
class Constraint:
    """`selector`·node must vanish on every row; `degree` counts the selector (first and last: 1)."""

    name: str
    selector: Selector
    node: int
    degree: int


def log_cosets(degree: int) -> int:
    """log2 of the number of cosets of 2^log_height points that determine a constraint's quotient."""
    return max(degree - 2, 0).bit_length()


@dataclass(frozen=True)
class Bus:
    """A named multiset that interactions send to and receive from; `index` is the protocol's bus_id."""

    name: str
    index: int
    width: int


@dataclass(frozen=True)
class Interaction:
    """A term ±multiplicity/d of LogUp; the sign is +1 for send and −1 for receive."""

    bus: int
    """bus_id, from 1"""
    sign: int
    multiplicity: int
    """node"""
    values: tuple[int, ...]
    """nodes"""
    denominator: int
    """node of d = α + bus_id + β·v_1 + … + β^w·v_w"""


@dataclass(frozen=True)
class Group:
    """Interactions summed in one interaction column: numerator/denominator is their sum (nodes, in K)."""

    members: tuple[int, ...]
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Publication:
    """A public list as its table publishes it: nodes of the boolean `when` and of the tuple's elements.

    `step` is the node of ρ^(w−1)·v_1 + … + v_w, which the exclusive prefix a takes in:
    a' = a + when·(a·(ρ^w − 1) + step).
    """

    list_index: int
    when: int
    values: tuple[int, ...]
    step: int


@dataclass(frozen=True)
class PublicList:
    """A public list of tuples of `width` elements, published by the table of index `table`."""

    name: str
    width: int
    table: int


@dataclass(frozen=True)
class Periodic:
    """A periodic column: its values over one period, and the coefficients of the polynomial
    q(Y) = Σ coefficients[k]·Y^k with q(ω_P^i) = values[i] for period P.

    On a table of height 2^h at x, with y = x^r: Y = y^(2^h/P), which is x^(n/P) for every table.
    """

    name: str
    values: tuple[int, ...]
    coefficients: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """One table. `nodes` is its whole graph in topological order: operands precede what uses them."""

    name: str
    index: int
    columns: tuple[str, ...]
    preprocessed_columns: tuple[str, ...]
    preprocessed: U64Array | None = field(compare=False, repr=False)
    """(columns, height), natural order; fixes the table's height"""
    periodic: tuple[Periodic, ...]
    interaction_columns: tuple[str, ...]
    """groups but the last, φ (when there are interactions), then one prefix column for each published list"""
    nodes: tuple[Node, ...] = field(repr=False)
    constraints: tuple[Constraint, ...] = field(repr=False)
    interactions: tuple[Interaction, ...] = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)
    """the last group is folded into φ"""
    publications: tuple[Publication, ...]
    main_mask: tuple[int, ...]
    """main columns that a constraint reads on the next row, ascending; likewise below"""
    interaction_mask: tuple[int, ...]
    preprocessed_mask: tuple[int, ...]
    min_log_height: int
    max_log_height: int
    optional: bool
    """whether a proof may leave the table out"""

    @property
    def n_main(self) -> int:
        """Main columns, in F."""
        return len(self.columns)

    @property
    def n_preprocessed(self) -> int:
        """Preprocessed columns, in F."""
        return len(self.preprocessed_columns)

    @property
    def n_interaction(self) -> int:
        """Interaction columns, in K: three base columns each."""
        return len(self.interaction_columns)

    @property
    def has_sum(self) -> bool:
        """Whether the table has interactions, hence a claimed sum S."""
        return bool(self.groups)

    @property
    def max_degree(self) -> int:
        """Highest degree of a constraint."""
        return max((c.degree for c in self.constraints), default=1)

    @cached_property
    def facts(self) -> list[Fact]:
        """Degree, field and rows of every node."""
        return facts_of(self.nodes)

    @cached_property
    def composition_program(self) -> Program:
        """Σ weight·constraint over all constraints: see `tiles.lowering.lower_composition`."""
        return self._composition(range(len(self.constraints)))

    @cached_property
    def compositions(self) -> dict[int, Program]:
        """Σ weight·constraint in parts, by log2 of the cosets of 2^log_height points that a part needs.

        The quotient of a constraint of degree d has degree below (d − 1)·2^log_height, so d − 1 cosets
        determine it. Constraints of low degree go to a larger part where that saves operations, because
        they share expressions with it.
        """
        by_size: dict[int, list[int]] = {}
        for k, constraint in enumerate(self.constraints):
            by_size.setdefault(log_cosets(constraint.degree), []).append(k)
        programs: dict[int, Program] = {}
        above, members = -1, list[int]()
        for log_size in sorted(by_size, reverse=True):
            alone = self._composition(by_size[log_size])
            if members:
                joined = self._composition([*by_size[log_size], *members])
                added = (joined.n_operations - programs[above].n_operations) << above
                if added <= alone.n_operations << log_size:
                    members += by_size[log_size]
                    programs[above] = joined
                    continue
            above, members, programs[log_size] = log_size, by_size[log_size], alone
        return programs

    def _composition(self, chosen: Iterable[int]) -> Program:
        constraints = [(k, self.constraints[k]) for k in sorted(chosen)]
        return lower_composition(
            self.nodes, self.facts, [(k, int(c.selector), c.node) for k, c in constraints]
        )

    @cached_property
    def uniform_nodes(self) -> tuple[int, ...]:
        """Nodes that are the same on every row, ascending."""
        return tuple(k for k, fact in enumerate(self.facts) if fact.is_uniform)

    def output_program(self, nodes: Sequence[int]) -> Program:
        """The values of nodes, in order: see `tiles.lowering.lower_outputs`; lowered once."""
        key = tuple(nodes)
        if key not in self._output_programs:
            self._output_programs[key] = lower_outputs(self.nodes, self.facts, key)
        return self._output_programs[key]

    @cached_property
    def _output_programs(self) -> dict[tuple[int, ...], Program]:
        return {}

    @cached_property
    def check_program(self) -> Program:
        """For each selector a row Σ weight·node over its constraints on main columns; weights in F."""
        chosen = [(k, c) for k, c in enumerate(self.constraints) if not self.facts[c.node].is_ext]
        lowering = Lowering(self.nodes, self.facts, [c.node for _, c in chosen])
        for selector in Selector:
            total = ZERO
            for k, constraint in chosen:
                if constraint.selector == selector:
                    value = lowering.lower(constraint.node)[0]
                    total = lowering.add_weighted(total, value, k)
            lowering.output(total)
        return lowering.finish(0, uses_selectors=False)

    @cached_property
    def interaction_program(self) -> Program:
        """Numerator and denominator of each group, three rows each; `when` and the step of each list."""
        lowering = Lowering(self.nodes, self.facts, self._interaction_roots())
        for group in self.groups:
            lowering.output_ext(group.numerator)
            lowering.output_ext(group.denominator)
        for publication in self.publications:
            lowering.output(lowering.lower(publication.when)[0])
            lowering.output_ext(publication.step)
        return lowering.finish(0, uses_selectors=False)

    def _interaction_roots(self) -> list[int]:
        roots = [node for group in self.groups for node in (group.numerator, group.denominator)]
        return roots + [node for p in self.publications for node in (p.when, p.step)]
