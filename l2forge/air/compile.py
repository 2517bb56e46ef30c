"""From chips to a `CompiledAir`: names, degrees, masks and counts are derived here, never written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from l2forge.air.builder import Builder, RawPublication
from l2forge.air.chip import MAX_LOG_HEIGHT, Chip
from l2forge.air.compiled import CompiledAir
from l2forge.air.errors import AirError
from l2forge.air.graph import COLUMNS, OPERATIONS, Expr, Kind, Node
from l2forge.air.listing import list_air
from l2forge.air.logup import (
    Fraction,
    add_fractions,
    fingerprint_constraints,
    fingerprint_step,
    group_members,
    logup_constraints,
    make_term,
)
from l2forge.air.table import (
    Bus,
    Constraint,
    Group,
    Interaction,
    Periodic,
    Publication,
    PublicList,
    Selector,
    Table,
)
from l2forge.stark.field import P, U64Array, root_of_unity

MAX_DEGREE = 9
"""Highest constraint degree of the protocol; with it the quotient has 8 chunks."""


def compile_air(
    name: str, chips: Sequence[Chip], *, public: Sequence[str] = (), max_degree: int = MAX_DEGREE
) -> CompiledAir:
    """Compile the chips, in this order, to an AIR with the named public scalars.

    Interactions are grouped up to `max_degree` ≤ 9; a lower one makes more interaction columns and fewer
    quotient chunks. Raises AirError naming the chip and the constraint, bus, list or column that is wrong.
    """
    if not 2 <= max_degree <= MAX_DEGREE:
        raise AirError(f"the maximal degree must be between 2 and {MAX_DEGREE}, not {max_degree}")
    _require_unique([chip.name for chip in chips], "two chips are called")
    _require_unique(public, "two public scalars are called")
    builders = [Builder(chip, public) for chip in chips]
    for builder in builders:
        builder.build()
    buses = _collect_buses(builders)
    lists = _collect_lists(builders)
    tables = tuple(
        _TableCompiler(index, builder, buses, lists, max_degree).compile()
        for index, builder in enumerate(builders)
    )
    if not tables:
        raise AirError(f"the AIR {name} has no chip")
    degree = max(table.max_degree for table in tables)
    ordered = tuple(buses.values())
    listing = list_air(name, tables, ordered, tuple(public), tuple(lists))
    return CompiledAir(name, tables, ordered, tuple(public), tuple(lists), degree, listing)


def _require_unique(names: Sequence[str], what: str) -> None:
    for name in names:
        if list(names).count(name) > 1:
            raise AirError(f"{what} {name!r}")


def _collect_buses(builders: Sequence[Builder]) -> dict[str, Bus]:
    """Buses in the order of their first use. All tuples of a bus have one width: β-padding would else let
    (v) and (v, 0) match."""
    buses: dict[str, Bus] = {}
    for builder in builders:
        for raw in builder.interactions:
            bus = buses.setdefault(raw.bus, Bus(raw.bus, len(buses) + 1, len(raw.values)))
            if bus.width != len(raw.values):
                raise AirError(
                    f"chip {builder.chip.name}: a tuple of {len(raw.values)} values on bus {raw.bus!r}, "
                    f"whose tuples have {bus.width}"
                )
    return buses


def _collect_lists(builders: Sequence[Builder]) -> list[PublicList]:
    lists = [
        PublicList(raw.name, len(raw.values), table)
        for table, builder in enumerate(builders)
        for raw in builder.publications
    ]
    _require_unique([entry.name for entry in lists], "there are two publications of the public list")
    return lists


def interpolate_period(values: Sequence[int]) -> list[int]:
    """Coefficients of the polynomial q of degree < P with q(ω_P^i) = values[i]: the recursive transform."""

    def transform(v: Sequence[int], root: int) -> list[int]:
        if len(v) == 1:
            return list(v)
        even, odd = transform(v[::2], root * root % P), transform(v[1::2], root * root % P)
        twisted, w = [], 1
        for x in odd:
            twisted.append(x * w % P)
            w = w * root % P
        low = [(x + y) % P for x, y in zip(even, twisted, strict=True)]
        return low + [(x - y) % P for x, y in zip(even, twisted, strict=True)]

    log_n = len(values).bit_length() - 1
    scale = pow(len(values), -1, P)
    return [x * scale % P for x in transform(values, pow(root_of_unity(log_n), -1, P))]


class _TableCompiler:
    """Compiles one chip whose builder has been run."""

    def __init__(
        self,
        index: int,
        builder: Builder,
        buses: dict[str, Bus],
        lists: list[PublicList],
        max_degree: int,
    ) -> None:
        self.index, self.builder, self.chip = index, builder, builder.chip
        self.graph, self.buses, self.max_degree = builder.graph, buses, max_degree
        self.list_index = {entry.name: k for k, entry in enumerate(lists)}
        self.terms = [make_term(self.graph, raw, buses[raw.bus].index) for raw in builder.interactions]
        self.interaction_columns: list[str] = []

    def compile(self) -> Table:
        raw = [(c.name, c.selector, c.expr) for c in self.builder.constraints]
        fractions = self._group()
        raw += [(f"{self.chip.name}/{n}", s, e) for n, s, e in logup_constraints(self.graph, fractions)]
        for publication in self.builder.publications:
            column = len(self.interaction_columns)
            self.interaction_columns.append(f"list:{publication.name}")
            k = self.list_index[publication.name]
            for n, s, e in fingerprint_constraints(self.graph, publication, column, k):
                raw.append((f"{self.chip.name}/{n}", s, e))
        _require_unique([n for n, _, _ in raw], "two constraints are called")
        constraints = [self._constraint(*c) for c in raw]
        interactions = [
            Interaction(
                t.bus_index,
                t.raw.sign,
                t.raw.multiplicity.index,
                tuple(v.index for v in t.raw.values),
                t.denominator.index,
            )
            for t in self.terms
        ]
        groups = [Group(f.members, f.numerator.index, f.denominator.index) for f in fractions]
        publications = [self._publication(p) for p in self.builder.publications]
        return self._compact(constraints, interactions, groups, publications)

    def _group(self) -> list[Fraction]:
        if not self.terms:
            return []
        degrees = [(t.raw.multiplicity.fact.degree, t.denominator.fact.degree) for t in self.terms]
        groups = group_members(degrees, self.max_degree, [t.raw.bus for t in self.terms])
        self.interaction_columns = [f"group{k}" for k in range(len(groups) - 1)] + ["phi"]
        return [add_fractions(self.graph, self.terms, members) for members in groups]

    def _publication(self, raw: RawPublication) -> Publication:
        step = fingerprint_step(self.graph, raw)
        values = tuple(v.index for v in raw.values)
        return Publication(self.list_index[raw.name], raw.when.index, values, step.index)

    def _constraint(self, name: str, selector: Selector, expr: Expr) -> Constraint:
        degree = expr.fact.degree + (selector in (Selector.FIRST, Selector.LAST))
        if degree > self.max_degree:
            raise AirError(
                f"constraint {name!r} has degree {degree}, above {self.max_degree}",
                remedy="give a factor a column of its own",
            )
        if self.graph.value(expr.index) is not None:
            value = self.graph.value(expr.index)
            raise AirError(f"constraint {name!r} is the constant {value}: it says nothing about the trace")
        return Constraint(name, selector, expr.index, degree)

    def _compact(
        self,
        constraints: Sequence[Constraint],
        interactions: Sequence[Interaction],
        groups: Sequence[Group],
        publications: Sequence[Publication],
    ) -> Table:
        """Drop the nodes that nothing uses, renumber the others in their order, and freeze the table."""
        roots = [c.node for c in constraints]
        for i in interactions:
            roots += [i.multiplicity, *i.values, i.denominator]
        for p in publications:
            roots += [p.when, *p.values, p.step]
        for g in groups:
            roots += [g.numerator, g.denominator]
        nodes, new = compact(self.graph.nodes, roots)
        mask = {kind: sorted({n.a for n in nodes if n.kind == kind and n.b}) for kind in COLUMNS}
        self._require_used(nodes)
        low, high = self._height_bounds()
        return Table(
            name=self.chip.name,
            index=self.index,
            columns=self.chip.columns.names,
            preprocessed_columns=tuple(self.chip.preprocessed),
            preprocessed=self._preprocessed(),
            periodic=tuple(self._periodic(n, v) for n, v in self.chip.periodic.items()),
            interaction_columns=tuple(self.interaction_columns),
            nodes=nodes,
            constraints=tuple(replace(c, node=new[c.node]) for c in constraints),
            interactions=tuple(
                replace(
                    i,
                    multiplicity=new[i.multiplicity],
                    values=tuple(new[v] for v in i.values),
                    denominator=new[i.denominator],
                )
                for i in interactions
            ),
            groups=tuple(Group(g.members, new[g.numerator], new[g.denominator]) for g in groups),
            publications=tuple(
                replace(p, when=new[p.when], values=tuple(new[v] for v in p.values), step=new[p.step])
                for p in publications
            ),
            main_mask=tuple(mask[Kind.MAIN]),
            interaction_mask=tuple(mask[Kind.INTERACTION]),
            preprocessed_mask=tuple(mask[Kind.PREPROCESSED]),
            min_log_height=low,
            max_log_height=high,
            optional=self.chip.optional,
        )

    def _require_used(self, nodes: Sequence[Node]) -> None:
        """A column that no constraint and no interaction reads could hold anything: refuse it."""
        for kind, names in (
            (Kind.MAIN, self.chip.columns.names),
            (Kind.PREPROCESSED, tuple(self.chip.preprocessed)),
            (Kind.PERIODIC, tuple(self.chip.periodic)),
        ):
            used = {node.a for node in nodes if node.kind == kind}
            for index, name in enumerate(names):
                if index not in used:
                    raise AirError(f"chip {self.chip.name}: nothing reads the column {name!r}")

    def _periodic(self, name: str, values: Sequence[int]) -> Periodic:
        period = len(values)
        if period < 1 or period & (period - 1):
            raise AirError(f"chip {self.chip.name}: the period {period} of {name!r} is no power of two")
        reduced = [int(v) % P for v in values]
        return Periodic(name, tuple(reduced), tuple(interpolate_period(reduced)))

    def _preprocessed(self) -> U64Array | None:
        if not self.chip.preprocessed:
            return None
        columns = [np.array([int(x) % P for x in v], np.uint64) for v in self.chip.preprocessed.values()]
        heights = {len(column) for column in columns}
        height = heights.pop()
        if heights or height & (height - 1) or not height:
            raise AirError(f"chip {self.chip.name}: preprocessed columns need one height, a power of two")
        matrix = np.stack(columns)
        matrix.flags.writeable = False
        return matrix

    def _height_bounds(self) -> tuple[int, int]:
        low, high = self.chip.min_log_height, self.chip.max_log_height
        for values in self.chip.periodic.values():
            low = max(low, len(values).bit_length() - 1)
        for column in self.chip.preprocessed.values():
            low = high = len(column).bit_length() - 1
        if not 0 <= low <= high <= MAX_LOG_HEIGHT:
            raise AirError(f"chip {self.chip.name}: no log-height is between {low} and {high}")
        return low, high


def compact(nodes: Sequence[Node], roots: Sequence[int]) -> tuple[tuple[Node, ...], dict[int, int]]:
    """The nodes that the roots reach, in their order, and the new index of each."""
    live = set(roots)
    for index in range(max(live, default=-1), -1, -1):
        if index in live and nodes[index].kind in OPERATIONS:
            live.update((nodes[index].a, nodes[index].b))
    new: dict[int, int] = {}
    kept: list[Node] = []
    for index in sorted(live):
        node = nodes[index]
        if node.kind in OPERATIONS:
            node = Node(node.kind, new[node.a], new[node.b])
        new[index] = len(kept)
        kept.append(node)
    return tuple(kept), new
