"""The Solidity verifier accepts what the Python verifier accepts, and refuses the rest by the same step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from l2forge.air import CompiledAir
from l2forge.air.proving import AirArithmetic
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import running_anvil
from l2forge.chain.client import connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.proof_calldata import encode_chunk, encode_proof
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.compile.verifier import compile_verifier, render_verifier
from l2forge.stark.commitment import Committed
from l2forge.stark.fri_prover import FriProver
from l2forge.stark.layout import ABSENT, ProofLayout
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected, Step
from l2forge.stark.verifier import Verifier
from tests.soundness import cheaters
from tests.soundness.statements import STATEMENTS
from tests.soundness.test_proof_mutations import MUTATIONS, accepted, changed
from tests.soundness.test_proof_mutations import PARAMS as TOY_PARAMS
from tests.soundness.toy import prove_toy, toy_air, toy_statement, toy_verifier

MAX_LOG_HEIGHT = 8
EXAMPLE_PARAMS = ProofParameters(log_blowup=3, n_queries=12, grinding_bits=4, log_final=2, node_bytes=25)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def deployer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployer]:
    """Deploys on a local node that enforces the limits of mainnet."""
    record = tmp_path_factory.mktemp("l1") / "deployment.json"
    with running_anvil() as node:
        yield Deployer(connect(node.url), dev_account(0), DeploymentRecord.open(record, node.chain_id))


def deploy(deployer: Deployer, air: CompiledAir, params: ProofParameters) -> L1Verifier:
    artifacts = compile_verifier(render_verifier(air, params, max_log_height=MAX_LOG_HEIGHT))
    return L1Verifier.deploy(deployer, artifacts, label=f"{air.name}-{params.log_blowup}")


@pytest.fixture(scope="module")
def deployed_toy(deployer: Deployer) -> L1Verifier:
    """The verifier of the toy AIR."""
    return deploy(deployer, toy_air(), TOY_PARAMS)


@pytest.fixture
def toy(deployed_toy: L1Verifier) -> Iterator[L1Verifier]:
    """The same, with the chain put back after the test."""
    node = deployed_toy.entry.w3.provider
    snapshot = node.make_request("evm_snapshot", [])["result"]
    yield deployed_toy
    node.make_request("evm_revert", [snapshot])


def l1_step(verifier: L1Verifier, public: PublicValues, proof: bytes, head_bytes: int) -> Step | None:
    """The step that the contract refuses with; None when it accepts."""
    try:
        verifier.check(proof[:head_bytes], proof[head_bytes:], public)
    except ProofRejected as refusal:
        return refusal.step
    return None


def test_an_accepted_proof_is_recorded_once_all_queries_are_verified(toy: L1Verifier) -> None:
    public, proof, checked = accepted()
    calldata = encode_proof(checked, public, proof, calldata_bytes=6_000)
    assert len(calldata.chunks) > 2
    assert not toy.is_proven(public)
    receipts = toy.verify(calldata)
    assert len(receipts) == len(calldata.chunks)
    assert toy.is_proven(public)
    assert not toy.is_proven(changed(public, "another scalar"))


def test_the_chunk_of_all_queries_is_the_body() -> None:
    _, proof, checked = accepted()
    queries = sorted(set(checked.openings.queries))
    assert encode_chunk(checked, queries) == proof[checked.layout.head_bytes :]


def test_queries_cannot_be_left_out_or_verified_without_a_head(toy: L1Verifier) -> None:
    public, proof, checked = accepted()
    calldata = encode_proof(checked, public, proof, calldata_bytes=6_000)
    head = (calldata.head, calldata.scalars, list(calldata.lists))
    block = list(toy.entry.call("start", *head))
    first = calldata.chunks[0]
    with pytest.raises(Exception, match="Rejected"):
        toy.entry.call("verifyQueries", block, first.to, first.data)
    toy.entry.send("start", *head)
    toy.entry.call("verifyQueries", block, first.to, first.data)
    queries = block[13 : 13 + block[12]]
    for spoilt in (
        [*block[:13], *queries[1:], *block[13 + len(queries) :]],  # a query less
        [*block[:12], 1, *block[13:]],  # only one query
        [block[0] + 1, *block[1:]],  # another height
    ):
        with pytest.raises(Exception, match="Rejected"):
            toy.entry.call("verifyQueries", spoilt, first.to, first.data)
    for to in (0, first.to - 1, first.to + 1, block[12] + 1, 2**256 - 1):
        with pytest.raises(Exception, match="Rejected"):
            toy.entry.call("verifyQueries", block, to, first.data)


def test_another_caller_does_not_disturb_a_proof(toy: L1Verifier) -> None:
    """Somebody starts the same proof and verifies a query of it before its prover does."""
    public, proof, checked = accepted()
    calldata = encode_proof(checked, public, proof, calldata_bytes=6_000)
    head = (calldata.head, calldata.scalars, list(calldata.lists))
    block = list(toy.entry.call("start", *head))
    one = encode_chunk(checked, sorted(set(checked.openings.queries))[:1])
    other = toy.entry.as_account(dev_account(1))
    other.send("startAndVerify", *head, 1, one)
    with pytest.raises(Exception, match="Rejected"):
        toy.entry.call("verifyQueries", block, 1, one)  # nobody goes on from another's queries
    toy.verify(calldata)
    assert toy.is_proven(public)


def test_a_proof_can_be_started_again(toy: L1Verifier) -> None:
    public, proof, checked = accepted()
    calldata = encode_proof(checked, public, proof, calldata_bytes=6_000)
    first = calldata.chunks[0]
    head = (calldata.head, calldata.scalars, list(calldata.lists))
    toy.entry.send("startAndVerify", *head, first.to, first.data)
    assert not toy.is_proven(public)
    toy.verify(calldata)
    assert toy.is_proven(public)


@pytest.mark.parametrize(("name", "mutate", "step"), MUTATIONS, ids=[name for name, _, _ in MUTATIONS])
def test_every_mutation_is_refused_by_the_same_step(  # type: ignore[no-untyped-def]
    toy: L1Verifier, name: str, mutate, step: Step
) -> None:
    public, proof, checked = accepted()
    assert l1_step(toy, public, mutate(proof), checked.layout.head_bytes) == step


@pytest.mark.parametrize("what", ["another scalar", "another element", "a tuple less", "tuples exchanged"])
def test_other_public_values_are_refused_by_the_same_step(toy: L1Verifier, what: str) -> None:
    public, proof, checked = accepted()
    spoilt = changed(public, what)
    assert l1_step(toy, spoilt, proof, checked.layout.head_bytes) == Step.FINGERPRINT


SIZES = [(4, 2, -1), (2, -1, 1), (7, 0, 3), (-1, 5, -1), (5, 7, 2), (3, 1, -1)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_tables_of_all_heights_present_or_absent(toy: L1Verifier, sizes: tuple[int, int, int]) -> None:
    traces, public = toy_statement(*sizes)
    _, proof = prove_toy(traces, public, TOY_PARAMS)
    checked = toy_verifier(TOY_PARAMS).verify(public, proof)
    assert l1_step(toy, public, proof, checked.layout.head_bytes) is None


CHEATERS = [
    value
    for value in vars(cheaters).values()
    if isinstance(value, type) and issubclass(value, (Prover, FriProver)) and value not in (Prover, FriProver)
]


class Unopened(cheaters.Rootless):
    """A commitment to columns of zeros that is not opened either."""

    def open(self, positions: Iterable[int], log_domain: int) -> bytes:
        return b""


class NoTrees(cheaters.ZeroRoots):
    """Leaves its trees out, as if columns of zeros needed none."""

    def rootless(self, honest: Committed) -> Committed:
        return Unopened(honest.layout, honest.matrices, honest.tree)


@pytest.mark.parametrize(
    ("prover", "step"),
    [(Prover, None), (cheaters.ZeroRoots, Step.MAIN_OPENING), (NoTrees, Step.QUERIES)],
)
def test_no_tree_is_taken_for_absent(toy: L1Verifier, prover: type[Prover], step: Step | None) -> None:
    """Columns of zeros satisfy `powers`; their commitments are opened all the same."""
    traces = [None, None, np.zeros((2, 1 << 6), np.uint64), None]
    public = PublicValues.of((1, 2), ([], []))
    made = prover(AirArithmetic(toy_air()), TOY_PARAMS).prove(traces, public).data
    head_bytes = ProofLayout(toy_air(), TOY_PARAMS, (ABSENT, ABSENT, 6, ABSENT)).head_bytes
    assert l1_step(toy, public, made, head_bytes) == python_step(public, made) == step


@pytest.mark.parametrize(("size", "step"), [(1 << 7, Step.FINGERPRINT), ((1 << 7) + 1, Step.PUBLIC)])
def test_a_list_is_no_longer_than_its_table(toy: L1Verifier, size: int, step: Step) -> None:
    public, proof, checked = accepted()
    longer = PublicValues(public.scalars, (np.zeros((size, 2), np.uint64), public.lists[1]))
    assert l1_step(toy, longer, proof, checked.layout.head_bytes) == python_step(longer, proof) == step


def python_step(public: PublicValues, proof: bytes) -> Step | None:
    try:
        toy_verifier(TOY_PARAMS).verify(public, proof)
    except ProofRejected as refusal:
        return refusal.step
    return None


@pytest.mark.parametrize("cheater", CHEATERS, ids=lambda c: c.__name__)
def test_cheating_provers_meet_the_same_step(toy: L1Verifier, cheater: type) -> None:
    """A prover that does not check its trace is given a false statement, any other a true one.

    FRI on a far word needs one: its prover commits to columns of high degree. Folds count with two layers.
    """
    traces, public = toy_statement(7, 2, 1)
    is_scheme = issubclass(cheater, FriProver)
    if issubclass(cheater, cheaters.Unchecked):
        assert traces[0] is not None
        traces[0][0, 3] ^= 1
    prover = cheater if not is_scheme else cheaters.NotLowDegree if cheater is cheaters.FarWord else Prover
    scheme = cheater() if is_scheme else FriProver()
    made = prover(AirArithmetic(toy_air()), TOY_PARAMS, scheme=scheme).prove(traces, public).data
    log_heights = tuple(ABSENT if t is None else t.shape[1].bit_length() - 1 for t in traces)
    head_bytes = ProofLayout(toy_air(), TOY_PARAMS, log_heights).head_bytes
    step = l1_step(toy, public, made, head_bytes)
    assert step == python_step(public, made)
    assert step is not None


def test_a_required_table_cannot_be_left_out(deployer: Deployer) -> None:
    air, traces, public = STATEMENTS["merkle_update"]()
    proof = Prover(AirArithmetic(air), EXAMPLE_PARAMS).prove(traces, public).data
    verifier = deploy(deployer, air, EXAMPLE_PARAMS)
    absent = bytes([0xFF]) + proof[1:]
    assert not air.tables[0].optional
    assert l1_step(verifier, public, absent, 1000) == Step.HEIGHTS


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_examples_are_verified_on_l1(deployer: Deployer, name: str, tmp_path: Path) -> None:
    air, traces, public = STATEMENTS[name]()
    proof = Prover(AirArithmetic(air), EXAMPLE_PARAMS).prove(traces, public).data
    checked = Verifier(air, EXAMPLE_PARAMS, security_bits=1, max_log_height=16).verify(public, proof)
    artifacts = compile_verifier(render_verifier(air, EXAMPLE_PARAMS, max_log_height=16))
    verifier = L1Verifier.deploy(deployer, artifacts, label=air.name)
    verifier.verify(encode_proof(checked, public, proof))
    assert verifier.is_proven(public)
