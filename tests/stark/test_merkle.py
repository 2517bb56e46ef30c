"""Mixed-height trees: the tree against its definition, multi-proofs accepted, every spoilt one refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2forge.stark.field import P
from l2forge.stark.keccak import digest_bytes, keccak256
from l2forge.stark.merkle import MatrixShape, MerkleTree
from tests.stark.field_values import field_matrix
from tests.stark.merkle_oracle import MerkleError, MultiProof, open_tree, verify_multi

SHAPES = [(3, 5), (2, 3), (4, 5), (1, 0), (2, 3)]
MATRICES = [field_matrix(width, 1 << height, i) for i, (width, height) in enumerate(SHAPES)]
TREES = {node_bytes: MerkleTree(MATRICES, node_bytes) for node_bytes in (25, 32)}
INDICES = [3, 4, 5, 19]


def plain_node(level: int, i: int, node_bytes: int) -> bytes:
    """Node i of the level with 2^level nodes, by recursion over the definition."""
    children = b""
    if level < 5:
        children = plain_node(level + 1, 2 * i, node_bytes) + plain_node(level + 1, 2 * i + 1, node_bytes)
    rows = [m[:, i] for m, (_, height) in zip(MATRICES, SHAPES, strict=True) if height == level]
    row = b"".join(int(v).to_bytes(8, "big") for column in rows for v in column)
    return keccak256(children + row)[:node_bytes]


@pytest.mark.parametrize("node_bytes", [25, 32])
def test_the_tree_is_its_definition(node_bytes: int) -> None:
    tree = TREES[node_bytes]
    assert tree.root == plain_node(0, 0, node_bytes)
    assert digest_bytes(tree.levels[2], 5, node_bytes) == plain_node(3, 5, node_bytes)


@pytest.mark.parametrize("node_bytes", [25, 32])
@given(st.sets(st.integers(0, 31), min_size=1))
@settings(deadline=None, max_examples=40)
def test_openings_are_accepted(node_bytes: int, positions: set[int]) -> None:
    tree, indices = TREES[node_bytes], sorted(positions)
    proof = open_tree(tree, indices)
    verify_multi(tree.root, tree.shapes, node_bytes, indices, proof)
    for matrix, shape, rows in zip(MATRICES, tree.shapes, proof.rows, strict=True):
        opened = sorted({i >> (5 - shape.log_height) for i in indices})
        assert [list(row) for row in rows] == matrix[:, opened].T.tolist()


def test_shared_nodes_are_sent_once() -> None:
    tree = TREES[25]
    assert len(open_tree(tree, [7]).siblings) == 5
    assert len(open_tree(tree, [6, 7]).siblings) == 4
    assert open_tree(tree, range(32)).siblings == ()


def test_a_tree_of_one_row() -> None:
    tree = MerkleTree([field_matrix(2, 1)], 32)
    verify_multi(tree.root, tree.shapes, 32, [0], open_tree(tree, [0]))


def change_row(proof: MultiProof, matrix: int, value: Callable[[int], int]) -> MultiProof:
    """The proof with one value of the matrix's last row replaced."""
    rows = [list(map(list, opened)) for opened in proof.rows]
    rows[matrix][-1][-1] = value(rows[matrix][-1][-1])
    return replace(proof, rows=tuple(tuple(map(tuple, opened)) for opened in rows))


SPOILT: dict[str, tuple[Callable[[MultiProof], MultiProof], str]] = {
    **{
        f"value of matrix {m}": (lambda p, m=m: change_row(p, m, lambda v: (v + 1) % P), "hash to the root")
        for m in range(5)
    },
    "a value plus p": (lambda p: change_row(p, 1, lambda v: v + P), "not below p"),
    "a value of p": (lambda p: change_row(p, 1, lambda v: P), "not below p"),
    "a negative value": (lambda p: change_row(p, 1, lambda v: v - P), "not below p"),
    "a sibling's bit": (
        lambda p: replace(p, siblings=(bytes([p.siblings[0][0] ^ 1]) + p.siblings[0][1:], *p.siblings[1:])),
        "hash to the root",
    ),
    "siblings swapped": (
        lambda p: replace(p, siblings=(p.siblings[1], p.siblings[0], *p.siblings[2:])),
        "hash to the root",
    ),
    "a sibling missing": (lambda p: replace(p, siblings=p.siblings[:-1]), "ends before"),
    "a sibling left over": (lambda p: replace(p, siblings=(*p.siblings, bytes(25))), "left over"),
    "a long sibling": (
        lambda p: replace(p, siblings=(p.siblings[0] + b"\1", *p.siblings[1:])),
        "exactly 25 bytes",
    ),
    "a short sibling": (
        lambda p: replace(p, siblings=(p.siblings[0][:-1], *p.siblings[1:])),
        "exactly 25 bytes",
    ),
    "a matrix missing": (lambda p: replace(p, rows=p.rows[:-1]), "rows of 4 matrices"),
    "a row missing": (lambda p: replace(p, rows=(p.rows[0][:-1], *p.rows[1:])), "opens 3 rows"),
    "a row left over": (lambda p: replace(p, rows=(p.rows[0] + p.rows[0][:1], *p.rows[1:])), "opens 5 rows"),
    "a column missing": (
        lambda p: replace(p, rows=((p.rows[0][0][:-1], *p.rows[0][1:]), *p.rows[1:])),
        "opens 2 columns",
    ),
    "rows swapped": (
        lambda p: replace(p, rows=((p.rows[0][1], p.rows[0][0], *p.rows[0][2:]), *p.rows[1:])),
        "hash to the root",
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_spoilt_openings_are_refused(fault: str) -> None:
    tree = TREES[25]
    spoil, message = SPOILT[fault]
    with pytest.raises(MerkleError, match=message):
        verify_multi(tree.root, tree.shapes, 25, INDICES, spoil(open_tree(tree, INDICES)))


def test_another_root_index_or_shape_is_refused() -> None:
    tree = TREES[25]
    proof = open_tree(tree, INDICES)
    with pytest.raises(MerkleError, match="hash to the root"):
        verify_multi(bytes(25), tree.shapes, 25, INDICES, proof)
    with pytest.raises(MerkleError, match="26 bytes instead of 25"):
        verify_multi(tree.root + b"\0", tree.shapes, 25, INDICES, proof)
    with pytest.raises(MerkleError, match=r"hash to the root|left over|ends before|opens"):
        verify_multi(tree.root, tree.shapes, 25, [2, 4, 5, 19], proof)
    swapped = [*tree.shapes[:1], MatrixShape(2, 2), *tree.shapes[2:]]
    with pytest.raises(MerkleError):
        verify_multi(tree.root, swapped, 25, INDICES, proof)
    merged = [MatrixShape(7, 5), *tree.shapes[1:2], *tree.shapes[3:]]
    with pytest.raises(MerkleError, match="matrices"):
        verify_multi(tree.root, merged, 25, INDICES, proof)


@pytest.mark.parametrize("indices", [[], [1, 1], [2, 1], [-1], [32], [0, 40]])
def test_index_lists_of_another_kind_are_refused(indices: list[int]) -> None:
    tree = TREES[32]
    with pytest.raises(ValueError, match="leaf indices"):
        open_tree(tree, indices)
    with pytest.raises(ValueError, match="leaf indices"):
        verify_multi(tree.root, tree.shapes, 32, indices, open_tree(tree, [0]))


def test_matrices_that_make_no_tree_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        MerkleTree([], 32)
    with pytest.raises(ValueError, match="power of two"):
        MerkleTree([field_matrix(1, 6)], 32)
