"""Every example AIR is proven and verified, and its statement compared with a plain computation."""

from __future__ import annotations

import numpy as np
import pytest

from examples.merkle_update import merkle_air, merkle_witness
from examples.poseidon2_table import poseidon2_air, poseidon2_witness
from examples.small_machine import FIBONACCI, Instruction, machine_air, machine_witness
from examples.small_machine.witness import run_machine
from l2forge.air import Unsatisfied
from l2forge.air.check import check
from l2forge.air.proving import AirArithmetic
from l2forge.stark.poseidon2 import permute_ints
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.verifier import NO_SPEC, Verifier
from tests.soundness.statements import STATEMENTS
from tests.soundness.toy import small_parameters


@pytest.mark.parametrize("name", STATEMENTS)
def test_an_example_is_proven_and_verified(name: str) -> None:
    air, traces, public = STATEMENTS[name]()
    params = small_parameters()
    proof = Prover(AirArithmetic(air), params).prove(traces, public).data
    verifier = Verifier(air, params, NO_SPEC, 0)
    verifier.verify(public, proof)
    scalars = tuple(s + 1 for s in public.scalars) if public.scalars or public.lists else (1,)
    lists = tuple(entries + np.uint64(1) for entries in public.lists)
    with pytest.raises(ProofRejected) as rejection:
        verifier.verify(PublicValues(scalars, lists), proof)
    assert rejection.value.step in (Step.PUBLIC, Step.SUMS, Step.FINGERPRINT, Step.CONSTRAINTS)


def test_a_required_table_cannot_be_left_out() -> None:
    air, traces, public = STATEMENTS["merkle_update"]()
    params = small_parameters()
    proof = Prover(AirArithmetic(air), params).prove(traces, public).data
    without_path = b"\xff" + proof[1:]
    with pytest.raises(ProofRejected) as rejection:
        Verifier(air, params, NO_SPEC, 0).verify(public, without_path)
    assert rejection.value.step == Step.HEIGHTS


@pytest.mark.parametrize("log_height", [1, 5, 9])
def test_published_permutations_are_those_of_the_hash(log_height: int) -> None:
    traces, scalars, lists = poseidon2_witness(log_height, shown=(0, 1, -1))
    assert not check(poseidon2_air(), traces, PublicValues(scalars, tuple(lists)))
    for entry in lists[0].tolist():
        assert entry[12:] == permute_ints(entry[:12])


@pytest.mark.parametrize(
    ("depth", "index"), [(1, 0), (1, 1), (2, 3), (3, 5), (16, 0xBEEF), (32, 7), (60, 2**59)]
)
def test_merkle_updates_of_all_depths(depth: int, index: int) -> None:
    traces, scalars, _ = merkle_witness(depth, index=index)
    assert scalars[16:] == (index, 1 << depth)
    assert not check(merkle_air(), traces, PublicValues(scalars, ()))


def test_the_machine_puts_out_fibonacci_numbers() -> None:
    _, _, (output,) = machine_witness(FIBONACCI, 10)
    assert output[:, 1].tolist() == [1, 1, 2, 3, 5, 8, 13, 21, 34, 55]


@pytest.mark.parametrize("left", [2**32, -1])
def test_results_outside_32_bits_do_not_run_and_cannot_be_proven(left: int) -> None:
    operation = "add" if left > 0 else "sub"
    first, second = (2**32 - 1, 1) if left > 0 else (0, 1)
    program = (
        Instruction("set", c=1, immediate=first),
        Instruction("set", c=2, immediate=second),
        Instruction(operation, a=1, b=2, c=3),
        Instruction("halt"),
    )
    with pytest.raises(RuntimeError, match="32 bits"):
        run_machine(program, 0)
    allowed = (*program[:2], Instruction(operation, a=1, b=0, c=3), program[3])
    air = machine_air(allowed)
    traces, scalars, lists = machine_witness(allowed, 0, air=air)
    public = PublicValues(scalars, tuple(lists))
    assert not check(air, traces, public)
    processor = traces[1]
    assert processor is not None
    processor[air.table("processor").columns.index("left"), 2] = np.uint64(left % (2**64 - 2**32 + 1))
    with pytest.raises(Unsatisfied, match="bus range16"):
        AirArithmetic(air).check(traces, public)
