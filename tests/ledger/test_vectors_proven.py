"""The public signer's orders and withdrawals, moved to a venue and signed anew, are proven.

What is moved, and nothing else: chain id (it is in the hash), account, market number, and signature.
Attributes, kinds, sizes, prices, nonces, indices of keys and times stay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from benchmarks.batches import START_MS, Signer, opening, order_book_preset, owner_of, secret_of
from l2forge.air.errors import TraceError
from l2forge.ledger.ledger import Ledger
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import Setup
from l2forge.ledger.schnorr import public_key
from tests.ledger.signed_messages import MESSAGES

ORDER, WITHDRAW = 14, 13
N_ORDERS, N_WITHDRAWALS, N_FILLED = 120, 21, 56
CASH = 1 << 46
"""Of each account, beside what it withdraws; all deposits of a venue stay below their own bound."""
COUNTERPARTY, COUNTERPARTY_KEY = 1 + N_ORDERS + N_WITHDRAWALS, 5
POST_ONLY, RESTS = 2, 1


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
    ledger.execute(first)
    return ledger


def counter_order(signer: Signer, order: Moved, nonce: int) -> PlainOperation:
    """One lot on the other side at the same price, which rests where the order does not."""
    fields = order.fields
    own = {"AccountIndex": COUNTERPARTY, "ApiKeyIndex": COUNTERPARTY_KEY, "Nonce": nonce, "BaseAmount": 1}
    own |= {"IsAsk": 1 - fields["IsAsk"], "Type": 0, "TimeInForce": RESTS, "ReduceOnly": 0}
    own |= {"OrderExpiry": START_MS + 10**9, "ClientOrderIndex": nonce + 1}
    terms = {name: value for name, value in fields.items() if name != "L2TxAttributes"} | own
    return {"op": "order", "message": signer.message(secret_of(COUNTERPARTY), ORDER, terms)}


def traded(signer: Signer) -> list[PlainOperation]:
    """All messages; each order that may open a position is filled by one lot."""
    operations: list[PlainOperation] = [{"op": "clock", "time": START_MS + 1_000}]
    for nonce, each in enumerate(moved()):
        operations.append(each.operation(signer))
        if each.tx_type != ORDER or each.fields["ReduceOnly"]:
            continue
        operations.append(counter_order(signer, each, nonce))
        own = [each.account, each.key, each.fields["Nonce"]]
        other = [COUNTERPARTY, COUNTERPARTY_KEY, nonce]
        sides = (own, other) if each.fields["TimeInForce"] == POST_ONLY else (other, own)
        terms = {"market": each.fields["MarketIndex"], "price": each.fields["Price"], "lots": 1}
        operations.append({"op": "fill", "maker": sides[0], "taker": sides[1], **terms})
    return operations


@pytest.mark.slow
def test_the_public_signers_orders_and_withdrawals_are_proven() -> None:
    signer = Signer(setup().rules.chain_id)
    operations = traded(signer)
    kinds = [operation["op"] for operation in operations]
    assert kinds.count("withdraw") == N_WITHDRAWALS
    assert kinds.count("fill") == N_FILLED
    assert kinds.count("order") == N_ORDERS + N_FILLED
    proven = setup().prove(opened(signer).execute(operations))
    setup().verify(proven.public, proven.proof)
    payouts = dict(zip((entry.name for entry in setup().air.lists), proven.public.lists, strict=True))[
        "payouts"
    ]
    wanted = {each.account: each.fields["Amount"] for each in moved() if each.tx_type == WITHDRAW}
    assert {int(row[0]): int(row[4]) for row in payouts} == wanted


@pytest.mark.parametrize(("tx_type", "field"), [(ORDER, "Price"), (ORDER, "Nonce"), (WITHDRAW, "Amount")])
def test_a_field_changed_after_signing_is_not_proven(tx_type: int, field: str) -> None:
    signer = Signer(setup().rules.chain_id)
    ledger = opened(signer)
    honest = next(each for each in moved() if each.tx_type == tx_type)
    operation = honest.operation(signer)
    info = json.loads(operation["message"]["info"])
    bent = {**info, field: info[field] - 1}
    forged = {**operation, "message": {"type": tx_type, "info": json.dumps(bent)}}
    with pytest.raises(TraceError, match="is not valid"):
        setup().prove(ledger.execute([{"op": "clock", "time": START_MS + 1_000}, forged]))
