"""The freeze: by anyone, when and only when a request is overdue, and irrevocable but by the timelock."""

from __future__ import annotations

import pytest

from l2forge.chain.reverts import ContractReverted
from l2forge.chain.venue_client import VenueClient

from .governing import through_the_timelock
from .venues import GOVERNOR, GUARDIAN, OPERATOR, STRANGER, USERS, Operator, pass_time

ALICE, BOB, _ = USERS
DAY = 86_400
GRACE = 7 * DAY


@pytest.fixture
def anyone(operator: Operator) -> VenueClient:
    """The venue, used by nobody in particular."""
    return operator.client.as_account(STRANGER)


def test_not_without_an_unserved_request(operator: Operator, anyone: VenueClient) -> None:
    with pytest.raises(ContractReverted, match="NothingUnserved"):
        anyone.freeze()
    request = operator.client.as_account(ALICE).deposit(5).request
    operator.settle(operator.batch([request]))
    pass_time(anyone, 2 * GRACE)
    with pytest.raises(ContractReverted, match="NothingUnserved"):
        anyone.freeze()


def test_only_when_the_oldest_is_overdue(operator: Operator, anyone: VenueClient) -> None:
    alice = operator.client.as_account(ALICE)
    first = alice.deposit(5).request
    pass_time(anyone, GRACE - 60)
    second = alice.request_withdrawal(5).request
    with pytest.raises(ContractReverted, match="NotOverdue"):
        anyone.freeze()
    operator.settle(operator.batch([first]))
    pass_time(anyone, 120)
    with pytest.raises(ContractReverted, match="NotOverdue"):  # the second is young
        anyone.freeze()
    pass_time(anyone, GRACE)
    receipt = anyone.freeze()
    assert anyone.venue.events(receipt, "Frozen") == [{"request": second.number}]
    assert anyone.is_frozen()


def test_frozen_means_that_nothing_enters(operator: Operator, anyone: VenueClient) -> None:
    alice = operator.client.as_account(ALICE)
    request = alice.deposit(5).request
    public = operator.batch([request])
    operator.prove(public)
    pass_time(anyone, GRACE + 1)
    anyone.freeze()
    for refused in (
        lambda: alice.deposit(5),
        lambda: alice.fund_insurance(5),
        lambda: alice.request_withdrawal(5),
        lambda: alice.register_key(4, (1, 2, 3, 4, 5)),
        lambda: operator.client.settle(public),
        anyone.freeze,
    ):
        with pytest.raises(ContractReverted, match="VenueIsFrozen"):
            refused()


def test_only_the_timelock_unfreezes(operator: Operator, anyone: VenueClient) -> None:
    request = operator.client.as_account(ALICE).deposit(5).request
    pass_time(anyone, GRACE + 1)
    anyone.freeze()
    for role in (OPERATOR, GUARDIAN, GOVERNOR, STRANGER):
        with pytest.raises(ContractReverted, match="NotAllowed"):
            anyone.as_account(role).venue.send("unfreeze")
    through_the_timelock(operator.deployed, "unfreeze")
    assert not anyone.is_frozen()
    with pytest.raises(ContractReverted, match="NotOverdue"):  # its age begins anew
        anyone.freeze()
    operator.settle(operator.batch([request]))
    with pytest.raises(ContractReverted, match="NotFrozen"):
        through_the_timelock(operator.deployed, "unfreeze")


def test_nobody_serves_again_after_the_unfreeze(operator: Operator, anyone: VenueClient) -> None:
    operator.client.as_account(ALICE).deposit(5)
    pass_time(anyone, GRACE + 1)
    anyone.freeze()
    through_the_timelock(operator.deployed, "unfreeze")
    pass_time(anyone, GRACE + 1)
    anyone.freeze()
