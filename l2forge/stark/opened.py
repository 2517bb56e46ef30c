"""A Merkle tree as far as a proof opens it: rows and nodes by position, and multi-proofs of any part of it.

The tree's shape and the order of a multi-proof are those of docs/protocol.md, sections 1 and 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from l2forge.stark.field import P
from l2forge.stark.keccak import keccak256

Position = tuple[int, int]
"""(level, index): level 0 holds the leaves, the last level the root."""


def above(indices: Iterable[int], n_levels: int) -> list[int]:
    """Distinct ascending positions `n_levels` levels up."""
    return sorted({index >> n_levels for index in indices})


def sibling_positions(indices: Iterable[int], log_leaves: int) -> list[Position]:
    """The nodes of the multi-proof of these leaves, in its order."""
    positions = []
    known = set(indices)
    for level in range(log_leaves):
        positions += [(level, index ^ 1) for index in sorted(known) if index ^ 1 not in known]
        known = {index >> 1 for index in known}
    return positions


def row_bytes(row: Sequence[int]) -> bytes:
    """A row of field elements as a hash takes it in."""
    return np.array(row, ">u8").tobytes()


@dataclass(frozen=True)
class OpenedTree:
    """rows[g][i]: row i of group g, whose rows enter at level `levels[g]`; nodes by position."""

    log_leaves: int
    levels: tuple[int, ...]
    rows: tuple[Mapping[int, tuple[int, ...]], ...]
    nodes: dict[Position, bytes] = field(default_factory=dict)

    def row(self, group: int, leaf: int) -> tuple[int, ...]:
        """The row of a group that belongs to an opened leaf."""
        return self.rows[group][leaf >> self.levels[group]]

    def leaves(self) -> list[int]:
        """The opened leaves, ascending."""
        return sorted(self.rows[0])

    def hash_up(self, siblings: Iterable[bytes], node_bytes: int) -> bytes:
        """The root that rows and siblings (in the order of `sibling_positions`) hash to; fills `nodes`."""
        self.nodes.update(zip(sibling_positions(self.leaves(), self.log_leaves), siblings, strict=True))
        entering = dict(zip(self.levels, self.rows, strict=True))
        for level in range(self.log_leaves + 1):
            for index in above(self.leaves(), level):
                children = b"".join(self._children(level, index))
                row = row_bytes(entering[level][index]) if level in entering else b""
                self.nodes[level, index] = keccak256(children + row)[:node_bytes]
        return self.nodes[self.log_leaves, 0]

    def _children(self, level: int, index: int) -> Iterator[bytes]:
        if level:
            yield self.nodes[level - 1, 2 * index]
            yield self.nodes[level - 1, 2 * index + 1]

    def multi_proof(self, leaves: Iterable[int]) -> list[bytes]:
        """The siblings that prove a non-empty subset of the opened leaves."""
        return [self.nodes[position] for position in sibling_positions(leaves, self.log_leaves)]


class Reader:
    """Reads a proof's bytes in order; `refuse` makes the error for what is not there or not canonical."""

    def __init__(self, data: bytes, refuse: Callable[[str], Exception]) -> None:
        self.data = data
        self.offset = 0
        self.refuse = refuse

    def take(self, n_bytes: int) -> bytes:
        """The next bytes."""
        part = self.data[self.offset : self.offset + n_bytes]
        if len(part) != n_bytes:
            raise self.refuse(f"the proof ends after {len(self.data)} bytes")
        self.offset += n_bytes
        return part

    def nodes(self, count: int, node_bytes: int) -> list[bytes]:
        """The next `count` nodes."""
        return [self.take(node_bytes) for _ in range(count)]

    def elements(self, count: int) -> list[int]:
        """The next `count` elements of F, each below p."""
        offset = self.offset
        values = np.frombuffer(self.take(8 * count), ">u8")
        if count and values.max() >= P:
            place = offset + 8 * int(values.argmax())
            raise self.refuse(f"the element at byte {place} is not below p")
        return list(values.tolist())
