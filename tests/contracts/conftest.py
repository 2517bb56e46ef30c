"""What the tests of the contracts share: a node, and venues rendered, compiled and deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient, connect
from l2forge.chain.configuration import deploy_configuration
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.solc import Settings, compile_sources, compiler_version
from l2forge.compile.constants import Venue
from l2forge.compile.derive import derive_constants
from l2forge.compile.render import render_contracts
from l2forge.resources import resource_dir
from l2forge.spec import LoadedSpec, load_spec

# The optimiser by way of Yul, which `build` uses, takes several times as long; here it is the logic of the
# contracts that is tested, and `test_as_built` runs once with the settings of `build`.
QUICK = Settings(via_ir=False)


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


@cache
def compiled(preset: str) -> tuple[LoadedSpec, Venue, dict[str, Artifact]]:
    """A preset's spec, constants and artefacts by name."""
    loaded = load_spec(resource_dir("presets") / f"{preset}.toml")
    spec = loaded.require()
    venue = derive_constants(spec)
    sources = render_contracts(spec, loaded.hash(), venue, solidity=compiler_version())
    found = compile_sources(sources, settings=QUICK)
    assert found.warnings == ()
    return loaded, venue, {artifact.name: artifact for artifact in found.contracts.values()}


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
