"""Verifying openings with FRI: steps 8 to 14 of docs/protocol.md, section 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from l2forge.stark.deep import Deep, combine_row
from l2forge.stark.ext import Ext
from l2forge.stark.fri import FOLD, domain_point, evaluate, fold_values
from l2forge.stark.layout import ELEMENT_BYTES, EXT_BYTES, ProofLayout, TreeLayout
from l2forge.stark.opened import OpenedTree, Reader, above, sibling_positions
from l2forge.stark.params import LOG_FOLD
from l2forge.stark.proof import FriHead, read_elements
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.transcript import ProtocolTranscript, has_leading_zeros


@dataclass(frozen=True)
class CheckedOpenings:
    """A verified opening proof, taken apart: what a verifier that works in several parts is given.

    queries: positions with repetitions, in the order drawn; trees by name; layers: a FRI layer as a tree with
    one group of 24 base columns, the leaf's eight values.
    """

    queries: tuple[int, ...]
    zetas: tuple[Ext, ...]
    trees: dict[str, OpenedTree]
    layers: tuple[OpenedTree, ...]


class FriVerifier:
    """Checks one opening proof against roots and claimed openings."""

    def __init__(self, layout: ProofLayout, head: FriHead, body: bytes) -> None:
        self.layout = layout
        self.params = layout.params
        self.head = head
        self.body = body

    def check(
        self, transcript: ProtocolTranscript, roots: Mapping[str, bytes], deep: Deep
    ) -> CheckedOpenings:
        """Steps 8 to 14; `transcript` has drawn λ. Raises ProofRejected."""
        zetas = tuple(transcript.layer(root) for root in self.head.roots)
        transcript.final(self.head.final)
        self._check_grinding(transcript)
        queries = tuple(transcript.queries(self.params.n_queries, self.layout.log_domain))
        distinct = sorted(set(queries))
        self._check_length(distinct)
        reader = Reader(self.body, lambda detail: ProofRejected(Step.QUERIES, detail))
        trees = {tree.name: self._open_tree(reader, tree, distinct, roots) for tree in self.layout.trees}
        values = self._deep_values(trees, distinct, deep)
        layers = []
        for index, zeta in enumerate(zetas):
            opened = self._open_layer(reader, index, values)
            layers.append(opened)
            values = self._fold(opened, index, zeta)
        self._check_final(values)
        return CheckedOpenings(queries, zetas, trees, tuple(layers))

    def _check_grinding(self, transcript: ProtocolTranscript) -> None:
        """Step 8."""
        if not has_leading_zeros(transcript.nonce(self.head.nonce), self.params.grinding_bits):
            detail = f"nonce {self.head.nonce} does not give {self.params.grinding_bits} zero bits"
            raise ProofRejected(Step.GRINDING, detail)

    def _check_length(self, distinct: list[int]) -> None:
        """Step 9."""
        expected = body_bytes(self.layout, distinct)
        if len(self.body) != expected:
            raise ProofRejected(
                Step.QUERIES,
                f"{len(self.body)} bytes of query openings where {len(distinct)} distinct queries "
                f"imply {expected}",
            )

    def _open_tree(
        self, reader: Reader, tree: TreeLayout, distinct: list[int], roots: Mapping[str, bytes]
    ) -> OpenedTree:
        """Steps 10, 11 and 12: rows of one commitment against its root."""
        reader.refuse = _refusal(tree.step, f"{tree.name} rows")
        rows = []
        for group in tree.groups:
            indices = above(distinct, self.layout.log_domain - group.log_rows)
            values = reader.elements(len(indices) * group.width)
            rows.append(
                {
                    index: tuple(values[k * group.width : (k + 1) * group.width])
                    for k, index in enumerate(indices)
                }
            )
        levels = tuple(tree.log_leaves - group.log_rows for group in tree.groups)
        opened = OpenedTree(tree.log_leaves, levels, tuple(rows))
        self._check_root(reader, opened, roots[tree.name])
        return opened

    def _check_root(self, reader: Reader, opened: OpenedTree, root: bytes) -> None:
        n_siblings = len(sibling_positions(opened.leaves(), opened.log_leaves))
        siblings = reader.nodes(n_siblings, self.params.node_bytes)
        if opened.hash_up(siblings, self.params.node_bytes) != root:
            raise reader.refuse("they do not hash to the root")

    def _deep_values(
        self, trees: Mapping[str, OpenedTree], distinct: list[int], deep: Deep
    ) -> dict[int, Ext]:
        """G at every distinct query, from the opened rows."""
        parts = []
        for tree in self.layout.trees:
            for group, rows in zip(tree.groups, trees[tree.name].rows, strict=True):
                factors = deep.factors(group)
                shift = self.layout.log_domain - group.log_rows
                at_z = {i: combine_row(row, factors.at_z) for i, row in rows.items()}
                at_next = {i: combine_row(row, factors.at_next) for i, row in rows.items()}
                parts.append((shift, at_z, at_next))
        values = {}
        for query in distinct:
            combined_z = sum((at_z[query >> shift] for shift, at_z, _ in parts), Ext(0))
            combined_next = sum((at_next[query >> shift] for shift, _, at_next in parts), Ext(0))
            point = domain_point(0, self.layout.log_domain, query)
            values[query] = deep.value(point, combined_z, combined_next)
        return values

    def _open_layer(self, reader: Reader, index: int, values: Mapping[int, Ext]) -> OpenedTree:
        """Step 13: leaves of a layer, with the computed values in their places, against its root."""
        reader.refuse = _refusal(Step.FRI_LAYER, f"leaves of layer {index}")
        leaves = {}
        for leaf in above(values, LOG_FOLD):
            sent = iter(read_elements(reader, FOLD - _hits(values, leaf)))
            entries = range(leaf * FOLD, (leaf + 1) * FOLD)
            full = [values[entry] if entry in values else next(sent) for entry in entries]
            leaves[leaf] = tuple(c for value in full for c in value)
        opened = OpenedTree(self.layout.log_leaves(index), (0,), (leaves,))
        self._check_root(reader, opened, self.head.roots[index])
        return opened

    def _fold(self, opened: OpenedTree, index: int, zeta: Ext) -> dict[int, Ext]:
        """The next layer's values, one for each leaf."""
        folded = {}
        log_size = self.layout.log_domain - LOG_FOLD * index
        for leaf, row in opened.rows[0].items():
            values = [Ext(*row[3 * j : 3 * j + 3]) for j in range(FOLD)]
            folded[leaf] = fold_values(values, domain_point(index, log_size, leaf * FOLD), zeta)
        return folded

    def _check_final(self, values: Mapping[int, Ext]) -> None:
        """Step 14."""
        log_size = self.layout.log_domain - LOG_FOLD * self.layout.n_layers
        for position, value in values.items():
            point = domain_point(self.layout.n_layers, log_size, position)
            if evaluate(self.head.final, point) != value:
                raise ProofRejected(Step.FRI_FINAL, f"the final polynomial differs at position {position}")


def _refusal(step: Step, what: str) -> Callable[[str], Exception]:
    return lambda detail: ProofRejected(step, f"{what}: {detail}")


def _hits(values: Mapping[int, Ext], leaf: int) -> int:
    return sum(leaf * FOLD + k in values for k in range(FOLD))


def body_bytes(layout: ProofLayout, distinct: list[int]) -> int:
    """Bytes of the query openings for these distinct queries."""
    node_bytes = layout.params.node_bytes
    total = 0
    for tree in layout.trees:
        for group in tree.groups:
            n_rows = len(above(distinct, layout.log_domain - group.log_rows))
            total += n_rows * group.width * ELEMENT_BYTES
        leaves = above(distinct, layout.log_domain - tree.log_leaves)
        total += len(sibling_positions(leaves, tree.log_leaves)) * node_bytes
    positions = distinct
    for layer in range(layout.n_layers):
        leaves = above(positions, LOG_FOLD)
        total += (len(leaves) * FOLD - len(positions)) * EXT_BYTES
        total += len(sibling_positions(leaves, layout.log_leaves(layer))) * node_bytes
        positions = leaves
    return total
