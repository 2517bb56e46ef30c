"""The prover: a satisfied trace becomes a proof, phase by phase as in docs/protocol.md.

Every method of `Prover` is a step of the protocol. The bytes depend on nothing but the inputs: the kernels
give the same results for any number of threads, and grinding takes the least nonce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from l2forge.errors import InputError
from l2forge.stark.air_interface import Arithmetization, CosetColumns
from l2forge.stark.claims import Challenges, Claims
from l2forge.stark.commitment import (
    Buffers,
    Committed,
    OpeningProver,
    commit,
    extend,
    extend_tables,
    lift_shift,
    table_columns,
)
from l2forge.stark.deep import Deep
from l2forge.stark.evaluation import barycentric_weights, evaluate_columns, repeat_to
from l2forge.stark.ext import ONE, Ext, X
from l2forge.stark.field import GENERATOR, P, U64Array, root_of_unity
from l2forge.stark.field_array import add_arrays, scale_array
from l2forge.stark.fri import reverse_bits
from l2forge.stark.fri_prover import FriProver
from l2forge.stark.layout import (
    ABSENT,
    INTERACTION,
    MAIN,
    PREPROCESSED,
    QUOTIENT,
    ProofLayout,
    TreeLayout,
    encode_heights,
    height_problems,
)
from l2forge.stark.ntt import intt_brev
from l2forge.stark.params import ProofParameters
from l2forge.stark.preprocessed import commit_preprocessed
from l2forge.stark.proof import Head
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected
from l2forge.stark.stopwatch import Progress, Stopwatch
from l2forge.stark.transcript import ProtocolTranscript
from l2forge.stark.verifier import NO_SPEC, check_head, public_problems


@dataclass(frozen=True)
class Proof:
    """A proof's bytes, and how long each phase took (seconds)."""

    data: bytes
    phases: dict[str, float] = field(compare=False)


