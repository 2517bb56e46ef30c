"""No byte of a proof can change, and no public fact: each is refused by the step of docs/protocol.md."""

from __future__ import annotations

import dataclasses
import random
from functools import cache

import numpy as np
import pytest

from l2forge.stark.field import P
from l2forge.stark.params import ProofParameters
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.verifier import CheckedProof, Verifier
from tests.soundness.mutations import Mutation, all_mutations, parts
from tests.soundness.toy import prove_toy, toy_air, toy_statement, toy_verifier

PARAMS = ProofParameters(log_blowup=4, n_queries=10, grinding_bits=16, log_final=3, node_bytes=20)
"""With 16 bits of grinding, what changes before the nonce is noticed at the nonce but once in 65,536."""


@cache
def accepted() -> tuple[PublicValues, bytes, CheckedProof]:
    """A proof with every part: two FRI layers, all trees, all tables."""
    traces, public = toy_statement(7, 2, 1)
    _, proof = prove_toy(traces, public, PARAMS)
    return public, proof, toy_verifier(PARAMS).verify(public, proof)


def refused(public: PublicValues, proof: bytes, verifier: Verifier | None = None) -> Step:
    """The step that refuses."""
    with pytest.raises(ProofRejected) as refusal:
        (verifier or toy_verifier(PARAMS)).verify(public, proof)
    assert refusal.value.detail
    return refusal.value.step


MUTATIONS: list[Mutation] = all_mutations(accepted()[2], accepted()[1])


@pytest.mark.parametrize(("name", "mutate", "step"), MUTATIONS, ids=[name for name, _, _ in MUTATIONS])
def test_every_mutation_is_refused_by_its_step(name: str, mutate, step: Step) -> None:  # type: ignore[no-untyped-def]
    public, proof, _ = accepted()
    assert mutate(proof) != proof
    assert refused(public, mutate(proof)) == step


def test_the_parts_cover_the_proof() -> None:
    _, proof, checked = accepted()
    found = parts(checked)
    assert [part.start for part in found[1:]] == [part.start + part.size for part in found[:-1]]
    assert found[-1].start + found[-1].size == len(proof)
    assert {part.step for part in found} == set(Step) - {
        Step.PARAMETERS,
        Step.PUBLIC,
        Step.FORMAT,
        Step.QUERIES,
        Step.FRI_FINAL,
    }


def test_random_bytes_are_refused() -> None:
    public, proof, _ = accepted()
    rng = random.Random(3)
    for size in (0, 1, 3, 4, 100, len(proof), 2 * len(proof)):
        for _ in range(3):
            assert refused(public, rng.randbytes(size)) in (Step.HEIGHTS, Step.FORMAT)
    for _ in range(5):
        noise = proof[:4] + rng.randbytes(len(proof) - 4)
        assert refused(public, noise) in (Step.FORMAT, Step.SUMS)


def test_a_random_byte_anywhere_is_refused() -> None:
    public, proof, _ = accepted()
    rng = random.Random(4)
    for _ in range(60):
        place = rng.randrange(len(proof))
        spoilt = proof[:place] + bytes([proof[place] ^ rng.randrange(1, 256)]) + proof[place + 1 :]
        refused(public, spoilt)


def changed(public: PublicValues, what: str) -> PublicValues:
    """Public values with one fact changed."""
    scalars, (marked, idle) = public.scalars, public.lists
    other = marked.copy()
    other[0, 0] ^= np.uint64(1)
    return {
        "scalars exchanged": PublicValues(scalars[::-1], public.lists),
        "another scalar": PublicValues((scalars[0] ^ 1, scalars[1]), public.lists),
        "another element": PublicValues(scalars, (other, idle)),
        "a tuple less": PublicValues(scalars, (marked[:-1], idle)),
        "a tuple twice": PublicValues(scalars, (np.concatenate([marked, marked[-1:]]), idle)),
        "tuples exchanged": PublicValues(scalars, (np.ascontiguousarray(marked[::-1]), idle)),
    }[what]


@pytest.mark.parametrize(
    "what",
    [
        "scalars exchanged",
        "another scalar",
        "another element",
        "a tuple less",
        "a tuple twice",
        "tuples exchanged",
    ],
)
def test_other_public_values_are_refused(what: str) -> None:
    public, proof, _ = accepted()
    assert refused(changed(public, what), proof) == Step.FINGERPRINT


@pytest.mark.parametrize(
    "public",
    [
        PublicValues((), accepted()[0].lists),
        PublicValues((1, 2, 3), accepted()[0].lists),
        PublicValues((1, P), accepted()[0].lists),
        PublicValues((1, -1), accepted()[0].lists),
        PublicValues((1, 2**70), accepted()[0].lists),
        PublicValues((1, "2"), accepted()[0].lists),  # type: ignore[arg-type]
        PublicValues((1, 2), accepted()[0].lists[:1]),
        PublicValues((1, 2), (accepted()[0].lists[0].astype(np.int64), accepted()[0].lists[1])),  # type: ignore[arg-type]
        PublicValues((1, 2), (accepted()[0].lists[0][:, :1], accepted()[0].lists[1])),
        PublicValues((1, 2), (accepted()[0].lists[0][0], accepted()[0].lists[1])),
        PublicValues((1, 2), (np.full((2, 2), P, np.uint64), accepted()[0].lists[1])),
        PublicValues((1, 2), (np.zeros((1 << 8, 2), np.uint64), accepted()[0].lists[1])),
    ],
    ids=range(12),
)
def test_impossible_public_values_are_refused(public: PublicValues) -> None:
    assert refused(public, accepted()[1]) == Step.PUBLIC


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"n_queries": 11}, Step.FINGERPRINT),
        ({"grinding_bits": 15}, Step.FINGERPRINT),
        ({"log_blowup": 5}, Step.FINGERPRINT),
        ({"node_bytes": 21}, Step.FORMAT),
        ({"log_final": 4}, Step.FORMAT),
    ],
    ids=str,
)
def test_a_proof_under_other_parameters_is_refused(change: dict[str, int], step: Step) -> None:
    """A body of another size is not looked at before the challenges are found wrong."""
    public, proof, _ = accepted()
    verifier = toy_verifier(dataclasses.replace(PARAMS, **change))
    assert refused(public, proof, verifier) in (step, Step.FORMAT, Step.FINGERPRINT, Step.SUMS)


def test_a_proof_for_another_spec_is_refused() -> None:
    public, proof, _ = accepted()
    verifier = dataclasses.replace(toy_verifier(PARAMS), spec_hash=b"\1" * 32)
    assert refused(public, proof, verifier) == Step.FINGERPRINT


def test_a_proof_of_another_air_is_refused() -> None:
    public, proof, _ = accepted()
    renamed = dataclasses.replace(toy_air(), listing=toy_air().listing + " ")
    verifier = dataclasses.replace(toy_verifier(PARAMS), air=renamed)
    assert refused(public, proof, verifier) == Step.FINGERPRINT


def test_tables_beyond_the_verifiers_height_are_refused() -> None:
    public, proof, _ = accepted()
    assert refused(public, proof, dataclasses.replace(toy_verifier(PARAMS), max_log_height=6)) == Step.HEIGHTS


def test_a_level_that_the_parameters_do_not_reach_is_refused() -> None:
    public, proof, _ = accepted()
    assert refused(public, proof, toy_verifier(PARAMS, security_bits=100)) == Step.PARAMETERS
