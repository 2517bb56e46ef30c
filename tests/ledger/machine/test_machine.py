"""Assembler and interpreter against plain integers; what a program requires, and how it says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.code import Code, assemble
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.machine.interpreter import Halted, Interpreter, Operation
from l2forge.ledger.machine.isa import SLOTS, WORD_BOUND, Unit
from l2forge.ledger.machine.wide import divide, is_at_least
from l2forge.stark.field import P
from l2forge.stark.poseidon2 import hash_ints

WORDS = st.integers(0, WORD_BOUND - 1)
SIGNED = st.integers(-(1 << 61), 1 << 61)


def code_of(*programs: Program) -> Code:
    """The programs between an empty begin and end."""
    begin, end = Program("begin"), Program("end")
    begin.constant(0)
    end.constant(0)
    return assemble([begin, *programs, end])


def run(
    program: Program, *inputs: int, memory: dict[int, int] | None = None
) -> tuple[list[int], Interpreter]:
    """Values of the program's lines on these inputs, and the machine afterwards."""
    words = memory or {}
    machine = Interpreter(code_of(program), lambda address: words if address in words else None)
    machine.run([Operation(("begin",)), Operation((program.name,), inputs), Operation(("end",))])
    values = [int(v) for v in machine.finish().values]
    return values[SLOTS:-SLOTS], machine


def word(machine: Interpreter, address: int) -> int:
    """A state word as it is now."""
    keys, values = machine.words()
    return int(values[keys == address][0])


