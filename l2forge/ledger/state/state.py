"""The whole state of a venue in memory: leaves by kind and index, and the trees over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2forge.errors import InputError
from l2forge.ledger.layout import (
    ACCOUNT_BITS,
    BLOCK,
    INDEX_SHIFT,
    KEY_BITS,
    KEYS_ROOT,
    KIND_SHIFT,
    SLOT_BITS,
    Kind,
    blocks,
)
from l2forge.ledger.state.digests import hash_leaves
from l2forge.ledger.state.index_map import Table
from l2forge.ledger.state.trees import EMPTY, NodeRows, Tree, leaf_codes, path, root_codes, update
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import DIGEST

NESTED = {Kind.ACCOUNT: Tree.KEYS, Kind.KEY: Tree.ORDERS}
"""The type of the tree whose root lies in words 4 … 7 of leaves of a kind."""
ROOT_WORDS = slice(KEYS_ROOT, KEYS_ROOT + DIGEST)
VENUE_POSITION = 1 << ACCOUNT_BITS
"""Position of the venue in the state tree; market m stands at this + 1 + m."""


@dataclass(frozen=True)
class Shape:
    """What of a spec the state's shape depends on."""

    n_markets: int
    max_sources: int
    """most oracle sources of any market"""

    def __post_init__(self) -> None:
        if any(BLOCK * self.blocks(kind) > 1 << INDEX_SHIFT for kind in Kind):
            raise InputError(
                f"{self.n_markets} markets or {self.max_sources} sources of a market are too many",
                remedy=f"a leaf has at most {1 << INDEX_SHIFT} words: 124 markets, 120 sources",
            )

    def blocks(self, kind: Kind) -> int:
        """Blocks of 8 words of a leaf of this kind."""
        return blocks(kind, self.n_markets, self.max_sources)

    def n_leaves(self, kind: Kind) -> int:
        """How many leaves of this kind there can be."""
        account, key = 1 << ACCOUNT_BITS, 1 << (ACCOUNT_BITS + KEY_BITS)
        known = {Kind.ACCOUNT: account, Kind.KEY: key, Kind.ORDER: key << SLOT_BITS}
        return known.get(kind, self.n_markets if kind == Kind.MARKET else 1)


@dataclass(frozen=True)
class LeafRows:
    """Touched leaves of one kind, before and after."""

    kind: Kind
    index: U64Array
    """(n,), rising"""
    words: U64Array
    """(2, n, 8·blocks), before and after; words 4 … 7 of accounts and keys are nested roots"""
    was_empty: NDArray[np.bool_]
    """(n,): never touched before; then its digest before and its words are 0"""
    nested: NDArray[np.bool_]
    """(n,): a leaf of its nested tree is touched"""
    digests: U64Array
    """(2, n, 4), before and after"""


@dataclass(frozen=True)
class TreeWitness:
    """Everything that one batch does to the trees: what the tables of leaves and nodes are filled from."""

    shape: Shape
    old_root: U64Array
    new_root: U64Array
    leaves: tuple[LeafRows, ...]
    """by kind, rising; without kinds that were not touched"""
    nodes: tuple[NodeRows, ...]
    """from the state's root down, then key trees, then order trees, each from their roots down"""


