"""Proving and verifying statements of a compiled AIR: the evaluators joined to the proof system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.air.check import require_satisfied
from l2forge.air.compiled import CompiledAir
from l2forge.air.tiles.interaction import InteractionTrace, interaction_trace
from l2forge.air.tiles.quotient import TableLde, composition_on_coset
from l2forge.air.tiles.runner import Matrices
from l2forge.stark.air_interface import CosetColumns
from l2forge.stark.claims import Claims
from l2forge.stark.ext import Ext
from l2forge.stark.field import U64Array
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Proof, Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.stopwatch import Progress
from l2forge.stark.verifier import NO_SPEC, CheckedProof, Verifier


@dataclass(frozen=True)
class AirArithmetic:
    """The constraints of an AIR as the prover evaluates them: an `Arithmetization`."""

    air: CompiledAir

    def check(self, traces: Sequence[U64Array | None], public: PublicValues) -> None:
        """Raise Unsatisfied, naming constraint, row and values, for a trace that breaks the AIR."""
        require_satisfied(self.air, traces, public)

    def interaction(self, table: int, main: U64Array, claims: Claims) -> InteractionTrace:
        """The interaction columns of a main trace."""
        return interaction_trace(self.air.tables[table], main, claims)

    def expansions(self, table: int) -> Sequence[int]:
        """The log_expansions that `composition` is asked for, ascending."""
        return sorted(self.air.tables[table].compositions)

    def composition(
        self, table: int, columns: CosetColumns, claims: Claims, weights: Sequence[Ext]
    ) -> U64Array:
        """Σ_k weights[k]·constraint_k on a coset, over the constraints that belong to its expansion."""
        matrices = Matrices.of(columns.main, columns.preprocessed, columns.interaction)
        lde = TableLde(matrices, columns.log_height, columns.log_expansion, columns.shift)
        program = self.air.tables[table].compositions[columns.log_expansion]
        return composition_on_coset(program, self.air.tables[table], lde, claims, weights)


def prove(
    air: CompiledAir,
    traces: Sequence[U64Array | None],
    public: PublicValues,
    params: ProofParameters,
    *,
    spec_hash: bytes = NO_SPEC,
    progress: Progress | None = None,
) -> Proof:
    """Prove that the main traces, None for absent tables, satisfy the AIR with these public values.

    Raises Unsatisfied for a trace that does not, InputError for shapes that no proof can have.
    """
    return Prover(AirArithmetic(air), params, spec_hash=spec_hash, progress=progress).prove(traces, public)


def verify(
    air: CompiledAir,
    public: PublicValues,
    proof: bytes,
    params: ProofParameters,
    *,
    spec_hash: bytes = NO_SPEC,
    security_bits: int = 100,
) -> CheckedProof:
    """Verify a proof; ProofRejected, with the number of the step, when it is not one."""
    return Verifier(air, params, spec_hash, security_bits).verify(public, proof)
