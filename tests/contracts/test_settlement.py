"""Batches: only a proven one counts, on the last root, with the queue's own requests, at a plausible time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l2forge.chain.batch import VENUE_BLOCK, Request, RequestKind, require_batch_shape
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.venue_deployment import DeployedVenue
from l2forge.errors import InputError
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues, elements_to_bytes
from l2forge.stark.steps import ProofRejected, Step

from .published import prove_published, published_air
from .venues import GENESIS, GUARDIAN, OPERATOR, STRANGER, USERS, Operator, payout, root_of

ALICE, BOB, _ = USERS
KEY = (1, 2, 3, 4, 5)
LEAVES = ((1 << 60 | 1 << 8, 1, 2, 3, 4, 5, 6, 7, 8), (1 << 60 | 1 << 8 | 8, 9, 0, 0, 0, 0, 0, 0, P - 1))


@pytest.fixture
def queued(venue: DeployedVenue) -> list[Request]:
    """Four requests of each kind that moves money or keys."""
    alice, bob = (venue.client.as_account(user) for user in (ALICE, BOB))
    return [
        alice.deposit(1000).request,
        bob.deposit(500).request,
        alice.register_key(4, KEY).request,
        bob.request_withdrawal(200).request,
        alice.fund_insurance(70).request,
    ]


def two_payouts(operator: Operator) -> list[tuple[int, ...]]:
    """One by a signed message, one by request number 3."""
    client = operator.client
    return [payout(client, ALICE.address, 300), payout(client, BOB.address, 200, reference=4)]


def test_a_proven_batch_counts(operator: Operator, queued: list[Request]) -> None:
    client = operator.client
    payouts = two_payouts(operator)
    first = operator.batch(queued, payouts, LEAVES, insurance_units=70, fee_pool_units=-3)
    settled = operator.settle(first)
    assert client.root() == settled.root == root_of(1)
    assert client.state() == settled.state
    assert (settled.state.consumed, settled.state.deposits_units, settled.state.withdrawals_units) == (
        5,
        1570,
        500,
    )
    assert (settled.state.insurance_units, settled.state.fee_pool_units) == (70, -3)
    assert [tuple(client.venue.call("requests", k)) for k in range(5)] == [(bytes(27), 0)] * 5
    assert client.totals().unclaimed == 500
    assert client.liabilities() == 1070
    statement = client.venue.events(settled.receipt, "BatchSettled")[0]["statement"]
    assert statement == operator.deployed.verifier.statement(first)
    empty = operator.settle(operator.batch())
    assert (empty.state.batches, empty.state.consumed) == (2, 5)


def test_several_batches_take_the_queue_in_order(operator: Operator, queued: list[Request]) -> None:
    operator.settle(operator.batch(queued[:2]))
    operator.settle(operator.batch())
    operator.settle(operator.batch(queued[2:], two_payouts(operator)[1:]))
    assert operator.client.state().consumed == 5


def test_a_batch_that_is_not_proven_is_refused(operator: Operator, queued: list[Request]) -> None:
    public = operator.batch(queued)
    with pytest.raises(ContractReverted, match="NotProven"):
        operator.client.settle(public)
    operator.prove(public)
    for changed in (
        replace(public, scalars=(*public.scalars[:7], public.scalars[7] + 1)),
        with_list(public, 0, public.lists[0][[1, 0, 2, 3, 4]]),  # swapped
        with_list(public, 0, public.lists[0][:4]),
        with_list(public, 1, np.array([payout(operator.client, ALICE.address, 1)], np.uint64)),
        with_list(public, 2, np.vstack([np.array(LEAVES, np.uint64), public.lists[2]])),
    ):
        with pytest.raises(ContractReverted, match="NotProven"):
            operator.client.settle(changed)
    assert operator.client.root() == GENESIS
    operator.client.settle(public)


def with_list(public: PublicValues, index: int, entries: np.ndarray) -> PublicValues:
    """The values with another list."""
    lists = list(public.lists)
    lists[index] = entries
    return PublicValues(public.scalars, tuple(lists))


def test_a_batch_counts_once(operator: Operator, queued: list[Request]) -> None:
    public = operator.batch(queued, two_payouts(operator))
    operator.settle(public)
    with pytest.raises(ContractReverted, match="WrongRoot"):
        operator.client.settle(public)
    assert operator.client.totals().unclaimed == 500


def test_a_batch_that_returns_to_its_own_root_counts_once(operator: Operator, queued: list[Request]) -> None:
    """Were a batch to lead back to an earlier root, its counters would still be those of the past."""
    operator.settle(operator.batch(queued))
    public = operator.batch()
    back = PublicValues((*public.scalars[:4], *public.scalars[:4]), public.lists)
    operator.prove(back)
    operator.client.settle(back)
    with pytest.raises(ContractReverted, match=r"WrongCount.word=6, given=2, expected=3"):
        operator.client.settle(back)


def test_a_batch_on_another_root_is_refused(operator: Operator, queued: list[Request]) -> None:
    operator.root = root_of(99)
    public = operator.batch(queued)
    operator.prove(public)
    with pytest.raises(ContractReverted, match="WrongRoot"):
        operator.client.settle(public)


def test_an_element_that_is_none_is_refused_by_the_verifier(
    operator: Operator, queued: list[Request]
) -> None:
    """x and x + p are one element to a proof, and two amounts to L1."""
    public = operator.batch(queued, two_payouts(operator), LEAVES)
    calldata = prove_published(public, operator.client.venue.call("specHash"))
    for index, entry in ((0, (1, 6)), (1, (0, 4)), (2, (0, 1))):
        entries = public.lists[index].copy()
        entries[entry] += np.uint64(P)
        lists = list(calldata.lists)
        lists[index] = elements_to_bytes(entries)
        with pytest.raises(ProofRejected) as refused:
            operator.deployed.verifier.verify(replace(calldata, lists=tuple(lists)))
        assert refused.value.step == Step.PUBLIC
        with pytest.raises(ContractReverted, match="NotProven"):
            operator.client.settle(with_list(public, index, entries))


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda r: [r[1], r[0], *r[2:]], 0),
        (lambda r: r[1:], 0),
        (lambda r: [r[0], r[0], *r[1:]], 1),
        (lambda r: [r[0], r[2]], 1),
        (lambda r: [replace(r[0], value=1001), *r[1:]], 0),
        (lambda r: [r[0], replace(r[1], account=1), *r[2:]], 1),
        (lambda r: [r[0], r[1], replace(r[2], key=(1, 2, 3, 4, 6)), *r[3:]], 2),
        (lambda r: [r[0], r[1], r[2], replace(r[3], kind=RequestKind.DEPOSIT)], 3),
        (lambda r: [*r, Request(5, RequestKind.DEPOSIT, 1, ALICE.address, 10**9)], 5),
    ],
    ids=["swapped", "skipped", "twice", "gap", "amount", "account", "key", "kind", "invented"],
)
def test_a_proven_batch_of_other_requests_is_refused(
    operator: Operator, queued: list[Request], change, number: int
) -> None:
    """Even if a proof could be had of requests that nobody made."""
    public = operator.batch(change(queued))
    operator.prove(public)
    with pytest.raises(ContractReverted, match=rf"RequestMismatch\(number={number}\)"):
        operator.client.settle(public)


@pytest.mark.parametrize(
    ("bent", "word"),
    [
        ({"consumed": 4}, 1),
        ({"consumed": 6}, 1),
        ({"deposits_units": 1569}, 4),
        ({"deposits_units": 1571}, 4),
        ({"withdrawals_units": 499}, 5),
        ({"withdrawals_units": 501}, 5),
        ({"batches": 0}, 6),
        ({"batches": 2}, 6),
    ],
)
def test_counts_and_sums_are_those_of_l1(
    operator: Operator, queued: list[Request], bent: dict[str, int], word: int
) -> None:
    public = operator.batch(queued, two_payouts(operator), **bent)
    operator.prove(public)
    with pytest.raises(ContractReverted, match=f"WrongCount.word={word}"):
        operator.client.settle(public)


def test_the_clock_neither_runs_back_nor_ahead(operator: Operator, queued: list[Request]) -> None:
    client = operator.client
    operator.settle(operator.batch(queued))
    back = operator.batch(time_ms=operator.state.time_ms - 1)
    ahead = operator.batch(time_ms=operator.state.time_ms + 3_600_000)
    for public in (back, ahead):
        operator.prove(public)
        with pytest.raises(ContractReverted, match="TimeOutOfRange"):
            client.settle(public)
    operator.settle(operator.batch(time_ms=operator.state.time_ms))  # no operation, no time
    lead = client.venue.call("MAX_CLOCK_LEAD_MS")
    head = 1000 * client.venue.w3.eth.get_block("latest")["timestamp"]
    operator.settle(operator.batch(time_ms=head + lead))


def test_the_venue_s_block_is_the_last_leaf(operator: Operator, queued: list[Request]) -> None:
    public = operator.batch(queued, (), LEAVES)
    for leaves in (public.lists[2][[0, 2, 1]], public.lists[2][:2], public.lists[2][:0]):
        bent = with_list(public, 2, leaves)
        operator.prove(bent)
        with pytest.raises(ContractReverted, match="NoVenueBlock"):
            operator.client.settle(bent)
    assert int(public.lists[2][-1, 0]) == VENUE_BLOCK


def test_money_goes_to_the_account_s_owner_only(operator: Operator, queued: list[Request]) -> None:
    right = payout(operator.client, ALICE.address, 300)
    wrong = payout(operator.client, BOB.address, 300)
    for entry in ((right[0], *wrong[1:]), (9, *right[1:]), (0, 0, 0, 0, 300, 0)):
        public = operator.batch(queued, [entry])
        operator.prove(public)
        with pytest.raises(ContractReverted, match="WrongOwner"):
            operator.client.settle(public)


def test_no_more_leaves_than_came_in(operator: Operator, queued: list[Request]) -> None:
    """Whatever was proven: the contract does not owe what it never had."""
    public = operator.batch(queued, [payout(operator.client, ALICE.address, 1571)])
    operator.prove(public)
    with pytest.raises(ContractReverted, match="MorePaidThanReceived"):
        operator.client.settle(public)


def test_only_the_operator_settles(operator: Operator, queued: list[Request]) -> None:
    public = operator.batch(queued)
    operator.prove(public)
    for account in (STRANGER, ALICE, GUARDIAN):
        with pytest.raises(ContractReverted, match="NotAllowed"):
            operator.deployed.client.as_account(account).settle(public)
    operator.deployed.client.as_account(OPERATOR).settle(public)


def test_submitting_again_sends_only_what_is_missing(operator: Operator, queued: list[Request]) -> None:
    public = operator.batch(queued)
    calldata = prove_published(public, operator.client.venue.call("specHash"))
    verifier = operator.deployed.verifier
    verifier.verify(calldata)
    assert len(operator.client.submit(verifier, calldata, public)) == 1  # was proven, is settled
    assert operator.client.submit(verifier, calldata, public) == []


def test_public_values_of_another_shape_are_refused(operator: Operator) -> None:
    public = operator.batch()
    for wrong in (PublicValues(public.scalars, public.lists[:2]), PublicValues((1,), public.lists)):
        with pytest.raises(InputError, match="a batch has 8 scalars and 3 lists"):
            operator.client.settle(wrong)
    air = published_air()
    lists = [(entries.name, entries.width) for entries in air.lists]
    require_batch_shape(air.public, lists)
    for scalars, others in ((air.public[:7], lists), (air.public, lists[::-1]), (air.public, lists[:2])):
        with pytest.raises(InputError, match="order the AIR's tables"):
            require_batch_shape(scalars, others)
