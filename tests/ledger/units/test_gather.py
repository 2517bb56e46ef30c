"""Runs of values: what they send where, what is published; and wrong rows, refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from l2forge.air.check import check
from l2forge.air.errors import TraceError
from l2forge.ledger.chips.units import fill_gather, published
from l2forge.ledger.machine.isa import Unit
from l2forge.stark.public import PublicValues
from tests.ledger.units.caller import TABLES, Script, settle, statement
from tests.ledger.units.refusals import GATHER, names_of, refused_by

BLOCK = list(range(11, 19))


def script_with(unit: Unit, values: Sequence[int], value: int = 0) -> Script:
    """A script with one call after lines that are not its."""
    script = Script()
    script.values(*range(900, 915))
    script.run_of(unit, values, value)
    script.values(*range(950, 956))
    return script


def call_of(unit: Unit) -> Script:
    """A script with one call of as many values as its unit takes, at least ten."""
    return script_with(unit, range(100, 110 if unit == Unit.SIGNED else 112))


def taken(script: Script, table: str) -> list[list[int]]:
    """The tuples that a table of takers takes once."""
    trace = statement(script)[1][TABLES.index(table)]
    assert trace is not None
    return [row[1:] for row in trace.T.tolist() if row[0] == 1]


@pytest.mark.parametrize("chain", range(4))
def test_an_absorb_sends_its_block_with_its_chain(chain: int) -> None:
    script = script_with(Unit(Unit.ABSORB + chain), BLOCK, 77)
    assert taken(script, "hashes") == [[77, chain, 0, *BLOCK]]
    assert refused_by(script) == set()


def test_a_digest_sends_the_values_after_it() -> None:
    script = Script()
    script.digest(77, (1, 2, 3, 4, 5))
    assert taken(script, "outputs") == [[77, 1, 2, 3, 4, 5]]
    assert refused_by(script) == set()


def test_a_signature_is_asked_with_key_first() -> None:
    script = script_with(Unit.SIGNED, range(101, 111))
    assert taken(script, "keys") == [[106, 107, 108, 109, 110, 101, 102, 103, 104, 105]]


def test_what_is_published_is_the_run_before_the_call() -> None:
    script = Script()
    runs = [range(100 * k, 100 * k + 12) for k in range(3)]
    for run in runs:
        script.run_of(Unit.REQUEST, run)
        script.run_of(Unit.PAYOUT, run[:6])
    requests, payouts = published(script.run())
    assert requests.tolist() == [list(run) for run in runs]
    assert payouts.tolist() == [list(run[:6]) for run in runs]
    air, traces, public = statement(script)
    assert all(map(np.array_equal, public.lists, (requests, payouts)))
    assert not check(air, traces, public)


def test_a_batch_without_calls_publishes_nothing() -> None:
    script = Script()
    script.values(1, 2)
    assert fill_gather(script.run()) is None
    assert [entries.shape for entries in published(script.run())] == [(0, 12), (0, 6)]


@pytest.mark.parametrize(
    ("unit", "n_read"),
    [
        (Unit.ABSORB, 8),
        (Unit.ABSORB_TWO, 8),
        (Unit.SIGNED, 8),
        (Unit.REQUEST, 10),
        (Unit.PAYOUT, 6),
        (Unit.DIGEST, 5),
    ],
)
def test_every_value_that_is_read_is_bound(unit: Unit, n_read: int) -> None:
    script = call_of(unit)
    for k in range(10):
        found = refused_by(script, GATHER, 0, {f"x[{k}]": 5})
        assert found == ({"bus value"} if k < n_read else set()), k


@pytest.mark.parametrize("operand", ["a", "b", "c", "t"])
def test_every_operand_is_bound(operand: str) -> None:
    script = script_with(Unit.SIGNED, range(100, 110))
    assert "bus call" in refused_by(script, GATHER, 0, {operand: 3})


@pytest.mark.parametrize("unit", [Unit.SIGNED, Unit.REQUEST])
def test_operands_that_do_not_begin_the_run_have_no_witness(unit: Unit) -> None:
    script = script_with(unit, range(100, 112))
    script.add(0, unit)
    with pytest.raises(TraceError, match=f"operand of {unit.name}"):
        fill_gather(script.run())


ROLES = {
    Unit.DIGEST: {"digest": 1, "absorb": 0, "other": 0, "code": 0},
    Unit.SIGNED: {"digest": 0, "absorb": 0, "other": 1, "code": 0},
    Unit.REQUEST: {"digest": 0, "absorb": 0, "other": 1, "code": 1},
    Unit.PAYOUT: {"digest": 0, "absorb": 0, "other": 1, "code": 2},
    **{Unit(16 + code): {"digest": 0, "absorb": 1, "other": 0, "code": code} for code in range(4)},
}


@pytest.mark.parametrize("unit", ROLES)
def test_no_unit_is_served_as_another(unit: Unit) -> None:
    script = call_of(unit)
    for other, cells in ROLES.items():
        found = refused_by(script, GATHER, 0, cells)
        assert found == set() if other == unit else "bus call" in found, other


def test_a_call_that_is_not_served_is_refused() -> None:
    for unit in ROLES:
        script = call_of(unit)
        cells = {"digest": 0, "absorb": 0, "other": 0, "code": 0}
        assert "bus call" in refused_by(script, GATHER, 0, cells)
        assert "bus call" in names_of(
            script, [*script.traces()[:GATHER], None, *script.traces()[GATHER + 1 :]]
        )


def test_a_call_that_is_served_twice_is_refused() -> None:
    """A withdrawal that is paid twice."""
    script = script_with(Unit.PAYOUT, range(100, 106))
    traces = script.traces()
    trace = traces[GATHER]
    assert trace is not None
    trace[:, 1] = trace[:, 0]
    assert names_of(script, traces) == {"bus call"}


def test_two_flags_in_a_row_are_refused() -> None:
    script = call_of(Unit.SIGNED)
    for cells in ({"digest": 1}, {"absorb": 1}, {"digest": 1, "absorb": 1}):
        assert "bus call" in refused_by(script, GATHER, 0, cells)


@pytest.mark.parametrize("name", ["requests", "payouts"])
def test_a_list_that_leaves_a_tuple_out_is_refused(name: str) -> None:
    script = script_with(Unit.REQUEST, range(100, 112))
    script.run_of(Unit.PAYOUT, range(6))
    air, traces, public = settle(script.air(), script.traces())
    index = [entry.name for entry in air.lists].index(name)
    lists = list(public.lists)
    lists[index] = lists[index][:0]
    assert check(air, traces, PublicValues((), tuple(lists))).names == {f"list {name}"}
