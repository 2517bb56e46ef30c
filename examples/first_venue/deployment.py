"""The contracts of a compiled venue on a local chain, in the order in which they need each other."""

from __future__ import annotations

from dataclasses import dataclass

from web3 import Web3

from l2forge.chain.accounts import dev_account
from l2forge.chain.client import ContractClient
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.compile.phases import VenueCompilation
from l2forge.errors import InputError


@dataclass(frozen=True)
class DeployedVenue:
    """The venue's contracts."""

    config: ContractClient
    timelock: ContractClient
    token: ContractClient


def deploy_venue(w3: Web3, compilation: VenueCompilation, record: DeploymentRecord) -> DeployedVenue:
    """Deploy from the operator's development key; what `record` names already is taken as it is.

    Errors: InputError where a role is no development key, ContractReverted, EnvironmentFailure.
    """
    roles, contracts = compilation.spec.roles, compilation.contracts
    if roles.operator.dev is None or roles.governor.dev is None:
        raise InputError("this example deploys with development keys only", remedy="use a local preset")
    deployer = Deployer(w3, dev_account(roles.operator.dev), record)
    governor = dev_account(roles.governor.dev).address
    tables = sorted(
        (artifact for artifact in contracts.contracts.values() if artifact.name.startswith("RuleTable")),
        key=lambda artifact: int(artifact.name.removeprefix("RuleTable")),
    )
    addresses = [deployer.deploy(table.name, table).address for table in tables]
    return DeployedVenue(
        config=deployer.deploy("VenueConfig", contracts["VenueConfig"], addresses),
        timelock=deployer.deploy("Timelock", contracts["Timelock"], governor),
        token=deployer.deploy("TestToken", contracts["TestToken"], governor),
    )
