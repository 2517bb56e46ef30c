"""A venue to cheat in: accounts with cash and keys, fresh prices, and everything that they may sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.batches import DAY_MS, KEY, START_MS, Signer, order_book_preset, secret_of
from l2forge.air import CompiledAir
from l2forge.ledger.layout import INDEX_SHIFT, KIND_SHIFT, Kind
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.schnorr import public_key
from l2forge.ledger.source_keys import dev_secret
from l2forge.ledger.state import State
from l2forge.ledger.statement import ledger_air

CASH = 10**10
POOR = 50_000_000
"""Account 5 has 50 USDC: a thousand at 5% initial margin."""

PRICES = (600_000, 300_000)
NOW = START_MS


def owner(account: int) -> str:
    """Accounts 1 and 2 have one owner; all others one each."""
    return f"0x{0xA11CE << 128 | max(2, account):040x}"


@cache
def rules() -> Rules:
    """Of the preset: two markets, cross margin."""
    return Rules.of(order_book_preset().require())


@cache
def air() -> CompiledAir:
    """The whole statement."""
    return ledger_air(rules())


@dataclass(frozen=True)
class Scene:
    """What the actors sign; time stands at NOW."""

    signer: Signer

    def order(self, account: int, nonce: int, **terms: Any) -> PlainOperation:
        """A resting bid for 100 lots in market 0 at the index, but for the terms."""
        defaults = {"market": 0, "size": 100, "price": PRICES[0], "ask": False}
        return self.signer.order(account, nonce, **{**defaults, **terms})

    def signed(
        self,
        op: str,
        kind: int,
        account: int,
        nonce: int,
        *,
        secret: int = 0,
        who: str = "AccountIndex",
        **fields: Any,
    ) -> PlainOperation:
        """Any other message of an account's key."""
        header = {"Nonce": nonce, "ExpiredAt": NOW + DAY_MS, who: account, "ApiKeyIndex": KEY}
        message = self.signer.message(secret or secret_of(account), kind, {**header, **fields})
        return {"op": op, "message": message}

    def withdraw(self, account: int, nonce: int, amount: int, **fields: Any) -> PlainOperation:
        """A withdrawal."""
        values = {"AssetIndex": 3, "RouteType": 0, "Amount": amount, **fields}
        return self.signed("withdraw", 13, account, nonce, who="FromAccountIndex", **values)

    def transfer(self, account: int, nonce: int, to: int, amount: int, **fields: Any) -> PlainOperation:
        """A transfer."""
        values = {
            "ToAccountIndex": to,
            "AssetIndex": 3,
            "FromRouteType": 0,
            "ToRouteType": 0,
            "Amount": amount,
            "USDCFee": 0,
            "Memo": [0] * 32,
            "L1Sig": "",
        }
        return self.signed("transfer", 12, account, nonce, who="FromAccountIndex", **{**values, **fields})

    def cancel(self, account: int, nonce: int, index: int, order: list[int], **fields: Any) -> PlainOperation:
        """A cancel in market 0."""
        message = self.signed("cancel", 15, account, nonce, **{"MarketIndex": 0, "Index": index, **fields})
        return {**message, "order": order}

    def cancel_all(self, account: int, nonce: int, **fields: Any) -> PlainOperation:
        """A cancel-all."""
        return self.signed("cancel_all", 16, account, nonce, TimeInForce=0, Time=0, **fields)

    def report(
        self, source: int, price: int, time: int, *, market: int = 0, signed_by: int = -1
    ) -> PlainOperation:
        """A price report; by another source's key if that is named."""
        fields = {"SourceIndex": source, "MarketIndex": market, "Price": price, "Timestamp": time}
        secret = dev_secret(10 + (source if signed_by < 0 else signed_by))
        return {"op": "report", "message": self.signer.message(secret, 128, fields)}

    def reports(self, price: int, time: int, n: int = 4) -> list[PlainOperation]:
        """The same price by the first n sources of market 0."""
        return [self.report(source, price, time) for source in range(n)]


@cache
def scene() -> Scene:
    """One signer for the venue's chain."""
    return Scene(Signer(rules().chain_id))


def clock(time: int) -> PlainOperation:
    """Time moves to NOW + time."""
    return {"op": "clock", "time": NOW + time}


def fill(maker: tuple[int, int], taker: tuple[int, int], lots: int = 100, **terms: Any) -> PlainOperation:
    """A fill at the index of market 0 between orders (account, nonce)."""
    sides = {"maker": [maker[0], KEY, maker[1]], "taker": [taker[0], KEY, taker[1]]}
    return {"op": "fill", "market": 0, "price": PRICES[0], "lots": lots, **sides, **terms}


@cache
def secrets() -> dict[tuple[int, ...], int]:
    """The secrets of all registered keys: of accounts and sources."""
    known = [*(secret_of(account) for account in range(1, 7)), *(dev_secret(10 + k) for k in range(4))]
    return {public_key(secret): secret for secret in known}


@cache
def _opened() -> State:
    s, ledger = scene(), Ledger(rules())
    operations: list[PlainOperation] = [clock(0)]
    for account in range(1, 7):
        amount = POOR if account == 5 else CASH
        operations.append({"op": "deposit", "account": account, "owner": owner(account), "amount": amount})
        key = list(public_key(secret_of(account)))
        operations.append({"op": "register", "account": account, "key": KEY, "public_key": key})
    for market, price in enumerate(PRICES):
        operations += [s.report(source, price, NOW - 10, market=market) for source in range(4)]
        operations.append({"op": "tick", "market": market})
    ledger.execute(operations)
    return ledger.state


def venue() -> Ledger:
    """The venue, each time anew."""
    return Ledger(rules(), _opened().copy())


def after(*operations: PlainOperation) -> Callable[[], State]:
    """The state after an honest batch."""

    def make() -> State:
        ledger = venue()
        if operations:
            ledger.execute(operations)
        return ledger.state

    return make


def address(kind: Kind, index: int, offset: int) -> int:
    """The address of a state word."""
    return (kind << KIND_SHIFT) + (index << INDEX_SHIFT) + offset
