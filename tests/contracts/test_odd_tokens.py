"""Collateral that takes fees, calls back, or has other decimals: refused, or harmless."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain.artifacts import Artifact
from l2forge.chain.client import ContractClient
from l2forge.chain.deploy import Deployer
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.solc import compile_sources
from l2forge.chain.venue_client import VenueClient
from l2forge.chain.venue_deployment import DeployedVenue, deploy_venue

from .compiling import QUICK, compiled
from .venues import GENESIS, PARTIES, USERS, Operator, payout, verifier_artifacts

ALICE, BOB, _ = USERS


@cache
def odd_token() -> Artifact:
    """The compiled token."""
    source = (Path(__file__).parent / "tokens.sol").read_text()
    return compile_sources({"tokens.sol": source}, settings=QUICK)["OddToken"]


def launch(deployer: Deployer, decimals: int, fee: int) -> tuple[DeployedVenue, ContractClient]:
    """A venue with such a token, of which Alice and Bob have some."""
    loaded, _, artifacts = compiled("minimal")
    token = deployer.deploy("odd", odd_token(), decimals, fee)
    for user in (ALICE, BOB):
        token.send("mint", user.address, 10**9)
    verifier = verifier_artifacts(loaded.hash())
    venue = deploy_venue(deployer, artifacts, verifier, PARTIES, genesis_root=GENESIS, token=token.address)
    return venue, token


def test_a_token_that_keeps_a_fee_is_refused(deployer: Deployer) -> None:
    venue, _ = launch(deployer, 6, fee=1)
    with pytest.raises(ContractReverted, match=r"UnexpectedTransfer.asked=100, received=99"):
        venue.client.as_account(ALICE).deposit(100)


def test_decimals_are_the_spec_s(deployer: Deployer) -> None:
    with pytest.raises(ContractReverted, match=r"WrongDecimals.token=18, spec=6"):
        launch(deployer, 18, fee=0)


def test_a_token_that_calls_back_gains_nothing(deployer: Deployer, w3: Web3) -> None:
    venue, token = launch(deployer, 6, fee=0)
    operator = Operator(venue)
    alice, bob = (venue.client.as_account(user) for user in (ALICE, BOB))
    queued = [alice.deposit(1000).request, bob.deposit(1000).request]
    operator.settle(operator.batch(queued, [payout(alice, ALICE.address, 100)]))
    for data in (
        alice.venue.encode("claim", ALICE.address),
        alice.venue.encode("fundInsurance", 1),
        alice.venue.encode("deposit", BOB.address, 0, 1),
    ):
        token.send("setHook", alice.venue.address, bytes.fromhex(data[2:]))
        assert owed_less_by(bob, lambda: bob.deposit(1)) == -1
    token.send("setHook", alice.venue.address, bytes.fromhex(alice.venue.encode("claim", ALICE.address)[2:]))
    assert owed_less_by(alice, lambda: alice.claim()) == 100
    assert not token.call("reentered")


def owed_less_by(client: VenueClient, action) -> int:
    """How much less the venue holds after the action; what it holds covers what it owes."""
    before = client.token.call("balanceOf", client.venue.address)
    action()
    after = client.token.call("balanceOf", client.venue.address)
    assert after == client.liabilities() + client.totals().unclaimed
    return before - after
