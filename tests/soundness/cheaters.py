"""Provers that cheat: each overrides one step of the honest prover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from l2forge.stark.claims import Challenges, Claims
from l2forge.stark.commitment import Committed, Phase, commit
from l2forge.stark.deep import Deep
from l2forge.stark.ext import ONE, Ext, from_array, to_array
from l2forge.stark.field import GENERATOR, P, U64Array
from l2forge.stark.fri import FOLD, domain_point, fold_values
from l2forge.stark.fri_prover import FriProver, Layer
from l2forge.stark.layout import MAIN, QUOTIENT, ProofLayout
from l2forge.stark.merkle import MerkleTree
from l2forge.stark.ntt import coset_lde_of_coefficients_brev, intt_brev
from l2forge.stark.params import LOG_FOLD
from l2forge.stark.proof import FriHead, Head
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.transcript import ProtocolTranscript


class Unchecked(Prover):
    """Proves whatever it is given."""

    def examine(
        self,
        head: Head,
        public: PublicValues,
        drawn: tuple[Challenges, Ext, Ext],
        traces: Sequence[U64Array | None],
    ) -> None:
        """Look away."""


class ForgedSums(Unchecked):
    """Moves a sum from one table to another: they still add up to 0."""

    def claimed_sums(self, claims: Claims) -> tuple[Ext, ...]:
        first, second, *rest = super().claimed_sums(claims)
        return (first + 1, second - 1, *rest)


class BalancedSums(Unchecked):
    """An unbalanced bus whose sums are forged to add up to 0."""

    def claimed_sums(self, claims: Claims) -> tuple[Ext, ...]:
        _, *rest = super().claimed_sums(claims)
        return (-sum(rest, Ext(0)), *rest)


class WrongQuotient(Unchecked):
    """Commits to another polynomial of low degree instead of the quotient."""

    def divide_by_vanishing(self, composition: U64Array) -> U64Array:
        quotient = super().divide_by_vanishing(composition)
        quotient[0] = (quotient[0].astype(object) + 1) % P
        return quotient


class FittedOpenings(Unchecked):
    """Changes the quotient's first opening so that the constraints seem to hold at z."""

    def open_columns(self, committed: Sequence[Committed], z: Ext, z_next: Ext) -> list[Ext]:
        openings = super().open_columns(committed, z, z_next)
        first_chunk = len(self.layout.openings) - self.air.n_chunks
        openings[first_chunk] = openings[first_chunk] + self.missing(openings, z)
        return openings

    def compose(self, committed: dict[str, Committed], claims: Claims, gamma: Ext) -> list[U64Array]:
        self.claims, self.gamma = claims, gamma
        return super().compose(committed, claims, gamma)

    def missing(self, openings: Sequence[Ext], z: Ext) -> Ext:
        """What the quotient at z lacks: C(z)/Z(z) − Σ z^kn q_k(z)."""
        from l2forge.stark.verifier import table_points

        zn = z ** (1 << self.layout.log_height)
        n_at_z, c = len(self.layout.openings), self.air.n_chunks
        points = table_points(self.layout, openings)
        value = self.air.composition_at(z, self.layout.log_heights, points, self.claims, self.gamma)
        claimed = sum((zn**k * q for k, q in enumerate(openings[n_at_z - c : n_at_z])), Ext(0))
        return value / (zn - 1) - claimed


@dataclass(frozen=True)
class Rootless(Committed):
    """A commitment whose root is given as 0."""

    @property
    def root(self) -> bytes:
        """Not the tree's root."""
        return bytes(self.tree.node_bytes)


class ZeroRoots(Unchecked):
    """Sends 0 for the roots of its own trees."""

    def commit_tables(self, name: str, traces: dict[int, U64Array]) -> Committed:
        return self.rootless(super().commit_tables(name, traces))

    def commit_quotient(self, committed: dict[str, Committed], claims: Claims, gamma: Ext) -> Committed:
        return self.rootless(super().commit_quotient(committed, claims, gamma))

    def rootless(self, honest: Committed) -> Committed:
        return Rootless(honest.layout, honest.matrices, honest.tree)


