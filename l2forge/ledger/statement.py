"""The AIR of a venue's batches, and the tables of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from l2forge.air import CompiledAir, compile_air
from l2forge.air.chips.range16 import Range16
from l2forge.air.witness import count_ranges
from l2forge.ledger.chips.cpu import Cpu, fill_cpu
from l2forge.ledger.chips.hash_requests import HashRequests, hashes_trace
from l2forge.ledger.chips.hashes import Hashes
from l2forge.ledger.chips.leaf import Leaves
from l2forge.ledger.chips.multiples import Multiples
from l2forge.ledger.chips.node import PUBLIC, Nodes
from l2forge.ledger.chips.program import ProgramTable, fill_program
from l2forge.ledger.chips.signature import Signatures
from l2forge.ledger.chips.signature_witness import signature_trace
from l2forge.ledger.chips.tree_witness import fill_leaves, fill_nodes, published_leaves
from l2forge.ledger.chips.units.access import Access, fill_access
from l2forge.ledger.chips.units.gather import Gather, fill_gather, published
from l2forge.ledger.chips.units.muldiv import MulDiv, fill_muldiv
from l2forge.ledger.chips.units.ranges import Ranges, fill_ranges
from l2forge.ledger.ledger import ExecutedBatch, Rules
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.machine.run import Run
from l2forge.ledger.schnorr import split
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues

BLOCK, DIGEST_WORDS, KEY_WORDS = 8, 5, 5
_LIMB = (1 << 64) - 1
_ABSORBS = (Unit.ABSORB, Unit.ABSORB_NEXT, Unit.ABSORB_TWO, Unit.ABSORB_SIX)


Tables: TypeAlias = tuple[list[U64Array | None], PublicValues]
"""Main traces in the AIR's order, None for absent tables, and the public values."""


def ledger_air(rules: Rules) -> CompiledAir:
    """The AIR of these rules. Its hash commits to every program, so to every rule and rate."""
    code = rules.code
    chips = [
        Cpu(code),
        ProgramTable(code),
        Access(),
        Ranges(),
        MulDiv(),
        Gather(),
        Hashes(),
        Signatures(),
        Multiples(),
        Leaves(rules.shape),
        Nodes(),
        Range16(),
    ]
    return compile_air("ledger", chips, public=PUBLIC)


def batch_tables(air: CompiledAir, rules: Rules, batch: ExecutedBatch) -> Tables:
    """The main traces and the public values of a batch."""
    run, code = replace(batch.run, reads=batch.run.reads.copy()), rules.code
    requests = HashRequests()
    _ask_messages(run, requests)
    access, touched = fill_access(run)
    traces: dict[str, U64Array | None] = {
        "access": access,
        "ranges": fill_ranges(run),
        "muldiv": fill_muldiv(run),
        "gather": fill_gather(run),
        "program": fill_program(code, run),
    }
    traces["signature"], traces["multiples"] = _signatures(batch, requests)
    traces["leaves"] = fill_leaves(batch.witness, touched.addresses, touched.times, requests)
    traces["nodes"] = fill_nodes(batch.witness, requests)
    traces["hashes"] = hashes_trace(requests)
    traces["cpu"] = fill_cpu(code, run)
    ordered = [traces.get(table.name) for table in air.tables]
    witness = batch.witness
    scalars = tuple(int(x) for x in (*witness.old_root, *witness.new_root))
    ordered[-1] = count_ranges(air, ordered, scalars)
    return ordered, PublicValues(scalars, (*published(run), published_leaves(witness)))


def _ask_messages(run: Run, requests: HashRequests) -> None:
    """The permutations that programs asked for; an output is read where a DIGEST names it."""
    none = np.zeros(0, np.int64)
    parts = [run.calls.get(unit, none) for unit in _ABSORBS]
    t = np.concatenate(parts)
    chain = np.concatenate([np.full(len(part), k) for k, part in enumerate(parts)])
    order = np.argsort(t)
    t, chain = t[order], chain[order]
    if not len(t):
        return
    blocks = run.values[t[:, None] + np.arange(-BLOCK, 0)]
    outputs = np.zeros(len(t), np.int64)
    outputs[run.a[run.calls.get(Unit.DIGEST, none)].astype(np.int64)] = DIGEST_WORDS
    requests.add(blocks, chain, 0, outputs)


def _signatures(batch: ExecutedBatch, requests: HashRequests) -> tuple[U64Array | None, U64Array | None]:
    """The tables of the signatures that the batch's messages carry, in the order of their SIGNED calls."""
    keys, digests = signers(batch.run)
    if not len(keys):
        return None, None
    pairs = [split(signature) for signature in batch.signatures]
    s, e = (_limbs([pair[k] for pair in pairs]) for k in range(2))
    return signature_trace(keys, digests, s, e, requests)


def signers(run: Run) -> tuple[U64Array, U64Array]:
    """Keys and hashes (n, 5) of the SIGNED calls, in order."""
    t = run.calls.get(Unit.SIGNED, np.zeros(0, np.int64))
    around = run.values[t[:, None] + np.arange(-DIGEST_WORDS - KEY_WORDS, 0)]
    return around[:, DIGEST_WORDS:], around[:, :DIGEST_WORDS]


def _limbs(numbers: Sequence[int]) -> U64Array:
    return np.array([[n >> (64 * k) & _LIMB for k in range(KEY_WORDS)] for n in numbers], np.uint64)
