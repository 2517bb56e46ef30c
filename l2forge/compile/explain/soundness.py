"""The proof's security level, round by round, for the largest batch that the spec allows."""

from __future__ import annotations

from functools import lru_cache

from l2forge.compile.explain.facts import Fact, Section
from l2forge.compile.proof_budget import REGIME_OF_SPEC, planned_parameters, planned_shape
from l2forge.spec.models import Spec
from l2forge.stark.params import ProofParameters, ProofShape
from l2forge.stark.security import SecurityTable, security_table


@lru_cache(maxsize=64)
def _table(params: ProofParameters, shape: ProofShape, regime: str) -> SecurityTable:
    return security_table(params, shape, regime)


def planned_security(spec: Spec) -> SecurityTable:
    """The table of rounds for the planned parameters and the planned shape."""
    return _table(planned_parameters(spec), planned_shape(spec), REGIME_OF_SPEC[spec.proof.regime])


def soundness(spec: Spec) -> Section:
    """The section about soundness."""
    table, params = planned_security(spec), planned_parameters(spec)
    level = f"{table.bits:.1f} bits, {table.regime}: {'conjectured' if table.assumption else 'proven'} bound"
    facts = [
        Fact(
            "bits",
            "level",
            f"{level}; the spec asks for {spec.proof.security_bits}",
            table.bits,
            "bits",
            "formula",
        ),
        Fact(
            "weakest",
            "weakest round",
            f"{table.weakest.round}: {table.weakest.formula}",
            table.weakest.round,
            "",
            "formula",
        ),
        Fact(
            "parameters",
            "parameters",
            f"blow-up {1 << params.log_blowup}, {params.n_queries} queries, {params.grinding_bits} bits of"
            f" grinding before"
            f" them, Merkle nodes of {params.node_bytes} bytes",
            {
                "log_blowup": params.log_blowup,
                "n_queries": params.n_queries,
                "grinding_bits": params.grinding_bits,
                "node_bytes": params.node_bytes,
            },
            "",
            "formula",
        ),
    ]
    facts += [
        Fact(
            f"round.{row.round}",
            row.round,
            f"{row.bits:.1f} bits  {row.formula}",
            row.bits,
            "bits",
            "formula",
        )
        for row in table.rows
    ]
    notes = ["For the largest batch, and the budget of columns and constraints that the circuit is held to."]
    if table.assumption:
        notes.append(f"Rests on: {table.assumption}.")
    notes.append("Zero knowledge is not claimed: what a proof opens can be read.")
    return Section("soundness", "Security of the proof, by round", tuple(facts), tuple(notes))
