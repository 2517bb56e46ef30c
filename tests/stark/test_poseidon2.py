"""Poseidon2: published vectors and the real signer's hashes for the oracle, the oracle for the kernels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2forge.stark import poseidon2
from l2forge.stark.field import P
from tests.stark.field_values import field_matrix

# elliottech/poseidon_crypto (Apache-2.0), hash/poseidon2_goldilocks_plonky2/poseidon2_test.go.
PERMUTE_INPUT = [
    *(5417613058500526590, 2481548824842427254, 6473243198879784792, 1720313757066167274),
    *(2806320291675974571, 7407976414706455446, 1105257841424046885, 7613435757403328049),
    *(3376066686066811538, 5888575799323675710, 6689309723188675948, 2468250420241012720),
]
PERMUTE_OUTPUT = [
    *(5364184781011389007, 15309475861242939136, 5983386513087443499, 886942118604446276),
    *(14903657885227062600, 7742650891575941298, 1962182278500985790, 10213480816595178755),
    *(3510799061817443836, 4610029967627506430, 7566382334276534836, 2288460879362380348),
]
HASH_INPUT = [
    *(11295517158488612626, 10669470463693797151, 17232114065640264171, 4175927072186299193),
    *(13985285184240204531, 7901017084268693144, 4326299618263946178, 14787024750292535041),
    *(894520636503353046, 12556655399058578835, 3097737892474696200, 7515335668060050861),
]
HASH_OUTPUT = [15396602476382546759, 12422280135166335470, 8165681190607828974, 3475588160239961712]
LEFT = [3777312593917610528, 6858608920877200812, 5269611035257552853, 10607733449481270434]
RIGHT = [10355703322562521155, 1039917189921776884, 10844249567941924238, 14291130953945924124]
COMPRESSED = [1453933811752520343, 16186418140372484281, 9207215809524681813, 10182182911172027974]

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "create_order_hashes.json").read_text()
)


def test_published_vectors() -> None:
    assert poseidon2.permute_ints(PERMUTE_INPUT) == PERMUTE_OUTPUT
    assert poseidon2.hash_ints(HASH_INPUT) == HASH_OUTPUT
    assert poseidon2.compress_ints(LEFT, RIGHT) == COMPRESSED


def message_hash(elements: list[int], attributes: list[tuple[int, int]]) -> list[int]:
    """H(elements), or with attributes H(H(elements) ‖ H(up to four type/value pairs, zeros to the end))."""
    digest = poseidon2.hash_ints(elements, 5)
    if not attributes:
        return digest
    pairs = [part for pair in attributes for part in pair]
    return poseidon2.hash_ints(digest + poseidon2.hash_ints(pairs + [0] * (8 - len(pairs)), 5), 5)


@pytest.mark.parametrize("vector", VECTORS)
def test_the_signers_create_order_hashes(vector: dict[str, Any]) -> None:
    digest = message_hash(vector["elements"], vector["attributes"])
    assert b"".join(e.to_bytes(8, "little") for e in digest).hex() == vector["hash"]


@pytest.mark.parametrize("place", [0, 7, 8, 15])
def test_another_element_gives_another_hash(place: int) -> None:
    elements = list(VECTORS[0]["elements"])
    elements[place] ^= 1
    assert poseidon2.hash_ints(elements, 5) != poseidon2.hash_ints(VECTORS[0]["elements"], 5)


@pytest.mark.parametrize("n", [1, 256, 300])
def test_batched_permutations_agree_with_the_oracle(n: int) -> None:
    states = field_matrix(12, n, n)
    permuted = poseidon2.permute_many(states)
    for i in {0, n // 2, n - 1}:
        assert permuted[:, i].tolist() == poseidon2.permute_ints(states[:, i].tolist())


@pytest.mark.parametrize("value", [0, 1, 2**32 - 1, P - 1])
def test_batched_permutations_of_equal_elements(value: int) -> None:
    states = np.full((12, 3), value, np.uint64)
    assert poseidon2.permute_many(states)[:, 2].tolist() == poseidon2.permute_ints([value] * 12)


@pytest.mark.parametrize(("n_elements", "n_outputs"), [(1, 1), (4, 4), (8, 8), (9, 5), (16, 5), (19, 4)])
def test_batched_hashes_agree_with_the_oracle(n_elements: int, n_outputs: int) -> None:
    inputs = field_matrix(n_elements, 270, n_elements)
    digests = poseidon2.hash_many(inputs, n_outputs)
    assert digests.shape == (n_outputs, 270)
    for i in (0, 255, 256, 269):
        assert digests[:, i].tolist() == poseidon2.hash_ints(inputs[:, i].tolist(), n_outputs)


def test_batched_compressions_agree_with_the_oracle() -> None:
    left, right = field_matrix(4, 5, 1), field_matrix(4, 5, 2)
    compressed = poseidon2.compress_many(left, right)
    expected = poseidon2.compress_ints(left[:, 3].tolist(), right[:, 3].tolist())
    assert compressed[:, 3].tolist() == expected


@pytest.mark.parametrize("elements", [[], [P], [-1], [2**64]])
def test_inputs_without_one_meaning_are_refused(elements: list[int]) -> None:
    with pytest.raises(ValueError, match=r"cannot hash 0|canonical"):
        poseidon2.hash_ints(elements)


@pytest.mark.parametrize("n_outputs", [0, 9])
def test_other_output_lengths_are_refused(n_outputs: int) -> None:
    with pytest.raises(ValueError, match="cannot hash"):
        poseidon2.hash_many(field_matrix(3, 2), n_outputs)
