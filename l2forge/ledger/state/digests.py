"""Digests of leaves and nodes: Poseidon2 with a tag in the capacity (docs/machine.md, "Hashing").

A leaf that was never touched and a subtree of such leaves have digest 0, which is no hash of anything known.
"""

from __future__ import annotations

import numpy as np

from l2forge.ledger.chips.hashes import LEAF_TAG, NODE_TAG, RATE
from l2forge.ledger.layout import Kind
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import DIGEST, WIDTH, permute_many


def hash_nodes(left: U64Array, right: U64Array) -> U64Array:
    """The parents (n, 4) of nodes (n, 4) and (n, 4)."""
    states = np.zeros((WIDTH, len(left)), np.uint64)
    states[:DIGEST], states[DIGEST:RATE], states[RATE] = left.T, right.T, NODE_TAG
    return np.ascontiguousarray(permute_many(states)[:DIGEST].T)


def hash_leaves(kind: Kind, words: U64Array) -> U64Array:
    """The digests (n, 4) of leaves of one kind with these words (n, 8·blocks): the sponge over the blocks."""
    states = np.zeros((WIDTH, len(words)), np.uint64)
    states[RATE] = LEAF_TAG + kind
    for start in range(0, words.shape[1], RATE):
        states[:RATE] = words[:, start : start + RATE].T
        states = permute_many(states)
    return np.ascontiguousarray(states[:DIGEST].T)
