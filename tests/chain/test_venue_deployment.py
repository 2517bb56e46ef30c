"""A whole venue's deployment: killed anywhere and run again: one venue, its insurance put in once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain import client as client_module
from l2forge.chain import deploy as deploy_module
from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.client import connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.venue_deployment import DeployedVenue, deploy_venue, fund_insurance
from l2forge.errors import InputError
from tests.contracts.compiling import compiled
from tests.contracts.venues import GENESIS, GOVERNOR, MINTER, OPERATOR, PARTIES, verifier_artifacts

INSURANCE = 50_000 * 10**6


@pytest.fixture(scope="module")
def node() -> Iterator[AnvilNode]:
    """A node of this module's own."""
    with running_anvil() as running:
        yield running


@pytest.fixture
def w3(node: AnvilNode) -> Iterator[Web3]:
    """A connection; the chain is put back after the test."""
    snapshot = node.rpc("evm_snapshot")
    yield connect(node.url)
    node.rpc("evm_revert", snapshot)


def launch(w3: Web3, path: Path) -> DeployedVenue:
    """Deployment and insurance, as often as it takes."""
    loaded, _, artifacts = compiled("minimal")
    deployer = Deployer(w3, OPERATOR, DeploymentRecord.open(path, w3.eth.chain_id))
    verifier = verifier_artifacts(loaded.hash())
    deployed = deploy_venue(deployer, artifacts, verifier, PARTIES, genesis_root=GENESIS)
    fund_insurance(deployed.client, GOVERNOR, INSURANCE, minter=MINTER)
    return deployed


def nonces(w3: Web3) -> tuple[int, ...]:
    """Transactions that the parties have sent."""
    return tuple(w3.eth.get_transaction_count(party.address) for party in (OPERATOR, GOVERNOR, MINTER))


def test_a_venue_is_deployed_once(w3: Web3, tmp_path: Path) -> None:
    before = nonces(w3)
    first = launch(w3, tmp_path / "record.json")
    after = nonces(w3)
    n_contracts = len(json.loads((tmp_path / "record.json").read_text())["contracts"])
    assert [b - a for a, b in zip(before, after, strict=True)] == [n_contracts, 2, 1]
    again = launch(w3, tmp_path / "record.json")
    assert nonces(w3) == after
    assert again.client.venue.address == first.client.venue.address
    totals = again.client.totals()
    assert (totals.funded, totals.deposited) == (INSURANCE, 0)
    assert again.client.liabilities() == INSURANCE


@pytest.mark.slow
def test_killed_at_any_transaction(w3: Web3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies before or after each transaction in turn; in the end there is one of everything."""
    before, path, kills = nonces(w3), tmp_path / "record.json", 0
    for moment in itertools.count():
        with monkeypatch.context() as patch:
            for module in (deploy_module, client_module):
                patch.setattr(module, "broadcast", _dying(moment))
            try:
                deployed = launch(w3, path)
                break
            except KeyboardInterrupt:
                kills += 1
    assert kills > 10
    assert deployed.client.totals().funded == INSURANCE
    sent = [b - a for a, b in zip(before, nonces(w3), strict=True)]
    n_contracts = len(json.loads(path.read_text())["contracts"])
    assert sent == [n_contracts, 2, 1]


def _dying(moment: int):
    """A `broadcast` after which, or before which by turns, the process dies."""
    real = client_module.broadcast

    def broadcast(w3: Web3, signed: object) -> str:
        if moment % 2:
            raise KeyboardInterrupt
        real(w3, signed)
        raise KeyboardInterrupt

    return broadcast


def test_a_venue_needs_a_token(w3: Web3, tmp_path: Path) -> None:
    loaded, _, artifacts = compiled("minimal")
    deployer = Deployer(w3, OPERATOR, DeploymentRecord.open(tmp_path / "record.json", w3.eth.chain_id))
    without = {name: artifact for name, artifact in artifacts.items() if name != "TestToken"}
    with pytest.raises(InputError, match="no collateral"):
        deploy_venue(deployer, without, verifier_artifacts(loaded.hash()), PARTIES, genesis_root=GENESIS)
