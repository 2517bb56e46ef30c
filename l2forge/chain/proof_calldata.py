"""A proof as transactions: which bytes each call of the Solidity verifier is given.

The entry contract takes a proof's head with the first queries, and the other queries in as many further
calls as transaction limits need. A range of the queries has rows and multi-proofs of its own, which are
derived from the opened trees; for all queries at once they are the proof's body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.errors import CheckFailed
from l2forge.stark.layout import EXT_BYTES
from l2forge.stark.opened import above, row_bytes
from l2forge.stark.params import LOG_FOLD
from l2forge.stark.public import PublicValues, elements_to_bytes
from l2forge.stark.verifier import CheckedProof

MAX_TRANSACTION_BYTES = 131_072
"""What nodes accept as one transaction (go-ethereum's txMaxSize)."""
CALLDATA_BYTES = 130_000
"""Calldata of one transaction without ABI words: room is left for these, signature and RLP."""
LIST_BYTES = 96
"""ABI words and padding of one public list."""
BLOCK_WORDS = 16
"""Words of the challenge block (QueryVerifier.sol) besides queries, layers and final coefficients."""
FOLD = 1 << LOG_FOLD


@dataclass(frozen=True)
class ProofChunk:
    """The queries up to position `to` of the distinct ones, and their part of the body."""

    to: int
    data: bytes


@dataclass(frozen=True)
class ProofCalldata:
    """All that the entry contract is given: `chunks[0]` goes with the head, each other in its own call."""

    head: bytes
    scalars: bytes
    lists: tuple[bytes, ...]
    chunks: tuple[ProofChunk, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of proof and public values."""
        chunks = sum(len(chunk.data) for chunk in self.chunks)
        return len(self.head) + len(self.scalars) + sum(map(len, self.lists)) + chunks


def encode_public(public: PublicValues) -> tuple[bytes, tuple[bytes, ...]]:
    """Scalars and lists as the entry contract takes them: 8 bytes an element."""
    scalars = b"".join(scalar.to_bytes(8, "big") for scalar in public.scalars)
    return scalars, tuple(elements_to_bytes(entries) for entries in public.lists)


def encode_chunk(checked: CheckedProof, queries: Sequence[int]) -> bytes:
    """The body as if these distinct ascending queries were all (docs/protocol.md, section 8)."""
    layout, opened = checked.layout, checked.openings
    parts: list[bytes] = []
    for tree in layout.trees:
        part = opened.trees[tree.name]
        for group, rows in zip(tree.groups, part.rows, strict=True):
            parts += [row_bytes(rows[i]) for i in above(queries, layout.log_domain - group.log_rows)]
        parts += part.multi_proof(above(queries, layout.log_domain - tree.log_leaves))
    positions = list(queries)
    for layer in opened.layers:
        leaves = above(positions, LOG_FOLD)
        for leaf in leaves:
            sent = [k for k in range(FOLD) if leaf * FOLD + k not in positions]
            data = row_bytes(layer.rows[0][leaf])
            parts += [data[EXT_BYTES * k : EXT_BYTES * (k + 1)] for k in sent]
        parts += layer.multi_proof(leaves)
        positions = leaves
    return b"".join(parts)


def encode_proof(
    checked: CheckedProof, public: PublicValues, proof: bytes, *, calldata_bytes: int = CALLDATA_BYTES
) -> ProofCalldata:
    """The calls for an accepted proof, as few as fit `calldata_bytes` each.

    Raises CheckFailed when head and public values alone do not fit.
    """
    head = proof[: checked.layout.head_bytes]
    scalars, lists = encode_public(public)
    fixed = len(head) + len(scalars) + sum(LIST_BYTES + len(entries) for entries in lists)
    if fixed >= calldata_bytes:
        raise CheckFailed(
            f"the proof's head and public values take {fixed} bytes, a transaction holds {calldata_bytes}",
            remedy="prove smaller batches",
        )
    distinct = sorted(set(checked.openings.queries))
    layout = checked.layout
    block = 32 * (BLOCK_WORDS + len(distinct) + 2 * layout.n_layers + layout.n_final)
    chunks: list[ProofChunk] = []
    while not chunks or chunks[-1].to < len(distinct):
        start = chunks[-1].to if chunks else 0
        chunks.append(_chunk(checked, distinct, start, calldata_bytes - (block if chunks else fixed)))
    return ProofCalldata(head, scalars, lists, tuple(chunks))


def _chunk(checked: CheckedProof, distinct: Sequence[int], start: int, room: int) -> ProofChunk:
    """As many queries from position `start` on as fit `room` bytes: bisection, since bytes rise with queries.

    The first is full: with its computation (steps 2 to 8) a byte costs 16 gas, with little computation 40.
    """
    fits, beyond = start, len(distinct) + 1
    while beyond - fits > 1:
        to = (fits + beyond) // 2
        if len(encode_chunk(checked, distinct[start:to])) <= room:
            fits = to
        else:
            beyond = to
    if fits == start:
        raise CheckFailed(f"one query takes more than {room} bytes", remedy="narrow the tables")
    return ProofChunk(fits, encode_chunk(checked, distinct[start:fits]))
