"""The verifier: the numbered steps of docs/protocol.md, section 6, in order.

Steps 1 to 7 are here; 8 to 14 belong to the commitment scheme (fri_verifier.py). Whatever the bytes are, the
outcome is a `CheckedProof` or a `ProofRejected` with the step's number, in time and memory bounded by the
largest honest proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from l2forge.stark.air_interface import Air, AirList
from l2forge.stark.claims import Challenges, Claims, Point
from l2forge.stark.deep import Deep, combine_row
from l2forge.stark.ext import ONE, ZERO, Ext
from l2forge.stark.field import GENERATOR, P, U64Array, root_of_unity
from l2forge.stark.fri_verifier import CheckedOpenings, FriVerifier
from l2forge.stark.layout import (
    ABSENT,
    INTERACTION,
    MAIN,
    PREPROCESSED,
    QUOTIENT,
    ProofLayout,
    decode_heights,
    encode_heights,
    height_problems,
    largest_shape,
)
from l2forge.stark.opened import Reader
from l2forge.stark.params import TWO_ADICITY, ProofParameters
from l2forge.stark.preprocessed import preprocessed_root
from l2forge.stark.proof import FriHead, Head, read_fri_head, read_head
from l2forge.stark.public import PublicValues
from l2forge.stark.security import SecurityError, require_security
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.stopwatch import Progress, Stopwatch
from l2forge.stark.transcript import ProtocolTranscript

NO_SPEC = bytes(32)
_BLOCK = 256
"""Elements of a public list that are summed before they are reduced."""


@dataclass(frozen=True)
class CheckedProof:
    """An accepted proof, taken apart: heads, challenges, openings, as a verifier in several parts needs."""

    layout: ProofLayout
    head: Head
    fri_head: FriHead
    lookup_challenges: Challenges
    gamma: Ext
    z: Ext
    batching: Ext
    openings: CheckedOpenings


@dataclass(frozen=True)
class Verifier:
    """A verifier of proofs of one AIR under one set of parameters, for tables of at most 2^max_log_height."""

    air: Air
    params: ProofParameters
    spec_hash: bytes = NO_SPEC
    security_bits: int = 100
    regime: str = "johnson"
    max_log_height: int = TWO_ADICITY

    def verify(self, public: PublicValues, proof: bytes, progress: Progress | None = None) -> CheckedProof:
        """Accept or raise ProofRejected. `progress` is told the seconds of each group of steps."""
        phase = Stopwatch(progress)
        phase("parameters and format")
        self._check_parameters()
        layout = self._check_heights(proof)
        self._check_public(public, layout)
        head, fri_head, body = _read(proof, layout)
        phase("transcript")
        transcript = ProtocolTranscript()
        transcript.identity(self.air.hash, self.spec_hash, self.params.encode(self.air.n_chunks))
        transcript.heights(encode_heights(layout.log_heights))
        transcript.public(public.encode())
        challenges = Challenges(*transcript.main(head.roots[MAIN]))
        gamma = transcript.interaction(head.roots.get(INTERACTION, b""), head.sums, head.fingerprints)
        z = transcript.quotient(head.roots[QUOTIENT])
        batching = transcript.openings(head.openings)
        phase("sums, lists, constraints")
        check_head(layout, head, public, challenges, gamma, z)
        phase("openings and FRI")
        z_next = z * root_of_unity(layout.log_height)
        deep = Deep.of(layout, z, z_next, head.openings, batching)
        openings = FriVerifier(layout, fri_head, body).check(transcript, self._roots(layout, head), deep)
        phase()
        return CheckedProof(layout, head, fri_head, challenges, gamma, z, batching, openings)

    @cached_property
    def _insecurity(self) -> str:
        """Why the parameters are refused, or nothing."""
        try:
            shape = largest_shape(self.air, self.params.log_blowup, self.max_log_height)
            require_security(self.params, shape, self.security_bits, self.regime)
        except SecurityError as error:
            return error.message
        return ""

    def _check_parameters(self) -> None:
        """Step 1."""
        if self._insecurity:
            raise ProofRejected(Step.PARAMETERS, self._insecurity)

    def _check_heights(self, proof: bytes) -> ProofLayout:
        """Step 2."""
        if len(proof) < len(self.air.tables):
            raise ProofRejected(Step.FORMAT, f"the proof ends after {len(proof)} bytes")
        log_heights = decode_heights(proof[: len(self.air.tables)])
        for problem in height_problems(self.air, self.params.log_blowup, log_heights):
            raise ProofRejected(Step.HEIGHTS, problem)
        if max(log_heights) > self.max_log_height:
            raise ProofRejected(Step.HEIGHTS, f"2^{max(log_heights)} rows, above 2^{self.max_log_height}")
        return ProofLayout(self.air, self.params, log_heights)

    def _check_public(self, public: PublicValues, layout: ProofLayout) -> None:
        """Step 3."""
        for problem in public_problems(self.air, layout.log_heights, public):
            raise ProofRejected(Step.PUBLIC, problem)

    def _roots(self, layout: ProofLayout, head: Head) -> dict[str, bytes]:
        if not layout.has_tree(PREPROCESSED):
            return head.roots
        return {PREPROCESSED: preprocessed_root(layout), **head.roots}


def public_problems(air: Air, log_heights: Sequence[int], public: PublicValues) -> Iterator[str]:
    """What is wrong with public values for tables of these heights; nothing when a proof may have them."""
    if len(public.scalars) != len(air.public):
        yield f"{len(public.scalars)} public scalars where the AIR has {len(air.public)}"
    for name, scalar in zip(air.public, public.scalars, strict=False):
        if not (isinstance(scalar, int) and 0 <= scalar < P):
            yield f"public scalar {name} is not an element below p"
    if len(public.lists) != len(air.lists):
        yield f"{len(public.lists)} public lists where the AIR has {len(air.lists)}"
        return
    for entry, elements in zip(air.lists, public.lists, strict=True):
        yield from _list_problems(entry, log_heights[entry.table], elements)


def _list_problems(entry: AirList, log_height: int, elements: U64Array) -> Iterator[str]:
    if not isinstance(elements, np.ndarray) or elements.dtype != np.uint64 or elements.ndim != 2:
        yield f"public list {entry.name} is not a two-dimensional array of uint64"
        return
    limit = 0 if log_height == ABSENT else 1 << log_height
    if len(elements) > limit:
        yield f"public list {entry.name} has {len(elements)} tuples, its table {limit} rows"
    if len(elements) and elements.shape[1] != entry.width:
        yield f"public list {entry.name} has tuples of {elements.shape[1]} where the AIR says {entry.width}"
    if elements.size and elements.max() >= P:
        yield f"public list {entry.name} has an element that is not below p"


def _read(proof: bytes, layout: ProofLayout) -> tuple[Head, FriHead, bytes]:
    """Step 4: the heads, and the body unread."""
    n_tables = len(layout.log_heights)
    reader = Reader(proof, lambda detail: ProofRejected(Step.FORMAT, detail))
    if len(proof) < layout.head_bytes:
        raise reader.refuse(f"the proof has {len(proof)} bytes, its head {layout.head_bytes}")
    reader.take(n_tables)
    head = read_head(reader, layout)
    return head, read_fri_head(reader, layout), proof[reader.offset :]


def check_head(
    layout: ProofLayout, head: Head, public: PublicValues, challenges: Challenges, gamma: Ext, z: Ext
) -> None:
    """Steps 5 to 7: whether what a head claims holds at the challenges drawn. Raises ProofRejected."""
    _check_sums(head)
    _check_fingerprints(public, head, challenges.rho)
    _check_constraints(layout, head, _claims(layout, head, public, challenges), gamma, z)


def _check_sums(head: Head) -> None:
    """Step 5."""
    total = sum(head.sums, ZERO)
    if total:
        raise ProofRejected(Step.SUMS, f"the sums of the tables add up to {tuple(total)}, not 0")


def fingerprint(elements: U64Array, rho: Ext) -> Ext:
    """F = ((1·ρ + e_1)·ρ + e_2)·ρ + … over all elements in order.

    Horner by blocks: k elements at once take F to F·ρ^k + e_1·ρ^(k−1) + … + e_k.
    """
    falling = [ONE]
    while len(falling) < _BLOCK:
        falling.insert(0, falling[0] * rho)
    flat, value = elements.reshape(-1).tolist(), ONE
    for start in range(0, len(flat), _BLOCK):
        block = flat[start : start + _BLOCK]
        powers = falling[_BLOCK - len(block) :]
        value = value * powers[0] * rho + combine_row(block, powers)
    return value


def _check_fingerprints(public: PublicValues, head: Head, rho: Ext) -> None:
    """Step 6."""
    for index, (elements, claimed) in enumerate(zip(public.lists, head.fingerprints, strict=True)):
        if fingerprint(elements, rho) != claimed:
            raise ProofRejected(Step.FINGERPRINT, f"public list {index} is not the one that was proven")


def _claims(layout: ProofLayout, head: Head, public: PublicValues, challenges: Challenges) -> Claims:
    sums: list[Ext | None] = [None] * len(layout.log_heights)
    for table, claimed in zip(layout.summed, head.sums, strict=True):
        sums[table] = claimed
    return Claims(challenges, public.scalars, tuple(sums), head.fingerprints)


def table_points(layout: ProofLayout, openings: Sequence[Ext]) -> list[Point | None]:
    """The openings of each present table, as its constraints read them."""
    trees = (PREPROCESSED, MAIN, INTERACTION)
    now: dict[tuple[str, int], list[Ext]] = {(t, i): [] for t in trees for i in layout.present}
    after: dict[tuple[str, int], list[Ext]] = {key: [] for key in now}
    for opening, value in zip(layout.openings, openings, strict=False):
        if opening.tree != QUOTIENT:
            now[opening.tree, opening.table].append(value)
    for j, value in zip(layout.next_openings, openings[len(layout.openings) :], strict=True):
        after[layout.openings[j].tree, layout.openings[j].table].append(value)
    points: list[Point | None] = [None] * len(layout.log_heights)
    for i in layout.present:
        points[i] = Point(
            main=now[MAIN, i],
            main_next=after[MAIN, i],
            interaction=now[INTERACTION, i],
            interaction_next=after[INTERACTION, i],
            preprocessed=now[PREPROCESSED, i],
            preprocessed_next=after[PREPROCESSED, i],
        )
    return points


def _check_constraints(layout: ProofLayout, head: Head, claims: Claims, gamma: Ext, z: Ext) -> None:
    """Step 7."""
    zn = z ** (1 << layout.log_height)
    vanishing = zn - 1
    log_size = layout.log_domain
    on_domain = z ** (1 << log_size) == Ext(pow(GENERATOR, 1 << log_size, P))
    if on_domain or not vanishing:
        raise ProofRejected(Step.CONSTRAINTS, "the out-of-domain point lies in a domain")
    points = table_points(layout, head.openings)
    composition = layout.air.composition_at(z, layout.log_heights, points, claims, gamma)
    n_at_z = len(layout.openings)
    quotient = ZERO
    for chunk in reversed(head.openings[n_at_z - layout.air.n_chunks : n_at_z]):
        quotient = quotient * zn + chunk
    if composition != vanishing * quotient:
        raise ProofRejected(Step.CONSTRAINTS, "the constraints at z are not the quotient times Z(z)")
