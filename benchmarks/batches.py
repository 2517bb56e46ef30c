"""The batch that benchmarks prove and settle: N fills between 2N distinct signed orders in two markets."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from l2forge.ledger.ledger import ExecutedBatch, Ledger
from l2forge.ledger.messages import digest
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import Setup
from l2forge.ledger.schnorr import public_key, sign
from l2forge.ledger.source_keys import dev_secret
from l2forge.resources import resource_dir
from l2forge.spec.load import LoadedSpec, load_spec

START_MS = 1_790_000_000_000
DAY_MS = 86_400_000
N_ACCOUNTS = 128
KEY = 5
PRICES = (600_000, 300_000)
DEPOSIT = 10**10


def secret_of(account: int) -> int:
    """The secret of an account's key."""
    return 1_000_003 + account


def owner_of(account: int) -> str:
    """The account's L1 address."""
    return f"0x{0xA11CE << 128 | account:040x}"


@dataclass(frozen=True)
class Signer:
    """Signs messages for one venue."""

    chain_id: int

    def message(self, secret: int, tx_type: int, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A signed message, as operations carry it."""
        info = dict(fields)
        info["Sig"] = base64.b64encode(bytes(80)).decode()
        info["Sig"] = base64.b64encode(sign(secret, digest(tx_type, info, self.chain_id))).decode()
        return {"type": tx_type, "info": json.dumps(info)}

    def order(
        self,
        account: int,
        nonce: int,
        market: int,
        *,
        size: int,
        price: int,
        ask: bool,
        rests: bool = True,
        **more: Any,
    ) -> PlainOperation:
        """A limit order that rests for a day, or is immediate."""
        fields = {
            "AccountIndex": account,
            "ApiKeyIndex": KEY,
            "MarketIndex": market,
            "ClientOrderIndex": nonce + 1,
            "BaseAmount": size,
            "Price": price,
            "IsAsk": int(ask),
            "Type": 0,
            "TimeInForce": int(rests),
            "ReduceOnly": 0,
            "TriggerPrice": 0,
            "OrderExpiry": START_MS + DAY_MS if rests else 0,
            "ExpiredAt": START_MS + DAY_MS,
            "Nonce": nonce,
        }
        return {"op": "order", "message": self.message(secret_of(account), 14, {**fields, **more})}

    def report(self, market: int, source: int, price: int, time_ms: int) -> PlainOperation:
        """A price report of a development source."""
        fields = {"SourceIndex": source, "MarketIndex": market, "Price": price, "Timestamp": time_ms}
        return {"op": "report", "message": self.message(dev_secret(10 + source), 128, fields)}


def opening(signer: Signer, n_accounts: int = N_ACCOUNTS) -> list[PlainOperation]:
    """Accounts with cash and keys, and a first price in each market."""
    operations: list[PlainOperation] = [{"op": "clock", "time": START_MS}]
    for account in range(1, n_accounts + 1):
        owner = owner_of(account)
        operations.append({"op": "deposit", "account": account, "owner": owner, "amount": DEPOSIT})
        key = list(public_key(secret_of(account)))
        operations.append({"op": "register", "account": account, "key": KEY, "public_key": key})
    for market, price in enumerate(PRICES):
        operations += [signer.report(market, source, price + source, START_MS - 10) for source in range(4)]
        operations.append({"op": "tick", "market": market})
    return operations


def trades(signer: Signer, n: int, n_accounts: int = N_ACCOUNTS) -> list[PlainOperation]:
    """N fills between 2N distinct orders of n_accounts accounts, in two markets."""
    operations: list[PlainOperation] = [{"op": "clock", "time": START_MS + 1_000}]
    nonces = dict.fromkeys(range(1, n_accounts + 1), 0)
    for k in range(n):
        maker = 1 + 2 * k % n_accounts
        taker = 1 + (2 * k + 1 + 2 * (k // n_accounts)) % n_accounts
        market = k % 2
        price = PRICES[market] + k % 50
        ask = k % 3 == 0
        size = 100 + k % 900
        sides = []
        for account, is_ask, rests in ((maker, ask, True), (taker, not ask, k % 2 == 0)):
            operations.append(
                signer.order(
                    account, nonces[account], market, size=size, price=price, ask=is_ask, rests=rests
                )
            )
            sides.append([account, KEY, nonces[account]])
            nonces[account] += 1
        fill = {"op": "fill", "market": market, "maker": sides[0], "taker": sides[1], "price": price}
        operations.append({**fill, "lots": size})
    return operations


def order_book_preset() -> LoadedSpec:
    """The preset that is proven: two markets, cross margin."""
    return load_spec(resource_dir("presets") / "order_book.toml")


def executed_batch(setup: Setup, n: int) -> ExecutedBatch:
    """The batch of n trades, run on a venue with open accounts."""
    signer, ledger = Signer(setup.rules.chain_id), Ledger(setup.rules)
    ledger.execute(opening(signer))
    return ledger.execute(trades(signer, n))
