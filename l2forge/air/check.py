"""The checker: each constraint, bus and public list that a concrete trace breaks, by name, row, values."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from l2forge.air.balance import Unmatched, is_balanced, unmatched_tuples
from l2forge.air.compiled import CompiledAir
from l2forge.air.errors import TraceError, Unsatisfied
from l2forge.air.evaluate import evaluate_uniform
from l2forge.air.graph import OPERATIONS, Kind
from l2forge.air.table import Constraint, Selector, Table
from l2forge.air.tiles.runner import Matrices, natural_walk, run
from l2forge.stark.claims import Challenges, Claims
from l2forge.stark.ext import ZERO, Ext
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues

_BATCH = 16
"""Constraints whose values on all rows are held at once while violations are listed."""
_SHOWN = 10


@dataclass(frozen=True)
class Violation:
    """A constraint that does not hold, on which rows, and the cells that it reads on the first of them."""

    constraint: str
    table: str
    rows: tuple[int, ...]
    value: int
    """what should be 0 on the first of the rows"""
    cells: dict[str, int]
    """by column name; a prime marks the next row"""

    def __str__(self) -> str:
        more = f" and {len(self.rows) - 1} more rows" if len(self.rows) > 1 else ""
        cells = ", ".join(f"{name} = {value}" for name, value in self.cells.items())
        return f"{self.constraint} is {self.value} on row {self.rows[0]}{more} of {self.table}: {cells}"


@dataclass(frozen=True)
class ListMismatch:
    """A public list that differs from what its table publishes; `position` is the first differing tuple."""

    name: str
    position: int
    published: tuple[int, ...] | None
    claimed: tuple[int, ...] | None

    def __str__(self) -> str:
        return (
            f"public list {self.name}, tuple {self.position}: the trace publishes {self.published}, "
            f"the statement says {self.claimed}"
        )


@dataclass(frozen=True)
class Report:
    """What a trace breaks; all empty for a good one."""

    violations: tuple[Violation, ...]
    unmatched: tuple[Unmatched, ...]
    mismatches: tuple[ListMismatch, ...]

    @property
    def names(self) -> set[str]:
        """Names of broken constraints, "bus <name>" and "list <name>"."""
        return (
            {v.constraint for v in self.violations}
            | {f"bus {u.bus}" for u in self.unmatched}
            | {f"list {m.name}" for m in self.mismatches}
        )

    def __bool__(self) -> bool:
        return bool(self.violations or self.unmatched or self.mismatches)

    def __str__(self) -> str:
        lines = [str(entry) for entry in (*self.violations, *self.unmatched, *self.mismatches)]
        rest = [f"… and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        return "\n".join(lines[:_SHOWN] + rest)


def check(air: CompiledAir, traces: Sequence[U64Array | None], public: PublicValues) -> Report:
    """Everything that the main traces (None: absent) break.

    Constraints on main columns are evaluated on every row; buses are balanced as multisets of tuples; lists
    are compared tuple by tuple. Raises TraceError for a trace of the wrong shape or with elements ≥ p.
    """
    require_shapes(air, traces)
    violations: list[Violation] = []
    for table, trace in zip(air.tables, traces, strict=True):
        if trace is not None and not holds(table, trace, public.scalars):
            violations += list_violations(table, trace, public.scalars)
    unmatched: list[Unmatched] = []
    if not is_balanced(air, traces, public.scalars):
        unmatched = unmatched_tuples(air, traces, public.scalars)
    return Report(tuple(violations), tuple(unmatched), tuple(_mismatches(air, traces, public)))


def require_satisfied(air: CompiledAir, traces: Sequence[U64Array | None], public: PublicValues) -> None:
    """Raise Unsatisfied, with the report as its message, for traces that break the AIR."""
    report = check(air, traces, public)
    if report:
        raise Unsatisfied(f"the trace does not satisfy {air.name}:\n{report}", remedy="no proof was made")


def require_shapes(air: CompiledAir, traces: Sequence[U64Array | None]) -> None:
    """Raise TraceError unless every trace is (n_main, 2^h), h within the table's bounds, elements < p."""
    if len(traces) != len(air.tables):
        raise TraceError(f"{len(traces)} traces for {len(air.tables)} tables")
    for table, trace in zip(air.tables, traces, strict=True):
        if trace is None:
            if not table.optional:
                raise TraceError(f"table {table.name} has no trace, and the AIR requires it")
            continue
        if trace.ndim != 2 or trace.dtype != np.uint64 or len(trace) != table.n_main:
            raise TraceError(
                f"the trace of table {table.name} is {trace.dtype} of shape {trace.shape}",
                remedy=f"give uint64 of shape ({table.n_main}, rows)",
            )
        rows = trace.shape[1]
        if not rows or rows & (rows - 1):
            raise TraceError(f"the trace of table {table.name} has {rows} rows, no power of two")
        if not table.min_log_height <= rows.bit_length() - 1 <= table.max_log_height:
            raise TraceError(
                f"the trace of table {table.name} has {rows} rows, not 2^{table.min_log_height} to "
                f"2^{table.max_log_height}"
            )
        if table.n_main and int(trace.max()) >= P:
            column, row = (int(k[0]) for k in np.nonzero(trace >= P))
            raise TraceError(
                f"table {table.name}, column {table.columns[column]}, row {row}: not a canonical element"
            )


