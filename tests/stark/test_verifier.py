"""Completeness of prover and verifier, on small and odd shapes; determinism; refusals before a proof."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from l2forge.air import Unsatisfied
from l2forge.air.proving import AirArithmetic
from l2forge.errors import InputError
from l2forge.stark.ext import Ext
from l2forge.stark.field import P, U64Array
from l2forge.stark.layout import ProofLayout, largest_shape
from l2forge.stark.parallel import set_n_threads
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.security import choose_parameters
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.transcript import ProtocolTranscript
from l2forge.stark.verifier import fingerprint
from tests.soundness.toy import LOG_SMALL, prove_toy, small_parameters, toy_air, toy_statement, toy_verifier

SHAPES = [
    (4, 2, -1),
    (2, 0, 0),
    (9, 0, 4),
    (3, 9, -1),
    (-1, 0, -1),
    (-1, 5, 1),
    (6, -1, -1),
    (7, 7, 7),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("log_final", [2, 3, 6])
def test_true_statements_are_accepted(shape: tuple[int, int, int], log_final: int) -> None:
    traces, public = toy_statement(*shape)
    params = small_parameters(log_final)
    _, proof = prove_toy(traces, public, params)
    checked = toy_verifier(params).verify(public, proof)
    heights = (shape[0], LOG_SMALL, shape[1], shape[2])
    assert checked.layout.log_heights == heights
    assert len(checked.openings.layers) == params.n_layers(max(heights))


def only_powers(log_height: int) -> tuple[list[U64Array | None], PublicValues]:
    """Every table but `powers` is absent."""
    traces, _ = toy_statement(-1, log_height, -1)
    empty = np.zeros((0, 0), np.uint64)
    return [None, None, traces[2], None], PublicValues((5, 6), (empty, empty))


@pytest.mark.parametrize("log_height", [0, 1, 2, 3, 4, 8])
def test_one_table_without_interactions_and_preprocessed_columns(log_height: int) -> None:
    traces, public = only_powers(log_height)
    params = small_parameters(3)
    _, proof = prove_toy(traces, public, params)
    checked = toy_verifier(params).verify(public, proof)
    assert set(checked.openings.trees) == {"main", "quotient"}


def test_a_table_that_is_not_optional_must_be_there() -> None:
    traces, public = only_powers(3)
    params = small_parameters(3)
    _, proof = prove_toy(traces, public, params)
    tables = tuple(dataclasses.replace(t, optional=t.name != "steps") for t in toy_air().tables)
    strict = dataclasses.replace(toy_air(), tables=tables)
    with pytest.raises(ProofRejected, match="table steps is absent") as refusal:
        dataclasses.replace(toy_verifier(params), air=strict).verify(public, proof)
    assert refusal.value.step == Step.HEIGHTS
    with pytest.raises(InputError, match="table steps is absent"):
        Prover(AirArithmetic(strict), params).prove(traces, public)


@pytest.mark.parametrize("n_elements", [0, 1, 255, 256, 257, 600])
def test_the_fingerprint_is_horners(n_elements: int) -> None:
    rho = Ext(3, 1 << 40, P - 5)
    elements = np.random.default_rng(n_elements).integers(0, P, (n_elements, 1), dtype=np.uint64)
    expected = Ext(1)
    for element in elements[:, 0].tolist():
        expected = expected * rho + element
    assert fingerprint(elements, rho) == expected


def test_the_level_of_the_design_and_its_refusals() -> None:
    air = toy_air()
    shape = largest_shape(air, 4, 12)
    params = choose_parameters(shape, grinding_bits=8)
    traces, public = toy_statement()
    _, proof = prove_toy(traces, public, params)
    toy_verifier(params, security_bits=100).verify(public, proof)
    for weaker in (
        dataclasses.replace(params, n_queries=params.n_queries - 1),
        dataclasses.replace(params, grinding_bits=1),
        dataclasses.replace(params, node_bytes=20),
        dataclasses.replace(params, log_blowup=3),
    ):
        _, weak = prove_toy(traces, public, weaker)
        with pytest.raises(ProofRejected) as refusal:
            toy_verifier(weaker, security_bits=100).verify(public, weak)
        assert refusal.value.step == Step.PARAMETERS


def test_the_bytes_do_not_depend_on_threads() -> None:
    traces, public = toy_statement(11, 3, 2)
    params = small_parameters()
    proofs = set()
    try:
        for n_threads in (1, 2, 5):
            set_n_threads(n_threads)
            proofs.add(prove_toy(traces, public, params)[1])
    finally:
        set_n_threads(0)
    assert len(proofs) == 1


def test_phases_are_reported() -> None:
    traces, public = toy_statement()
    prover, _ = prove_toy(traces, public, small_parameters())
    seen: list[str] = []
    prover.progress = lambda name, seconds: seen.append(name)
    proof = prover.prove(traces, public)
    assert seen == list(proof.phases)
    assert {"check", "LDE main", "hashing main", "lookups", "constraints", "DEEP", "FRI", "grinding"} <= set(
        seen
    )


def test_proofs_have_the_size_of_their_layout() -> None:
    traces, public = toy_statement(6, 3, 1)
    params = small_parameters()
    _, proof = prove_toy(traces, public, params)
    checked = toy_verifier(params).verify(public, proof)
    layout = ProofLayout(toy_air(), params, (6, 3, 3, 1))
    head = checked.head.encode() + checked.fri_head.encode()
    assert layout.head_bytes == len(head)
    assert proof.startswith(head)


def test_an_unsatisfied_trace_is_refused_by_name_row_and_values() -> None:
    traces, public = toy_statement()
    powers = traces[2]
    assert powers is not None
    powers[1, 2] = 77
    phases: list[str] = []
    prover, _ = prove_toy(*toy_statement(), small_parameters())
    prover.progress = lambda name, seconds: phases.append(name)
    with pytest.raises(Unsatisfied, match=r"powers/ninth.*row 2.*w = 77"):
        prover.prove(traces, public)
    assert "FRI" not in phases


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, p: (t[:3], p), "3 heights for 4 tables"),
        (lambda t, p: ([None] * 4, p), "every table is absent"),
        (lambda t, p: ([t[0], t[1][:, :4], t[2], None], p), "table small has 2\\^2 rows"),
        (lambda t, p: ([t[0][:3], *t[1:]], p), "table steps has shape"),
        (lambda t, p: ([t[0][:, :12], *t[1:]], p), "12 rows, no power of 2"),
        (lambda t, p: (t, PublicValues(p.scalars[:1], p.lists)), "1 public scalars where the AIR has 2"),
        (lambda t, p: (t, PublicValues((P, 0), p.lists)), "start is not an element below p"),
    ],
)
def test_shapes_that_no_proof_can_have(change, message: str) -> None:  # type: ignore[no-untyped-def]
    prover, _ = prove_toy(*toy_statement(), small_parameters())
    with pytest.raises(InputError, match=message):
        prover.prove(*change(*toy_statement()))


def test_a_blow_up_below_the_quotient_is_refused() -> None:
    params = dataclasses.replace(small_parameters(), log_blowup=2)
    with pytest.raises(InputError, match="use a blow-up of at least 8"):
        prove_toy(*toy_statement(), params)


def test_the_verifier_draws_what_the_prover_drew() -> None:
    traces, public = toy_statement()
    prover, proof = prove_toy(traces, public, small_parameters())
    transcripts: list[ProtocolTranscript] = []
    original = ProtocolTranscript.__init__

    def remember(self: ProtocolTranscript) -> None:
        original(self)
        transcripts.append(self)

    ProtocolTranscript.__init__ = remember  # type: ignore[method-assign]
    try:
        toy_verifier(small_parameters()).verify(public, proof)
    finally:
        ProtocolTranscript.__init__ = original  # type: ignore[method-assign]
    assert transcripts[0].log == prover.transcript.log
    assert transcripts[0].state == prover.transcript.state


def test_multi_proofs_of_any_part_of_the_queries() -> None:
    """A verifier in several parts is given subsets: each subset's multi-proof gives the same root."""
    from l2forge.stark.opened import OpenedTree, above

    traces, public = toy_statement(7, 3, 1)
    params = small_parameters()
    _, proof = prove_toy(traces, public, params)
    checked = toy_verifier(params).verify(public, proof)
    log_domain = checked.layout.log_domain
    for name, tree in checked.openings.trees.items():
        root = tree.nodes[tree.log_leaves, 0]
        for part in (checked.openings.queries[:1], checked.openings.queries[3:8]):
            leaves = above(part, log_domain - tree.log_leaves)
            rows = tuple(
                {leaf >> level: tree.row(g, leaf) for leaf in leaves} for g, level in enumerate(tree.levels)
            )
            again = OpenedTree(tree.log_leaves, tree.levels, rows)
            assert again.hash_up(tree.multi_proof(leaves), params.node_bytes) == root, name
