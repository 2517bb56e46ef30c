"""True statements of the example AIRs, small enough to be broken a thousand times."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from examples.merkle_update import merkle_air, merkle_witness
from examples.poseidon2_table import poseidon2_air, poseidon2_witness
from examples.small_machine import FIBONACCI, machine_air, machine_witness
from l2forge.air import CompiledAir
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues

Traces = list["U64Array | None"]
Statement = tuple[CompiledAir, Traces, PublicValues]


@cache
def airs() -> dict[str, CompiledAir]:
    """The example AIRs by name."""
    compiled = (poseidon2_air(), merkle_air(), machine_air(FIBONACCI))
    return {air.name: air for air in compiled}


def poseidon2_statement() -> Statement:
    """Four permutations; the first and the last are published."""
    traces, scalars, lists = poseidon2_witness(2)
    return airs()["poseidon2_table"], traces, PublicValues(scalars, tuple(lists))


def merkle_statement() -> Statement:
    """An update at depth 3: one padding row in the path, two unused permutations."""
    traces, scalars, lists = merkle_witness(3, index=5)
    return airs()["merkle_update"], traces, PublicValues(scalars, tuple(lists))


def machine_statement() -> Statement:
    """Three Fibonacci numbers: 21 steps and 11 padding rows."""
    air = airs()["small_machine"]
    traces, scalars, lists = machine_witness(FIBONACCI, 3, air=air)
    return air, traces, PublicValues(scalars, tuple(lists))


STATEMENTS: dict[str, Callable[[], Statement]] = {
    "poseidon2_table": poseidon2_statement,
    "merkle_update": merkle_statement,
    "small_machine": machine_statement,
}


def trace_of(traces: Traces, air: CompiledAir, table: str) -> U64Array:
    """The trace of a table that is present."""
    trace = traces[air.table(table).index]
    assert trace is not None
    return trace
