"""Honest scripts of all units are accepted, and really proven; what they publish is what they say."""

from __future__ import annotations

from l2forge.air.check import require_satisfied
from l2forge.air.proving import prove, verify
from l2forge.stark.params import ProofParameters
from tests.ledger.units.caller import everything, statement


def test_every_unit_is_satisfied_and_proven() -> None:
    air, traces, public = statement(everything())
    require_satisfied(air, traces, public)
    params = ProofParameters(log_blowup=4, n_queries=8, grinding_bits=4, log_final=3, node_bytes=20)
    proof = prove(air, traces, public, params)
    verify(air, public, proof.data, params, security_bits=10)


def test_no_unit_table_of_the_full_script_has_an_unused_row() -> None:
    for trace in everything().traces()[:3]:
        assert trace is not None
        assert (trace[:3].max(axis=0) > 0).all()
