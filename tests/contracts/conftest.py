"""What the tests of the contracts share: a node, and venues rendered, compiled and deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.client import ContractClient, connect
from l2forge.chain.configuration import deploy_configuration
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.venue_deployment import DeployedVenue
from l2forge.compile.constants import Venue
from l2forge.spec import LoadedSpec

from .compiling import QUICK as QUICK
from .compiling import compiled
from .venues import Operator, deploy_test_venue


@dataclass(frozen=True)
class Deployed:
    """A preset's contracts on the node. `timelock` and `token` are used by nobody in particular."""

    loaded: LoadedSpec
    venue: Venue
    contracts: dict[str, ContractClient]

    @property
    def config(self) -> ContractClient:
        """VenueConfig."""
        return self.contracts["VenueConfig"]


@pytest.fixture(scope="session")
def node() -> Iterator[AnvilNode]:
    """One local node for all tests of a session."""
    with running_anvil() as running:
        yield running


@pytest.fixture
def w3(node: AnvilNode) -> Iterator[Web3]:
    """A connection to the node, whose chain is put back after the test."""
    snapshot = node.rpc("evm_snapshot")
    yield connect(node.url)
    node.rpc("evm_revert", snapshot)


@pytest.fixture
def deploy(w3: Web3, tmp_path: Path) -> Callable[[str], Deployed]:
    """Deploys a preset from dev:0; dev:2 is the governor, dev:4 the minter of the token."""

    def by_name(preset: str) -> Deployed:
        loaded, venue, artifacts = compiled(preset)
        record = DeploymentRecord.open(tmp_path / "record.json", w3.eth.chain_id)
        contracts = deploy_configuration(
            Deployer(w3, dev_account(0), record),
            artifacts,
            governor=dev_account(2).address,
            minter=dev_account(4).address,
        )
        return Deployed(loaded, venue, contracts)

    return by_name


@pytest.fixture
def deployer(w3: Web3, tmp_path: Path) -> Deployer:
    """dev:0, with an empty record."""
    return Deployer(w3, dev_account(0), DeploymentRecord(tmp_path / "other.json", w3.eth.chain_id))


@pytest.fixture(scope="session")
def launched(node: AnvilNode, tmp_path_factory: pytest.TempPathFactory) -> DeployedVenue:
    """The smallest venue with the small AIR's verifier; each test's changes are taken back."""
    w3 = connect(node.url)
    record = DeploymentRecord(tmp_path_factory.mktemp("venue") / "record.json", w3.eth.chain_id)
    return deploy_test_venue(Deployer(w3, dev_account(0), record))


@pytest.fixture
def venue(launched: DeployedVenue, w3: Web3) -> DeployedVenue:
    """The same, with the chain put back after the test."""
    return launched


@pytest.fixture
def operator(venue: DeployedVenue) -> Operator:
    """Makes and settles the venue's batches."""
    return Operator(venue)
