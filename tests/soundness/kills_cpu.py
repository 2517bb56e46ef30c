"""Kill witnesses of the cpu table: runs whose rows break one rule, with all counts as the buses need them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from l2forge.ledger.chips.program import slot_column
from l2forge.ledger.machine.isa import SLOTS
from tests.soundness.small_code import BEGIN, END, FIRST, SECOND, padding, rows_at, settle
from tests.soundness.statements import Statement


def twice_real() -> Statement:
    """is_real = 2 where the closing operation stands a second time."""
    rows = rows_at(BEGIN, FIRST, SECOND, END, END)
    rows[-1]["is_real"] = 2
    return settle(rows)


def real_after_padding() -> Statement:
    """The closing operation, a row of padding, the closing operation."""
    rows = rows_at(BEGIN, FIRST, SECOND, END, END, END)
    rows[4] = padding(16, END, last=1)
    return settle(rows)


def nothing_runs() -> Statement:
    """Not a row is real."""
    return settle([padding(0, 0)])


def later() -> Statement:
    """The first time is 4."""
    rows = rows_at(BEGIN, FIRST, SECOND, END)
    return settle([{**row, "t": row["t"] + SLOTS} for row in rows])


def unopened() -> Statement:
    """A batch without its opening: no number."""
    return settle(rows_at(FIRST, SECOND, END))


def time_jumps() -> Statement:
    """A gap in time before the closing operation."""
    rows = rows_at(BEGIN, FIRST, SECOND, END)
    rows[-1]["t"] += SLOTS
    return settle(rows)


def half_an_operation() -> Statement:
    """The second row of an operation is left out."""
    return settle(rows_at(BEGIN, FIRST, END))


def opened_twice() -> Statement:
    """A second opening in one batch."""
    return settle(rows_at(BEGIN, FIRST, SECOND, BEGIN, END))


def unclosed() -> Statement:
    """No closing operation, and padding after the last one."""
    return settle(rows_at(BEGIN, FIRST, SECOND))


def unclosed_at_the_bottom() -> Statement:
    """The table is full, and its last row is in the middle of an operation."""
    return settle(rows_at(BEGIN, FIRST, SECOND, FIRST, SECOND, FIRST, SECOND, FIRST))


def wrong_value(slot: int) -> Callable[[], Statement]:
    """A constant of the opening is another number."""

    def make() -> Statement:
        rows = rows_at(BEGIN, FIRST, SECOND, END)
        for name in "abc":
            rows[0][slot_column(name, slot)] = 99
        return settle(rows)

    return make


def kills_of_cpu() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement. The program table has none of its own: its rows are fixed, its counts free."""
    yield "cpu/is_real/boolean", twice_real
    yield "cpu/is_real/monotone", real_after_padding
    yield "cpu/starts_real", nothing_runs
    yield "cpu/starts_at_time_0", later
    yield "cpu/starts_at_row_0", unopened
    yield "cpu/time_rises", time_jumps
    yield "cpu/row_follows", half_an_operation
    yield "cpu/entry_after_end", opened_twice
    yield "cpu/ends_with_the_code", unclosed
    yield "cpu/ends_with_the_code_at_the_bottom", unclosed_at_the_bottom
    for slot in range(SLOTS):
        yield f"cpu/gate{slot}", wrong_value(slot)
