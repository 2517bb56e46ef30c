"""The example statements are proven and verified; the level of 100 bits is that of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from examples.merkle_update import merkle_air, merkle_witness
from examples.poseidon2_table import poseidon2_air, poseidon2_witness
from examples.small_machine import FIBONACCI, machine_air, machine_witness
from l2forge.air import CompiledAir, Unsatisfied
from l2forge.air.proving import prove, verify
from l2forge.stark.field import U64Array
from l2forge.stark.layout import largest_shape
from l2forge.stark.public import PublicValues
from l2forge.stark.security import choose_parameters
from l2forge.stark.steps import ProofRejected, Step

Witness = tuple[list["U64Array | None"], tuple[int, ...], Sequence[U64Array]]
EXAMPLES: dict[str, tuple[Callable[[], CompiledAir], Callable[[], Witness]]] = {
    "poseidon2_table": (poseidon2_air, lambda: poseidon2_witness(6)),
    "merkle_update": (merkle_air, lambda: merkle_witness(20)),
    "small_machine": (lambda: machine_air(FIBONACCI), lambda: machine_witness(FIBONACCI, 20)),
}


@pytest.mark.parametrize(
    ("name", "log_blowup"),
    [("poseidon2_table", 3), ("poseidon2_table", 4), ("merkle_update", 4), ("small_machine", 3)],
)
def test_the_examples_are_proven(name: str, log_blowup: int) -> None:
    make_air, make_witness = EXAMPLES[name]
    air = make_air()
    traces, scalars, lists = make_witness()
    public = PublicValues(scalars, tuple(lists))
    params = choose_parameters(largest_shape(air, log_blowup), log_blowup=log_blowup, grinding_bits=8)
    proof = prove(air, traces, public, params)
    checked = verify(air, public, proof.data, params, security_bits=100)
    assert checked.layout.air is air
    if scalars:
        other = PublicValues((scalars[0] ^ 1, *scalars[1:]), tuple(lists))
        with pytest.raises(ProofRejected) as refusal:
            verify(air, other, proof.data, params)
        assert refusal.value.step in (Step.FINGERPRINT, Step.CONSTRAINTS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_spoilt_trace_is_refused_before_a_proof_is_made(name: str) -> None:
    make_air, make_witness = EXAMPLES[name]
    air = make_air()
    traces, scalars, lists = make_witness()
    first = traces[0]
    assert first is not None
    first[0, 1] ^= np.uint64(1)
    params = choose_parameters(largest_shape(air, 4), grinding_bits=8)
    phases: list[str] = []
    with pytest.raises(Unsatisfied, match=r"row|bus"):
        prove(
            air,
            traces,
            PublicValues(scalars, tuple(lists)),
            params,
            progress=lambda phase, seconds: phases.append(phase),
        )
    assert "FRI" not in phases
