"""The table of the units READ and WRITE: one row per call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2forge.air.builder import RANGE_BUS
from l2forge.air.chip import Chip, Row
from l2forge.air.chips.memory import access
from l2forge.air.columns import Columns
from l2forge.ledger.chips.cpu import CALL_BUS
from l2forge.ledger.chips.units.rows import calls_of, empty_trace
from l2forge.ledger.chips.units.words import word
from l2forge.ledger.machine.isa import OFFSET_SHIFT, Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import U64Array

MEMORY_BUS = "memory"


class Access(Chip):
    """READ and WRITE: unit = 1 + writes.

    1. A used row takes its call (unit + 256·offset, t, a, b, c).
    2. At time t + 1 the word at address a + offset was c and is b from now on; its last use was at time
       t − gap, with gap = limb0 + 2^16·limb1. Time 0 is before the batch.
    3. READ leaves what it finds: b = c. (Its operand b is at distance 0, which is its own value.)
    4. The offset and the limbs are below 2^16.
    Soundness: `writes` is a bit and offset < 2^16, so unit + 256·offset is an integer, and its last eight
    bits are the unit that the cpu called: an offset like 1/256 mod p cannot turn one unit into another.
    t < SLOTS·2^24 < 2^26, since the bus binds it to the cpu, and 0 ≤ gap < 2^32. A gap above t names the time
    p − (gap − t) > 2^63, which no tuple of the bus has; so each access takes what an earlier time has put.
    """

    name = "access"
    optional = True
    columns = Columns(
        is_real="bool",
        writes="bool",
        t="field",
        a="field",
        b="field",
        c="field",
        offset="field",
        gap="field[2]",
    )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        number = int(Unit.READ) + row.writes + (1 << OFFSET_SHIFT) * row.offset
        b.receive(CALL_BUS, [number, row.t, row.a, row.b, row.c], row.is_real)
        b.enforce("read_leaves_what_it_finds", (1 - row.writes) * (row.b - row.c))
        access(
            b,
            MEMORY_BUS,
            address=row.a + row.offset,
            time=row.t + 1,
            gap=word(row.gap),
            values=([row.c], [row.b]),
            multiplicity=row.is_real,
        )
        for limb in (*row.gap, row.offset):
            b.send(RANGE_BUS, [limb], row.is_real)


@dataclass(frozen=True)
class Touched:
    """The state words that a run used, by rising address."""

    addresses: U64Array
    times: U64Array
    """Of the last access."""
    finals: U64Array
    """The value after it."""


def fill_access(run: Run) -> tuple[U64Array | None, Touched]:
    """The trace of a run, None if it has no such call; and when each state word was last used."""
    reads, writes = (calls_of(run, unit) for unit in (Unit.READ, Unit.WRITE))
    t, gaps, touched = _history(run, np.sort(np.concatenate([reads, writes])))
    n = len(t)
    trace = empty_trace(Access.columns, n)
    is_write = np.zeros(len(run.values), bool)
    is_write[writes] = True
    trace[0, :n], trace[1, :n] = 1, is_write[t]
    trace[2:7, :n] = t, run.a[t], run.b[t], run.values[t], run.offsets[t]
    trace[7, :n], trace[8, :n] = gaps & np.uint64(0xFFFF), gaps >> np.uint64(16)
    return (trace if n else None), touched


def _history(run: Run, t: NDArray[np.int64]) -> tuple[NDArray[np.int64], U64Array, Touched]:
    """The accesses at rising t, sorted by (address, time), their gaps, and the last one of each address."""
    address = run.a[t] + run.offsets[t]
    order = np.argsort(address, kind="stable")
    t, address = t[order], address[order]
    is_first = np.ones(len(t), bool)
    is_first[1:] = address[1:] != address[:-1]
    before = np.roll(t, 1) + 1
    before[is_first] = 0
    is_last = np.roll(is_first, -1)
    end = t[is_last]
    touched = Touched(address[is_last], (end + 1).astype(np.uint64), run.b[end])
    return t, (t - before).astype(np.uint64), touched
