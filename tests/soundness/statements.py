"""True statements of the example AIRs, small enough to be broken a thousand times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from examples.merkle_update import merkle_air, merkle_witness
from examples.poseidon2_table import poseidon2_air, poseidon2_witness
from examples.small_machine import FIBONACCI, machine_air, machine_witness
from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.chips.poseidon2 import COMPRESS_BUS, N_COLUMNS, Compression, fill_permutations
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues
from tests.ledger.signature_statements import signature_statement
from tests.ledger.state.alone import (
    hashes_statement,
    leaf_padding,
    leaves_statement,
    node_padding,
    nodes_statement,
)
from tests.ledger.units.caller import everything, settle, uncounted_cells, unread_cells
from tests.soundness.small_code import cpu_statement

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


class Asker(Chip):
    """Asks for a compression in each real row."""

    name = "asker"
    columns = Columns(is_real="real", left="field[4]", right="field[4]", digest="field[4]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.send(COMPRESS_BUS, [*row.left, *row.right, *row.digest], row.is_real)


@cache
def compression_air() -> CompiledAir:
    """The chip `Compression` with somebody who uses it."""
    return compile_air("compression", [Asker(), Compression()])


def compressions(inputs: Sequence[Sequence[int]], uses: Sequence[int], real: Sequence[int]) -> Statement:
    """Four permutations of these inputs, each looked up as often as `uses` says; row k of the asker, with the
    flag real[k], asks for permutation k."""
    states = np.array(inputs, np.uint64).T.copy()
    table = np.zeros((N_COLUMNS + 1, 4), np.uint64)
    fill_permutations(states, table)
    table[N_COLUMNS] = np.array(uses, np.uint64)
    asker = np.concatenate([np.array([real], np.uint64), states[:8], table[N_COLUMNS - 12 : N_COLUMNS - 8]])
    return compression_air(), [asker, table], PublicValues((), ())


def compression_statement() -> Statement:
    """Three compressions; the fourth row is not used."""
    inputs = [[*range(10 * k, 10 * k + 8), 0, 0, 0, 0] for k in range(4)]
    return compressions(inputs, (1, 1, 1, 0), (1, 1, 1, 0))


def units_statement() -> Statement:
    """Each unit of the ledger machine is called; the unit tables have no unused row."""
    script = everything()
    return settle(script.air(), script.traces())


STATEMENTS: dict[str, Callable[[], Statement]] = {
    "poseidon2_table": poseidon2_statement,
    "merkle_update": merkle_statement,
    "small_machine": machine_statement,
    "compression": compression_statement,
    "signatures": signature_statement,
    "units": units_statement,
    "leaves": leaves_statement,
    "nodes": nodes_statement,
    "hashes": hashes_statement,
    "cpu": cpu_statement,
}


UNREAD: dict[tuple[str, str], Callable[[U64Array], NDArray[np.bool_]]] = {
    ("units", "gather"): unread_cells,
    **{("units", table): uncounted_cells for table in ("words", "hashes", "outputs", "keys")},
    **{
        (name, f"{bus}_taker"): uncounted_cells
        for name in ("leaves", "nodes", "hashes")
        for bus in ("memory", "node", "hash_input", "hash_output4", "hash_output5")
    },
    ("cpu", "answers"): uncounted_cells,
    ("leaves", "leaves"): leaf_padding,
    ("nodes", "nodes"): node_padding,
}
"""Cells of used rows that mean nothing: they are on no bus and in no list."""


def trace_of(traces: Traces, air: CompiledAir, table: str) -> U64Array:
    """The trace of a table that is present."""
    trace = traces[air.table(table).index]
    assert trace is not None
    return trace
