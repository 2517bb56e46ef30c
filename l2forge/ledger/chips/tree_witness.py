"""Traces of the tables of leaves and nodes from what a batch does, and the permutations that they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from l2forge.air.columns import Columns
from l2forge.air.errors import TraceError
from l2forge.air.witness import make_trace
from l2forge.ledger.chips.hash_requests import HashRequests
from l2forge.ledger.chips.hashes import FRESH, LEAF_TAG, NEXT, NODE_TAG
from l2forge.ledger.chips.leaf import PUBLISHED, TOUCHED, Leaves
from l2forge.ledger.chips.node import Nodes
from l2forge.ledger.chips.tree_labels import (
    ACCOUNTS,
    BASE_LEVEL,
    GLOBALS,
    ROOT_LEVEL,
    keys_label,
    orders_label,
)
from l2forge.ledger.layout import BLOCK, INDEX_SHIFT, KEY_BITS, KIND_SHIFT, SLOT_BITS, Kind
from l2forge.ledger.state.state import NESTED, ROOT_WORDS, LeafRows, TreeWitness
from l2forge.ledger.state.trees import NodeRows, Tree
from l2forge.stark.field import U64Array
from l2forge.stark.field_array import sub_arrays
from l2forge.stark.poseidon2 import DIGEST

Values: TypeAlias = dict[str, U64Array]
"""Columns by name; arrays of columns are (count, rows)."""

_SORT = {Tree.STATE: Kind.ACCOUNT, Tree.KEYS: Kind.KEY, Tree.ORDERS: Kind.ORDER}
"""The kind of the leaves of a tree, in its left half."""


def fill_leaves(
    witness: TreeWitness, addresses: U64Array, last_times: U64Array, requests: HashRequests
) -> U64Array:
    """The trace of `Leaves`; the permutations are added to `requests`.

    `addresses` are those of all accessed words, rising, `last_times` the times of their last accesses.
    """
    parts = [_leaf_values(rows, addresses, last_times, requests) for rows in witness.leaves]
    if not parts:
        raise TraceError("a batch touches at least one leaf")
    return _trace(Leaves.columns, parts)


def fill_nodes(witness: TreeWitness, requests: HashRequests) -> U64Array:
    """The trace of `Nodes`, from the state's root down; the permutations are added to `requests`."""
    parts = [_node_values(rows, requests) for rows in witness.nodes]
    if not parts:
        raise TraceError("a batch touches at least one leaf")
    parts[0]["is_root"][0] = 1
    return _trace(Nodes.columns, parts)


def published_leaves(witness: TreeWitness) -> U64Array:
    """The public list `leaves`: (address of a block, its 8 words) of every block, (length, 9)."""
    lists = [
        np.concatenate([_addresses(rows)[:, None], rows.words[1].reshape(-1, BLOCK)], axis=1)
        for rows in witness.leaves
        if rows.kind in PUBLISHED
    ]
    return np.concatenate([np.zeros((0, 1 + BLOCK), np.uint64), *lists])


def _trace(columns: Columns, parts: Sequence[Values]) -> U64Array:
    """Parts of a table one below the other, in the least power of two of rows, at least 2."""
    values = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in columns.groups}
    n_rows = next(iter(values.values())).shape[-1]
    return make_trace(columns, max(1, (n_rows - 1).bit_length()), values)


# --- leaves


def _addresses(rows: LeafRows) -> U64Array:
    """The addresses of all blocks: (n·blocks,)."""
    n_blocks = rows.words.shape[2] // BLOCK
    base = np.uint64(rows.kind << KIND_SHIFT) + (rows.index << np.uint64(INDEX_SHIFT))
    blocks: U64Array = np.arange(n_blocks, dtype=np.uint64) * np.uint64(BLOCK)
    addresses: U64Array = np.add.outer(base, blocks).reshape(-1)
    return addresses


def positions(kind: Kind, index: U64Array) -> U64Array:
    """Positions of leaves in their trees; the globals count as a tree."""
    bits = {Kind.KEY: KEY_BITS, Kind.ORDER: SLOT_BITS}.get(kind, 63)
    return (index & np.uint64((1 << bits) - 1)) + np.uint64(kind == Kind.MARKET)


def _leaf_values(rows: LeafRows, addresses: U64Array, times: U64Array, requests: HashRequests) -> Values:
    n, n_blocks = len(rows.index), rows.words.shape[2] // BLOCK
    block = np.tile(np.arange(n_blocks, dtype=np.uint64), n)
    is_first = (block == 0).astype(np.uint64)

    def on_first(per_leaf: U64Array) -> U64Array:
        """Values of leaves on their first rows, else 0."""
        column: U64Array = np.repeat(per_leaf, n_blocks, axis=-1) * is_first
        return column

    words = rows.words.reshape(2, -1, BLOCK)
    values = {kind.name.lower(): np.full(n * n_blocks, kind == rows.kind, np.uint64) for kind in Kind}
    return values | {
        "is_first": is_first,
        "was_empty": np.repeat(rows.was_empty.astype(np.uint64), n_blocks),
        "address": _addresses(rows),
        "place": on_first(positions(rows.kind, rows.index)) + block,
        "number": _ask_leaves(rows, requests),
        "tag": on_first(np.full(n, LEAF_TAG + rows.kind, np.uint64)),
        "old": on_first(rows.digests[0].T),
        "new": on_first(rows.digests[1].T),
        "initial": words[0].T,
        "final": words[1].T,
        "last": _last_times(rows, addresses, times).T,
    }


