"""The checker names constraint, row and cells, bus tuples with their places, and list entries."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.air import TraceError, Unsatisfied
from l2forge.air.check import check, require_satisfied
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues
from tests.soundness.statements import machine_statement, merkle_statement, trace_of
from tests.soundness.toy import toy_air, toy_statement


def test_every_violation_is_listed_with_rows_and_cells() -> None:
    traces, public = toy_statement(4, 2, -1)
    steps, powers = traces[0], traces[2]
    assert steps is not None and powers is not None
    x, y, k = (int(v) for v in steps[:3, 5])
    steps[0, 6] = 99
    powers[1, 1] = 98
    powers[1, 3] = 97
    found = {v.constraint: v for v in check(toy_air(), traces, public).violations}
    assert set(found) == {"steps/walk", "powers/ninth"}
    walk, ninth = found["steps/walk"], found["powers/ninth"]
    assert (walk.table, walk.rows) == ("steps", (5, 6))
    assert walk.value == (99 - (x * k + y + 1)) % P
    assert walk.cells == {"x": x, "x'": 99, "y": y, "k": k}
    assert ninth.rows == (1, 3)
    assert "powers/ninth is" in str(ninth) and "row 1 and 1 more rows of powers" in str(ninth)


def test_first_and_last_rows_are_named() -> None:
    traces, public = toy_statement(4, -1, -1)
    wrong = PublicValues((public.scalars[0] + 1, public.scalars[1] + 1), public.lists)
    found = {v.constraint: v.rows for v in check(toy_air(), traces, wrong).violations}
    assert found == {"steps/start": (0,), "steps/end": (15,)}


def test_unmatched_tuples_are_listed_with_their_places() -> None:
    air, traces, public = machine_statement()
    memory = trace_of(traces, air, "memory")
    final = air.table("memory").columns.index("final[0]")
    value = int(memory[final, 1])
    memory[final, 1] += np.uint64(1)
    report = check(air, traces, public)
    assert not report.violations and not report.mismatches
    by_value = {entry.values[2]: entry for entry in report.unmatched}
    assert by_value[value].surplus == 1
    assert by_value[value].places[0].startswith("processor row ")
    assert by_value[value + 1].surplus == -1
    assert by_value[value + 1].places == ("memory row 1",)
    assert "times more received, at memory row 1" in str(by_value[value + 1])


def test_the_first_differing_list_entry_is_named() -> None:
    air, traces, public = machine_statement()
    entries = public.lists[0].copy()
    entries[1, 1] = 7
    (mismatch,) = check(air, traces, PublicValues(public.scalars, (entries,))).mismatches
    assert (mismatch.name, mismatch.position, mismatch.claimed) == ("output", 1, (int(entries[1, 0]), 7))
    (mismatch,) = check(air, traces, PublicValues(public.scalars, (entries[:1],))).mismatches
    assert (mismatch.position, mismatch.claimed) == (1, None)
    assert mismatch.published is not None


def test_an_unsatisfied_trace_is_refused_with_the_report() -> None:
    air, traces, public = merkle_statement()
    require_satisfied(air, traces, public)
    trace_of(traces, air, "path")[2, 1] += np.uint64(1)
    with pytest.raises(Unsatisfied, match=r"path/weight_doubles is .* on row 0"):
        require_satisfied(air, traces, public)


def test_shapes_are_checked_before_anything_else() -> None:
    air, traces, public = merkle_statement()
    path, permutation = (trace_of(traces, air, name) for name in ("path", "permutation"))
    too_large = path.copy()
    too_large[0, 1] = P
    for bad, message in (
        ([path], "1 traces for 2 tables"),
        ([None, permutation], "table path has no trace, and the AIR requires it"),
        ([path[:-1], permutation], "table path is uint64 of shape"),
        ([path.astype(np.int64), permutation], "is int64"),
        ([path[:, :3], permutation], "3 rows, no power of two"),
        ([path, permutation[:, :2]], "2 rows, not 2\\^2"),
        ([too_large, permutation], "column is_real, row 1: not a canonical element"),
    ):
        with pytest.raises(TraceError, match=message):
            check(air, bad, public)


def test_an_optional_table_may_be_left_out_when_nothing_needs_it() -> None:
    traces, public = toy_statement(4, -1, -1)
    assert not check(toy_air(), traces, public)
    report = check(toy_air(), [traces[0], None, None, None], public)
    assert {entry.bus for entry in report.unmatched} == {"small"}
