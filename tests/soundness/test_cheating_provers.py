"""Provers that cheat are refused, each by the step that its cheat runs into."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.air.proving import AirArithmetic
from l2forge.stark.field import U64Array
from l2forge.stark.fri_prover import FriProver
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected, Step
from tests.soundness import cheaters
from tests.soundness.toy import Statement, toy_air, toy_statement, toy_verifier

PARAMS = ProofParameters(log_blowup=4, n_queries=16, grinding_bits=4, log_final=2, node_bytes=20)


def outcome(
    statement: Statement, prover: type[Prover] = Prover, scheme: type[FriProver] = FriProver
) -> Step | None:
    """The step that refuses the cheater's proof; None when it is accepted."""
    traces, public = statement
    proof = prover(AirArithmetic(toy_air()), PARAMS, scheme=scheme()).prove(traces, public)
    try:
        toy_verifier(PARAMS).verify(public, proof.data)
    except ProofRejected as refusal:
        return refusal.step
    return None


def true_statement() -> Statement:
    return toy_statement(6, 2, 1)


def with_cell(table: int, column: int, row: int) -> Statement:
    """A statement with one wrong cell."""
    traces, public = true_statement()
    trace = traces[table]
    assert trace is not None
    trace[column, row] ^= np.uint64(1)
    return traces, public


def without_small() -> Statement:
    """The table that answers the look-ups is absent."""
    traces, public = true_statement()
    return [traces[0], None, *traces[2:]], public


@pytest.mark.parametrize("prover", [Prover, cheaters.Unchecked])
@pytest.mark.parametrize("scheme", [FriProver, cheaters.FarWord])
def test_the_machinery_of_the_cheaters_is_sound(prover: type[Prover], scheme: type[FriProver]) -> None:
    """With a true statement these are honest provers."""
    assert outcome(true_statement(), prover, scheme) is None


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        (with_cell(0, 0, 5), Step.CONSTRAINTS),
        (with_cell(2, 1, 3), Step.CONSTRAINTS),
        (with_cell(1, 0, 2), Step.SUMS),
        (with_cell(0, 3, 9), Step.FINGERPRINT),
        (without_small(), Step.SUMS),
    ],
    ids=["transition", "short table", "multiplicity", "published flag", "absent table"],
)
def test_false_statements(statement: tuple[list[U64Array | None], PublicValues], step: Step) -> None:
    assert outcome(statement, cheaters.Unchecked) == step


def test_forged_fingerprints() -> None:
    """The published list differs from the statement's, and F is that of the statement's."""
    from l2forge.stark.claims import Challenges, Claims
    from l2forge.stark.verifier import fingerprint

    class Forger(cheaters.Unchecked):
        def interact(self, traces, public, challenges: Challenges):  # type: ignore[no-untyped-def]
            columns, claims = super().interact(traces, public, challenges)
            wanted = tuple(fingerprint(elements, challenges.rho) for elements in public.lists)
            return columns, Claims(challenges, public.scalars, claims.sums, wanted)

    assert outcome(true_statement(), Forger) is None
    assert outcome(with_cell(0, 3, 9), Forger) == Step.CONSTRAINTS


@pytest.mark.parametrize(
    ("prover", "step"),
    [
        (cheaters.ForgedSums, Step.CONSTRAINTS),
        (cheaters.WrongQuotient, Step.CONSTRAINTS),
        (cheaters.NotLowDegree, Step.FRI_LAYER),
        (cheaters.HighDegreeQuotient, Step.FRI_LAYER),
        (cheaters.ZeroRoots, Step.MAIN_OPENING),
    ],
)
def test_cheating_before_the_openings(prover: type[Prover], step: Step) -> None:
    assert outcome(true_statement(), prover) == step


def test_forged_sums_of_an_unbalanced_bus() -> None:
    assert outcome(with_cell(1, 0, 2), cheaters.BalancedSums) == Step.CONSTRAINTS


@pytest.mark.parametrize(
    ("scheme", "step"), [(FriProver, Step.FRI_LAYER), (cheaters.FarWord, Step.FRI_FINAL)]
)
@pytest.mark.parametrize("cell", [(0, 0, 5), (2, 1, 3)])
def test_openings_fitted_to_a_false_statement(
    scheme: type[FriProver], step: Step, cell: tuple[int, int, int]
) -> None:
    """What is opened is not the committed polynomial's value, so G is far from low degree."""
    assert outcome(with_cell(*cell), cheaters.FittedOpenings, scheme) == step


def test_columns_that_are_not_of_low_degree_reach_the_final_polynomial() -> None:
    """A prover that folds the word it is bound to fits every layer, and fails at the end."""
    assert outcome(true_statement(), cheaters.NotLowDegree, cheaters.FarWord) == Step.FRI_FINAL
    assert outcome(true_statement(), cheaters.HighDegreeQuotient, cheaters.FarWord) == Step.FRI_FINAL


@pytest.mark.parametrize(
    ("scheme", "step"),
    [
        (cheaters.NoGrinding, Step.GRINDING),
        (cheaters.ReusedQuery, Step.QUERIES),
        (cheaters.OtherQuery, Step.MAIN_OPENING),
        (cheaters.WrongDeep, Step.FRI_LAYER),
        (cheaters.WrongFold, Step.FRI_LAYER),
        (cheaters.WrongFinal, Step.FRI_FINAL),
    ],
)
def test_cheating_in_the_opening(scheme: type[FriProver], step: Step) -> None:
    assert outcome(true_statement(), scheme=scheme) == step
