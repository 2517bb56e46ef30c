"""Claims: paid to the owner only, by whoever calls, within the limit per window where one applies."""

from __future__ import annotations

import pytest

from l2forge.chain.reverts import ContractReverted

from .compiling import compiled
from .venues import GUARDIAN, STRANGER, USERS, Operator, pass_time, payout

ALICE, BOB, _ = USERS
DAY = 86_400
DEPOSIT = 1_000_000


def paid_out(operator: Operator, signed: int, forced: int = 0) -> None:
    """Alice and Bob have deposited a million each; Alice is owed `signed` and `forced`."""
    client = operator.client
    queued = [client.as_account(user).deposit(DEPOSIT).request for user in (ALICE, BOB)]
    entries = [(signed, 0), (forced, 1)]
    payouts = [payout(client, ALICE.address, units, reference=k) for units, k in entries if units]
    operator.settle(operator.batch(queued, payouts))


def test_the_limit_is_the_spec_s() -> None:
    settlement = compiled("minimal")[1].settlement
    assert (settlement.withdrawal_limit_e9, settlement.withdrawal_window_ms) == (200_000_000, DAY * 1000)


def test_anyone_may_call_and_the_owner_is_paid(operator: Operator) -> None:
    paid_out(operator, 300)
    client, token = operator.client, operator.client.token
    before = [token.call("balanceOf", who.address) for who in (ALICE, STRANGER)]
    claimed = client.as_account(STRANGER).claim(ALICE.address)
    assert (claimed.owner, claimed.units) == (ALICE.address, 300)
    after = [token.call("balanceOf", who.address) for who in (ALICE, STRANGER)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [300, 0]
    assert (client.totals().unclaimed, client.totals().withdrawn) == (0, 300)
    for owner in (ALICE, BOB, STRANGER):
        with pytest.raises(ContractReverted, match="NothingToClaim"):
            client.claim(owner.address)


def test_claims_beyond_the_window_s_limit_wait(operator: Operator) -> None:
    """The limit is 20% of the two million held: 400,000 a day."""
    paid_out(operator, 700_000)
    client = operator.client
    assert client.claim(ALICE.address).units == 400_000
    assert client.claimable(ALICE.address).signed == 300_000
    with pytest.raises(ContractReverted, match=r"LimitReached.owed=300000, usedInWindow=400000"):
        client.claim(ALICE.address)
    pass_time(client, DAY - 60)
    with pytest.raises(ContractReverted, match="LimitReached"):
        client.claim(ALICE.address)
    pass_time(client, 120)
    assert client.claim(ALICE.address).units == 300_000  # 20% of 1,600,000 would be 320,000


def test_the_limit_is_everybody_s(operator: Operator) -> None:
    paid_out(operator, 390_000)
    client = operator.client
    operator.settle(operator.batch((), [payout(client, BOB.address, 50_000)]))
    assert client.claim(ALICE.address).units == 390_000
    assert client.claim(BOB.address).units == 10_000


def test_forced_requests_are_exempt(operator: Operator) -> None:
    paid_out(operator, 450_000, 350_000)
    client = operator.client
    assert client.claim(ALICE.address).units == 750_000
    operator.settle(operator.batch((), [payout(client, ALICE.address, 90_000, reference=2)]))
    assert client.claim(ALICE.address).units == 90_000
    assert client.claimable(ALICE.address).signed == 50_000


def test_a_deposit_that_no_batch_has_taken_raises_no_limit(operator: Operator) -> None:
    paid_out(operator, 700_000)
    operator.client.as_account(BOB).deposit(100 * DEPOSIT)
    assert operator.client.claim(ALICE.address).units == 400_000


def test_a_frozen_venue_pays_without_limit(operator: Operator) -> None:
    paid_out(operator, 700_000)
    client = operator.client
    client.as_account(BOB).request_withdrawal(1)
    pass_time(client, 7 * DAY + 1)
    client.as_account(STRANGER).freeze()
    assert client.claim(ALICE.address).units == 700_000


def test_a_pause_does_not_stop_claims(operator: Operator) -> None:
    paid_out(operator, 300)
    operator.client.as_account(GUARDIAN).venue.send("pauseDeposits")
    assert operator.client.claim(ALICE.address).units == 300
