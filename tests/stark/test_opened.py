"""Opened trees against the prover's tree and the kernel's own multi-proofs; the bounded reader."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.stark.commitment import tree_siblings
from l2forge.stark.field import P
from l2forge.stark.merkle import MerkleTree
from l2forge.stark.opened import OpenedTree, Reader, above, sibling_positions
from tests.stark.merkle_oracle import open_tree as multi_proof

NODE_BYTES = 25


def mixed_tree() -> MerkleTree:
    """Matrices of heights 32, 8 and 1."""
    rng = np.random.default_rng(7)
    shapes = [(3, 32), (2, 8), (5, 1)]
    return MerkleTree([rng.integers(0, P, shape, dtype=np.uint64) for shape in shapes], NODE_BYTES)


def open_tree(tree: MerkleTree, leaves: list[int]) -> OpenedTree:
    """What a verifier knows after reading the rows of these leaves."""
    levels = tuple(tree.log_height - shape.log_height for shape in tree.shapes)
    rows = tuple(
        {i: tuple(matrix[:, i].tolist()) for i in above(leaves, level)}
        for matrix, level in zip(tree.matrices, levels, strict=True)
    )
    return OpenedTree(tree.log_height, levels, rows)


def split(nodes: bytes) -> list[bytes]:
    return [nodes[k : k + NODE_BYTES] for k in range(0, len(nodes), NODE_BYTES)]


@pytest.mark.parametrize(
    "leaves", [[0], [31], [3, 4], [0, 1, 2, 3], [5, 9, 10, 28, 31], list(range(32))], ids=str
)
def test_rows_and_siblings_hash_to_the_root(leaves: list[int]) -> None:
    tree = mixed_tree()
    siblings = split(tree_siblings(tree, leaves))
    assert tuple(siblings) == multi_proof(tree, leaves).siblings
    assert open_tree(tree, leaves).hash_up(siblings, NODE_BYTES) == tree.root


def test_a_changed_row_or_node_gives_another_root() -> None:
    tree = mixed_tree()
    leaves = [3, 17]
    siblings = split(tree_siblings(tree, leaves))
    for k in range(len(siblings)):
        spoilt = [*siblings[:k], bytes(NODE_BYTES), *siblings[k + 1 :]]
        assert open_tree(tree, leaves).hash_up(spoilt, NODE_BYTES) != tree.root
    for group in range(3):
        opened = open_tree(tree, leaves)
        index, row = next(iter(opened.rows[group].items()))
        rows = list(opened.rows)
        rows[group] = {**rows[group], index: (row[0] ^ 1, *row[1:])}
        changed = OpenedTree(opened.log_leaves, opened.levels, tuple(rows))
        assert changed.hash_up(siblings, NODE_BYTES) != tree.root


def test_rows_by_leaf() -> None:
    opened = open_tree(mixed_tree(), [3, 17])
    assert opened.leaves() == [3, 17]
    assert opened.row(1, 17) == opened.rows[1][4]
    assert opened.row(2, 17) == opened.row(2, 3)


def test_siblings_that_are_known_are_not_sent() -> None:
    assert sibling_positions([0, 1], 1) == []
    assert sibling_positions([2], 3) == [(0, 3), (1, 0), (2, 1)]
    assert sibling_positions([2, 3, 7], 3) == [(0, 6), (1, 0), (1, 2)]


class Refused(Exception):
    """What the reader is told to raise."""


def test_the_reader_is_bounded_and_canonical() -> None:
    data = (5).to_bytes(8, "big") + P.to_bytes(8, "big") + b"\1\2"
    reader = Reader(data, Refused)
    assert reader.elements(1) == [5]
    with pytest.raises(Refused, match="element at byte 8 is not below p"):
        Reader(data, Refused).elements(2)
    with pytest.raises(Refused, match="ends after 18 bytes"):
        reader.take(11)
    assert Reader(data, Refused).nodes(2, 9) == [data[:9], data[9:]]
    assert Reader(b"", Refused).elements(0) == []
