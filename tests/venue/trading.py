"""A small venue in memory for the tests: keys, signed messages, L1 requests, prices."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from l2forge.chain.batch import NO_KEY, Request, RequestKind
from l2forge.engine import Capacity, codes, command
from l2forge.ledger import schnorr
from l2forge.ledger.messages import digest, table
from l2forge.ledger.source_keys import dev_secret
from l2forge.spec.load import load_spec
from l2forge.spec.models import Spec
from l2forge.venue import records
from l2forge.venue.applied import Applied
from l2forge.venue.journal import Entry, Record
from l2forge.venue.opening import new_state
from l2forge.venue.records import SignedMessage
from l2forge.venue.state import VenueState

PRESET = Path(__file__).parent.parent.parent / "presets" / "order_book.toml"
CAPACITY = Capacity(accounts=64, orders=1 << 10, pages=64)
NOW = 1_800_000_000_000
PRICES = {0: 600_000, 1: 300_000}
"""Ticks: 60,000.0 and 3,000.00."""

LIMIT: dict[str, int] = {"Type": 0, "TimeInForce": 1, "ReduceOnly": 0, "TriggerPrice": 0}
MARKET: dict[str, int] = {"Type": 1, "TimeInForce": 0, "ReduceOnly": 0, "TriggerPrice": 0, "OrderExpiry": 0}


def order_book_spec() -> Spec:
    """The preset with two markets and cross margin."""
    return load_spec(PRESET).require()


@dataclass
class Trader:
    """An account with one key, and the nonces it has used."""

    account: int
    key: int = 4
    chain_id: int = 88101
    nonce: int = 0

    @property
    def secret(self) -> int:
        """Its secret key."""
        return schnorr.secret_from_seed(b"trader %6d, key %6d, of the tests" % (self.account, self.key))

    @property
    def owner(self) -> str:
        """Its address on L1."""
        return f"0x{self.account:040x}"

    def sign(self, tx_type: int, **values: Any) -> str:
        """The JSON text of a message, with the next nonce unless one is given."""
        field_name = "FromAccountIndex" if tx_type in (table.TRANSFER, table.WITHDRAW) else "AccountIndex"
        if "Nonce" not in values:
            self.nonce += 1
        info = {
            field_name: self.account,
            "ApiKeyIndex": self.key,
            "Nonce": self.nonce,
            "ExpiredAt": NOW + 10**9,
            "L2TxAttributes": None,
            **values,
        }
        signature = schnorr.sign(self.secret, digest(tx_type, info, self.chain_id))
        return json.dumps({**info, "Sig": base64.b64encode(signature).decode()})

    def order(self, market: int, lots: int, price: int, *, ask: bool, **values: Any) -> str:
        """A create-order message; a limit order unless `values` say otherwise."""
        terms = {**LIMIT, "ClientOrderIndex": 0, "OrderExpiry": NOW + 10**8, **values}
        return self.sign(
            table.CREATE_ORDER, MarketIndex=market, BaseAmount=lots, Price=price, IsAsk=int(ask), **terms
        )


def deposit(number: int, trader: Trader, units: int) -> Request:
    """A deposit on L1."""
    return Request(number, RequestKind.DEPOSIT, trader.account, trader.owner, units, NO_KEY)


def registration(number: int, trader: Trader) -> Request:
    """The registration of a trader's key on L1."""
    public = schnorr.public_key(trader.secret)
    return Request(number, RequestKind.KEY, trader.account, trader.owner, trader.key, public)


def report(market: int, source: int, price: int, time_ms: int) -> str:
    """A source's report, signed by the development key that the preset names."""
    values = {"SourceIndex": source, "MarketIndex": market, "Price": price, "Timestamp": time_ms}
    signature = schnorr.sign(dev_secret(10 + source), digest(table.ORACLE_REPORT, values, 88101))
    return json.dumps({**values, "Sig": base64.b64encode(signature).decode()})


def price_entries(time_ms: int, prices: dict[int, int] = PRICES) -> list[Entry]:
    """Reports of three sources and a tick for each market."""
    entries = []
    for market, price in prices.items():
        entries += [records.report_entry(report(market, s, price + s, time_ms), time_ms) for s in range(3)]
        entries.append(records.work_entry(command(codes.ORACLE_TICK, time_ms, market=market)))
    return entries


@dataclass
class Venue:
    """A state to which records are given one by one, as a journal would."""

    state: VenueState = field(default_factory=lambda: new_state(order_book_spec(), CAPACITY))
    sequence: int = 0
    now: int = NOW
    log: list[Record] = field(default_factory=list)

    def apply(self, *entries: Entry) -> list[Applied]:
        """Apply entries as the next records."""
        done = []
        for entry in entries:
            self.sequence += 1
            record = Record(self.sequence, entry.kind, self.now, entry.data)
            self.log.append(record)
            done.append(self.state.apply(record))
        return done

    def message(self, tx_type: int, info: str) -> Applied:
        """Apply a message that has passed the door."""
        words = digest(tx_type, info, self.state.venue.chain_id)
        (done,) = self.apply(records.message_entry(SignedMessage(tx_type, words, info), self.now))
        return done

    def place(self, trader: Trader, market: int, lots: int, price: int, **values: Any) -> Applied:
        """Apply an order; `values` as for `Trader.order`."""
        return self.message(table.CREATE_ORDER, trader.order(market, lots, price, **values))

    def open(self, traders: list[Trader], units: int = 10**11) -> None:
        """Prices, deposits and keys."""
        self.apply(*price_entries(self.now))
        for trader in traders:
            number = self.state.requests
            requests = deposit(number, trader, units), registration(number + 1, trader)
            self.apply(*(records.request_entry(request, self.now) for request in requests))
