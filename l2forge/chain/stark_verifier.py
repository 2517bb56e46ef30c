"""The Solidity verifier as a client: deployment, a proof in several transactions, rejections by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient, Receipt
from l2forge.chain.deploy import Deployer
from l2forge.chain.proof_calldata import ProofCalldata, encode_public
from l2forge.chain.reverts import ContractReverted
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected, Step

N_DISTINCT_WORD = 12
"""The word of the challenge block that counts the distinct queries (QueryVerifier.sol)."""


@dataclass(frozen=True)
class VerifierArtifacts:
    """The compiled contracts of one verifier."""

    entry: Artifact
    queries: Artifact
    rows: Artifact
    evaluators: tuple[Artifact, ...]

    @property
    def all(self) -> tuple[Artifact, ...]:
        """Every contract."""
        return (self.entry, self.queries, self.rows, *self.evaluators)


class L1Verifier:
    """A deployed verifier. `verify` sends a proof; `check` only asks whether it would be accepted."""

    def __init__(self, entry: ContractClient) -> None:
        self.entry = entry

    @classmethod
    def deploy(
        cls, deployer: Deployer, artifacts: VerifierArtifacts, *, label: str = "Verifier"
    ) -> L1Verifier:
        """Deploys the contracts of a verifier; the entry contract is bound to the others for good."""
        rows = deployer.deploy(f"{label}.rows", artifacts.rows)
        queries = deployer.deploy(f"{label}.queries", artifacts.queries, rows.address)
        evaluators = [
            deployer.deploy(f"{label}.evaluator{k}", artifact).address
            for k, artifact in enumerate(artifacts.evaluators)
        ]
        return cls(deployer.deploy(label, artifacts.entry, queries.address, evaluators))

    def statement(self, public: PublicValues) -> bytes:
        """The digest under which the contract records a proof of these public values."""
        scalars, lists = encode_public(public)
        return bytes(self.entry.call("statementDigest", scalars, list(lists)))

    def is_proven(self, public: PublicValues) -> bool:
        """Whether a proof of these public values has been verified."""
        return bool(self.entry.call("proven", self.statement(public)))

    def verify(self, calldata: ProofCalldata) -> list[Receipt]:
        """Send the proof; one receipt a transaction. Raises ProofRejected with the contract's step."""
        first, *rest = calldata.chunks
        head = (calldata.head, calldata.scalars, list(calldata.lists))
        try:
            block = self.entry.call("start", *head)
            receipts = [self.entry.send("startAndVerify", *head, first.to, first.data)]
            receipts += [self.entry.send("verifyQueries", block, chunk.to, chunk.data) for chunk in rest]
        except ContractReverted as error:
            raise _rejection(error) from error
        return receipts

    def check(self, head: bytes, body: bytes, public: PublicValues) -> None:
        """Whether the contract would accept these bytes, all queries at once; nothing is sent.

        Raises ProofRejected with the contract's step.
        """
        scalars, lists = encode_public(public)
        self._check(head, scalars, list(lists), body)

    def _check(self, head: bytes, scalars: bytes, lists: Sequence[bytes], body: bytes) -> None:
        try:
            n_distinct = self.entry.call("start", head, scalars, list(lists))[N_DISTINCT_WORD]
            self.entry.call("startAndVerify", head, scalars, list(lists), n_distinct, body)
        except ContractReverted as error:
            raise _rejection(error) from error


def _rejection(error: ContractReverted) -> Exception:
    """The contract's `Rejected(step)` as the Python verifier's error; any other revert as it is."""
    if error.revert.name != "Rejected":
        return error
    return ProofRejected(Step(error.revert.arguments["step"]), "the contract refused the proof")