class NotLowDegree(Unchecked):
    """Commits to a column of high degree that is right on the points where constraints are checked."""

    def commit_tables(self, name: str, traces: dict[int, U64Array]) -> Committed:
        honest = super().commit_tables(name, traces)
        if name != MAIN:
            return honest
        matrices = [matrix.copy() for matrix in honest.matrices]
        matrices[0][0, matrices[0].shape[1] // 2 :] ^= np.uint64(1)
        return commit(self.layout, self.tree(MAIN), matrices)


class FarWord(FriProver):
    """Runs FRI on the codeword that the rows give, whatever its degree, and sends its best final polynomial.

    Its layers are folded as values, so that every layer fits the one before.
    """

    def open(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        deep: Deep,
        transcript: ProtocolTranscript,
        phase: Phase,
    ) -> tuple[FriHead, bytes]:
        word = deep_word(layout, committed, deep)
        layers = []
        for index in range(layout.n_layers):
            layer = as_layer(layout, word)
            layers.append(layer)
            zeta = transcript.layer(layer.tree.root)
            word = fold_word(layout, word, index, zeta)
        shift = pow(GENERATOR, FOLD**layout.n_layers, P)
        final = from_array(intt_brev(to_array(word), shift=shift))[: layout.n_final]
        transcript.final(final)
        nonce = self.grind(transcript.state, layout.params.grinding_bits)
        transcript.nonce(nonce)
        queries = transcript.queries(layout.params.n_queries, layout.log_domain)
        head = FriHead(tuple(layer.tree.root for layer in layers), tuple(final), nonce)
        return head, self.open_queries(layout, committed, layers, queries)


def deep_word(layout: ProofLayout, committed: Sequence[Committed], deep: Deep) -> list[Ext]:
    """G at every point of D, from the committed rows, by the verifier's formula."""
    combined = [Ext(0)] * (1 << layout.log_domain), [Ext(0)] * (1 << layout.log_domain)
    for one in committed:
        for group, matrix in zip(one.layout.groups, one.matrices, strict=True):
            factors = deep.factors(group)
            shift = layout.log_domain - group.log_rows
            for total, weights in zip(combined, (factors.at_z, factors.at_next), strict=True):
                for q in range(1 << layout.log_domain):
                    row = matrix[:, q >> shift].tolist()
                    total[q] += sum((w * v for w, v in zip(weights, row, strict=True)), Ext(0))
    return [
        deep.value(domain_point(0, layout.log_domain, q), combined[0][q], combined[1][q])
        for q in range(1 << layout.log_domain)
    ]


def as_layer(layout: ProofLayout, word: Sequence[Ext]) -> Layer:
    """A layer with these values."""
    codeword = to_array(word)
    eights = codeword.reshape(3, -1, FOLD).transpose(2, 0, 1).reshape(3 * FOLD, -1)
    return Layer(codeword, MerkleTree([np.ascontiguousarray(eights)], layout.params.node_bytes))


def fold_word(layout: ProofLayout, word: Sequence[Ext], index: int, zeta: Ext) -> list[Ext]:
    """The next layer of a word, leaf by leaf."""
    log_size = layout.log_domain - LOG_FOLD * index
    return [
        fold_values(word[8 * leaf : 8 * leaf + 8], domain_point(index, log_size, 8 * leaf), zeta)
        for leaf in range(len(word) // FOLD)
    ]


class NoGrinding(FriProver):
    """Sends a nonce without searching."""

    def grind(self, state: bytes, n_bits: int) -> int:
        from l2forge.stark.transcript import grinding_digest, has_leading_zeros

        nonce = 0
        while has_leading_zeros(grinding_digest(state, nonce), n_bits):
            nonce += 1
        return nonce


class WrongFinal(FriProver):
    """Sends another final polynomial."""

    def final_coefficients(self, coefficients: U64Array) -> list[Ext]:
        final = super().final_coefficients(coefficients)
        return [final[0] + ONE, *final[1:]]


class WrongFold(FriProver):
    """Its second layer is not the first one folded."""

    def commit_layer(self, layout: ProofLayout, coefficients: U64Array, index: int) -> Layer:
        if index == 1:
            coefficients = coefficients.copy()
            coefficients[0, 0] ^= np.uint64(1)
        return super().commit_layer(layout, coefficients, index)


class WrongDeep(FriProver):
    """Starts FRI from another polynomial of low degree."""

    def deep_coefficients(self, layout: ProofLayout, committed: Sequence[Committed], deep: Deep) -> U64Array:
        coefficients = super().deep_coefficients(layout, committed, deep)
        coefficients[0, 0] ^= np.uint64(1)
        return coefficients


class ReusedQuery(FriProver):
    """Opens its first query again instead of the last."""

    def open_queries(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        layers: Sequence[Layer],
        queries: Iterable[int],
    ) -> bytes:
        drawn = sorted(set(queries))
        return super().open_queries(layout, committed, layers, drawn[:-1])


class OtherQuery(FriProver):
    """Opens the neighbour of its first query instead of it."""

    def open_queries(
        self,
        layout: ProofLayout,
        committed: Sequence[Committed],
        layers: Sequence[Layer],
        queries: Iterable[int],
    ) -> bytes:
        drawn = sorted(set(queries))
        return super().open_queries(layout, committed, layers, [drawn[0] ^ 1, *drawn[1:]])


class HighDegreeQuotient(Unchecked):
    """Adds X^3n − s^3n to the quotient's first chunk: 0 on s·⟨ω_n⟩, which openings are made from."""

    def commit_quotient(self, committed: dict[str, Committed], claims: Claims, gamma: Ext) -> Committed:
        honest = super().commit_quotient(committed, claims, gamma)
        n = 1 << self.layout.log_height
        polynomial = np.zeros((1, 4 * n), np.uint64)
        polynomial[0, 3 * n], polynomial[0, 0] = 1, P - pow(GENERATOR, 3 * n, P)
        extra = coset_lde_of_coefficients_brev(polynomial, self.params.log_blowup - 2)[0]
        matrix = honest.matrices[0].copy()
        matrix[0] = (matrix[0].astype(object) + extra) % P
        return commit(self.layout, self.tree(QUOTIENT), [matrix])
