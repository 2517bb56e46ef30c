"""Whether the buses of concrete traces balance, and which tuples do not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2forge.air.compiled import CompiledAir
from l2forge.air.evaluate import evaluate_uniform
from l2forge.air.table import Table
from l2forge.air.tiles.interaction import interaction_trace
from l2forge.air.tiles.runner import Matrices, natural_walk, run
from l2forge.stark.claims import Challenges, Claims
from l2forge.stark.ext import ZERO, Ext
from l2forge.stark.field import P, U64Array

_PLACES = 4


@dataclass(frozen=True)
class Unmatched:
    """A tuple that a bus has not received as often as it was sent."""

    bus: str
    values: tuple[int, ...]
    surplus: int
    """sends − receives, between −p/2 and p/2"""
    places: tuple[str, ...]
    """the first tables and rows that send or receive it"""

    def __str__(self) -> str:
        times = f"{abs(self.surplus)} times more {'sent' if self.surplus > 0 else 'received'}"
        return f"bus {self.bus}: {self.values} is {times}, at {', '.join(self.places)}"


@dataclass(frozen=True)
class BusRows:
    """All uses of one bus by one interaction: signed multiplicities that are not 0, and their tuples."""

    table: str
    bus: int
    rows: NDArray[np.intp]
    multiplicities: U64Array
    """mod p, the receiver's negated"""
    values: U64Array
    """(uses, width)"""


def is_balanced(air: CompiledAir, traces: Sequence[U64Array | None], public: Sequence[int]) -> bool:
    """Whether Σ S_i = 0 for fixed pseudo-random challenges: a witness's own check, not an adversary's."""
    rng = random.Random(0xB05)
    alpha, beta, rho = (Ext(*(rng.randrange(P) for _ in range(3))) for _ in range(3))
    claims = Claims(Challenges(alpha, beta, rho), tuple(public), (), ())
    total = ZERO
    for table, trace in zip(air.tables, traces, strict=True):
        if trace is not None and table.has_sum:
            total = total + (interaction_trace(table, trace, claims).sum or ZERO)
    return not total


def bus_rows(table: Table, trace: U64Array, public: Sequence[int], bus: int | None = None) -> list[BusRows]:
    """What each interaction of a table (on one bus, or all) does to its bus."""
    wanted = [i for i in table.interactions if bus in (None, i.bus)]
    claims = Claims(Challenges(ZERO, ZERO, ZERO), tuple(public), (), ())
    uniform = evaluate_uniform(table, claims)
    walk = natural_walk(table, trace.shape[1].bit_length() - 1)
    matrices = Matrices.of(trace, table.preprocessed)
    found = []
    for interaction in wanted:
        program = table.output_program([interaction.multiplicity, *interaction.values])
        multiplicity, *values = run(program, table, matrices, walk, program.scalars(uniform, ()))
        rows = np.nonzero(multiplicity)[0]
        signed = multiplicity[rows] if interaction.sign > 0 else np.uint64(P) - multiplicity[rows]
        found.append(BusRows(table.name, interaction.bus, rows, signed, np.stack(values)[:, rows].T.copy()))
    return found


def unmatched_tuples(
    air: CompiledAir, traces: Sequence[U64Array | None], public: Sequence[int]
) -> list[Unmatched]:
    """Every tuple whose multiplicities do not add up to 0 mod p, bus by bus."""
    uses = [
        entry
        for table, trace in zip(air.tables, traces, strict=True)
        if trace is not None
        for entry in bus_rows(table, trace, public)
    ]
    found = []
    for bus in air.buses:
        entries = [entry for entry in uses if entry.bus == bus.index and len(entry.rows)]
        if entries:
            found += _unmatched_on(bus.name, entries)
    return found


def _unmatched_on(bus: str, entries: Sequence[BusRows]) -> list[Unmatched]:
    values = np.concatenate([entry.values for entry in entries])
    multiplicities = np.concatenate([entry.multiplicities for entry in entries])
    distinct, group = np.unique(values, axis=0, return_inverse=True)
    group = group.reshape(-1)
    low, high = (np.zeros(len(distinct), np.uint64) for _ in range(2))
    np.add.at(low, group, multiplicities & np.uint64(0xFFFFFFFF))
    np.add.at(high, group, multiplicities >> np.uint64(32))
    found = []
    for k, (a, b) in enumerate(zip(high.tolist(), low.tolist(), strict=True)):
        surplus = ((a << 32) + b) % P
        if surplus:
            places = _places(entries, np.nonzero(group == k)[0][:_PLACES])
            signed = surplus if surplus <= P // 2 else surplus - P
            found.append(Unmatched(bus, tuple(distinct[k].tolist()), signed, places))
    return found


def _places(entries: Sequence[BusRows], positions: NDArray[np.intp]) -> tuple[str, ...]:
    places = []
    starts = np.cumsum([0] + [len(entry.rows) for entry in entries])
    for position in positions:
        k = int(np.searchsorted(starts, position, side="right")) - 1
        places.append(f"{entries[k].table} row {entries[k].rows[position - starts[k]]}")
    return tuple(places)
