"""One Merkle tree over matrices of different heights.

Shape. Heights are powers of two. The rows of the tallest matrices are the leaves; rows of shorter matrices
enter at the level that has as many nodes as they have rows:

    leaf i            = H(row i of every tallest matrix in turn)
    node i of a level = H(left ‖ right ‖ row i of every matrix of that height in turn)

H is keccak-256 cut to node_bytes bytes, values are 8 big-endian bytes. Soundness: heights, widths and
node_bytes are public before the root is read, so the level of a node fixes the length and the meaning of
every byte of its preimage; two different openings of one position give, at the first level where they differ,
two preimages of one digest. A row enters the node's own hash rather than a digest of it: one keccak less for
the EVM, and a path's sibling node binds its row all the same.

Openings of a committed tree are made in `commitment`, and read and verified in `opened`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.stark.field import U64Array
from l2forge.stark.keccak import NO_CHILDREN, digest_bytes, hash_rows
from l2forge.stark.ntt import log2_exact


@dataclass(frozen=True, slots=True)
class MatrixShape:
    """What both sides know of a committed matrix: its number of columns and log₂ of its number of rows."""

    n_columns: int
    log_height: int


class MerkleTree:
    """A commitment to matrices of shape (n_columns, 2^h); holds the matrices and every level of nodes."""

    def __init__(self, matrices: Sequence[U64Array], node_bytes: int) -> None:
        if not matrices:
            raise ValueError("a tree needs at least one matrix")
        self.matrices = tuple(matrices)
        self.node_bytes = node_bytes
        self.shapes = tuple(MatrixShape(m.shape[0], log2_exact(m.shape[1])) for m in matrices)
        self.log_height = max(shape.log_height for shape in self.shapes)
        self.levels: list[U64Array] = []
        children = NO_CHILDREN
        for log_n in range(self.log_height, -1, -1):
            entering = [m for m, s in zip(matrices, self.shapes, strict=True) if s.log_height == log_n]
            children = hash_rows(entering, node_bytes, children)
            self.levels.append(children)

    @property
    def root(self) -> bytes:
        """The node_bytes bytes of the root."""
        return digest_bytes(self.levels[-1], 0, self.node_bytes)
