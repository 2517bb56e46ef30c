"""What a chip's statement becomes: constraints, degrees, masks, groups, look-ups; and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from l2forge.air import AirError, Chip, Columns, CompiledAir, Row, Selector, compile_air
from l2forge.air.columns import parse_type
from l2forge.air.logup import group_degree, group_members

Statement = Callable[[Any, Any, Any], None]


def chip_of(
    columns: Columns, statement: Statement, name: str = "t", **attributes: Mapping[str, Any] | int
) -> Chip:
    """A chip with these columns and this `constrain(b, row, next)`."""

    class Made(Chip):
        def constrain(self, b: Any, row: Row, next: Row) -> None:
            statement(b, row, next)

    chip = Made()
    chip.name, chip.columns = name, columns
    for key, given in attributes.items():
        setattr(chip, key, given)
    return chip


def compile_one(columns: Columns, statement: Statement, **options: Any) -> CompiledAir:
    """The AIR of one chip; options of the chip are those that `compile_air` does not know."""
    known = {k: options.pop(k) for k in ("public", "max_degree") if k in options}
    return compile_air("a", [chip_of(columns, statement, **options)], **known)


def test_a_constraint_that_reads_the_next_row_holds_on_all_rows_but_the_last() -> None:
    def statement(b: Any, row: Any, next: Any) -> None:
        b.enforce("here", row.x * row.y)
        b.enforce("step", next.x - row.y)
        b.enforce_first("start", row.x)
        b.enforce_last("end", row.x**3)
        b.enforce_transition("early", row.x - row.y)

    table = compile_one(Columns(x="field", y="field"), statement).tables[0]
    assert [(c.name, c.selector, c.degree) for c in table.constraints] == [
        ("t/here", Selector.ALL, 2),
        ("t/step", Selector.TRANSITION, 1),
        ("t/start", Selector.FIRST, 2),
        ("t/end", Selector.LAST, 4),
        ("t/early", Selector.TRANSITION, 1),
    ]
    assert table.main_mask == (0,)
    assert table.interaction_mask == table.preprocessed_mask == ()


def test_masks_name_what_is_read_on_the_next_row() -> None:
    def statement(b: Any, row: Any, next: Any) -> None:
        b.enforce("c", next.y - row.x + next.fixed - row.other)
        b.send("bus", [row.x])
        b.receive("bus", [row.x])
        b.publish("list", when=row.flag, values=[row.x])

    columns = Columns(x="field", y="field", flag="bool")
    air = compile_one(columns, statement, preprocessed={"other": [1, 2], "fixed": [3, 4]})
    table = air.tables[0]
    assert (table.main_mask, table.preprocessed_mask) == ((1,), (1,))
    assert table.interaction_columns == ("phi", "list:list")
    assert table.interaction_mask == (0, 1)
    assert (table.min_log_height, table.max_log_height) == (1, 1)


@pytest.mark.parametrize(("degree", "chunks"), [(2, 1), (3, 2), (4, 4), (5, 4), (6, 8), (9, 8)])
def test_the_degree_decides_the_chunks_of_the_quotient(degree: int, chunks: int) -> None:
    air = compile_one(Columns(x="field"), lambda b, row, next: b.enforce("c", row.x**degree - 1))
    assert (air.max_degree, air.n_chunks) == (degree, chunks)


@pytest.mark.parametrize(
    ("type_", "limbs", "lookups"),
    [("u1", 0, 2), ("u8", 0, 2), ("u16", 0, 1), ("u17", 1, 3), ("u32", 1, 2), ("u40", 2, 4), ("i40", 2, 4)],
)
def test_a_range_type_makes_limbs_and_look_ups(type_: str, limbs: int, lookups: int) -> None:
    columns = Columns(x=type_, y="field")
    air = compile_one(columns, lambda b, row, next: b.receive("range16", [row.y]))
    assert len(columns) == 2 + limbs
    assert columns.names[2:] == tuple(f"x.limb{k}" for k in range(limbs))
    assert len(air.tables[0].interactions) == lookups + 1


def test_a_padding_flag_switches_the_look_ups_of_column_types() -> None:
    def multiplicity(**types: str) -> str:
        air = compile_one(Columns(x="u16", **types), lambda b, row, next: b.enforce("c", row.x - row.f))
        line = next(line for line in air.listing.splitlines() if "send bus 1" in line)
        node = line.split(" times ")[1].split()[0]
        return next(line for line in air.listing.splitlines() if line.startswith(f"  {node} = "))

    assert multiplicity(f="field").endswith("= 1")
    assert multiplicity(f="real").endswith("main f")


def test_groups_stay_within_the_degree_and_the_last_one_is_phi() -> None:
    groups = group_members([(0, 1)] * 15, 9, ["b"] * 15)
    assert [len(g) for g in groups] == [8, 7]
    assert sorted(k for g in groups for k in g) == list(range(15))
    for position, group in enumerate(groups):
        assert group_degree([(0, 1)] * len(group), position == len(groups) - 1) <= 9
    assert group_degree([(0, 1)] * 8, True) == 10
    assert group_degree([(3, 2), (0, 1)], False) == 4
    assert [len(g) for g in group_members([(1, 1)] * 5, 3, ["b"] * 5)] == [2, 2, 1]
    with pytest.raises(AirError, match=r"'deep'.*degree 10"):
        group_members([(0, 8)], 9, ["deep"])


def test_lower_degrees_make_more_columns() -> None:
    def statement(b: Any, row: Any, next: Any) -> None:
        for k in range(8):
            b.send("bus", [row.x[k]])

    columns = Columns(x="field[8]")
    by_degree = {d: compile_one(columns, statement, max_degree=d) for d in (3, 5, 9)}
    assert {d: air.tables[0].n_interaction for d, air in by_degree.items()} == {3: 5, 5: 3, 9: 2}
    assert {d: air.n_chunks for d, air in by_degree.items()} == {3: 2, 5: 4, 9: 8}
    assert all(air.max_degree <= d for d, air in by_degree.items())


REFUSED: dict[str, tuple[str, Columns, Statement]] = {
    "degree": ("'t/c' has degree 10", Columns(x="field"), lambda b, r, n: b.enforce("c", r.x**10)),
    "first": ("'t/c' has degree 10", Columns(x="field"), lambda b, r, n: b.enforce_first("c", r.x**9)),
    "unused": (
        "reads the column 'y'",
        Columns(x="field", y="field"),
        lambda b, r, n: b.enforce("c", r.x),
    ),
    "next": ("last row does not have", Columns(x="field"), lambda b, r, n: b.enforce_last("c", n.x)),
    "bus next": ("the current row", Columns(x="field"), lambda b, r, n: b.send("bus", [n.x])),
    "list next": ("current row", Columns(x="field"), lambda b, r, n: b.publish("l", when=1, values=[n.x])),
    "public": (
        "public scalar 'p'",
        Columns(x="field"),
        lambda b, r, n: b.enforce("c", b.public("p") - r.x),
    ),
    "periodic": ("no periodic column 'p'", Columns(x="field"), lambda b, r, n: b.periodic("p")),
    "name": ("must begin with", Columns(x="field"), lambda b, r, n: b.enforce("other/c", r.x)),
    "column": ("no column 'z'", Columns(x="field"), lambda b, r, n: b.enforce("c", r.z)),
    "empty": ("needs values", Columns(x="field"), lambda b, r, n: b.send("bus", [])),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_written_wrongly_is_named(case: str) -> None:
    message, columns, statement = REFUSED[case]
    with pytest.raises((AirError, AttributeError), match=message):
        compile_one(columns, statement)


def test_a_constraint_without_columns_says_nothing() -> None:
    with pytest.raises(AirError, match="constant 0"):
        compile_one(Columns(x="field"), lambda b, r, n: b.enforce("c", r.x * 0))


def test_names_and_widths_are_unique() -> None:
    def twice(b: Any, row: Any, next: Any) -> None:
        b.enforce("c", row.x)
        b.enforce("c", row.x - 1)

    def widths(b: Any, row: Any, next: Any) -> None:
        b.send("bus", [row.x])
        b.receive("bus", [row.x, 0])

    with pytest.raises(AirError, match="two constraints are called 't/c'"):
        compile_one(Columns(x="field"), twice)
    with pytest.raises(AirError, match="2 values on bus 'bus', whose tuples have 1"):
        compile_one(Columns(x="field"), widths)
    chip = chip_of(Columns(x="field"), lambda b, r, n: b.enforce("c", r.x))
    with pytest.raises(AirError, match="two chips are called 't'"):
        compile_air("a", [chip, chip])
    with pytest.raises(AirError, match="no chip"):
        compile_air("a", [])


def test_publications_are_made_boolean_once() -> None:
    def names(statement: Statement) -> list[str]:
        air = compile_one(Columns(f="bool", g="bool", x="field"), statement)
        return [c.name for c in air.tables[0].constraints if "when" in c.name]

    assert names(lambda b, r, n: b.publish("l", when=r.x, values=[r.f + r.g])) == ["t/l/when_boolean"]
    assert names(lambda b, r, n: b.publish("l", when=r.f * r.g, values=[r.x])) == []
    assert names(lambda b, r, n: b.publish("l", when=1, values=[r.x + r.f + r.g])) == []


@pytest.mark.parametrize("text", ["u0", "u64", "i1", "i64", "uint", "field[0]", "field[", "u8[2", ""])
def test_unknown_types_are_refused(text: str) -> None:
    with pytest.raises(AirError, match="column type"):
        parse_type(text)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"periodic": {"p": [1, 2, 3]}}, "period 3"),
        ({"preprocessed": {"p": [1, 2, 3]}}, "one height, a power of two"),
        ({"preprocessed": {"p": [1, 2], "q": [1, 2, 3, 4]}}, "one height|no log-height"),
        ({"min_log_height": 5, "max_log_height": 4}, "no log-height"),
        ({"max_log_height": 25}, "no log-height"),
    ],
)
def test_heights_and_periods_are_checked(attributes: dict[str, Any], message: str) -> None:
    def statement(b: Any, row: Any, next: Any) -> None:
        names = {**attributes.get("periodic", {}), **attributes.get("preprocessed", {})}
        for k, name in enumerate(names):
            read = b.periodic(name) if name in attributes.get("periodic", {}) else row[name]
            b.enforce(f"c{k}", row.x - read)
        b.enforce("x", row.x)

    with pytest.raises(AirError, match=message):
        compile_one(Columns(x="field"), statement, **attributes)
