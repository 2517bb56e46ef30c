"""The venue's contracts as clients, from the settings and the build directory."""

from __future__ import annotations

import json
from pathlib import Path

from eth_account.signers.local import LocalAccount

from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient, connect
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.chain.venue_client import VenueClient
from l2forge.chain.venue_deployment import ERC20_ABI
from l2forge.errors import InputError
from l2forge.venue.settings import Settings


def artifact(build: Path, name: str) -> Artifact:
    """One contract of a build. Errors: InputError."""
    path = build / "artifacts" / f"{name}.json"
    try:
        return Artifact.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}", remedy="run `l2forge build`") from error


def venue_client(settings: Settings, account: LocalAccount | None = None) -> VenueClient:
    """The deployed venue; `account` signs what is sent. Errors: EnvironmentFailure, InputError."""
    w3, build = connect(settings.l1_url), Path(settings.build)
    venue = ContractClient(w3, "Venue", settings.venue, artifact(build, "Venue").abi, account=account)
    own_token = (build / "artifacts" / "TestToken.json").is_file()  # a local chain's, which can be minted
    abi = artifact(build, "TestToken").abi if own_token else ERC20_ABI
    return VenueClient(venue, ContractClient(w3, "Token", settings.token, abi, account=account))


def contract_of(client: VenueClient | None) -> str:
    """Which contract on which chain has a venue's money; "" without L1."""
    return f"{client.venue.w3.eth.chain_id}:{client.venue.address.lower()}" if client is not None else ""


def stark_verifier(settings: Settings, account: LocalAccount) -> L1Verifier:
    """The deployed verifier. Errors: EnvironmentFailure, InputError."""
    path = Path(settings.verifier_abi)
    try:
        abi = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}", remedy="run `l2forge up`") from error
    w3 = connect(settings.l1_url)
    return L1Verifier(ContractClient(w3, "StarkVerifier", settings.verifier, abi, account=account))
