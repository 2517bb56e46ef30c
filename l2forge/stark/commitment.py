"""Committing to the matrices of a tree: low-degree extension and Merkle tree, group by group.

The opening scheme stands behind two small protocols, so that another one (WHIR) can replace FRI:
`OpeningProver` here, and `FriVerifier.check` on the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from l2forge.stark.deep import Deep
from l2forge.stark.field import GENERATOR, P, U64Array
from l2forge.stark.keccak import digest_bytes
from l2forge.stark.layout import ABSENT, Group, ProofLayout, TreeLayout
from l2forge.stark.merkle import MerkleTree
from l2forge.stark.ntt import coset_lde_of_coefficients_brev, intt
from l2forge.stark.opened import above, sibling_positions
from l2forge.stark.proof import FriHead
from l2forge.stark.transcript import ProtocolTranscript

Phase = Callable[[str], object]
"""Called with a phase's name when it begins."""


@dataclass(frozen=True)
class Committed:
    """A tree with its extended matrices, one for each group: (width, 2^log_rows), bit-reversed."""

    layout: TreeLayout
    matrices: tuple[U64Array, ...]
    tree: MerkleTree

    @property
    def root(self) -> bytes:
        """The tree's root."""
        return self.tree.root

    def open(self, positions: Iterable[int], log_domain: int) -> bytes:
        """Rows of every group at the queried positions, and the multi-proof (docs/protocol.md, section 8)."""
        distinct = sorted(set(positions))
        parts = []
        for group, matrix in zip(self.layout.groups, self.matrices, strict=True):
            rows = matrix[:, above(distinct, log_domain - group.log_rows)].T
            parts.append(np.ascontiguousarray(rows).astype(">u8").tobytes())
        leaves = above(distinct, log_domain - self.layout.log_leaves)
        return b"".join(parts) + tree_siblings(self.tree, leaves)


def tree_siblings(tree: MerkleTree, leaves: Iterable[int]) -> bytes:
    """The multi-proof's nodes for these leaves."""
    positions = sibling_positions(leaves, tree.log_height)
    return b"".join(digest_bytes(tree.levels[level], i, tree.node_bytes) for level, i in positions)


def lift_shift(log_height: int, log_rows: int) -> int:
    """s^r, the shift of a table of 2^log_rows rows under a tallest one of 2^log_height."""
    return pow(GENERATOR, 1 << (log_height - log_rows), P)


def commit(
    layout: ProofLayout, tree: TreeLayout, matrices: Sequence[U64Array], phase: Phase = str
) -> Committed:
    """Commit to extended matrices, one for each group of `tree`."""
    phase(f"hashing {tree.name}")
    return Committed(tree, tuple(matrices), MerkleTree(matrices, layout.params.node_bytes))


class Buffers:
    """The extended matrices of one proof at a time, whose memory the next proof of the same shape reuses.

    They are gigabytes, and the first touch of new memory takes as long as filling it (see memory.py).
    """

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, int], U64Array] = {}

    def matrix(self, tree: TreeLayout, group: Group) -> U64Array:
        """An array for a group's extended matrix; what the last proof left there is overwritten."""
        shape = (group.width, 1 << group.log_rows)
        key = (tree.name, group.log_rows)
        if key not in self._arrays or self._arrays[key].shape != shape:
            self._arrays.pop(key, None)
            self._arrays[key] = np.empty(shape, np.uint64)
        return self._arrays[key]


def extend_tables(
    layout: ProofLayout,
    tree: TreeLayout,
    traces: Mapping[int, U64Array],
    buffers: Buffers,
    phase: Phase = str,
) -> list[U64Array]:
    """The extended matrix of each group, from the tables' columns (width, height) in natural order.

    The tables of one height are extended together, so that a group is one matrix and no table is copied.
    """
    phase(f"LDE {tree.name}")
    extended = []
    for group in tree.groups:
        log_rows = group.log_rows - layout.params.log_blowup
        members = [traces[i] for i in tables_of(layout, group)]
        columns = members[0] if len(members) == 1 else np.concatenate(members)
        shift = lift_shift(layout.log_height, log_rows)
        extended.append(extend(intt(columns), layout, shift, buffers.matrix(tree, group)))
    return extended


def extend(coefficients: U64Array, layout: ProofLayout, shift: int, out: U64Array) -> U64Array:
    """Coefficients (width, n) to their values on shift·⟨ω_N⟩, bit-reversed, in `out` (width, N)."""
    return coset_lde_of_coefficients_brev(coefficients, layout.params.log_blowup, shift=shift, out=out)


def tables_of(layout: ProofLayout, group: Group) -> list[int]:
    """The tables that have a column in a group, in order."""
    tables = [layout.openings[term.at_z].table for term in group.terms]
    return sorted(set(tables) - {ABSENT})


def table_columns(layout: ProofLayout, committed: Committed, table: int) -> U64Array | None:
    """A table's extended columns in a tree, as a view, or None when it has none there."""
    for group, matrix in zip(committed.layout.groups, committed.matrices, strict=True):
        rows = [k for k, t in enumerate(group.terms) if layout.openings[t.at_z].table == table]
        if rows:
            return matrix[rows[0] : rows[-1] + 1]
    return None


class OpeningProver(Protocol):
    """Proves openings of committed polynomials; `transcript` has drawn the batching challenge."""

    def open(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        deep: Deep,
        transcript: ProtocolTranscript,
        phase: Phase,
    ) -> tuple[FriHead, bytes]:
        """The scheme's part of the head, and the body."""
