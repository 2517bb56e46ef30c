"""Each table of the state alone, among tables that agree to everything it asks: rejections are its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from l2forge.air import Chip, CompiledAir, compile_air
from l2forge.air.balance import bus_rows
from l2forge.air.check import published
from l2forge.air.chips.poseidon2_rows import ROWS, fill_permutation_rows
from l2forge.ledger.chips.hash_requests import HashRequests, permutation_inputs
from l2forge.ledger.chips.hashes import UNUSED, Hashes
from l2forge.ledger.chips.leaf import Leaves
from l2forge.ledger.chips.node import PUBLIC, Nodes
from l2forge.ledger.chips.tree_witness import fill_leaves, fill_nodes
from l2forge.ledger.layout import Kind
from l2forge.ledger.state import Shape, State
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues
from tests.ledger.state.batches import Batch, address, run_batch
from tests.ledger.units.caller import Taker

Statement = tuple[CompiledAir, list["U64Array | None"], PublicValues]
Cells = Mapping[tuple[str, int], int]
"""(column, row) → value mod p."""

SMALL = Shape(n_markets=1, max_sources=0)
"""Accounts, keys and markets have two blocks."""
LARGE = Shape(n_markets=5, max_sources=3)
"""Accounts and markets have three blocks."""
WIDTHS = {"memory": 3, "node": 11, "hash_input": 11, "hash_output4": 5, "hash_output5": 6}


@cache
def alone(chip: str, shape: Shape = SMALL) -> CompiledAir:
    """The AIR of one chip and of takers for its buses."""
    of_chip: dict[str, tuple[Chip, tuple[str, ...]]] = {
        "leaves": (Leaves(shape), ("memory", "node", "hash_input", "hash_output4")),
        "nodes": (Nodes(), ("node", "hash_input", "hash_output4")),
        "hashes": (Hashes(), ("hash_input", "hash_output4", "hash_output5")),
    }
    table, buses = of_chip[chip]
    takers = [Taker(f"{bus}_taker", bus, WIDTHS[bus]) for bus in buses]
    return compile_air(chip, [table, *takers], public=PUBLIC if chip == "nodes" else ())


def settle(air: CompiledAir, trace: U64Array, scalars: Sequence[int] = ()) -> Statement:
    """The statement of a table's trace: the takers take what it sends, the lists are what it publishes."""
    table, names = air.tables[0], {bus.index: bus.name for bus in air.buses}
    net: dict[str, Counter[tuple[int, ...]]] = {bus: Counter() for bus in names.values()}
    for uses in bus_rows(table, trace, scalars):
        for values, times in zip(uses.values.tolist(), uses.multiplicities.tolist(), strict=True):
            net[names[uses.bus]][tuple(values)] += times
    traces: list[U64Array | None] = [trace]
    for taker in air.tables[1:]:
        rows = [(n % P, *values) for values, n in net[taker.name.removesuffix("_taker")].items() if n % P]
        taken = np.zeros((taker.n_main, 1 << max(2, (len(rows) - 1).bit_length())), np.uint64)
        taken[:, : len(rows)] = np.array(rows, np.uint64).reshape(-1, taker.n_main).T
        traces.append(taken)
    lists = tuple(published(table, k, trace, scalars) for k in range(len(air.lists)))
    return air, traces, PublicValues(tuple(scalars), lists)


def changed(chip: str, trace: U64Array, cells: Cells, shape: Shape = SMALL) -> Statement:
    """The settled statement of a trace with some cells changed; nodes have the roots of their first row."""
    air = alone(chip, shape)
    for (column, row), value in cells.items():
        trace[air.tables[0].columns.index(column), row] = value % P
    columns = air.tables[0].columns
    scalars = [int(trace[columns.index(name.replace("_root", "")), 0]) for name in air.public]
    return settle(air, trace, scalars)


# --- leaves and nodes of one batch

LEAVES = ("old account", "new account", "old order", "new order", "market", "venue", "key")
"""The leaves of the batch, in the order of their rows."""


