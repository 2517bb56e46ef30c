"""The state as bytes: its leaves in rising order. Trees are built anew and checked against the root.

Eight-byte little-endian words: "l2fstate" · format version · n_markets · max_sources · root (4) · then for
each kind 1 … 5 the number of leaves, their indices, their words. Equal states have equal bytes.
"""

from __future__ import annotations

import numpy as np

from l2forge.errors import InputError
from l2forge.ledger.layout import BLOCK, Kind
from l2forge.ledger.state.digests import hash_leaves
from l2forge.ledger.state.state import NESTED, ROOT_WORDS, Shape, State
from l2forge.ledger.state.trees import EMPTY, Tree, root_codes, update
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import DIGEST

_MAGIC = int.from_bytes(b"l2fstate", "little")
_VERSION = 1
_HEAD = 4 + DIGEST


def snapshot(state: State) -> bytes:
    """The bytes of a state."""
    shape = state.shape
    parts = [np.array([_MAGIC, _VERSION, shape.n_markets, shape.max_sources, *state.root()], np.uint64)]
    for kind in Kind:
        table = state.leaves[kind]
        order = np.argsort(table.keys)
        parts += [np.array([len(table)], np.uint64), table.keys[order], table.data[order].reshape(-1)]
    return np.concatenate(parts).astype("<u8").tobytes()


def restore(data: bytes) -> State:
    """The state of a snapshot. Raises InputError for bytes that are none, or whose root is not that of its
    leaves."""
    words = np.frombuffer(data[: len(data) // 8 * 8], "<u8").astype(np.uint64)
    if len(data) % 8 or len(words) < _HEAD or words[0] != _MAGIC or words[1] != _VERSION:
        raise _damaged("it does not begin as one")
    state = State(Shape(int(words[2]), int(words[3])))
    at = _HEAD
    for kind in Kind:
        at = _restore_leaves(state, kind, words, at)
    if at != len(words):
        raise _damaged("it is too long")
    _build_trees(state)
    if state.root() != tuple(int(x) for x in words[4:_HEAD]):
        raise _damaged("its root is not that of its leaves")
    return state


def _damaged(why: str) -> InputError:
    return InputError(
        f"the snapshot cannot be read: {why}", remedy="take an older one and replay the journal"
    )


def _restore_leaves(state: State, kind: Kind, words: U64Array, at: int) -> int:
    """Read the leaves of a kind; where the next kind begins."""
    width = BLOCK * state.shape.blocks(kind)
    n = int(words[at]) if at < len(words) else -1
    end = at + 1 + n * (1 + width)
    if n < 0 or end > len(words):
        raise _damaged("it is too short")
    index, leaves = words[at + 1 : at + 1 + n], words[at + 1 + n : end].reshape(n, width)
    rising = (index[1:] > index[:-1]).all() and (n == 0 or index[-1] < state.shape.n_leaves(kind))
    if not rising or (leaves >= np.uint64(P)).any():
        raise _damaged(f"leaves of kind {int(kind)} are not in order")
    state.leaves[kind].put(index, leaves)
    return end


def _build_trees(state: State) -> None:
    """All nodes from the leaves, and each nested root compared with the words that hold it."""
    for tree_type, kinds in (
        (Tree.ORDERS, (Kind.ORDER,)),
        (Tree.KEYS, (Kind.KEY,)),
        (Tree.STATE, (Kind.ACCOUNT, Kind.VENUE, Kind.MARKET)),
    ):
        codes, digests = [], []
        for kind in kinds:
            table = state.leaves[kind]
            codes.append(state.codes(kind, table.keys))
            digests.append(hash_leaves(kind, table.data))
        both = np.stack([np.concatenate(digests)] * 2)
        update(state.nodes, tree_type, np.concatenate(codes), both)
    for kind, tree_type in NESTED.items():
        table = state.leaves[kind]
        roots = state.nodes.get(root_codes(tree_type, table.keys), EMPTY)
        if (roots != table.data[:, ROOT_WORDS]).any():
            raise _damaged(f"a tree below a leaf of kind {int(kind)} has another root")
