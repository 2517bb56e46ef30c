"""What a record of the journal has done: what answers, history, streams and batches are made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from l2forge.chain.batch import Request
from l2forge.ledger.messages import MessageError
from l2forge.venue.journal import Record
from l2forge.venue.operations import Operation
from l2forge.venue.orders import Order
from l2forge.venue.records import SignedMessage
from l2forge.venue.registry import Holding


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill between two orders, with what the account pages show of it."""

    market: int
    price: int
    lots: int
    units: int
    maker: Order
    taker: Order
    maker_fee: int
    taker_fee: int
    time_ms: int
    maker_before: Holding
    taker_before: Holding


@dataclass(frozen=True, slots=True)
class Batch:
    """A closed batch: its number, counted from 1, and its operations."""

    number: int
    operations: tuple[Operation, ...]
    time_ms: int
    sequence: int


@dataclass(slots=True)
class Applied:
    """What a record did. `error` is why a message or a keeper's command was refused."""

    record: Record
    error: MessageError | None = None
    message: SignedMessage | None = None
    account: int = 0
    nonce: int = 0
    key: int = 0
    request: Request | None = None
    paid: int = 0
    trades: list[Trade] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    """Orders that came, changed or went."""
    touched: set[int] = field(default_factory=set)
    """Accounts whose money or positions changed."""
    ticked: set[int] = field(default_factory=set)
    batches: list[Batch] = field(default_factory=list)
    proven: int | None = None
