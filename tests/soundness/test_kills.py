"""For every constraint of every example chip a bad trace that only this constraint refuses.

A kill witness is rejected by the whole AIR and accepted by the AIR without its constraint: so each constraint
is needed, and dropping one is seen here. For LogUp and list constraints the bad trace has an unbalanced bus,
or a public list that it does not publish, and interaction columns bent to hide that (`forgery.forge`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from l2forge.air.check import check
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues
from tests.soundness.forgery import forge, verdict
from tests.soundness.kills_cpu import kills_of_cpu
from tests.soundness.kills_hashes import kills_of_hashes
from tests.soundness.kills_machine import kills_of_machine
from tests.soundness.kills_merkle import kills_of_path
from tests.soundness.kills_poseidon2 import kills_of_compression, kills_of_four_rows, kills_of_one_row
from tests.soundness.kills_signature import kills_of_multiples, kills_of_signature
from tests.soundness.kills_state import kills_of_leaves, kills_of_nodes
from tests.soundness.kills_units import kills_of_units
from tests.soundness.statements import STATEMENTS, Statement, trace_of

KILLS: dict[str, dict[str, Callable[[], Statement]]] = {
    "poseidon2_table": dict(kills_of_one_row()),
    "merkle_update": {**dict(kills_of_path()), **dict(kills_of_four_rows())},
    "small_machine": dict(kills_of_machine()),
    "compression": dict(kills_of_compression()),
    "signatures": {**dict(kills_of_signature()), **dict(kills_of_multiples())},
    "units": dict(kills_of_units()),
    "leaves": dict(kills_of_leaves()),
    "nodes": dict(kills_of_nodes()),
    "hashes": dict(kills_of_hashes()),
    "cpu": dict(kills_of_cpu()),
}


def is_protocol(constraint: str) -> bool:
    """Whether the constraint is one of LogUp or of a public list's fingerprint."""
    _, *middle, _ = constraint.split("/")
    return bool(middle) and middle[0] in ("logup", "list")


PROTOCOL = [
    (name, c.name)
    for name, make in STATEMENTS.items()
    for table in make()[0].tables
    for c in table.constraints
    if is_protocol(c.name)
]


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_constraint_has_a_kill_witness(name: str) -> None:
    air = STATEMENTS[name]()[0]
    constraints = {c.name for table in air.tables for c in table.constraints if not is_protocol(c.name)}
    assert set(KILLS[name]) == constraints


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_true_statement_passes(name: str) -> None:
    assert verdict(STATEMENTS[name]()) == set()


@pytest.mark.parametrize("name", STATEMENTS)
def test_only_its_constraint_refuses_a_kill_witness(name: str) -> None:
    wrong = {}
    for constraint, make in KILLS[name].items():
        statement = make()
        found = verdict(statement)
        if found != {constraint}:
            wrong[constraint] = found
        assert constraint in check(*statement).names
    assert not wrong


def unbalanced(name: str) -> Statement:
    """A statement that is true but for one count on a bus."""
    air, traces, public = STATEMENTS[name]()
    table, column = {
        "merkle_update": ("permutation", "count"),
        "small_machine": ("program", "count"),
        "compression": ("poseidon2", "count"),
        "signatures": ("multiples", "count"),
        "units": ("words", "initial"),
        "leaves": ("node_taker", "value[2]"),
        "nodes": ("node_taker", "value[2]"),
        "hashes": ("hash_output4_taker", "value[0]"),
        "cpu": ("program", "count"),
    }[name]
    trace = trace_of(traces, air, table)
    row = air.table(table).columns.index(column)
    trace[row, :4] += np.uint64(1)
    return air, traces, public


def false_list(name: str, list_name: str) -> Statement:
    """A true statement but for one element of one of its public lists."""
    air, traces, public = STATEMENTS[name]()
    index = next(k for k, entry in enumerate(air.lists) if entry.name == list_name)
    entries = public.lists[index].copy()
    entries[0, -1] = (int(entries[0, -1]) + 1) % P
    lists = (*public.lists[:index], entries, *public.lists[index + 1 :])
    return air, traces, PublicValues(public.scalars, lists)


@pytest.mark.parametrize(("name", "constraint"), PROTOCOL)
def test_only_its_constraint_refuses_bent_interaction_columns(name: str, constraint: str) -> None:
    _, kind, what, *_ = constraint.split("/")
    statement = unbalanced(name) if kind == "logup" else false_list(name, what)
    assert verdict(statement) == ({"sums"} if kind == "logup" else {f"list {what}"})
    assert verdict(statement, forge(statement, constraint)) == {constraint}
