"""The public signer's orders and withdrawals, moved to a venue and signed anew, are proven.

What is moved, and nothing else: chain id (it is in the hash), account, market number, and signature.
Attributes, kinds, sizes, prices, nonces, indices of keys and times stay. None had to be left out: the
vectors' orders are limit and market orders without a trigger, their withdrawals of the collateral. Every
order is filled by one lot; the accounts of the 64 reduce-only ones hold a position before, which they close.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from benchmarks.batches import PRICES, START_MS, Signer, opening, order_book_preset, owner_of, secret_of
from l2forge.air.errors import TraceError
from l2forge.ledger.ledger import Ledger
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import ProvenBatch, Setup
from l2forge.ledger.schnorr import public_key
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected
from tests.ledger.signed_messages import MESSAGES

ORDER, WITHDRAW = 14, 13
N_ORDERS, N_WITHDRAWALS, N_REDUCE_ONLY = 120, 21, 64
CASH = 1 << 46
"""Of each account, beside what it withdraws; all deposits of a venue stay below their own bound."""
COUNTERPARTY, COUNTERPARTY_KEY = 1 + N_ORDERS + N_WITHDRAWALS, 5
FIRST_NONCE = 1_000
"""Of the counterparty, before the batch that is proven."""
POST_ONLY, RESTS = 2, 1
ATTRIBUTES = "L2TxAttributes"


@dataclass(frozen=True)
class Moved:
    """A message of the vectors on the venue: whose it is, and its fields as they are signed."""

    tx_type: int
    account: int
    fields: dict[str, Any]

    @property
    def key(self) -> int:
        """The index of its key."""
        return int(self.fields["ApiKeyIndex"])

    @property
    def identity(self) -> list[int]:
        """By which fills name an order."""
        return [self.account, self.key, int(self.fields["Nonce"])]

    @property
    def reduces(self) -> bool:
        """Whether it is a reduce-only order."""
        return bool(self.fields.get("ReduceOnly"))

    def operation(self, signer: Signer) -> PlainOperation:
        """The message, signed."""
        name = "order" if self.tx_type == ORDER else "withdraw"
        return {"op": name, "message": signer.message(secret_of(self.account), self.tx_type, self.fields)}


@cache
def moved() -> list[Moved]:
    """All orders and withdrawals, each of an account of its own."""
    chosen = [m for m in MESSAGES if m["tx_type"] in (ORDER, WITHDRAW)]
    found = []
    for account, message in enumerate(chosen, 1):
        fields = json.loads(message["tx_info"]) if isinstance(message["tx_info"], str) else message["tx_info"]
        fields = {name: value for name, value in fields.items() if name != "Sig"}
        if message["tx_type"] == ORDER:
            fields |= {"AccountIndex": account, "MarketIndex": fields["MarketIndex"] % 2}
        else:
            fields["FromAccountIndex"] = account
        found.append(Moved(message["tx_type"], account, fields))
    return found


@cache
def setup() -> Setup:
    """The preset, at blow-up 8."""
    return Setup.of(order_book_preset(), 3)


def opened(signer: Signer) -> Ledger:
    """A venue where all accounts have cash and the key that the vectors name."""
    ledger = Ledger(setup().rules)
    first = opening(signer, 0)
    keys = {each.account: each.key for each in moved()} | {COUNTERPARTY: COUNTERPARTY_KEY}
    leaving = {each.account: each.fields["Amount"] for each in moved() if each.tx_type == WITHDRAW}
    for account, key in keys.items():
        amount = CASH + leaving.get(account, 0)
        first.append({"op": "deposit", "account": account, "owner": owner_of(account), "amount": amount})
        words = list(public_key(secret_of(account)))
        first.append({"op": "register", "account": account, "key": key, "public_key": words})
    for each in moved():
        if each.reduces:
            first += position_to_reduce(signer, each)
    ledger.execute(first)
    return ledger


def position_to_reduce(signer: Signer, order: Moved) -> list[PlainOperation]:
    """The order's account gets one lot of the other side, at the index."""
    market, ask = order.fields["MarketIndex"], bool(order.fields["IsAsk"])
    terms = {"size": 1, "price": PRICES[market]}
    own = signer.order(order.account, 0, market, ask=not ask, ApiKeyIndex=order.key, **terms)
    nonce = FIRST_NONCE + order.account
    other = signer.order(COUNTERPARTY, nonce, market, ask=ask, ApiKeyIndex=COUNTERPARTY_KEY, **terms)
    sides = {"maker": [order.account, order.key, 0], "taker": [COUNTERPARTY, COUNTERPARTY_KEY, nonce]}
    fill = {"op": "fill", "market": market, "price": PRICES[market], "lots": 1, **sides}
    return [own, other, fill]


