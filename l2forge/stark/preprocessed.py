"""The commitment to the preprocessed columns of the tables that are present, lifted like all others."""

from __future__ import annotations

from l2forge.stark.commitment import Buffers, Committed, commit, extend_tables
from l2forge.stark.field import U64Array
from l2forge.stark.layout import PREPROCESSED, ProofLayout

_roots: dict[tuple[bytes, tuple[int, ...], int, int, int], bytes] = {}


def commit_preprocessed(layout: ProofLayout) -> Committed:
    """The tree of the present tables' preprocessed columns, for a layout that has one."""
    (tree,) = (tree for tree in layout.trees if tree.name == PREPROCESSED)
    traces: dict[int, U64Array] = {}
    for i in layout.present:
        columns = layout.air.tables[i].preprocessed
        if columns is not None:
            traces[i] = columns
    return commit(layout, tree, extend_tables(layout, tree, traces, Buffers()))


def preprocessed_root(layout: ProofLayout) -> bytes:
    """Its root, computed once for each AIR, choice of present tables, height and parameters."""
    present = tuple(i for i in layout.present if layout.air.tables[i].n_preprocessed)
    params = layout.params
    key = (layout.air.hash, present, layout.log_height, params.log_blowup, params.node_bytes)
    if key not in _roots:
        _roots[key] = commit_preprocessed(layout).root
    return _roots[key]
