"""Sparse binary trees whose nodes are cached: many leaves of many trees of one depth changed level by level.

A node has the code  type·2^52 + tree·2^22 + heap,  heap 1 for the root and 2h, 2h + 1 for the children of h.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from l2forge.ledger.layout import ACCOUNT_BITS, KEY_BITS, SLOT_BITS
from l2forge.ledger.state.digests import hash_nodes
from l2forge.ledger.state.index_map import Table
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import DIGEST

_TYPE_SHIFT, _TREE_SHIFT = np.uint64(52), np.uint64(22)
_HEAP = np.uint64((1 << 22) - 1)
_1 = np.uint64(1)
EMPTY = np.zeros(DIGEST, np.uint64)
"""The digest of a subtree where no leaf was ever touched."""


class Tree(IntEnum):
    """The types of trees."""

    STATE = 0
    KEYS = 1
    """of an account; its number is the account's"""
    ORDERS = 2
    """of a key; its number is the index of the key's leaf"""


DEPTH = {Tree.STATE: ACCOUNT_BITS + 1, Tree.KEYS: KEY_BITS, Tree.ORDERS: SLOT_BITS}


def leaf_codes(tree_type: Tree, trees: U64Array, positions: U64Array) -> U64Array:
    """Codes of leaves: (n,)."""
    heap = np.uint64(1 << DEPTH[tree_type]) + positions.astype(np.uint64)
    return root_codes(tree_type, trees) - _1 + heap


def root_codes(tree_type: Tree, trees: U64Array) -> U64Array:
    """Codes of roots: (n,)."""
    return (np.uint64(tree_type) << _TYPE_SHIFT) + (trees.astype(np.uint64) << _TREE_SHIFT) + _1


def trees_of(codes: U64Array) -> U64Array:
    """Numbers of the trees that nodes belong to."""
    return (codes & ((_1 << _TYPE_SHIFT) - _1)) >> _TREE_SHIFT


@dataclass(frozen=True)
class NodeRows:
    """Inner nodes of one level of trees of one type whose subtrees were touched, before and after."""

    tree_type: Tree
    level: int
    """1 … depth; leaves have level 0"""
    codes: U64Array
    """(n,), rising"""
    touched: NDArray[np.bool_]
    """(2, n): whether the left and the right child were touched"""
    children: U64Array
    """(2, 2, n, 4): left and right, before and after"""
    digests: U64Array
    """(2, n, 4): before and after"""

    @property
    def was_empty(self) -> NDArray[np.bool_]:
        """(n,): no leaf below was ever touched."""
        empty: NDArray[np.bool_] = ~self.digests[0].any(axis=1)
        return empty

    @property
    def trees(self) -> U64Array:
        """Numbers of the trees."""
        return trees_of(self.codes)

    @property
    def index(self) -> U64Array:
        """Positions in the level, from the left."""
        return (self.codes & _HEAP) - np.uint64(1 << (DEPTH[self.tree_type] - self.level))


def update(nodes: Table, tree_type: Tree, codes: U64Array, digests: U64Array) -> list[NodeRows]:
    """Put the leaves of rising codes (n,) with digests (2, n, 4), before and after, into their trees.

    The cached nodes become those after. Returns the rows of levels 1 … depth; nothing for no leaves.
    """
    levels: list[NodeRows] = []
    if not len(codes):
        return levels
    nodes.put(codes, digests[1])
    for level in range(1, DEPTH[tree_type] + 1):
        rows = _parents(nodes, tree_type, level, codes, digests)
        nodes.put(rows.codes, rows.digests[1])
        levels.append(rows)
        codes, digests = rows.codes, rows.digests
    return levels


def _parents(nodes: Table, tree_type: Tree, level: int, codes: U64Array, digests: U64Array) -> NodeRows:
    """The level above touched nodes: unchanged siblings come from the cache."""
    heap = codes & _HEAP
    parents = codes - heap + (heap >> _1)
    starts = np.concatenate([[True], parents[1:] != parents[:-1]])
    place, sides = np.cumsum(starts) - 1, (heap & _1).astype(np.int64)
    parents = parents[starts]
    parent_heap = parents & _HEAP
    left = parents + parent_heap  # its heap is twice the parent's
    children = np.stack([[nodes.get(left + side, EMPTY)] * 2 for side in (np.uint64(0), _1)])
    touched = np.zeros((2, len(parents)), np.bool_)
    touched[sides, place] = True
    children[sides, :, place] = digests.transpose(1, 0, 2)
    before = nodes.get(parents, EMPTY)
    after = hash_nodes(children[0, 1], children[1, 1])
    return NodeRows(tree_type, level, parents, touched, children, np.stack([before, after]))


def path(nodes: Table, tree_type: Tree, tree: int, position: int) -> U64Array:
    """Siblings (depth, 4) from the leaf's to the one below the root."""
    code = int(leaf_codes(tree_type, np.array([tree], np.uint64), np.array([position]))[0])
    base, heap = code - (code & int(_HEAP)), code & int(_HEAP)
    siblings = []
    for level in range(DEPTH[tree_type]):
        key = np.array([base + ((heap >> level) ^ 1)], np.uint64)
        siblings.append(nodes.get(key, EMPTY)[0])
    return np.stack(siblings)