@settings(deadline=None)
@given(WORDS, WORDS, st.integers(1, WORD_BOUND - 1), st.booleans())
def test_wide_division_is_that_of_plain_integers(x: int, y: int, z: int, up: bool) -> None:
    q = -(-x * y // z) if up else x * y // z
    found = divide(np.uint64(x), np.uint64(y), np.uint64(z), up)
    if q < 1 << 63:
        assert tuple(map(int, found)) == (q, abs(x * y - z * q))
    else:
        assert int(found[0]) >= WORD_BOUND


@settings(deadline=None)
@given(SIGNED, SIGNED)
def test_comparison_reads_elements_as_signed(x: int, y: int) -> None:
    assert is_at_least(np.uint64(x % P), np.uint64(y % P)) == (x >= y)


@settings(deadline=None)
@given(*[st.integers(0, P - 1)] * 3)
def test_expressions_are_those_of_the_field(x: int, y: int, z: int) -> None:
    p = Program("expressions", ("x", "y", "z"))
    a, b, c = (p.input(name) for name in p.inputs)
    results = {
        p.fresh(3 * a * b - 2 * a + b - 7).place: 3 * x * y - 2 * x + y - 7,
        p.fresh((a + 5) * (b - 6)).place: (x + 5) * (y - 6),
        p.fresh(a * b + c).place: x * y + z,
        p.fresh(a + b + c - 1).place: x + y + z - 1,
        p.fresh(a * a - a * (c + 1)).place: x * x - x * (z + 1),
        p.fresh(-(a - b)).place: y - x,
        p.fresh(1 - 2 * c).place: 1 - 2 * z,
    }
    values, _ = run(p, x, y, z)
    assert {place: values[place] for place in results} == {k: v % P for k, v in results.items()}


@settings(deadline=None)
@given(SIGNED, SIGNED)
def test_decisions(x: int, y: int) -> None:
    p = Program("decisions", ("x", "y"))
    a, b = p.input("x"), p.input("y")
    bit = p.at_least(a, b)
    chosen = p.fresh(p.select(bit, a, b))
    size, negative = p.absolute(a)
    negative = p.fresh(negative)
    same = p.is_zero(p.fresh(a - b))
    values, _ = run(p, x, y)
    assert values[bit.place] == (x >= y)
    assert values[chosen.place] == max(x, y) % P
    assert values[size.place] == abs(x)
    assert values[negative.place] == (x < 0)
    assert values[same.place] == (x == y)


@settings(deadline=None)
@given(st.lists(st.integers(0, P - 1), min_size=1, max_size=8), st.sampled_from([0, 2, 6, 8]))
def test_hashes_are_those_of_the_sponge(first: list[int], more: int) -> None:
    elements = first if not more else [*first, *[0] * (8 - len(first)), *range(5, 5 + more)]
    p = Program("hash")
    digest = p.hash(elements)
    values, _ = run(p)
    assert [values[word.place] for word in digest] == hash_ints(elements, 5)


def test_a_word_is_read_written_and_changed() -> None:
    p = Program("words", ("index",))
    leaf = p.leaf(1, p.input("index"))
    first = p.read(leaf, 3)
    was = p.write(leaf, 3, p.fresh(first + 5))
    now = p.change(leaf, 3, 1)
    base = (1 << 60) + (7 << 8)
    values, machine = run(p, 7, memory={base + 3: 10})
    assert [values[v.place] for v in (first, was, now)] == [10, 10, 16]
    assert word(machine, base + 3) == 16


def test_a_rule_that_does_not_hold_is_named() -> None:
    rules: dict[str, Callable[[Program, Value], None]] = {
        "zero": lambda p, x: p.require_zero(x, "zero"),
        "bool": lambda p, x: p.require_bool(x, "bool"),
        "positive": lambda p, x: p.require_positive(-x, "positive"),
        "below": lambda p, x: p.require_below(x, 5, "below"),
        "at least": lambda p, x: p.require_at_least(x, 10, "at least"),
        "nonzero": lambda p, x: p.require_nonzero(x - 7, "nonzero"),
    }
    for name, rule in rules.items():
        p = Program("rule", ("x",))
        rule(p, p.input("x"))
        with pytest.raises(Halted, match=rf"operation 1 \(rule: x 7\) is refused by rule, line \d+: {name}"):
            run(p, 7)


def test_a_missing_word_is_named() -> None:
    p = Program("missing", ("index",))
    p.read(p.leaf(1, p.input("index")), 3, "cash")
    with pytest.raises(Halted, match="missing, line 2: cash"):
        run(p, 7)


def test_the_first_alternative_that_holds_is_taken_and_others_leave_nothing() -> None:
    programs = []
    for limit in (10, 20):
        p = Program(f"below_{limit}", ("x",))
        x = p.input("x")
        p.hash([x])
        p.change(p.leaf(1, 0), 0, x)
        p.require_below(x, limit, f"below {limit}")
        programs.append(p)
    base = 1 << 60
    machine = Interpreter(code_of(*programs), lambda address: {base: 0} if address == base else None)
    operation = ("below_10", "below_20")
    work = [Operation(("begin",)), *(Operation(operation, (x,)) for x in (5, 15)), Operation(("end",))]
    machine.run(work)
    assert word(machine, base) == 20
    assert machine.hashes == 2
    result = machine.finish()
    owners = [machine.code.owners[row] for row in result.rows]
    assert list(dict.fromkeys(owners)) == ["begin", "below_10", "below_20", "end"]
    with pytest.raises(Halted, match="below 10"):
        machine.run([Operation(operation, (25,))])
    assert word(machine, base) == 20


def test_reads_are_counted() -> None:
    p = Program("reads", ("x",))
    x = p.input("x")
    p.fresh(x * x + 1)
    _, machine = run(p, 3)
    result = machine.finish()
    # Its own two absent operands, and twice by the product.
    assert int(result.reads[SLOTS]) == 4
    assert int(result.reads.sum()) == 2 * len(result.values)


def test_calls_are_listed_by_unit() -> None:
    p = Program("calls", ("x",))
    x = p.input("x")
    p.require_positive(x, "positive")
    p.floor(x, 5, 3)
    p.digest(p.sponge([x]))
    _, machine = run(p, 3)
    calls = machine.finish().calls
    expected = {Unit.RANGE, Unit.MULDIV, Unit.DIVREM, Unit.ABSORB, Unit.DIGEST}
    assert set(calls) == {int(unit) for unit in expected}
    assert all(len(places) == 1 for places in calls.values())
