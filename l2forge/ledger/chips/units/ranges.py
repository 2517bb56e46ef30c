"""The table of the unit RANGE: one row per call."""

from __future__ import annotations

from typing import Any

from l2forge.air.builder import RANGE_BUS
from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.ledger.chips.cpu import CALL_BUS
from l2forge.ledger.chips.units.rows import calls_of, empty_trace
from l2forge.ledger.chips.units.words import LIMB_SHIFTS, split_words, word
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import P, U64Array


class Ranges(Chip):
    """RANGE: c is a word.

    1. A used row takes its call (RANGE, t, a, b, c); a and b are any values.
    2. c is the word of three limbs and a top limb, which is an expression; all four are below 2^16.
    """

    name = "ranges"
    optional = True
    columns = Columns(is_real="bool", t="field", a="field", b="field", c="field", limb="field[3]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive(CALL_BUS, [int(Unit.RANGE), row.t, row.a, row.b, row.c], row.is_real)
        top = (row.c - word(row.limb)) * pow(1 << LIMB_SHIFTS[3], -1, P)
        for limb in (*row.limb, top):
            b.send(RANGE_BUS, [limb], row.is_real)


def fill_ranges(run: Run) -> U64Array | None:
    """The trace of a run, None if it has no such call."""
    t = calls_of(run, Unit.RANGE)
    n = len(t)
    if not n:
        return None
    trace = empty_trace(Ranges.columns, n)
    trace[0, :n] = 1
    trace[1:5, :n] = t, run.a[t], run.b[t], run.values[t]
    trace[5:8, :n] = split_words(run.values[t])[:3]
    return trace
