"""Deployment of the contracts that hold a venue's rules, in the order in which they need each other."""

from __future__ import annotations

import re
from collections.abc import Mapping

from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient
from l2forge.chain.deploy import Deployer

_TABLE = re.compile(r"RuleTable(\d+)")


def deploy_configuration(
    deployer: Deployer, artifacts: Mapping[str, Artifact], *, governor: str, minter: str
) -> dict[str, ContractClient]:
    """Deploy (or find, if the record has them) the contracts of `artifacts` (name → artefact) by name.

    The rule tables, the configuration that binds them, the timelock of `governor`; and, where it was built,
    the local chain's token, whose units `minter` creates. Errors: as Deployer.deploy.
    """
    names = [name for name in artifacts if _TABLE.fullmatch(name)]
    tables = sorted(names, key=lambda name: int(name.removeprefix("RuleTable")))
    deployed = {name: deployer.deploy(name, artifacts[name]) for name in tables}
    addresses = [deployed[name].address for name in tables]
    deployed["VenueConfig"] = deployer.deploy("VenueConfig", artifacts["VenueConfig"], addresses)
    deployed["Timelock"] = deployer.deploy("Timelock", artifacts["Timelock"], governor)
    if "TestToken" in artifacts:
        deployed["TestToken"] = deployer.deploy("TestToken", artifacts["TestToken"], minter)
    return deployed
