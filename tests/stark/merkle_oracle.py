"""Multi-proofs, the slow and obvious way: what `opened` and `commitment` are compared with.

Order. Distinct leaf indices ascend. Matrix m of height 2^h opens row i >> (log_height − h) of each, without
repetitions, ascending. Siblings come level by level from the leaves to the root, in each level by ascending
index, those only that cannot be computed from what is already known. Both verifiers consume them in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from l2forge.errors import CheckFailed
from l2forge.stark.field import P
from l2forge.stark.keccak import digest_bytes, keccak256
from l2forge.stark.merkle import MatrixShape, MerkleTree


class MerkleError(CheckFailed):
    """An opening that does not belong to the root, or has not the one form that verifiers accept."""


@dataclass(frozen=True, slots=True)
class MultiProof:
    """rows[m][k]: the values of matrix m's k-th opened row; siblings: nodes of node_bytes bytes in order."""

    rows: tuple[tuple[tuple[int, ...], ...], ...]
    siblings: tuple[bytes, ...]


def open_tree(tree: MerkleTree, indices: Sequence[int]) -> MultiProof:
    """Open the rows at distinct ascending leaf indices. Raises ValueError for other indices."""
    _check_indices(indices, tree.log_height)
    rows = []
    for matrix, shape in zip(tree.matrices, tree.shapes, strict=True):
        opened = matrix[:, _rows_of(indices, tree.log_height - shape.log_height)]
        rows.append(tuple(map(tuple, opened.T.tolist())))
    siblings = []
    known = list(indices)
    for level in tree.levels[:-1]:
        siblings += [digest_bytes(level, i, tree.node_bytes) for i in _missing(known)]
        known = _rows_of(known, 1)
    return MultiProof(tuple(rows), tuple(siblings))


def _check_indices(indices: Sequence[int], log_height: int) -> None:
    if not indices or any(a >= b for a, b in pairwise(indices)):
        raise ValueError("leaf indices must be distinct, ascending and at least one")
    if indices[0] < 0 or indices[-1] >> log_height:
        raise ValueError(f"leaf indices must lie in a tree of 2^{log_height} leaves")


def _rows_of(indices: Sequence[int], shift: int) -> list[int]:
    """Distinct ascending positions, `shift` levels up, of ascending indices."""
    return sorted({i >> shift for i in indices})


def _missing(known: Sequence[int]) -> list[int]:
    """Ascending siblings of ascending known positions that are not known themselves."""
    present = set(known)
    return [i ^ 1 for i in known if i ^ 1 not in present]


def verify_multi(
    root: bytes,
    shapes: Sequence[MatrixShape],
    node_bytes: int,
    indices: Sequence[int],
    proof: MultiProof,
) -> None:
    """Accept exactly the openings that `open_tree` makes for a tree of this root and shapes.

    Work and memory are bounded by len(indices)·(log_height + all columns), as counts are checked before any
    hash. Raises MerkleError when root, a row or a sibling has a wrong size, a value is not canonical, nodes
    are left over or missing, or the root differs; ValueError when the indices are not such a list.
    """
    log_height = max(shape.log_height for shape in shapes)
    _check_indices(indices, log_height)
    if len(root) != node_bytes:
        raise MerkleError(f"the root has {len(root)} bytes instead of {node_bytes}")
    _check_rows(shapes, log_height, indices, proof.rows)
    if any(len(node) != node_bytes for node in proof.siblings):
        raise MerkleError(f"a sibling node has not exactly {node_bytes} bytes")
    if _computed_root(shapes, node_bytes, indices, proof) != root:
        raise MerkleError("the opened rows do not hash to the root")


def _check_rows(
    shapes: Sequence[MatrixShape],
    log_height: int,
    indices: Sequence[int],
    rows: Sequence[Sequence[Sequence[int]]],
) -> None:
    if len(rows) != len(shapes):
        raise MerkleError(f"rows of {len(rows)} matrices opened instead of {len(shapes)}")
    for m, (shape, opened) in enumerate(zip(shapes, rows, strict=True)):
        if len(opened) != len(_rows_of(indices, log_height - shape.log_height)):
            raise MerkleError(f"matrix {m} opens {len(opened)} rows, not one per distinct index")
        for row in opened:
            if len(row) != shape.n_columns:
                raise MerkleError(f"matrix {m} opens {len(row)} columns instead of {shape.n_columns}")
            if any(not 0 <= value < P for value in row):
                raise MerkleError(f"matrix {m} opens a value that is not below p")


def _computed_root(
    shapes: Sequence[MatrixShape], node_bytes: int, indices: Sequence[int], proof: MultiProof
) -> bytes:
    """Hash from the leaves to the root in one pass over the siblings, each of which must be used."""
    log_height = max(shape.log_height for shape in shapes)
    siblings = iter(proof.siblings)
    nodes: dict[int, bytes] = {}
    known = list(indices)
    for log_n in range(log_height, -1, -1):
        if log_n < log_height:
            for i in _missing(known):
                sibling = next(siblings, None)
                if sibling is None:
                    raise MerkleError("the proof ends before all sibling nodes are read")
                nodes[i] = sibling
            known = _rows_of(known, 1)
        entering = [m for m, shape in enumerate(shapes) if shape.log_height == log_n]
        nodes = {
            i: _node(nodes, i, b"".join(_row_bytes(proof.rows[m][k]) for m in entering))[:node_bytes]
            for k, i in enumerate(known)
        }
    if next(siblings, None) is not None:
        raise MerkleError("sibling nodes are left over")
    return nodes[0]


def _row_bytes(row: Sequence[int]) -> bytes:
    return np.array(row, ">u8").tobytes()


def _node(nodes: dict[int, bytes], i: int, row: bytes) -> bytes:
    children = nodes[2 * i] + nodes[2 * i + 1] if nodes else b""
    return keccak256(children + row)
