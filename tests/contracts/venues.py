"""A deployed venue for tests, with batches that are really proven: see `published`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from l2forge.chain.accounts import dev_account
from l2forge.chain.batch import ProvenState, Request, RequestKind, owner_limbs
from l2forge.chain.deploy import Deployer
from l2forge.chain.stark_verifier import VerifierArtifacts
from l2forge.chain.venue_client import Settled, VenueClient
from l2forge.chain.venue_deployment import DeployedVenue, Parties, deploy_venue
from l2forge.compile.verifier import compile_verifier, render_verifier
from l2forge.stark.public import PublicValues

from .compiling import compiled
from .published import MAX_LOG_HEIGHT, PARAMETERS, prove_published, public_values, published_air

OPERATOR, GUARDIAN, GOVERNOR, MINTER = map(dev_account, (0, 1, 2, 4))
USERS = tuple(map(dev_account, (20, 21, 22)))
STRANGER = dev_account(7)
GENESIS = bytes(24) + (7).to_bytes(8, "big")
PARTIES = Parties(OPERATOR.address, GUARDIAN.address, GOVERNOR.address, MINTER.address)
RICH = 10**15


@cache
def verifier_artifacts(spec_hash: str) -> VerifierArtifacts:
    """The verifier of the small AIR, bound to a spec: compiled once, the hash exchanged in its code."""
    of = compiled("minimal")[0].hash()
    parameters = {"spec_hash": bytes.fromhex(of), "max_log_height": MAX_LOG_HEIGHT}
    artifacts = compile_verifier(render_verifier(published_air(), PARAMETERS, **parameters))
    old, new = bytes.fromhex(of), bytes.fromhex(spec_hash)
    assert artifacts.entry.runtime.count(old) > 0
    entry = replace(
        artifacts.entry,
        initcode=artifacts.entry.initcode.replace(old, new),
        runtime=artifacts.entry.runtime.replace(old, new),
    )
    return replace(artifacts, entry=entry)


def deploy_test_venue(deployer: Deployer, preset: str = "minimal", **changes: Any) -> DeployedVenue:
    """A preset's venue; its batches are those of the small AIR. Users have tokens."""
    loaded, _, artifacts = compiled(preset)
    verifier = changes.pop("verifier", None) or verifier_artifacts(loaded.hash())
    deployed = deploy_venue(deployer, artifacts, verifier, PARTIES, genesis_root=GENESIS, **changes)
    for user in (*USERS, GOVERNOR):
        deployed.client.token.as_account(MINTER).send("mint", user.address, RICH)
    return deployed


def root_of(number: int) -> bytes:
    """Some root."""
    return b"".join(((number << 8) + k).to_bytes(8, "big") for k in range(4))


def payout(
    client: VenueClient, owner: str, units: int, *, reference: int = 0, sub: int = 0
) -> tuple[int, ...]:
    """An entry of the list `payouts`."""
    return (client.account_of(owner, sub), *owner_limbs(owner), units, reference)


@dataclass
class Operator:
    """Makes batches as the ledger would: everything that L1 checks comes out right unless it is bent."""

    deployed: DeployedVenue
    root: bytes = GENESIS
    state: ProvenState = field(default_factory=ProvenState)

    @property
    def client(self) -> VenueClient:
        """The venue, used by the operator."""
        return self.deployed.client.as_account(OPERATOR)

    def next_state(
        self, requests: Sequence[Request], payouts: Iterable[Sequence[int]], **bent: int
    ) -> ProvenState:
        """The venue's block after these requests and payouts; `bent` replaces fields."""
        received = [r for r in requests if r.kind in (RequestKind.DEPOSIT, RequestKind.FUND)]
        head = self.client.venue.w3.eth.get_block("latest")
        state = ProvenState(
            time_ms=max(self.state.time_ms, 1000 * head["timestamp"]),
            consumed=self.state.consumed + len(requests),
            insurance_units=sum(r.value for r in received if r.kind == RequestKind.FUND),
            deposits_units=self.state.deposits_units + sum(r.value for r in received),
            withdrawals_units=self.state.withdrawals_units + sum(entry[4] for entry in payouts),
            batches=self.state.batches + 1,
        )
        return replace(state, **bent)

    def batch(
        self,
        requests: Sequence[Request] = (),
        payouts: Sequence[Sequence[int]] = (),
        leaves: Sequence[Sequence[int]] = (),
        **bent: int,
    ) -> PublicValues:
        """The public values of the next batch."""
        state = self.next_state(requests, payouts, **bent)
        lists = ([r.tuple for r in requests], payouts, [*leaves, state.leaf])
        return public_values((self.root, root_of(state.batches)), lists)

    def prove(self, public: PublicValues) -> None:
        """Bring the fact that these values are proven to L1."""
        calldata = prove_published(public, self.client.venue.call("specHash"))
        self.deployed.verifier.verify(calldata)

    def settle(self, public: PublicValues) -> Settled:
        """Prove and settle; what comes next builds on it."""
        self.prove(public)
        settled = self.client.settle(public)
        self.root, self.state = settled.root, settled.state
        return settled


def pass_time(client: VenueClient, seconds: float) -> None:
    """Let the chain's clock go on."""
    provider = client.venue.w3.provider
    provider.make_request("evm_increaseTime", [int(seconds)])
    provider.make_request("evm_mine", [])
