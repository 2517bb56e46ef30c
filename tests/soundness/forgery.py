"""The whole AIR on concrete main and interaction columns, and interaction columns made by a cheating prover.

`verdict` is what acceptance means: every constraint on every row, Σ S = 0, and F of every list. A cheating
prover chooses its interaction columns, sums and fingerprints after the challenges: `forge` bends them so that
a false claim passes everything but one named constraint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from l2forge.air import CompiledAir, Table
from l2forge.air.check import _on_rows, require_shapes
from l2forge.air.evaluate import evaluate_uniform
from l2forge.air.table import Publication
from l2forge.air.tiles.interaction import InteractionTrace, interaction_trace
from l2forge.air.tiles.runner import Matrices, natural_walk, run
from l2forge.stark.claims import Challenges, Claims
from l2forge.stark.ext import ONE, ZERO, Ext
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues
from tests.soundness.statements import Statement, Traces

CHALLENGES = Challenges(Ext(11, 22, 33), Ext(P - 5, 77, 3), Ext(123_456_789, 5, P - 1))


@dataclass
class Columns:
    """Interaction columns of all tables with what they claim."""

    traces: list[InteractionTrace | None]
    fingerprints: list[Ext]

    @property
    def total(self) -> Ext:
        """Σ S."""
        return sum((t.sum for t in self.traces if t is not None and t.sum is not None), ZERO)


def honest(air: CompiledAir, traces: Traces, public: PublicValues) -> Columns:
    """The interaction columns that belong to the main traces."""
    claims = Claims(CHALLENGES, public.scalars, (), ())
    made = [
        interaction_trace(table, trace, claims) if trace is not None and table.n_interaction else None
        for table, trace in zip(air.tables, traces, strict=True)
    ]
    fingerprints = [ONE] * len(air.lists)
    for one in made:
        for index, value in (one.fingerprints if one else {}).items():
            fingerprints[index] = value
    return Columns(made, fingerprints)


def horner(entries: U64Array) -> Ext:
    """F of a public list."""
    value = ONE
    for element in entries.reshape(-1).tolist():
        value = value * CHALLENGES.rho + element
    return value


def verdict(statement: Statement, columns: Columns | None = None) -> set[str]:
    """Names of all constraints that fail, "sums" if Σ S ≠ 0, and "list …" where F is not the list's."""
    air, traces, public = statement
    require_shapes(air, traces)
    columns = columns or honest(air, traces, public)
    sums = [one.sum if one else None for one in columns.traces]
    claims = Claims(CHALLENGES, public.scalars, sums, columns.fingerprints)
    failed = {"sums"} if columns.total else set()
    for entry, entries, value in zip(air.lists, public.lists, columns.fingerprints, strict=True):
        if horner(entries) != value:
            failed.add(f"list {entry.name}")
    for table, trace, one in zip(air.tables, traces, columns.traces, strict=True):
        if trace is not None:
            failed |= failing(table, trace, one.columns if one else None, claims)
    return failed


def failing(table: Table, main: U64Array, interaction: U64Array | None, claims: Claims) -> set[str]:
    """Names of the table's constraints that do not hold on all rows where they must."""
    matrices = Matrices.of(main, table.preprocessed, interaction)
    walk = natural_walk(table, main.shape[1].bit_length() - 1)
    uniform = evaluate_uniform(table, claims)
    failed = set()
    for start in range(0, len(table.constraints), 16):
        batch = table.constraints[start : start + 16]
        program = table.output_program([c.node for c in batch])
        values, taken = run(program, table, matrices, walk, program.scalars(uniform, ())), 0
        for constraint in batch:
            width = 3 if table.facts[constraint.node].is_ext else 1
            if any(_on_rows(constraint.selector, v).any() for v in values[taken : taken + width]):
                failed.add(constraint.name)
            taken += width
    return failed


# --- bending


def forge(statement: Statement, constraint: str) -> Columns:
    """Interaction columns that hide what is wrong with the statement behind this one constraint.

    LogUp: the traces' buses do not balance, and the table's running sum is bent by the missing amount.
    Lists: the claimed list is not the published one, and the prefix is bent to end in its fingerprint.
    """
    air, traces, public = statement
    columns = honest(air, traces, public)
    table_name, *middle, what = constraint.split("/")
    table = air.table(table_name)
    one, trace = columns.traces[table.index], traces[table.index]
    assert one is not None and trace is not None
    if middle[0] == "logup":
        columns.traces[table.index] = bend_sum(table, one, what, -columns.total)
    else:
        publication = next(p for p in table.publications if air.lists[p.list_index].name == middle[1])
        claimed = horner(public.lists[publication.list_index])
        bend_prefix(table, publication, trace, one, what, claimed)
        columns.fingerprints[publication.list_index] = claimed
    return columns


def bend_sum(table: Table, one: InteractionTrace, what: str, missing: Ext) -> InteractionTrace:
    """S and φ (or a group's column on row 0) with `missing` added where only `what` forbids it."""
    bent, phi = one.columns.copy(), 3 * (len(table.groups) - 1)
    if what.startswith("group"):
        _add(bent[3 * int(what[5:]) :][:3, :1], missing)
    if what != "last":
        _add(bent[phi : phi + 3, 0 if what == "first" else 1 :], missing)
    assert one.sum is not None
    return replace(one, columns=bent, sum=one.sum + missing)


def bend_prefix(
    table: Table, publication: Publication, trace: U64Array, one: InteractionTrace, what: str, claimed: Ext
) -> None:
    """The prefix column changed in place, so that only the constraint `what` is broken."""
    place = 3 * (len(table.groups) + table.publications.index(publication))
    column = one.columns[place : place + 3]
    uniform = evaluate_uniform(table, Claims(CHALLENGES, (0,) * 32, (), ()))
    program = table.output_program([publication.when, *publication.values])
    walk = natural_walk(table, trace.shape[1].bit_length() - 1)
    when, *values = run(
        program, table, Matrices.of(trace, table.preprocessed), walk, program.scalars(uniform, ())
    )
    stretch = CHALLENGES.rho ** len(publication.values)
    if what == "step":
        step = horner(np.array([v[-1] for v in values])) - stretch
        last = (claimed - step) / stretch if when[-1] else claimed
        column[:, -1] = tuple(last)
    elif what == "first":
        n_taken = int(when.sum())
        shift = (claimed - one.fingerprints[publication.list_index]) / stretch**n_taken
        grown = ONE
        for row in range(column.shape[1]):
            _add(column[:, row : row + 1], shift * grown)
            grown = grown * stretch if when[row] else grown


def _add(columns: U64Array, value: Ext) -> None:
    for k, coefficient in enumerate(value):
        columns[k] = (columns[k].astype(object) + coefficient) % P
