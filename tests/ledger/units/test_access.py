"""READ, WRITE and RANGE: memory against a dictionary, ranges against integers; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2forge.ledger.chips.units import fill_access
from l2forge.ledger.machine.isa import WORD_BOUND, Unit
from l2forge.stark.field import P
from tests.ledger.units.caller import Script
from tests.ledger.units.refusals import ACCESS, RANGES, names_of, refused_by

LEAVES = 1 << 60, (5 << 60) + (7 << 8)
access_lists = st.lists(
    st.tuples(st.booleans(), st.sampled_from((0, 1)), st.integers(0, 2), st.integers(0, P - 1)), max_size=30
)


def played(accesses: list[tuple[bool, int, int, int]]) -> tuple[Script, dict[int, tuple[int, int]]]:
    """A script of accesses (is it a WRITE, leaf, offset, value); by address the last time and final value."""
    script = Script(memory={leaf + k: 1000 + k for leaf in LEAVES for k in range(3)})
    places = script.values(*LEAVES)
    last = {}
    for is_write, leaf, offset, value in accesses:
        if is_write:
            t = script.write(places[leaf], script.values(value)[0], offset)
        else:
            t = script.read(places[leaf], offset)
        address = LEAVES[leaf] + offset
        last[address] = (t + 1, script.memory[address])
    return script, last


@settings(max_examples=20, deadline=None)
@given(access_lists)
def test_memory_is_a_dictionary(accesses: list[tuple[bool, int, int, int]]) -> None:
    script, last = played(accesses)
    assert refused_by(script) == set()
    trace, touched = fill_access(script.run())
    assert (trace is None) == (not accesses)
    assert touched.addresses.tolist() == sorted(last)
    assert [*zip(touched.times.tolist(), touched.finals.tolist(), strict=True)] == [
        last[a] for a in sorted(last)
    ]


@pytest.mark.parametrize("value", [0, 1, 2**16 - 1, 2**16, 2**46, 2**48 - 1, 2**62, WORD_BOUND - 1])
def test_a_word_is_in_range(value: int) -> None:
    script = Script()
    script.range(value, *script.values(P - 1, 2**63))
    assert refused_by(script) == set()


@pytest.mark.parametrize(
    "value", [WORD_BOUND, 2**63 - 1, 2**63, P - 2**48, P - 2**16, P - 1, P // 2, pow(2, -1, P)]
)
def test_another_value_is_out_of_range(value: int) -> None:
    script = Script()
    script.range(value)
    assert refused_by(script) == {"bus range16"}


def test_an_offset_limb_does_not_hide_a_value_out_of_range() -> None:
    """Limbs that add up to the value, with one that is no limb."""
    script = Script()
    script.range(P - 1)
    for name, cells in {
        "limb[0]": {"limb[0]": -1, "limb[1]": 0, "limb[2]": 0},
        "limb[2]": {"limb[0]": 0, "limb[1]": 0, "limb[2]": -pow(1 << 32, -1, P)},
    }.items():
        assert refused_by(script, RANGES, 0, cells) == {"bus range16"}, name


def one_word() -> tuple[Script, int]:
    """A script with one word of value 5, and the place of its address."""
    script = Script(memory={1000: 5})
    return script, script.values(1000)[0]


def test_reads_that_differ_are_refused() -> None:
    script, address = one_word()
    script.read(address)
    script.add(6, Unit.READ, address)
    assert refused_by(script) == {"bus memory"}


def test_a_write_that_finds_another_value_is_refused() -> None:
    script, address = one_word()
    script.read(address)
    script.add(6, Unit.WRITE, address, script.values(9)[0])
    assert refused_by(script) == {"bus memory"}


def test_a_write_that_is_forgotten_is_refused() -> None:
    script, address = one_word()
    script.write(address, script.values(9)[0])
    script.add(5, Unit.READ, address)
    assert refused_by(script) == {"bus memory"}


def before_it_is_written() -> tuple[Script, int, int]:
    """A read at t that finds what is written at a later t′."""
    script, address = one_word()
    t = script.add(9, Unit.READ, address)
    (new,) = script.values(9)
    return script, t, script.add(5, Unit.WRITE, address, new)


def test_a_read_of_what_will_be_written_is_refused() -> None:
    """The write is the word's first access, the read its second: its gap is negative."""
    script, t, later = before_it_is_written()
    gap = t - (later + 1)
    traces = script.traces()
    access = traces[ACCESS]
    assert access is not None
    read, write = (int(np.flatnonzero(access[2] == place)[0]) for place in (t, later))
    access[7:9, write] = later, 0
    access[7:9, read] = gap % P & 0xFFFF, (gap % P) >> 16
    assert names_of(script, traces) == {"bus range16"}
    access[7:9, read] = gap % P, 0
    assert names_of(script, traces) == {"bus range16"}
    access[7:9, read] = 0xFFFF + gap, 0xFFFF
    assert "bus memory" in names_of(script, traces)


def test_an_access_from_the_start_is_refused_for_a_word_in_use() -> None:
    """Both accesses say that they are the first one: two timelines."""
    script, address = one_word()
    script.write(address, script.values(9)[0])
    t = script.add(5, Unit.READ, address)
    traces = script.traces()
    access = traces[ACCESS]
    assert access is not None
    access[7, access[2] == t] = t
    assert "bus memory" in names_of(script, traces)


@pytest.mark.parametrize("served", [{"writes": 1}, {"writes": 2, "offset": 0}, {"is_real": 0}])
def test_a_read_served_as_another_unit_is_refused(served: dict[str, int]) -> None:
    script, address = one_word()
    script.read(address)
    assert "bus call" in refused_by(script, ACCESS, 0, served)


def test_a_write_served_as_a_read_is_refused() -> None:
    script, address = one_word()
    script.write(address, script.values(9)[0])
    assert refused_by(script, ACCESS, 0, {"writes": 0}) >= {
        "bus call",
        "access/read_leaves_what_it_finds",
    }


def test_a_call_of_another_word_of_the_leaf_is_refused() -> None:
    script = Script(memory={1000: 5, 1001: 6})
    script.read(script.values(1000)[0], 1)
    assert refused_by(script, ACCESS, 0, {"offset": 0}) == {"bus call"}


def test_a_read_served_with_a_fractional_offset_is_refused() -> None:
    """The number 1 as 2 + 256·(−1/256): a READ that would write, at an address between two."""
    script, address = one_word()
    script.read(address)
    cells = {"writes": 1, "offset": -pow(256, -1, P)}
    assert refused_by(script, ACCESS, 0, cells) == {"bus range16"}