def main_claims(public: Sequence[int]) -> Claims:
    """Claims for programs that read no challenge: the public scalars alone."""
    return Claims(Challenges(ZERO, ZERO, ZERO), tuple(public), (), ())


def main_constraints(table: Table) -> list[Constraint]:
    """The constraints that read main columns only: all but those of LogUp and of fingerprints."""
    return [c for c in table.constraints if not table.facts[c.node].is_ext]


def holds(table: Table, trace: U64Array, public: Sequence[int]) -> bool:
    """Whether all constraints on main columns hold: by a random combination of them for each selector, which
    misses a violation with probability 1/p."""
    rng = random.Random(0x1F0)
    program = table.check_program
    weights = [Ext(rng.randrange(P)) for _ in table.constraints]
    scalars = program.scalars(evaluate_uniform(table, main_claims(public)), weights)
    walk = natural_walk(table, trace.shape[1].bit_length() - 1)
    values = run(program, table, Matrices.of(trace, table.preprocessed), walk, scalars)
    return not any(_on_rows(Selector(k), values[k]).any() for k in range(4))


def _on_rows(selector: Selector, values: U64Array) -> U64Array:
    """The values on the rows where the selector demands 0; 0 elsewhere."""
    kept = np.zeros_like(values)
    rows = {
        Selector.ALL: slice(None),
        Selector.FIRST: slice(0, 1),
        Selector.LAST: slice(-1, None),
        Selector.TRANSITION: slice(0, -1),
    }[selector]
    kept[rows] = values[rows]
    return kept


def list_violations(table: Table, trace: U64Array, public: Sequence[int]) -> Iterator[Violation]:
    """Every constraint on main columns that does not hold, with all its rows."""
    constraints = main_constraints(table)
    uniform = evaluate_uniform(table, main_claims(public))
    walk = natural_walk(table, trace.shape[1].bit_length() - 1)
    matrices = Matrices.of(trace, table.preprocessed)
    for start in range(0, len(constraints), _BATCH):
        batch = constraints[start : start + _BATCH]
        program = table.output_program([c.node for c in batch])
        values = run(program, table, matrices, walk, program.scalars(uniform, ()))
        for constraint, row_values in zip(batch, values, strict=True):
            broken = _on_rows(constraint.selector, row_values)
            rows = np.nonzero(broken)[0]
            if len(rows):
                cells = _cells(table, constraint.node, trace, int(rows[0]))
                yield Violation(
                    constraint.name, table.name, tuple(rows.tolist()), int(broken[rows[0]]), cells
                )


def _cells(table: Table, root: int, trace: U64Array, row: int) -> dict[str, int]:
    """The cells that a constraint reads on a row."""
    cells: dict[tuple[Kind, int, int], int] = {}
    stack, seen = [root], {root}
    while stack:
        node = table.nodes[stack.pop()]
        if node.kind in OPERATIONS:
            stack += [k for k in (node.a, node.b) if k not in seen]
            seen |= {node.a, node.b}
        elif node.kind in (Kind.MAIN, Kind.PREPROCESSED):
            matrix = trace if node.kind == Kind.MAIN else table.preprocessed
            assert matrix is not None
            cells[node] = int(matrix[node.a, (row + node.b) % trace.shape[1]])
    names = {Kind.MAIN: table.columns, Kind.PREPROCESSED: table.preprocessed_columns}
    return {
        names[kind][column] + ("'" if offset else ""): cells[kind, column, offset]
        for kind, column, offset in sorted(cells)
    }


def published(table: Table, index: int, trace: U64Array, public: Sequence[int]) -> U64Array:
    """What a table publishes in its publication number `index`: (length, width)."""
    publication = table.publications[index]
    program = table.output_program([publication.when, *publication.values])
    scalars = program.scalars(evaluate_uniform(table, main_claims(public)), ())
    walk = natural_walk(table, trace.shape[1].bit_length() - 1)
    when, *values = run(program, table, Matrices.of(trace, table.preprocessed), walk, scalars)
    return np.stack(values)[:, when != 0].T


def _mismatches(
    air: CompiledAir, traces: Sequence[U64Array | None], public: PublicValues
) -> Iterator[ListMismatch]:
    for table, trace in zip(air.tables, traces, strict=True):
        for k, publication in enumerate(table.publications):
            entry = air.lists[publication.list_index]
            found = [] if trace is None else published(table, k, trace, public.scalars).tolist()
            claimed = public.lists[publication.list_index].tolist()
            if found != claimed:
                differing = (i for i, (a, b) in enumerate(zip(found, claimed, strict=False)) if a != b)
                i = next(differing, min(len(found), len(claimed)))
                ours = tuple(found[i]) if i < len(found) else None
                yield ListMismatch(entry.name, i, ours, tuple(claimed[i]) if i < len(claimed) else None)
