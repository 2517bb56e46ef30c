"""What a witness need not compute by hand: limbs of range types, and the counts of the range table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from l2forge.air.balance import bus_rows
from l2forge.air.builder import RANGE_BUS
from l2forge.air.columns import LIMB_BITS, Columns
from l2forge.air.compiled import CompiledAir
from l2forge.air.errors import TraceError
from l2forge.stark.field import P, U64Array

_LIMB_MASK = np.uint64((1 << LIMB_BITS) - 1)


def make_trace(columns: Columns, log_height: int, values: Mapping[str, Sequence[int] | U64Array]) -> U64Array:
    """The main trace (columns, 2^log_height): the named columns, padded with zeros, and their limbs.

    An array column takes (count, rows). Signed Python integers are taken mod p. Raises TraceError for a name
    that the chip lacks, too many rows, or a column left out.
    """
    trace = np.zeros((len(columns), 1 << log_height), np.uint64)
    missing = set(columns.groups) - set(values)
    if missing:
        raise TraceError(f"the columns {sorted(missing)} are missing")
    for name, data in values.items():
        group = columns.groups.get(name)
        if group is None:
            raise TraceError(f"there is no column {name!r}")
        members = group if isinstance(group, tuple) else (group,)
        rows = data if isinstance(group, tuple) else [data]
        for column, row in zip(members, rows, strict=True):
            array = row if isinstance(row, np.ndarray) else np.array([int(v) % P for v in row], np.uint64)
            if len(array) > trace.shape[1]:
                raise TraceError(f"column {column.name} has {len(array)} rows, above 2^{log_height}")
            trace[column.index, : len(array)] = array
    fill_limbs(columns, trace)
    return trace


def fill_limbs(columns: Columns, trace: U64Array) -> None:
    """Write the limb columns of all range types, from the values in `trace` (columns, rows).

    A value out of its range gets the limbs of its lowest bits; the checker then names the bus range16.
    """
    for column in columns.columns:
        if column.limbs:
            value = trace[column.index].copy()
            if column.type.is_signed:
                shifted = (value.astype(object) + column.type.offset) % P
                value = np.array(shifted, np.uint64)
            for k, limb in enumerate(column.limbs):
                trace[limb] = (value >> np.uint64(LIMB_BITS * k)) & _LIMB_MASK


def count_ranges(air: CompiledAir, traces: Sequence[U64Array | None], public: Sequence[int] = ()) -> U64Array:
    """The trace of the table `range16`: the counter, and how often the other tables look each value up.

    Values of 2^16 and more are left out: nothing can receive them.
    """
    bus = next(entry.index for entry in air.buses if entry.name == RANGE_BUS)
    size = 1 << LIMB_BITS
    counts = np.zeros(size, np.uint64)
    for table, trace in zip(air.tables, traces, strict=True):
        if trace is None or table.name == RANGE_BUS:
            continue
        for uses in bus_rows(table, trace, public, bus):
            values = uses.values[:, 0]
            inside = values < size
            np.add.at(counts, values[inside].astype(np.int64), uses.multiplicities[inside])
    return np.stack([np.arange(size, dtype=np.uint64), counts])