def _ask_leaves(rows: LeafRows, requests: HashRequests) -> U64Array:
    """Ask for the sponges before and after of each leaf; `number` of each block: (n·blocks,).

    A leaf that was empty has no sponge before, so that its `number` points before its first permutation.
    """
    n, n_blocks = len(rows.index), rows.words.shape[2] // BLOCK
    blocks = rows.words.reshape(2, n, n_blocks, BLOCK).transpose(1, 0, 2, 3)
    place = np.broadcast_to(np.arange(n_blocks), (n, 2, n_blocks))
    asked = np.ones((n, 2, n_blocks), np.bool_)
    asked[:, 0] = ~rows.was_empty[:, None]
    place = place[asked]
    tags = np.where(place == 0, LEAF_TAG + rows.kind, 0)
    outputs = np.where(place == n_blocks - 1, DIGEST, 0)
    first = requests.add(blocks[asked], np.where(place == 0, FRESH, NEXT), tags, outputs)
    lengths = asked.sum(axis=(1, 2))
    start = first + np.cumsum(lengths) - lengths
    number = np.add.outer(start, np.arange(n_blocks)).astype(np.uint64).reshape(-1)
    missing = np.repeat(rows.was_empty.astype(np.uint64) * np.uint64(n_blocks), n_blocks)
    return sub_arrays(number, missing)


def _last_times(rows: LeafRows, addresses: U64Array, times: U64Array) -> U64Array:
    """Column `last` (n·blocks, 8): 0 for words that nobody accessed; the mark of a touched nested tree."""
    words = np.add.outer(_addresses(rows), np.arange(BLOCK, dtype=np.uint64))
    place = np.minimum(np.searchsorted(addresses, words), max(0, len(addresses) - 1))
    last = np.zeros(words.shape, np.uint64)
    if len(addresses):
        last = np.where(addresses[place] == words, times[place], last)
    if rows.kind in NESTED:
        first_blocks = slice(None, None, rows.words.shape[2] // BLOCK)
        last[first_blocks, ROOT_WORDS] = 0
        last[first_blocks, TOUCHED] = rows.nested
    return last


# --- nodes


def _node_values(rows: NodeRows, requests: HashRequests) -> Values:
    """One level; `number` of the sponge before, that after is the next one. Empty nodes were not hashed."""
    n = len(rows.codes)
    label, level, index = _names(rows)
    asked = np.ones((n, 2), np.bool_)
    asked[:, 0] = ~rows.was_empty
    blocks = rows.children.transpose(2, 1, 0, 3).reshape(n, 2, 2 * DIGEST)
    first = requests.add(blocks[asked], FRESH, NODE_TAG, DIGEST)
    number_after = first + np.cumsum(asked.sum(axis=1)) - 1
    return {
        "is_root": np.zeros(n, np.uint64),
        "was_empty": rows.was_empty.astype(np.uint64),
        "left": rows.touched[0].astype(np.uint64),
        "right": rows.touched[1].astype(np.uint64),
        "label": label,
        "level": level,
        "index": index,
        "number": sub_arrays(number_after.astype(np.uint64), np.ones(n, np.uint64)),
        "old": rows.digests[0].T,
        "new": rows.digests[1].T,
        "left_old": rows.children[0, 0].T,
        "left_new": rows.children[0, 1].T,
        "right_old": rows.children[1, 0].T,
        "right_new": rows.children[1, 1].T,
    }


def _names(rows: NodeRows) -> tuple[U64Array, U64Array, U64Array]:
    """(label, level, index) of nodes as the bus `node` names them."""
    index = rows.index
    level = np.full(len(index), BASE_LEVEL[_SORT[rows.tree_type]] + rows.level, np.uint64)
    if rows.tree_type != Tree.STATE:
        of_tree = keys_label if rows.tree_type == Tree.KEYS else orders_label
        step = np.uint64(of_tree(1) - of_tree(0))
        return np.uint64(of_tree(0)) + rows.trees * step, level, index
    label = np.full(len(index), ACCOUNTS, np.uint64)
    if rows.level < ROOT_LEVEL:
        half = np.uint64(1 << (ROOT_LEVEL - 1 - rows.level))
        is_global = index >= half
        label = np.where(is_global, np.uint64(GLOBALS), label)
        level = level + np.where(is_global, np.uint64(BASE_LEVEL[Kind.VENUE]), np.uint64(0))
        index = np.where(is_global, index - half, index)
    return label, level, index
