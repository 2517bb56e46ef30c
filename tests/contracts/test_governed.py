"""Rules and roles: changed by the timelock and nobody else, with the verifier of those rules."""

from __future__ import annotations

import pytest

from l2forge.chain.deploy import Deployer
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.chain.venue_deployment import DeployedVenue

from .compiling import compiled
from .governing import through_the_timelock
from .published import prove_published
from .venues import (
    GENESIS,
    GOVERNOR,
    GUARDIAN,
    OPERATOR,
    STRANGER,
    USERS,
    Operator,
    deploy_test_venue,
    verifier_artifacts,
)

OTHER_SPEC = "11" * 32
ZERO = "0x" + "00" * 20


def test_what_was_launched(venue: DeployedVenue) -> None:
    client, loaded = venue.client, compiled("minimal")[0]
    assert client.venue.call("specHash").hex() == loaded.hash()
    assert client.venue.call("airHash") == venue.verifier.entry.call("AIR_HASH")
    assert client.venue.call("verifier") == venue.verifier.entry.address
    assert client.venue.call("TIMELOCK") == venue.contracts["Timelock"].address
    assert client.venue.call("operator") == OPERATOR.address
    assert client.venue.call("guardian") == GUARDIAN.address
    assert client.root() == GENESIS


@pytest.mark.parametrize("caller", [OPERATOR, GUARDIAN, GOVERNOR, STRANGER])
def test_nobody_but_the_timelock_changes_anything(venue: DeployedVenue, caller) -> None:
    contract = venue.client.as_account(caller).venue
    rules = (contract.call("config"), contract.call("verifier"))
    calls = {"setOperator": (STRANGER.address,), "setGuardian": (STRANGER.address,), "adoptRules": rules}
    for function, arguments in calls.items():
        with pytest.raises(ContractReverted, match="NotAllowed"):
            contract.send(function, *arguments)


def test_roles_change_hands(operator: Operator) -> None:
    deployed, client = operator.deployed, operator.client
    for function in ("setOperator", "setGuardian"):
        through_the_timelock(deployed, function, STRANGER.address)
        with pytest.raises(ContractReverted, match="ZeroAddress"):
            through_the_timelock(deployed, function, ZERO)
    public = operator.batch()
    operator.prove(public)
    with pytest.raises(ContractReverted, match="NotAllowed"):
        client.settle(public)
    client.as_account(STRANGER).settle(public)
    client.as_account(STRANGER).venue.send("pauseDeposits")


def test_another_verifier_of_the_same_spec(operator: Operator, deployer: Deployer) -> None:
    deployed = operator.deployed
    public = operator.batch()
    operator.prove(public)
    spec_hash = compiled("minimal")[0].hash()
    fresh = L1Verifier.deploy(deployer, verifier_artifacts(spec_hash), label="fresh")
    through_the_timelock(deployed, "adoptRules", operator.client.venue.call("config"), fresh.entry.address)
    with pytest.raises(ContractReverted, match="NotProven"):  # the fact was the other verifier's
        operator.client.settle(public)
    fresh.verify(prove_published(public, bytes.fromhex(spec_hash)))
    operator.client.settle(public)


def test_a_verifier_of_another_spec_is_refused(operator: Operator, deployer: Deployer) -> None:
    foreign = L1Verifier.deploy(deployer, verifier_artifacts(OTHER_SPEC), label="foreign")
    config = operator.client.venue.call("config")
    with pytest.raises(ContractReverted, match="SpecMismatch"):
        through_the_timelock(operator.deployed, "adoptRules", config, foreign.entry.address)
    with pytest.raises(ContractReverted, match="SpecMismatch"):
        deploy_test_venue(deployer, verifier=verifier_artifacts(OTHER_SPEC))


@pytest.mark.parametrize("preset", ["optimistic", "validium"])
def test_a_spec_of_another_settlement_is_refused(deployer: Deployer, preset: str) -> None:
    with pytest.raises(ContractReverted, match="OtherSettlement"):
        deploy_test_venue(deployer, preset)


def test_a_proof_for_another_spec_is_refused(operator: Operator) -> None:
    """Bound to the spec by the transcript: every challenge is another."""
    public = operator.batch()
    with pytest.raises(Exception, match="the contract refused the proof"):
        operator.deployed.verifier.verify(prove_published(public, bytes.fromhex(OTHER_SPEC)))


def test_roles_cannot_be_nobody_s(deployer: Deployer, venue: DeployedVenue) -> None:
    artifact = compiled("minimal")[2]["Venue"]
    contract = venue.client.venue
    names = ("TOKEN", "config", "verifier", "TIMELOCK", "operator", "guardian")
    arguments = [contract.call(name) for name in names]
    for place in (0, 3, 4, 5):
        bent = [*arguments[:place], ZERO, *arguments[place + 1 :]]
        with pytest.raises(ContractReverted, match="ZeroAddress"):
            deployer.deploy("Venue", artifact, *bent, GENESIS)
    assert USERS
