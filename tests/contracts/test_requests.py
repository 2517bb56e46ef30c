"""The queue of L1 requests: what may enter it, who may ask, and that each entry is what was asked for."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from l2forge.chain.batch import RequestKind
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.venue_deployment import DeployedVenue
from l2forge.errors import CheckFailed, InputError
from l2forge.stark.field import P

from .compiling import compiled
from .venues import GUARDIAN, STRANGER, USERS, pass_time

ALICE, BOB, _ = USERS
KEY = (P - 1, 0, 0, 0, 7)
CAP = 500_000 * 10**6
ZERO = "0x" + "00" * 20


def test_the_first_deposit_of_a_sub_account_opens_an_account(venue: DeployedVenue) -> None:
    alice, bob = (venue.client.as_account(user) for user in (ALICE, BOB))
    queued = [alice.deposit(5), bob.deposit(6), alice.deposit(7, sub=9), alice.deposit(8)]
    assert [q.request.number for q in queued] == [0, 1, 2, 3]
    assert [q.request.account for q in queued] == [1, 2, 3, 1]
    assert [q.request.value for q in queued] == [5, 6, 7, 8]
    assert {q.request.kind for q in queued} == {RequestKind.DEPOSIT}
    opened = [venue.client.venue.events(q.receipt, "AccountOpened") for q in queued]
    assert [len(events) for events in opened] == [1, 1, 1, 0]
    assert opened[2][0] == {"account": 3, "owner": ALICE.address, "sub": 9}
    assert (alice.account_of(ALICE.address, 9), alice.account_of(BOB.address, 9)) == (3, 0)
    assert [alice.venue.call("ownerOf", k) for k in range(4)] == [
        ZERO,
        ALICE.address,
        BOB.address,
        ALICE.address,
    ]
    assert alice.liabilities() == alice.token.call("balanceOf", alice.venue.address) == 26


def test_a_deposit_for_somebody_else_is_theirs(venue: DeployedVenue) -> None:
    request = venue.client.as_account(ALICE).deposit(5, owner=BOB.address).request
    assert (request.owner, request.account) == (BOB.address, venue.client.account_of(BOB.address))
    with pytest.raises(ContractReverted, match="NoAccount"):
        venue.client.as_account(ALICE).request_withdrawal(5)


def test_the_queue_holds_the_hash_of_each_tuple(venue: DeployedVenue) -> None:
    alice = venue.client.as_account(ALICE)
    queued = [
        alice.deposit(5),
        alice.register_key(4, KEY),
        alice.request_withdrawal(3),
        alice.fund_insurance(9),
    ]
    for number, item in enumerate(queued):
        packed = b"".join(element.to_bytes(8, "big") for element in item.request.tuple)
        digest, time = alice.venue.call("requests", number)
        assert digest == keccak(packed)[:27]
        assert time == alice.venue.w3.eth.get_block(item.receipt.block_number)["timestamp"]
    key, funded = queued[1].request, queued[3].request
    assert (key.kind, key.value, key.key, key.account) == (RequestKind.KEY, 4, KEY, 1)
    assert (funded.kind, funded.account, funded.owner) == (RequestKind.FUND, 0, ZERO)
    assert alice.totals().funded == 9


def test_requests_are_read_with_confirmations(venue: DeployedVenue) -> None:
    alice = venue.client.as_account(ALICE)
    first = alice.venue.w3.eth.block_number
    queued = [alice.deposit(5).request, alice.deposit(6).request]
    pass_time(alice, 1)
    read = alice.confirmed_requests(first, first_number=0, confirmations=0)
    assert list(read.requests) == queued
    assert read.next_block == alice.venue.w3.eth.block_number + 1
    early = alice.confirmed_requests(first, first_number=0, confirmations=2)
    assert (
        list(early.requests) == queued[:1]
    )  # a block each for approval, deposit, approval, deposit, and one more
    later = alice.confirmed_requests(early.next_block, first_number=1, confirmations=0)
    assert list(later.requests) == queued[1:]
    assert alice.confirmed_requests(read.next_block, first_number=2, confirmations=9).requests == ()
    with pytest.raises(CheckFailed, match="request 1 stands where 0 was expected"):
        alice.confirmed_requests(early.next_block, first_number=0, confirmations=0)


@pytest.mark.parametrize("units", [0, 1 << 58, 1 << 64, (1 << 256) - 1])
def test_amounts_out_of_range(venue: DeployedVenue, units: int) -> None:
    alice = venue.client.as_account(ALICE)
    alice.deposit(1)
    for function, arguments in (
        ("deposit", (ALICE.address, 0, units)),
        ("fundInsurance", (units,)),
        ("requestWithdrawal", (0, units)),
    ):
        with pytest.raises(ContractReverted, match="AmountOutOfRange"):
            alice.venue.send(function, *arguments)


def test_deposits_stay_below_the_stage_s_cap(venue: DeployedVenue) -> None:
    alice = venue.client.as_account(ALICE)
    alice.fund_insurance(CAP)  # outside of the cap
    alice.deposit(CAP)
    with pytest.raises(ContractReverted, match=f"DepositCapExceeded.units={CAP + 1}, capUnits={CAP}"):
        alice.deposit(1)
    pass_time(alice, 31 * 86_400)
    assert alice.venue.call("depositCap") == 10 * CAP
    alice.deposit(9 * CAP)
    with pytest.raises(ContractReverted, match="DepositCapExceeded"):
        alice.deposit(1)


def test_an_owner_is_needed(venue: DeployedVenue) -> None:
    with pytest.raises(InputError, match="is no address"):
        venue.client.as_account(ALICE).deposit(1, owner="alice")
    with pytest.raises(ContractReverted, match="ZeroAddress"):
        venue.client.as_account(ALICE).deposit(1, owner=ZERO)


def test_tokens_that_are_not_there(venue: DeployedVenue) -> None:
    poor = venue.client.as_account(STRANGER)
    with pytest.raises(ContractReverted):
        poor.deposit(1)
    assert poor.n_requests() == 0
    assert poor.account_of(STRANGER.address) == 0


@pytest.mark.parametrize(
    ("index", "key", "error"),
    [
        (3, KEY, "KeyIndexOutOfRange"),
        (255, KEY, "KeyIndexOutOfRange"),
        (4, (0, 0, 0, 0, 0), "InvalidKey"),
        (4, (P, 0, 0, 0, 0), "InvalidKey"),
        (4, (1, 0, 0, 0, P), "InvalidKey"),
    ],
)
def test_keys_that_nobody_can_have(
    venue: DeployedVenue, index: int, key: tuple[int, ...], error: str
) -> None:
    alice = venue.client.as_account(ALICE)
    alice.deposit(1)
    with pytest.raises(ContractReverted, match=error):
        alice.venue.send("registerKey", 0, index, list(key))
    with pytest.raises(InputError):
        alice.register_key(index, key)
    for good in (4, 254):
        assert alice.register_key(good, KEY).request.value == good


def test_only_an_account_s_owner_asks_for_it(venue: DeployedVenue) -> None:
    venue.client.as_account(ALICE).deposit(1)
    for user, sub in ((BOB, 0), (ALICE, 1)):
        client = venue.client.as_account(user)
        with pytest.raises(ContractReverted, match="NoAccount"):
            client.register_key(4, KEY, sub=sub)
        with pytest.raises(ContractReverted, match="NoAccount"):
            client.request_withdrawal(1, sub=sub)


def test_the_guardian_pauses_deposits_and_nothing_else(venue: DeployedVenue) -> None:
    alice, guardian = venue.client.as_account(ALICE), venue.client.as_account(GUARDIAN)
    alice.deposit(5)
    for user in (ALICE, STRANGER):
        for function in ("pauseDeposits", "resumeDeposits"):
            with pytest.raises(ContractReverted, match="NotAllowed"):
                venue.client.as_account(user).venue.send(function)
    guardian.venue.send("pauseDeposits")
    with pytest.raises(ContractReverted, match="EnforcedPause"):
        alice.deposit(5)
    alice.register_key(4, KEY)
    alice.request_withdrawal(5)
    guardian.venue.send("resumeDeposits")
    alice.deposit(5)


def test_the_caps_are_the_spec_s() -> None:
    stages = compiled("minimal")[1].settlement.stages
    assert stages == ((0, CAP), (30 * 86_400_000, 10 * CAP))
