"""The state's root by plain recursion over Python integers: the oracle of `State`."""

from __future__ import annotations

from collections.abc import Mapping

from l2forge.ledger.layout import Kind
from l2forge.ledger.state import Shape
from l2forge.stark.poseidon2 import permute_ints

Digest = tuple[int, ...]
Words = Mapping[tuple[Kind, int], list[int]]
"""The words of touched leaves by (kind, index); nested roots are not looked at."""
EMPTY: Digest = (0, 0, 0, 0)


def node(left: Digest, right: Digest) -> Digest:
    """The parent of two nodes; of two empty ones, empty."""
    return EMPTY if left == right == EMPTY else tuple(permute_ints([*left, *right, 3, 0, 0, 0])[:4])


def tree(leaves: Mapping[int, Digest], depth: int) -> Digest:
    """The root of a tree with these leaves by position."""
    if depth == 0 or not leaves:
        return leaves.get(0, EMPTY)
    half = 1 << (depth - 1)
    left = {k: x for k, x in leaves.items() if k < half}
    right = {k - half: x for k, x in leaves.items() if k >= half}
    return node(tree(left, depth - 1), tree(right, depth - 1))


def leaf(kind: Kind, words: list[int]) -> Digest:
    """The digest of a touched leaf."""
    state = [0] * 8 + [8 + kind, 0, 0, 0]
    for start in range(0, len(words), 8):
        state = permute_ints([*words[start : start + 8], *state[8:]])
    return tuple(state[:4])


def order_root(words: Words, key: int) -> Digest:
    """The root of the order tree of a key's leaf."""
    orders = {i & 0xFFFF: leaf(k, w) for (k, i), w in words.items() if k == Kind.ORDER and i >> 16 == key}
    return tree(orders, 16)


def key_root(words: Words, account: int) -> Digest:
    """The root of the key tree of an account."""
    keys = {}
    for kind, index in words:
        if kind == Kind.KEY and index >> 8 == account:
            own = words[kind, index]
            keys[index & 0xFF] = leaf(kind, [*own[:4], *order_root(words, index), *own[8:]])
    return tree(keys, 8)


def state_root(words: Words) -> Digest:
    """The root of the state."""
    leaves = {}
    for (kind, index), own in words.items():
        if kind == Kind.ACCOUNT:
            leaves[index] = leaf(kind, [*own[:4], *key_root(words, index), *own[8:]])
        elif kind in (Kind.MARKET, Kind.VENUE):
            leaves[(1 << 20) + (1 + index if kind == Kind.MARKET else 0)] = leaf(kind, own)
    return tree(leaves, 21)


class NaiveState:
    """Words by leaf, and the root by recursion."""

    def __init__(self, shape: Shape) -> None:
        self.shape, self.words = shape, dict[tuple[Kind, int], list[int]]()

    def touch(self, kind: Kind, index: int) -> list[int]:
        """The words of a leaf, which with those above it is touched from now on."""
        if kind == Kind.ORDER:
            self.touch(Kind.KEY, index >> 16)
        if kind == Kind.KEY:
            self.touch(Kind.ACCOUNT, index >> 8)
        return self.words.setdefault((kind, index), [0] * (8 * self.shape.blocks(kind)))

    def apply(self, writes: Mapping[int, int]) -> None:
        """Write words by address."""
        for address, value in writes.items():
            index = address % (1 << 60) // 256
            self.touch(Kind(address >> 60), index)[address % 256] = value

    def root(self) -> Digest:
        """The root of the state."""
        return state_root(self.words)