class Prover:
    """Proves statements of one AIR under one set of parameters, one at a time.

    It keeps the memory of its last proof for the next one.
    """

    def __init__(
        self,
        arithmetic: Arithmetization,
        params: ProofParameters,
        *,
        spec_hash: bytes = NO_SPEC,
        scheme: OpeningProver | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.arithmetic = arithmetic
        self.air = arithmetic.air
        self.params = params
        self.spec_hash = spec_hash
        self.scheme = scheme or FriProver()
        self.progress = progress
        self.transcript = ProtocolTranscript()
        self.buffers = Buffers()

    def prove(self, traces: Sequence[U64Array | None], public: PublicValues) -> Proof:
        """The proof that the main traces (n_main, height), None for absent tables, satisfy the AIR.

        Raises InputError for traces or public values that no proof can have; what `Arithmetization.check`
        raises for an unsatisfied trace.
        """
        self.phase = Stopwatch(self.progress)
        self.layout = self.make_layout(traces, public)
        self.begin(public)
        main = self.commit_tables(MAIN, {i: t for i, t in enumerate(traces) if t is not None})
        challenges = Challenges(*self.transcript.main(main.root))
        interactions, claims = self.interact(traces, public, challenges)
        committed = {MAIN: main}
        if self.layout.has_tree(PREPROCESSED):
            committed[PREPROCESSED] = commit_preprocessed(self.layout)
        if self.layout.has_tree(INTERACTION):
            committed[INTERACTION] = self.commit_tables(INTERACTION, interactions)
        sums = self.claimed_sums(claims)
        gamma = self.transcript.interaction(_root(committed, INTERACTION), sums, claims.fingerprints)
        committed[QUOTIENT] = self.commit_quotient(committed, claims, gamma)
        z = self.transcript.quotient(committed[QUOTIENT].root)
        z_next = z * root_of_unity(self.layout.log_height)
        in_order = [committed[tree.name] for tree in self.layout.trees]
        openings = self.open_columns(in_order, z, z_next)
        roots = {name: one.root for name, one in committed.items() if name != PREPROCESSED}
        head = Head(self.layout.log_heights, roots, sums, tuple(claims.fingerprints), tuple(openings))
        self.phase("check")
        self.examine(head, public, (challenges, gamma, z), traces)
        deep = Deep.of(self.layout, z, z_next, openings, self.transcript.openings(openings))
        fri_head, body = self.scheme.open(self.layout, in_order, deep, self.transcript, self.phase)
        self.phase()
        return Proof(head.encode() + fri_head.encode() + body, self.phase.seconds)

    def make_layout(self, traces: Sequence[U64Array | None], public: PublicValues) -> ProofLayout:
        """The layout for these traces; InputError when their shapes, or the public values, do not fit."""
        for problem in self.params.problems():
            raise InputError(problem)
        for table, trace in zip(self.air.tables, traces, strict=False):
            if trace is not None and (trace.ndim != 2 or trace.shape[0] != table.n_main):
                raise InputError(
                    f"the trace of table {table.name} has shape {trace.shape}",
                    remedy=f"give {table.n_main} columns",
                )
            if trace is not None and (trace.shape[1] & (trace.shape[1] - 1) or not trace.shape[1]):
                raise InputError(f"the trace of table {table.name} has {trace.shape[1]} rows, no power of 2")
        log_heights = tuple(ABSENT if t is None else t.shape[1].bit_length() - 1 for t in traces)
        for problem in height_problems(self.air, self.params.log_blowup, log_heights):
            raise InputError(problem)
        for problem in public_problems(self.air, log_heights, public):
            raise InputError(problem)
        if self.air.n_chunks > 1 << self.params.log_blowup:
            raise InputError(
                f"constraints of degree {self.air.max_degree} at blow-up {1 << self.params.log_blowup}",
                remedy=f"use a blow-up of at least {self.air.n_chunks}",
            )
        return ProofLayout(self.air, self.params, log_heights)

    def examine(
        self,
        head: Head,
        public: PublicValues,
        drawn: tuple[Challenges, Ext, Ext],
        traces: Sequence[U64Array | None],
    ) -> None:
        """Refuse an unsatisfied trace: where the verifier's steps on the head fail, the rows tell why.

        The steps cost a tenth of a look at every row, which most proofs then do without.
        """
        try:
            check_head(self.layout, head, public, *drawn)
        except ProofRejected:
            self.arithmetic.check(traces, public)
            raise

    def begin(self, public: PublicValues) -> None:
        """T0 to T3."""
        self.transcript = ProtocolTranscript()
        parameters = self.params.encode(self.air.n_chunks)
        self.transcript.identity(self.air.hash, self.spec_hash, parameters)
        self.transcript.heights(encode_heights(self.layout.log_heights))
        self.transcript.public(public.encode())

    def tree(self, name: str) -> TreeLayout:
        """The layout of a tree that the proof has."""
        return next(tree for tree in self.layout.trees if tree.name == name)

    def commit_tables(self, name: str, traces: dict[int, U64Array]) -> Committed:
        """Extend and commit to the columns of all tables."""
        tree = self.tree(name)
        extended = extend_tables(self.layout, tree, traces, self.buffers, self.phase)
        return commit(self.layout, tree, extended, self.phase)

    def interact(
        self, traces: Sequence[U64Array | None], public: PublicValues, challenges: Challenges
    ) -> tuple[dict[int, U64Array], Claims]:
        """The interaction columns of the tables that have some, and what they claim."""
        self.phase("lookups")
        sums: list[Ext | None] = [None] * len(traces)
        fingerprints = [ONE] * len(self.air.lists)
        columns = {}
        claims = Claims(challenges, public.scalars, (), ())
        for i in self.layout.present:
            trace = traces[i]
            if trace is not None and self.air.tables[i].n_interaction:
                interaction = self.arithmetic.interaction(i, trace, claims)
                columns[i], sums[i] = interaction.columns, interaction.sum
                for index, value in interaction.fingerprints.items():
                    fingerprints[index] = value
        return columns, Claims(challenges, public.scalars, tuple(sums), tuple(fingerprints))

    def claimed_sums(self, claims: Claims) -> tuple[Ext, ...]:
        """S of the present tables that have interactions."""
        return tuple(s for s in (claims.sums[i] for i in self.layout.summed) if s is not None)

    def commit_quotient(self, committed: dict[str, Committed], claims: Claims, gamma: Ext) -> Committed:
        """Q = C/Z in chunks of n coefficients, extended and committed."""
        self.phase("constraints")
        compositions = self.compose(committed, claims, gamma)
        self.phase("LDE quotient")
        n, c = 1 << self.layout.log_height, self.air.n_chunks
        coefficients = np.zeros((3, c * n), np.uint64)
        for composition in compositions:
            part = intt_brev(self.divide_by_vanishing(composition), shift=GENERATOR)
            low = coefficients[:, : part.shape[1]]
            low[:] = add_arrays(low, part)
        chunks = np.ascontiguousarray(coefficients.reshape(3, c, n).transpose(1, 0, 2)).reshape(3 * c, n)
        tree = self.tree(QUOTIENT)
        extended = extend(chunks, self.layout, GENERATOR, self.buffers.matrix(tree, tree.groups[0]))
        return commit(self.layout, tree, [extended], self.phase)

    def compose(self, committed: dict[str, Committed], claims: Claims, gamma: Ext) -> list[U64Array]:
        """The composition C in parts that add up to it, each on the coset s·⟨ω_2^k·n⟩ that determines its
        quotient: (3, 2^k·n), bit-reversed. Short tables are summed before they are lifted."""
        weights = self.constraint_weights(gamma)
        totals: dict[int, U64Array] = {}
        for i in sorted(self.layout.present, key=lambda i: self.layout.log_heights[i]):
            for log_expansion in self.arithmetic.expansions(i):
                columns = self.coset_columns(committed, i, self.layout.log_heights[i], log_expansion)
                values = self.arithmetic.composition(i, columns, claims, weights[i])
                total = totals.get(log_expansion)
                if total is not None:
                    values = add_arrays(repeat_to(total, values.shape[1]), values)
                totals[log_expansion] = values
        n = 1 << self.layout.log_height
        return [repeat_to(total, n << log_expansion) for log_expansion, total in totals.items()]

    def constraint_weights(self, gamma: Ext) -> dict[int, list[Ext]]:
        """The power of γ that Horner gives to each constraint, by table: the last one has γ^0."""
        weights: dict[int, list[Ext]] = {}
        power = ONE
        for i in reversed(self.layout.present):
            powers = []
            for _ in self.air.tables[i].constraints:
                powers.append(power)
                power = power * gamma
            weights[i] = powers[::-1]
        return weights

    def coset_columns(
        self, committed: dict[str, Committed], table: int, log_height: int, log_expansion: int
    ) -> CosetColumns:
        """A table's committed columns, as its constraints read them."""
        main, preprocessed, interaction = (
            table_columns(self.layout, committed[name], table) if name in committed else None
            for name in (MAIN, PREPROCESSED, INTERACTION)
        )
        if main is None:
            main = np.empty((0, 1 << (log_height + log_expansion)), np.uint64)
        shift = lift_shift(self.layout.log_height, log_height)
        return CosetColumns(main, preprocessed, interaction, log_height, log_expansion, shift)

    def divide_by_vanishing(self, composition: U64Array) -> U64Array:
        """C/Z on s·⟨ω_2^k·n⟩: Z = x^n − 1 is constant on each block of n bit-reversed points."""
        n = 1 << self.layout.log_height
        n_blocks = composition.shape[1] // n
        log_blocks = n_blocks.bit_length() - 1
        shift, root = pow(GENERATOR, n, P), root_of_unity(log_blocks)
        quotient = np.empty(composition.shape, np.uint64)
        for k in range(n_blocks):
            vanishing = (shift * pow(root, reverse_bits(k, log_blocks), P) - 1) % P
            block = slice(k * n, (k + 1) * n)
            quotient[:, block] = scale_array(composition[:, block], pow(vanishing, -1, P))
        return quotient

    def open_columns(self, committed: Sequence[Committed], z: Ext, z_next: Ext) -> list[Ext]:
        """All openings in the protocol's order."""
        self.phase("openings")
        at_z = [Ext(0)] * len(self.layout.openings)
        at_next = [Ext(0)] * len(self.layout.next_openings)
        for one in committed:
            for group, matrix in zip(one.layout.groups, one.matrices, strict=True):
                log_rows = group.log_rows - self.params.log_blowup
                lift = 1 << (self.layout.log_height - log_rows)
                shift = lift_shift(self.layout.log_height, log_rows)
                limbs = range(group.width)
                masked = [k for k in limbs if group.terms[k].at_next is not None]
                weights = barycentric_weights(z**lift, log_rows, shift)
                for k, value in zip(limbs, evaluate_columns(matrix, limbs, weights), strict=True):
                    term = group.terms[k]
                    at_z[term.at_z] += value * X**term.limb
                if not masked:
                    continue
                weights = barycentric_weights(z_next**lift, log_rows, shift)
                for k, value in zip(masked, evaluate_columns(matrix, masked, weights), strict=True):
                    place = group.terms[k].at_next
                    if place is not None:
                        at_next[place - len(at_z)] += value * X ** group.terms[k].limb
        return at_z + at_next


def _root(committed: dict[str, Committed], name: str) -> bytes:
    return committed[name].root if name in committed else b""