def counter_order(signer: Signer, order: Moved, nonce: int) -> PlainOperation:
    """One lot on the other side at the same price, which rests where the order does not."""
    fields = order.fields
    own = {"AccountIndex": COUNTERPARTY, "ApiKeyIndex": COUNTERPARTY_KEY, "Nonce": nonce, "BaseAmount": 1}
    own |= {"IsAsk": 1 - fields["IsAsk"], "Type": 0, "TimeInForce": RESTS, "ReduceOnly": 0}
    own |= {"OrderExpiry": START_MS + 10**9, "ClientOrderIndex": nonce + 1}
    terms = {name: value for name, value in fields.items() if name != ATTRIBUTES} | own
    return {"op": "order", "message": signer.message(secret_of(COUNTERPARTY), ORDER, terms)}


def traded(signer: Signer) -> list[PlainOperation]:
    """All messages; each order is filled by one lot."""
    operations: list[PlainOperation] = [{"op": "clock", "time": START_MS + 1_000}]
    for nonce, each in enumerate(moved()):
        operations.append(each.operation(signer))
        if each.tx_type != ORDER:
            continue
        operations.append(counter_order(signer, each, nonce))
        own, other = each.identity, [COUNTERPARTY, COUNTERPARTY_KEY, nonce]
        sides = (own, other) if each.fields["TimeInForce"] == POST_ONLY else (other, own)
        terms = {"market": each.fields["MarketIndex"], "price": each.fields["Price"], "lots": 1}
        operations.append({"op": "fill", "maker": sides[0], "taker": sides[1], **terms})
    return operations


@cache
def proven() -> ProvenBatch:
    """The batch of all messages, proven."""
    signer = Signer(setup().rules.chain_id)
    return setup().prove(opened(signer).execute(traded(signer)))


def place_of_payouts() -> int:
    """Which of the public lists they are."""
    return [entry.name for entry in setup().air.lists].index("payouts")


def test_no_message_of_the_two_types_is_left_out() -> None:
    operations = traded(Signer(setup().rules.chain_id))
    kinds = [operation["op"] for operation in operations]
    assert kinds.count("withdraw") == N_WITHDRAWALS
    assert kinds.count("fill") == N_ORDERS
    assert kinds.count("order") == 2 * N_ORDERS
    assert sum(each.reduces for each in moved()) == N_REDUCE_ONLY


@pytest.mark.slow
def test_the_public_signers_orders_and_withdrawals_are_proven() -> None:
    batch = proven()
    setup().verify(batch.public, batch.proof)
    wanted = {each.account: each.fields["Amount"] for each in moved() if each.tx_type == WITHDRAW}
    payouts = batch.public.lists[place_of_payouts()]
    assert len(payouts) == len(wanted) == N_WITHDRAWALS
    assert {int(row[0]): int(row[4]) for row in payouts} == wanted


@pytest.mark.slow
@pytest.mark.parametrize("column", [0, 4], ids=["account", "amount"])
def test_another_payout_is_not_what_was_proven(column: int) -> None:
    batch, place = proven(), place_of_payouts()
    lists = [[list(row) for row in rows] for rows in batch.public.lists]
    lists[place][0][column] += 1
    with pytest.raises(ProofRejected):
        setup().verify(PublicValues.of(batch.public.scalars, lists), batch.proof)


BENT = [
    *((ORDER, name) for name in ("Price", "BaseAmount", "IsAsk", "ClientOrderIndex")),
    (WITHDRAW, "Amount"),
    *((tx_type, name) for tx_type in (ORDER, WITHDRAW) for name in ("Nonce", "ExpiredAt", ATTRIBUTES)),
]


@pytest.mark.parametrize(("tx_type", "field"), BENT)
def test_a_field_changed_after_signing_is_not_proven(tx_type: int, field: str) -> None:
    """All messages are in the batch, one of them, with attributes, changed; only its own fill is left out."""
    signer = Signer(setup().rules.chain_id)
    honest = next(each for each in moved() if each.tx_type == tx_type and each.fields[ATTRIBUTES])
    sides = ("maker", "taker")
    operations = [op for op in traded(signer) if honest.identity not in [op.get(side) for side in sides]]
    place = operations.index(honest.operation(signer))
    info = json.loads(operations[place]["message"]["info"])
    value = None if field == ATTRIBUTES else info[field] + (-1 if info[field] > 1 else 1 - 2 * info[field])
    bent = json.dumps({**info, field: value})
    operations[place] = {**operations[place], "message": {"type": tx_type, "info": bent}}
    number = sum("message" in operation for operation in operations[:place])
    with pytest.raises(TraceError, match=f"signature {number} is not valid"):
        setup().prove(opened(signer).execute(operations))