@cache
def batch(shape: Shape) -> Batch:
    """Account 1 has a key and an order, and one more order comes; account 6 is new and has no key."""
    state, order, key = State(shape), ((1 << 8) + 4) << 16, (1 << 8) + 4
    first = [(Kind.ACCOUNT, 1, 3), (Kind.KEY, key, 9), (Kind.ORDER, order, 0), (Kind.MARKET, 0, 0)]
    run_batch(state, {address(*word): 5 for word in (*first, (Kind.VENUE, 0, 0))})
    second = [*first[::2], first[3], (Kind.ORDER, order + 7, 1), (Kind.ACCOUNT, 6, 0), (Kind.VENUE, 0, 1)]
    return run_batch(state, {address(*word): 6 for word in second})


def leaf_rows(shape: Shape = SMALL) -> dict[str, U64Array]:
    """The rows of each leaf: (columns, blocks)."""
    done = batch(shape)
    times = np.arange(1, len(done.addresses) + 1, dtype=np.uint64)
    trace = fill_leaves(done.witness, done.addresses, times, HashRequests())
    columns = Leaves.columns
    starts = np.flatnonzero(trace[columns.index("is_first")])
    names = ("old account", "new account", "key", "old order", "new order", "market", "venue")
    n_rows = int(trace[: len(Kind)].sum())
    ends = [*starts[1:], n_rows]
    return {name: trace[:, a:b] for name, a, b in zip(names, starts, ends, strict=True)}


def leaves_trace(parts: Sequence[U64Array]) -> U64Array:
    """Rows one below the other, padded with zeros."""
    rows = np.concatenate(parts, axis=1)
    trace = np.zeros((len(rows), 1 << max(1, (rows.shape[1] - 1).bit_length())), np.uint64)
    trace[:, : rows.shape[1]] = rows
    return trace


def leaves_statement(shape: Shape = SMALL) -> Statement:
    """The leaves of the batch in the order of `LEAVES`, and padding."""
    rows = leaf_rows(shape)
    return changed("leaves", leaves_trace([rows[name] for name in LEAVES]), {}, shape)


def leaf_padding(trace: U64Array) -> NDArray[np.bool_]:
    """Cells of rows that are of no kind."""
    return np.repeat(trace[: len(Kind)].sum(axis=0)[None] == 0, len(trace), axis=0)


def node_padding(trace: U64Array) -> NDArray[np.bool_]:
    """Cells of rows that take no child."""
    sides = [trace[Nodes.columns.index(side)] for side in ("left", "right")]
    return np.repeat((sides[0] | sides[1])[None] == 0, len(trace), axis=0)


def nodes_statement() -> Statement:
    """The nodes of the batch."""
    return changed("nodes", fill_nodes(batch(SMALL).witness, HashRequests()), {})


# --- permutations


def sponges() -> tuple[U64Array, U64Array]:
    """Inputs (12, 8) and uses (8,) of permutations of every chain; the last one is not used."""
    requests = HashRequests()
    for chain, tag, n in ((0, 0, 8), (1, 0, 8), (0, 9, 8), (2, 0, 2), (0, 3, 8), (3, 0, 6), (1, 0, 8)):
        block = np.zeros((1, 8), np.uint64)
        block[0, :n] = np.arange(n) + 10 * len(requests)
        requests.add(block, chain, tag)
    inputs = np.zeros((12, 8), np.uint64)
    inputs[:, :7] = permutation_inputs(requests)
    return inputs, np.array([*requests.chain, UNUSED], np.uint64)


def hashes_of(inputs: U64Array, uses: U64Array, cells: Cells | None = None) -> Statement:
    """The table of these permutations; the third and the fifth give 4 outputs, the fourth 5."""
    n = len(uses)
    trace = np.zeros((len(Hashes.columns), ROWS * n), np.uint64)
    fill_permutation_rows(inputs, trace)
    trace[-2], trace[-1, ::ROWS] = np.repeat(np.arange(n), ROWS), uses
    trace[-1, 3 : 3 + 5 * ROWS : ROWS] = (0, 0, 1, 2, 1)
    return changed("hashes", trace, cells or {})


def hashes_statement() -> Statement:
    """Permutations of every chain."""
    return hashes_of(*sponges())
