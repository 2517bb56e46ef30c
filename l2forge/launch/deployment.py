"""From a spec to a deployed venue: build, contracts, insurance; each step does only what is missing."""

from __future__ import annotations

import json
from pathlib import Path

from eth_account.signers.local import LocalAccount

from l2forge.chain.accounts import account_of, dev_account
from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import connect, is_local_chain
from l2forge.chain.deploy import Deployer
from l2forge.chain.files import write_atomically
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.stark_verifier import VerifierArtifacts
from l2forge.chain.venue_deployment import Parties, deploy_venue, fund_insurance
from l2forge.compile.manifest import LOCK_NAME
from l2forge.compile.phases import CIRCUIT_NAME, VenueCompilation
from l2forge.errors import InputError
from l2forge.launch.home import Home
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models.parties import KeyedAddress, Named
from l2forge.venue.proving import genesis_root
from l2forge.venue.settings import Settings

LOCAL_MINTER = "dev:4"
"""Who creates a local chain's test tokens."""

Party = Named | KeyedAddress


def address_of(party: Party) -> str:
    """The address of a role."""
    return dev_account(party.dev).address if party.dev is not None else str(party.address)


def key_of(party: Party, role: str) -> LocalAccount:
    """The key of a role that signs at launch. Errors: InputError where the spec names none."""
    if party.dev is not None:
        return dev_account(party.dev)
    if not party.key:
        raise InputError(f"roles.{role} has no key", remedy='write { address = "0x…", key = "env:NAME" }')
    return account_of(party.key)


def build(home: Home, loaded: LoadedSpec) -> None:
    """Build into the home what the venue runs. Errors: InputError where it runs by another spec already."""
    lock = home.build / LOCK_NAME
    if lock.is_file():
        if loaded.hash() in lock.read_text(encoding="utf-8"):
            return
        if home.data.exists():
            raise InputError(
                f"the venue in {home.root} was launched with another spec",
                remedy="see `l2forge plan`; `l2forge reset` forgets the venue and all in it",
            )
    VenueCompilation(home.spec).write(home.build)


def deploy(home: Home, loaded: LoadedSpec, l1_url: str) -> Settings:
    """Deploy the contracts, or find them; the settings of the venue's processes, written to the home.

    Errors: EnvironmentFailure, ContractReverted, InputError. Interrupted anywhere, it goes on when run again.
    """
    spec = loaded.require()
    w3 = connect(l1_url)
    roles = spec.roles
    record = DeploymentRecord.open(home.deployment, w3.eth.chain_id)
    deployer = Deployer(w3, key_of(roles.operator, "operator"), record)
    verifier = _verifier(home.build)
    local = is_local_chain(w3)
    minter = account_of(LOCAL_MINTER) if local else None
    deployed = deploy_venue(
        deployer,
        _artifacts(home.build),
        verifier,
        Parties(
            address_of(roles.operator),
            address_of(roles.guardian),
            address_of(roles.governor),
            minter.address if minter is not None else address_of(roles.governor),
        ),
        genesis_root=genesis_root(loaded),
        token=spec.venue.collateral.address,
    )
    units = spec.insurance.initial.units(spec.venue.collateral.decimals)
    fund_insurance(deployed.client, key_of(roles.governor, "governor"), units, minter=minter)
    abi = home.root / "verifier_abi.json"
    write_atomically(abi, json.dumps(list(verifier.entry.abi)).encode())
    host, _, port = spec.api.listen.rpartition(":")
    settings = Settings(
        spec=str(home.spec),
        directory=str(home.data),
        host=host.strip("[]"),
        port=home.port("api", int(port)),
        l1_url=l1_url,
        build=str(home.build),
        venue=deployed.client.venue.address,
        token=deployed.client.token.address,
        verifier=deployed.verifier.entry.address,
        verifier_abi=str(abi),
        air=json.loads((home.build / CIRCUIT_NAME).read_text(encoding="utf-8"))["air"],
        first_block=record.contracts["Venue"].block or 0,
    )
    settings.write(home.settings)
    return settings


def _verifier(build: Path) -> VerifierArtifacts:
    """The verifier's contracts of a build."""
    found = _artifacts(build, "verifier")
    n_evaluators = sum(name.startswith("Evaluator") for name in found)
    evaluators = tuple(found[f"Evaluator{k}"] for k in range(n_evaluators))
    return VerifierArtifacts(found["StarkVerifier"], found["QueryVerifier"], found["RowCombiner"], evaluators)


def _artifacts(build: Path, folder: str = "") -> dict[str, Artifact]:
    """The contracts of a build, or those in a folder of it, by name."""
    found = {}
    for path in sorted((build / "artifacts" / folder).glob("*.json")):
        artifact = Artifact.from_json(json.loads(path.read_text(encoding="utf-8")))
        found[artifact.name] = artifact
    return found
