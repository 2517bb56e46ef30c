"""Batches that touch state, with a small chip that stands for the accesses of programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.witness import make_trace
from l2forge.ledger.chips.hash_requests import HashRequests, hashes_trace
from l2forge.ledger.chips.hashes import Hashes
from l2forge.ledger.chips.leaf import MEMORY, Leaves
from l2forge.ledger.chips.node import PUBLIC, Nodes
from l2forge.ledger.chips.tree_witness import fill_leaves, fill_nodes, published_leaves
from l2forge.ledger.layout import INDEX_SHIFT, KIND_SHIFT, Kind
from l2forge.ledger.state import Shape, State, TreeWitness
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues

SHAPE = Shape(n_markets=5, max_sources=3)
"""An account has three blocks, a market three."""


class Accesses(Chip):
    """One access of each address: it takes what was there at time 0 and leaves a value at `time`."""

    name = "accesses"
    columns = Columns(is_real="real", address="field", time="field", found="field", left="field")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive(MEMORY, [row.address, 0, row.found], row.is_real)
        b.send(MEMORY, [row.address, row.time, row.left], row.is_real)


@cache
def state_air(shape: Shape = SHAPE) -> CompiledAir:
    """The tables of the state with the accesses."""
    chips: list[Chip] = [Accesses(), Leaves(shape), Nodes(), Hashes()]
    return compile_air("state", chips, public=PUBLIC)


def address(kind: Kind, index: int, offset: int) -> int:
    """The address of a word."""
    return (kind << KIND_SHIFT) + (index << INDEX_SHIFT) + offset


@dataclass
class Batch:
    """What a batch did: `writes` by address, the values found, the witness of the trees."""

    writes: dict[int, int]
    found: U64Array
    witness: TreeWitness

    @property
    def addresses(self) -> U64Array:
        """Rising."""
        return np.array(sorted(self.writes), np.uint64)


def run_batch(state: State, writes: Mapping[int, int]) -> Batch:
    """Apply writes to the state."""
    addresses = np.array(sorted(writes), np.uint64)
    found = state.read_many(addresses)
    witness = state.apply(addresses, [writes[int(a)] for a in addresses])
    return Batch(dict(writes), found, witness)


def statement(batch: Batch) -> tuple[CompiledAir, list[U64Array | None], PublicValues]:
    """The AIR, the traces of a batch, and its public values."""
    addresses, requests = batch.addresses, HashRequests()
    n = len(addresses)
    times = np.arange(1, n + 1, dtype=np.uint64)
    left = np.array([batch.writes[int(a)] for a in addresses], np.uint64)
    accesses = make_trace(
        Accesses.columns,
        max(1, (n - 1).bit_length()),
        {"is_real": [1] * n, "address": addresses, "time": times, "found": batch.found, "left": left},
    )
    leaves = fill_leaves(batch.witness, addresses, times, requests)
    nodes = fill_nodes(batch.witness, requests)
    traces: list[U64Array | None] = [accesses, leaves, nodes, hashes_trace(requests)]
    scalars = tuple(int(x) for x in (*batch.witness.old_root, *batch.witness.new_root))
    air = state_air(batch.witness.shape)
    return air, traces, PublicValues(scalars, (published_leaves(batch.witness),))


def random_writes(rng: np.random.Generator, n_words: int, n_accounts: int, shape: Shape) -> dict[int, int]:
    """Random values at random addresses of all kinds; some are read only, i.e. keep what they had."""
    writes: dict[int, int] = {}
    roots = {(Kind.ACCOUNT, k) for k in range(4, 8)} | {(Kind.KEY, k) for k in range(4, 8)}
    for _ in range(n_words):
        kind = Kind(int(rng.integers(1, 6)))
        account, key = int(rng.integers(0, n_accounts)), int(rng.integers(0, 3)) + 4
        index = {
            Kind.ACCOUNT: account,
            Kind.KEY: account * 256 + key,
            Kind.ORDER: (account * 256 + key) * 65536 + int(rng.choice([0, 1, 2, 7, 65535])),
            Kind.MARKET: int(rng.integers(0, shape.n_markets)),
            Kind.VENUE: 0,
        }[kind]
        offset = int(rng.integers(0, 8 * shape.blocks(kind)))
        if (kind, offset) not in roots:
            writes[address(kind, index, offset)] = int(rng.integers(0, 2**63))
    return writes
