"""Opening by DEEP and FRI: the prover's side of docs/protocol.md, sections 5 and 8.

Polynomials are folded as coefficients: G has degree below n, so its n values on s·⟨ω_n⟩ determine it, and a
layer is the extension of at most n/8^l coefficients. Every method is a step of the protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from l2forge.stark.commitment import Committed, Phase, tree_siblings
from l2forge.stark.deep import Deep
from l2forge.stark.evaluation import add_combination, coset_brev, inverse_distances, repeat_to
from l2forge.stark.ext import Ext, from_array, mul_arrays
from l2forge.stark.field import GENERATOR, P, U64Array
from l2forge.stark.field_array import add_arrays, sub_arrays
from l2forge.stark.fri import FOLD, fold_coefficients
from l2forge.stark.grinding import least_nonce
from l2forge.stark.layout import ProofLayout
from l2forge.stark.merkle import MerkleTree
from l2forge.stark.ntt import coset_lde_of_coefficients_brev, intt_brev
from l2forge.stark.opened import above
from l2forge.stark.params import LOG_FOLD
from l2forge.stark.proof import FriHead
from l2forge.stark.transcript import ProtocolTranscript


@dataclass(frozen=True)
class Layer:
    """A committed FRI layer: its codeword (3, N/8^l), bit-reversed, and the tree of its leaves."""

    codeword: U64Array
    tree: MerkleTree


class FriProver:
    """Proves openings with FRI."""

    def open(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        deep: Deep,
        transcript: ProtocolTranscript,
        phase: Phase,
    ) -> tuple[FriHead, bytes]:
        """FRI's part of the head, and the body."""
        phase("DEEP")
        coefficients = self.deep_coefficients(layout, committed, deep)
        phase("FRI")
        layers = []
        for index in range(layout.n_layers):
            layer = self.commit_layer(layout, coefficients, index)
            layers.append(layer)
            coefficients = fold_coefficients(coefficients, transcript.layer(layer.tree.root))
        final = self.final_coefficients(coefficients)
        transcript.final(final)
        phase("grinding")
        nonce = self.grind(transcript.state, layout.params.grinding_bits)
        transcript.nonce(nonce)
        phase("queries")
        queries = transcript.queries(layout.params.n_queries, layout.log_domain)
        head = FriHead(tuple(layer.tree.root for layer in layers), tuple(final), nonce)
        return head, self.open_queries(layout, committed, layers, queries)

    def deep_coefficients(self, layout: ProofLayout, committed: Sequence[Committed], deep: Deep) -> U64Array:
        """The n coefficients of G, (3, n), from the values of all columns on s·⟨ω_n⟩."""
        n = 1 << layout.log_height
        combined_z, combined_next = combine_columns(layout, committed, deep)
        points = coset_brev(layout.log_height, GENERATOR)
        first = _quotient(combined_z, deep.sum_z, inverse_distances(points, deep.z))
        second = _quotient(combined_next, deep.sum_next, inverse_distances(points, deep.z_next))
        assert first.shape == (3, n)
        return intt_brev(add_arrays(first, second), shift=GENERATOR)

    def commit_layer(self, layout: ProofLayout, coefficients: U64Array, index: int) -> Layer:
        """The codeword of a layer, and the tree whose leaves hold eight of its entries each."""
        shift = pow(GENERATOR, FOLD**index, P)
        codeword = coset_lde_of_coefficients_brev(coefficients, layout.params.log_blowup, shift=shift)
        eights = codeword.reshape(3, -1, FOLD).transpose(2, 0, 1).reshape(3 * FOLD, -1)
        return Layer(codeword, MerkleTree([np.ascontiguousarray(eights)], layout.params.node_bytes))

    def final_coefficients(self, coefficients: U64Array) -> list[Ext]:
        """What is sent in the clear."""
        return from_array(coefficients)

    def grind(self, state: bytes, n_bits: int) -> int:
        """The least nonce."""
        return least_nonce(state, n_bits)

    def open_queries(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        layers: Sequence[Layer],
        queries: Iterable[int],
    ) -> bytes:
        """The body: rows of every commitment, leaves of every layer."""
        positions = sorted(set(queries))
        parts = [one.open(positions, layout.log_domain) for one in committed]
        for layer in layers:
            parts.append(_leaf_siblings(layer.codeword, positions))
            positions = above(positions, LOG_FOLD)
            parts.append(tree_siblings(layer.tree, positions))
        return b"".join(parts)


def _leaf_siblings(codeword: U64Array, positions: Sequence[int]) -> bytes:
    """The entries of the hit leaves that the verifier does not compute."""
    hit = set(positions)
    entries = [FOLD * leaf + k for leaf in above(positions, LOG_FOLD) for k in range(FOLD)]
    sent = [entry for entry in entries if entry not in hit]
    return np.ascontiguousarray(codeword[:, sent].T).astype(">u8").tobytes()


def _quotient(combined: U64Array, opened: Ext, inverse: U64Array) -> U64Array:
    """(combined − opened)/(x − z), given 1/(z − x)."""
    constant = np.repeat(np.array(tuple(opened), np.uint64)[:, None], combined.shape[1], axis=1)
    return mul_arrays(sub_arrays(constant, combined), inverse)


def combine_columns(
    layout: ProofLayout, committed: Sequence[Committed], deep: Deep
) -> tuple[U64Array, U64Array]:
    """Σ λ^j f_j and Σ λ^(A+j) f_{m_j} on s·⟨ω_n⟩, each (3, n), bit-reversed.

    The groups of one height are summed before they are lifted, so that short tables cost little.
    """
    groups = [
        (group, matrix)
        for one in committed
        for group, matrix in zip(one.layout.groups, one.matrices, strict=True)
    ]
    totals = [np.zeros((3, 1), np.uint64), np.zeros((3, 1), np.uint64)]
    for log_rows in sorted({group.log_rows for group, _ in groups}):
        n = 1 << (log_rows - layout.params.log_blowup)
        totals = [np.ascontiguousarray(repeat_to(total, n)) for total in totals]
        for group, matrix in groups:
            if group.log_rows == log_rows:
                factors = deep.factors(group)
                add_combination(matrix, factors.at_z, totals[0])
                add_combination(matrix, factors.at_next, totals[1])
    return totals[0], totals[1]
