"""Deployment of a whole venue, which can be interrupted anywhere and run again.

Contracts refer to each other by constructor arguments only, so there is nothing to wire up afterwards: the
last one, Venue, exists or not. What follows it is the insurance fund's initial amount, put in once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_account.signers.local import LocalAccount

from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient, await_nothing_pending
from l2forge.chain.configuration import deploy_configuration
from l2forge.chain.deploy import Deployer
from l2forge.chain.stark_verifier import L1Verifier, VerifierArtifacts
from l2forge.chain.venue_client import VenueClient
from l2forge.errors import InputError

_ADDRESS: Final = {"type": "address", "name": ""}
_UINT256: Final = {"type": "uint256", "name": ""}


def _function(name: str, inputs: list[Any], output: str, mutability: str = "view") -> dict[str, Any]:
    outputs = [{"type": output, "name": ""}]
    kind = {"type": "function", "stateMutability": mutability}
    return {**kind, "name": name, "inputs": inputs, "outputs": outputs}


# What the venue uses of any ERC-20 (EIP-20).
ERC20_ABI: Final = (
    _function("balanceOf", [_ADDRESS], "uint256"),
    _function("allowance", [_ADDRESS, _ADDRESS], "uint256"),
    _function("approve", [_ADDRESS, _UINT256], "bool", "nonpayable"),
    _function("decimals", [], "uint8"),
)


@dataclass(frozen=True)
class Parties:
    """Addresses of the spec's roles. `minter`: who creates a local chain's test tokens."""

    operator: str
    guardian: str
    governor: str
    minter: str


@dataclass(frozen=True)
class DeployedVenue:
    """A venue's contracts. `contracts`: all those of the configuration, by name."""

    client: VenueClient
    verifier: L1Verifier
    contracts: Mapping[str, ContractClient]


def deploy_venue(
    deployer: Deployer,
    artifacts: Mapping[str, Artifact],
    verifier: VerifierArtifacts,
    parties: Parties,
    *,
    genesis_root: bytes,
    token: str | None = None,
) -> DeployedVenue:
    """Deploy (or find, if the record has them) all contracts of a venue, the token of a local chain included.

    `token`: the collateral's address; None: the build's TestToken. Errors: as Deployer.deploy; InputError
    where there is no token.
    """
    used = {name: found for name, found in artifacts.items() if token is None or name != "TestToken"}
    contracts = deploy_configuration(deployer, used, governor=parties.governor, minter=parties.minter)
    if token is not None:
        contracts["Token"] = ContractClient(deployer.w3, "Token", token, ERC20_ABI, account=deployer.account)
    collateral = contracts.get("Token") or contracts.get("TestToken")
    if collateral is None:
        raise InputError("the venue has no collateral", remedy="write venue.collateral.address")
    entry = L1Verifier.deploy(deployer, verifier)
    venue = deployer.deploy(
        "Venue",
        artifacts["Venue"],
        collateral.address,
        contracts["VenueConfig"].address,
        entry.entry.address,
        contracts["Timelock"].address,
        parties.operator,
        parties.guardian,
        genesis_root,
    )
    return DeployedVenue(VenueClient(venue, collateral), entry, contracts)


def fund_insurance(
    venue: VenueClient, governor: LocalAccount, units: int, *, minter: LocalAccount | None = None
) -> None:
    """Bring what has been put into the insurance fund up to `units`, from the governor's tokens.

    `minter`: creates what the governor lacks (a local chain's token only). Run again it puts in nothing
    twice: transactions of an interrupted run are waited for first. Errors: ContractReverted,
    EnvironmentFailure.
    """
    for party in (governor, *([minter] if minter else [])):
        await_nothing_pending(venue.venue.w3, party)
    missing = units - venue.totals().funded
    if missing <= 0:
        return
    short = missing - int(venue.token.call("balanceOf", governor.address))
    if short > 0 and minter is not None:
        venue.token.as_account(minter).send("mint", governor.address, short)
    venue.as_account(governor).fund_insurance(missing)