class State:
    """The state; `State(shape)` is the empty one."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.leaves = {kind: Table(BLOCK * shape.blocks(kind)) for kind in Kind}
        self.nodes = Table(DIGEST)

    def copy(self) -> State:
        """An independent copy."""
        twin = State(self.shape)
        twin.leaves = {kind: table.copy() for kind, table in self.leaves.items()}
        twin.nodes = self.nodes.copy()
        return twin

    def root(self) -> tuple[int, int, int, int]:
        """The root of the state tree."""
        a, b, c, d = (int(x) for x in self._root())
        return a, b, c, d

    def read(self, address: int) -> int:
        """The word at an address: 0 where no leaf is.

        Raises InputError for an address that no word has.
        """
        return int(self.read_many(np.array([address], np.uint64))[0])

    def read_many(self, addresses: U64Array) -> U64Array:
        """The words (n,) at addresses (n,); as `read`."""
        kinds, index, offset = self._split(addresses)
        values = np.zeros(len(addresses), np.uint64)
        for kind in Kind:
            here = kinds == kind
            values[here] = self.words(kind, index[here])[np.arange(here.sum()), offset[here]]
        return values

    def apply(self, addresses: Sequence[int] | U64Array, values: Sequence[int] | U64Array) -> TreeWitness:
        """Write words (n,), each at its own address, and return what that does to the trees.

        Every leaf of an address counts as touched, even if no word changes, and with it the leaves above it:
        a never touched leaf has digest 0, a touched one the hash of its words.

        Raises InputError, and changes nothing, for an address that no word has or that is given twice, and
        for a value of p or more.
        """
        at, left = np.array(addresses, np.uint64), np.array(values, np.uint64)
        if len(at) != len(left):
            raise InputError(f"{len(left)} values cannot be written to {len(at)} addresses")
        order = np.argsort(at)
        at, left = at[order], left[order]
        self._require_words(at, left)
        kinds, index, offset = self._split(at)
        touched = self._touched(kinds, index)
        old_root = self._root()
        leaves: dict[Kind, LeafRows] = {}
        nodes: dict[Tree, list[NodeRows]] = {}
        for kind in (Kind.ORDER, Kind.KEY, Kind.ACCOUNT, Kind.MARKET, Kind.VENUE):
            here = kinds == kind
            below = nodes.get(NESTED[kind], []) if kind in NESTED else []
            rows = self._leaf_rows(kind, touched[kind], (index[here], offset[here], left[here]), below)
            leaves[kind] = rows
            self.leaves[kind].put(rows.index, rows.words[1])
            if kind in (Kind.ORDER, Kind.KEY):
                nodes[Tree.ORDERS if kind == Kind.ORDER else Tree.KEYS] = self._update(rows)
        nodes[Tree.STATE] = self._update_state(leaves)
        by_type = [rows for tree_type in Tree for rows in reversed(nodes[tree_type])]
        some = [leaves[kind] for kind in Kind if len(leaves[kind].index)]
        return TreeWitness(self.shape, old_root, self._root(), tuple(some), tuple(by_type))

    # --- parts of `apply`

    def _touched(self, kinds: U64Array, index: U64Array) -> dict[Kind, U64Array]:
        """Indices of touched leaves by kind: those of the addresses, and those above them."""
        touched = {kind: np.unique(index[kinds == kind]) for kind in Kind}
        for above, below, bits in ((Kind.KEY, Kind.ORDER, SLOT_BITS), (Kind.ACCOUNT, Kind.KEY, KEY_BITS)):
            touched[above] = np.union1d(touched[above], touched[below] >> np.uint64(bits))
        return touched

    def _leaf_rows(
        self,
        kind: Kind,
        index: U64Array,
        writes: tuple[U64Array, U64Array, U64Array],
        below: list[NodeRows],
    ) -> LeafRows:
        """The rows of a kind's touched leaves for writes = (indices, offsets, values) and the roots below."""
        before = self.words(kind, index)
        after = before.copy()
        after[np.searchsorted(index, writes[0]), writes[1]] = writes[2]
        nested = np.zeros(len(index), np.bool_)
        if below:
            place = np.searchsorted(index, below[-1].trees)
            nested[place] = True
            after[place, ROOT_WORDS] = below[-1].digests[1]
        was_empty = self.leaves[kind].find(index) < 0
        old = self.nodes.get(self.codes(kind, index), EMPTY)
        digests = np.stack([old, hash_leaves(kind, after)])
        return LeafRows(kind, index, np.stack([before, after]), was_empty, nested, digests)

    def _update(self, rows: LeafRows) -> list[NodeRows]:
        tree_type = Tree.ORDERS if rows.kind == Kind.ORDER else Tree.KEYS
        return update(self.nodes, tree_type, self.codes(rows.kind, rows.index), rows.digests)

    def _update_state(self, leaves: dict[Kind, LeafRows]) -> list[NodeRows]:
        rows = [leaves[kind] for kind in (Kind.ACCOUNT, Kind.VENUE, Kind.MARKET)]
        codes = np.concatenate([self.codes(r.kind, r.index) for r in rows])
        return update(self.nodes, Tree.STATE, codes, np.concatenate([r.digests for r in rows], axis=1))

    # --- addresses

    def _split(self, addresses: U64Array) -> tuple[U64Array, U64Array, NDArray[np.int64]]:
        """(kind, index, offset) of each address."""
        kinds = addresses >> np.uint64(KIND_SHIFT)
        index = (addresses & np.uint64((1 << KIND_SHIFT) - 1)) >> np.uint64(INDEX_SHIFT)
        offset = (addresses & np.uint64((1 << INDEX_SHIFT) - 1)).astype(np.int64)
        known = np.zeros(len(addresses), np.bool_)
        for kind in Kind:
            inside = (index < self.shape.n_leaves(kind)) & (offset < BLOCK * self.shape.blocks(kind))
            known |= (kinds == kind) & inside
        if not known.all():
            bad = int(addresses[~known][0])
            raise InputError(f"no word of the state has the address {bad:#x}")
        return kinds, index, offset

    def _require_words(self, addresses: U64Array, values: U64Array) -> None:
        """Refuse an address that is given twice or holds a root, and a value that is not canonical."""
        if (addresses[1:] == addresses[:-1]).any():
            raise InputError("a batch gives one value to each address that it touches")
        if (values >= np.uint64(P)).any():
            raise InputError(f"a word must be below p = {P}")
        kinds, _, offset = self._split(addresses)
        holds_root = np.isin(kinds, list(NESTED)) & (offset >= KEYS_ROOT) & (offset < KEYS_ROOT + DIGEST)
        if holds_root.any():
            bad = int(addresses[holds_root][0])
            raise InputError(f"the word at {bad:#x} is part of a tree's root, which its leaves determine")

    def words(self, kind: Kind, index: U64Array) -> U64Array:
        """The words (n, 8·blocks) of leaves, never touched ones included."""
        return self.leaves[kind].get(index, np.zeros(BLOCK * self.shape.blocks(kind), np.uint64))

    def codes(self, kind: Kind, index: U64Array) -> U64Array:
        """Codes of leaves."""
        if kind in (Kind.KEY, Kind.ORDER):
            bits = KEY_BITS if kind == Kind.KEY else SLOT_BITS
            tree_type = Tree.KEYS if kind == Kind.KEY else Tree.ORDERS
            return leaf_codes(tree_type, index >> np.uint64(bits), index & np.uint64((1 << bits) - 1))
        offset = {Kind.ACCOUNT: 0, Kind.VENUE: VENUE_POSITION, Kind.MARKET: VENUE_POSITION + 1}[kind]
        return leaf_codes(Tree.STATE, np.zeros(len(index), np.uint64), index + np.uint64(offset))

    def _root(self) -> U64Array:
        code = root_codes(Tree.STATE, np.zeros(1, np.uint64))
        root: U64Array = self.nodes.get(code, EMPTY)[0]
        return root

    def account_path(self, account: int) -> U64Array:
        """Siblings (21, 4) of an account's leaf, from the lowest: with its words, a proof of inclusion."""
        return path(self.nodes, Tree.STATE, 0, account)
