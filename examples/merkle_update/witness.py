"""The witness of one update: the path's rows and the permutations that it uses."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from examples.merkle_update.air import Path
from l2forge.air.chips.poseidon2_rows import permutation_rows
from l2forge.air.witness import make_trace
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import compress_ints


def merkle_witness(
    depth: int, *, index: int | None = None, seed: int = 1
) -> tuple[list[U64Array | None], tuple[int, ...], list[U64Array]]:
    """Traces, public scalars and public lists (none) for a random update in a tree of 2^depth leaves.

    The siblings on the path are random digests, as if the rest of the tree hashed to them; 1 ≤ depth ≤ 60.
    """
    rng = random.Random(seed)
    index = rng.randrange(1 << depth) if index is None else index
    leaf = [[rng.randrange(P) for _ in range(4)] for _ in ("old", "new")]
    siblings = [[rng.randrange(P) for _ in range(4)] for _ in range(depth)]
    old, new = (_climb(node, siblings, index) for node in leaf)
    log_height = max(1, (depth - 1).bit_length())
    rows = 1 << log_height
    bits = [(index >> k) & 1 for k in range(depth)]

    def columns(nodes: Sequence[Sequence[int]]) -> list[list[int]]:
        padded = [*nodes, *[nodes[-1]] * (rows - len(nodes))]
        return [list(column) for column in zip(*padded, strict=True)]

    path = make_trace(
        Path.columns,
        log_height,
        {
            "is_real": [1] * depth,
            "bit": bits,
            "weight": [1 << min(k, depth) for k in range(rows)],
            "index": [index & ((1 << min(k, depth)) - 1) for k in range(rows)],
            "sibling": [list(column) for column in zip(*siblings, strict=True)],
            "old": columns(old[:rows]),
            "new": columns(new[:rows]),
            "old_parent": columns(old[1:]),
            "new_parent": columns(new[1:]),
            "old_hash": [2 * k for k in range(depth)],
            "new_hash": [2 * k + 1 for k in range(depth)],
        },
    )
    inputs = np.zeros((12, 1 << log2_ceil(2 * depth)), np.uint64)
    for k in range(depth):
        for j, nodes in enumerate((old, new)):
            pair = [siblings[k], nodes[k]] if bits[k] else [nodes[k], siblings[k]]
            inputs[:8, 2 * k + j] = np.array([*pair[0], *pair[1]], np.uint64)
    counts = (np.arange(inputs.shape[1]) < 2 * depth).astype(np.uint64)
    public = (*leaf[0], *leaf[1], *old[-1], *new[-1], index, 1 << depth)
    return [path, permutation_rows(inputs, counts)], public, []


def log2_ceil(count: int) -> int:
    """log2 of the least power of two that is at least `count`."""
    return max(0, (count - 1).bit_length())


def _climb(node: Sequence[int], siblings: Sequence[Sequence[int]], index: int) -> list[list[int]]:
    """The nodes from the leaf to the root."""
    nodes = [list(node)]
    for k, sibling in enumerate(siblings):
        pair = (sibling, nodes[-1]) if (index >> k) & 1 else (nodes[-1], sibling)
        nodes.append(compress_ints(*pair))
    return nodes
