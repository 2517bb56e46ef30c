"""A caller for the unit tables: scripted calls with plain Python integers, and tables for what they ask.

A `Script` is a list of lines (unit, operand distances, value). Its AIR has the unit tables, the lines in a
preprocessed table without gates, and three tables that agree to everything: state words, hashes, keys. So a
rejection is a unit table's own. `settle` makes these and all counts fit whatever the unit tables ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.balance import bus_rows
from l2forge.air.chips.range16 import Range16
from l2forge.ledger.chips.units import (
    Access,
    Gather,
    MulDiv,
    Ranges,
    fill_access,
    fill_gather,
    fill_muldiv,
    fill_ranges,
)
from l2forge.ledger.machine.isa import OFFSET_SHIFT, Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues

Traces = list["U64Array | None"]
TABLES = ("access", "ranges", "muldiv", "gather", "lines", "words", "hashes", "outputs", "keys", "range16")
UNIT_TABLES = 4


class Lines(Chip):
    """The lines of a script: a, b, c and the count of c are free but for their look-ups."""

    name = "lines"
    columns = Columns(a="field", b="field", c="field", count="field")

    def __init__(self, script: Script) -> None:
        n = 1 << max(1, (len(script.lines) - 1).bit_length())
        padded = [*script.lines, *[Line(0)] * (n - len(script.lines))]
        self.preprocessed = {
            "t": range(n),
            "unit": [line.number for line in padded],
            "calls": [int(line.number > 0) for line in padded],
            "da": [line.da for line in padded],
            "db": [line.db for line in padded],
        }

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.send("call", [row.unit, row.t, row.a, row.b, row.c], row.calls)
        b.receive("value", [row.t, row.c], row.count)
        b.send("value", [row.t - row.da, row.a])
        b.send("value", [row.t - row.db, row.b])


class Words(Chip):
    """State words: as often as `count` says, the initial value at time 0 is put and the final one taken."""

    name = "words"
    columns = Columns(count="field", address="field", initial="field", time="field", final="field")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.send("memory", [row.address, 0, row.initial], row.count)
        b.receive("memory", [row.address, row.time, row.final], row.count)


class Taker(Chip):
    """Takes whatever is sent on a bus."""

    def __init__(self, name: str, bus: str, width: int) -> None:
        self.name, self._bus = name, bus
        self.columns = Columns(count="field", value=f"field[{width}]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive(self._bus, row.value, row.count)


TAKERS = {"hashes": ("hash_input", 11), "outputs": ("hash_output5", 6), "keys": ("signature", 10)}


@dataclass(frozen=True)
class Line:
    """One line: the number that is called, distances of a and b, and the value."""

    value: int
    number: int = 0
    da: int = 0
    db: int = 0


@dataclass
class Script:
    """Lines with their values by plain integers; methods return the place t of a line."""

    memory: dict[int, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def add(self, value: int, number: int = 0, a: int = -1, b: int = -1) -> int:
        """A line; operands are places, −1 the line itself."""
        t = len(self.lines)
        self.lines.append(Line(value % P, number, t - a if a >= 0 else 0, t - b if b >= 0 else 0))
        return t

    def values(self, *values: int) -> list[int]:
        """Lines that call nothing."""
        return [self.add(value) for value in values]

    def read(self, address: int, offset: int = 0) -> int:
        """READ of the word at V[address] + offset."""
        word = self.lines[address].value + offset
        return self.add(self.memory[word], Unit.READ + (offset << OFFSET_SHIFT), address)

    def write(self, address: int, value: int, offset: int = 0) -> int:
        """WRITE of V[value]."""
        word = self.lines[address].value + offset
        found, self.memory[word] = self.memory[word], self.lines[value].value
        return self.add(found, Unit.WRITE + (offset << OFFSET_SHIFT), address, value)

    def range(self, value: int, a: int = -1, b: int = -1) -> int:
        """RANGE; its operands do not matter."""
        return self.add(value, Unit.RANGE, a, b)

    def muldiv(self, a: int, b: int, d: int, up: int, result: tuple[int, int] | None = None) -> int:
        """MULDIV and DIVREM of new lines a, b, d, up; the place of q. `result` is (q, r)."""
        q, r = result or divide(a, b, d, up)
        places = self.values(a, b, d, up)
        place = self.add(q, Unit.MULDIV, *places[:2])
        self.add(r, Unit.DIVREM, *places[2:])
        return place

    def run_of(self, unit: Unit, values: Sequence[int], value: int = 0) -> int:
        """A unit that takes the run of values before it; its operands are the first two."""
        first = self.values(*values)[0]
        return self.add(value, unit, first, first + 1)

    def digest(self, number: int, values: Sequence[int]) -> int:
        """DIGEST of the permutation `number`, whose outputs follow."""
        place = self.add(0, Unit.DIGEST, self.add(number))
        self.values(*values)
        return place

    def run(self) -> Run:
        """What the interpreter would leave."""
        values = np.array([line.value for line in self.lines], np.uint64)
        t = np.arange(len(values))
        places = [t - np.array([getattr(line, name) for line in self.lines]) for name in ("da", "db")]
        reads = sum(np.bincount(place, minlength=len(t)) for place in places)
        numbers = np.array([line.number if line.number < 1 << 16 else 0 for line in self.lines])
        units, offsets = numbers & 0xFF, (numbers >> OFFSET_SHIFT).astype(np.uint8)
        calls = {int(u): np.flatnonzero(units == u) for u in np.unique(units) if u}
        a, b = (values[place] for place in places)
        return Run(values, a, b, np.asarray(reads, np.uint64), calls, offsets=offsets)

    def air(self) -> CompiledAir:
        """The AIR of the script."""
        takers = [Taker(name, *bus) for name, bus in TAKERS.items()]
        chips = [Access(), Ranges(), MulDiv(), Gather(), Lines(self), Words(), *takers, Range16()]
        return compile_air("units", chips)

    def traces(self) -> Traces:
        """The unit tables and the lines; None for what `settle` makes."""
        run = self.run()
        units: Traces = [fill_access(run)[0], fill_ranges(run), fill_muldiv(run), fill_gather(run)]
        n = len(self.lines)
        lines = np.zeros((4, 1 << max(1, (n - 1).bit_length())), np.uint64)
        lines[:, :n] = run.a, run.b, run.values, run.reads
        return [*units, lines, *[None] * (len(TABLES) - len(units) - 1)]


def divide(a: int, b: int, d: int, up: int) -> tuple[int, int]:
    """(q, r) of a·b by d: the oracle of MULDIV."""
    q = -(-a * b // d) if up else a * b // d
    return q, abs(a * b - d * q)


def statement(script: Script, traces: Traces | None = None) -> tuple[CompiledAir, Traces, PublicValues]:
    """The settled statement of a script, or of other traces of its tables."""
    air = script.air()
    return settle(air, script.traces() if traces is None else traces)


def settle(air: CompiledAir, traces: Traces) -> tuple[CompiledAir, Traces, PublicValues]:
    """All tables but units and lines, the counts of the lines, and the lists, made to fit what these ask."""
    traces = list(traces[: UNIT_TABLES + 1])
    sent = [uses for table, trace in zip(air.tables, traces, strict=False) if trace is not None
            for uses in bus_rows(table, trace, ())]  # fmt: skip
    buses = {bus.name: bus.index for bus in air.buses}

    def on(bus: str) -> Counter[tuple[int, ...]]:
        """Signed multiplicities mod p by tuple."""
        total: Counter[tuple[int, ...]] = Counter()
        for uses in sent:
            if uses.bus == buses[bus]:
                for values, times in zip(uses.values.tolist(), uses.multiplicities.tolist(), strict=True):
                    total[tuple(values)] += times
        return Counter({values: times % P for values, times in total.items() if times % P})

    lines = traces[UNIT_TABLES]
    assert lines is not None
    for (t, value), times in on("value").items():
        if t < lines.shape[1] and int(lines[2, t]) == value:
            lines[3, t] = (int(lines[3, t]) + times) % P
    traces.append(_columns(5, _words(on("memory"))))
    for bus, width in TAKERS.values():
        traces.append(_columns(1 + width, [(times, *values) for values, times in on(bus).items()]))
    ranges = np.stack([np.arange(1 << 16), np.zeros(1 << 16)]).astype(np.uint64)
    for (value,), times in on("range16").items():
        if value < 1 << 16:
            ranges[1, value] = times
    traces.append(ranges)
    return air, traces, PublicValues((), lists_of(traces[UNIT_TABLES - 1]))


def _words(net: Mapping[tuple[int, ...], int]) -> list[tuple[int, ...]]:
    """Rows of the words: what is missing at time 0, with what is left of the same address."""
    initial = {address: (P - n, value) for (address, time, value), n in net.items() if time == 0}
    final = {address: (time, value) for (address, time, value), n in net.items() if time}
    return [
        (n, address, value, *final[address]) for address, (n, value) in initial.items() if address in final
    ]


def _columns(width: int, rows: Sequence[tuple[int, ...]]) -> U64Array:
    trace = np.zeros((width, 1 << max(1, (len(rows) - 1).bit_length())), np.uint64)
    for k, row in enumerate(rows):
        trace[:, k] = row
    return trace


def lists_of(gather: U64Array | None) -> tuple[U64Array, U64Array]:
    """The requests and payouts that a trace of `gather` publishes."""
    if gather is None:
        return np.zeros((0, 0), np.uint64), np.zeros((0, 0), np.uint64)
    other, code = gather[2] == 1, gather[3]
    back = gather[8:][::-1]
    request, payout = other & (code == 1), other & (code == 2)
    requests = np.concatenate([gather[5:7], back])[:, request].T.copy()
    payouts = back[-6:, payout].T.copy()
    return requests, payouts


def unread_cells(gather: U64Array) -> NDArray[np.bool_]:
    """Which cells of used rows of `gather` a row of its unit does not read: an x too many."""
    n_read = np.where(
        gather[0] == 1, 5, np.where(gather[1] == 1, 8, np.array([8, 10, 6, 0])[gather[3].astype(int)])
    )
    unread = np.zeros(gather.shape, bool)
    unread[8:] = np.arange(10)[:, None] >= n_read
    return unread


def uncounted_cells(trace: U64Array) -> NDArray[np.bool_]:
    """Which cells are in a row whose count, the first column, is 0."""
    return np.repeat(trace[:1] == 0, len(trace), axis=0)


def everything() -> Script:
    """A script that calls each unit; its unit tables have no unused row."""
    script = Script(memory={1000: 5, 1007: P - 3, 2000: 11})
    here, there, new = script.values(1000, 2000, 77)
    script.read(here)
    script.write(here, new)
    script.read(here)
    script.write(here, script.read(here, 7), 7)
    script.write(there, here)
    script.read(there)
    script.read(there)
    for value in (0, 1, 12345678901234567, 2**62 - 1, 2**62 + 2**48 - 2**46 - 1, 2**48, 70000, 2**47 + 9):
        script.range(value, a=here, b=new)
    for up in (0, 1):
        script.muldiv(2**61 + 12345, 2**60 + 999, 2**61 - 77, up)
        script.muldiv(10**12, 10**15 + 3, 10**9, up)
    script.run_of(Unit.ABSORB, range(1, 9), 100)
    script.run_of(Unit.ABSORB_NEXT, range(11, 19), 101)
    script.run_of(Unit.ABSORB_TWO, [21, 22, 0, 0, 0, 0, 0, 0], 102)
    script.run_of(Unit.ABSORB_SIX, [31, 32, 33, 34, 35, 36, 0, 0], 103)
    script.digest(103, (P - 1, 41, 42, 43, 44))
    script.run_of(Unit.SIGNED, range(51, 61))
    script.run_of(Unit.REQUEST, range(61, 73))
    script.run_of(Unit.PAYOUT, range(81, 87))
    return script
