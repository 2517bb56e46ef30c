"""The whole statement of a small batch: whichever column of whichever table is changed, it is refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.batches import DAY_MS, KEY
from l2forge.air.balance import is_balanced
from l2forge.air.check import check, holds
from l2forge.ledger.statement import batch_tables
from l2forge.stark.field import P
from tests.soundness.ledger.scene import NOW, PRICES, air, clock, fill, owner, rules, scene, venue
from tests.soundness.statements import UNREAD, Statement, trace_of

pytestmark = pytest.mark.slow
TABLES = (
    "cpu",
    "program",
    "access",
    "ranges",
    "muldiv",
    "gather",
    "hashes",
    "signature",
    "multiples",
    "leaves",
    "nodes",
    "range16",
)


@cache
def statement() -> Statement:
    """One of everything: money in and out, orders, a fill, cancels, reports, a tick, funding."""
    s = scene()
    operations: list[Any] = [
        {"op": "deposit", "account": 1, "owner": owner(1), "amount": 5},
        {"op": "fund", "amount": 7},
        s.order(1, 0),
        s.order(3, 0, ask=True, L2TxAttributes={"4": 1}),
        fill((1, 0), (3, 0), 60),
        s.cancel(1, 1, (KEY << 48), [1, KEY, 0]),
        s.cancel_all(3, 1),
        s.withdraw(2, 0, 11),
        s.transfer(1, 2, 2, 13),
        {"op": "forced_withdraw", "account": 4, "amount": 17},
        {"op": "forced_withdraw", "account": 5, "amount": DAY_MS},
        clock(4_000),
        *s.reports(PRICES[0] + 50, NOW + 4_000, 3),
        {"op": "tick", "market": 0},
        clock(6_000),
        {"op": "funding", "market": 0},
    ]
    batch = venue().execute(operations)
    traces, public = batch_tables(air(), rules(), batch)
    return air(), traces, public


def is_refused(changed: str) -> bool:
    """Whether a constraint of the changed table, a bus or a list names the change."""
    the_air, traces, public = statement()
    table = the_air.table(changed)
    if not holds(table, trace_of(traces, the_air, changed), public.scalars):
        return True
    return not is_balanced(the_air, traces, public.scalars) or bool(check(the_air, traces, public))


def rows_to_change(table: str, column: int) -> list[int]:
    """The first row whose cell means something, and one behind it."""
    if table == "range16":
        return [40_000]
    the_air, traces, _ = statement()
    trace = trace_of(traces, the_air, table)
    used = {"gather": ("units", "gather"), "leaves": ("leaves", "leaves"), "nodes": ("nodes", "nodes")}.get(
        table
    )
    if used is None:
        return [0]
    rows = np.flatnonzero(~UNREAD[used](trace)[column])
    return [int(rows[0]), int(rows[len(rows) // 2])]


def test_the_batch_is_true_and_has_every_table() -> None:
    the_air, traces, public = statement()
    assert not check(the_air, traces, public)
    assert tuple(table.name for table in the_air.tables) == TABLES
    assert all(trace is not None for trace in traces)


@pytest.mark.parametrize("table", TABLES)
def test_a_change_in_any_column_is_refused(table: str) -> None:
    the_air, traces, _ = statement()
    trace = trace_of(traces, the_air, table)
    for column in range(len(trace)):
        for row in rows_to_change(table, column):
            kept = int(trace[column, row])
            trace[column, row] = (kept + 1) % P
            assert is_refused(table), f"{the_air.table(table).columns[column]}, row {row}"
            trace[column, row] = kept
