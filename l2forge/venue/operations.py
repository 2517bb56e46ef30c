"""The ledger's operation list: what a batch's proof has to replay, in order, as plain JSON values.

Placing, and cancelling an order that the ledger has never seen, moves no money and costs no proof: an order
appears with its message just before its first fill, and a cancel only where the ledger knows the order (it
was filled in part), so that its rest can never be filled. A cancel-all of all markets raises the floor of its
key and always appears.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from l2forge.chain.batch import Request, RequestKind
from l2forge.venue.list_bytes import ListBytes
from l2forge.venue.orders import Order

Operation = dict[str, Any]


class Operations:
    """The open batch: operations in order, since when, and the clock that the ledger has been told."""

    def __init__(self, lists: ListBytes | None = None) -> None:
        self._lists = lists or ListBytes()
        self.pending: list[Operation] = []
        self.since_ms: int | None = None
        self.clock_ms = 0

    def add(self, operation: Operation, time_ms: int) -> None:
        """Append an operation, and the clock before it where time has moved."""
        if time_ms > self.clock_ms:
            self.pending.append({"op": "clock", "time": time_ms})
            self.clock_ms = time_ms
        self.pending.append(operation)
        if self.since_ms is None:
            self.since_ms = time_ms

    def take(self, size: int, *, remainder: bool) -> list[list[Operation]]:
        """Cut what is pending into batches of at most `size` operations, and no more than L1 takes; the rest
        stays or, as a `remainder`, is a batch as well.
        """
        ends = list(self._lists.cut(self.pending, size))
        if remainder and self.pending and (not ends or ends[-1] < len(self.pending)):
            ends.append(len(self.pending))
        cut = [self.pending[start:end] for start, end in pairwise([0, *ends])]
        self.pending = self.pending[ends[-1] if ends else 0 :]
        self.since_ms = self.clock_ms if self.pending else None
        return cut


def of_message(name: str, tx_type: int, info: str) -> Operation:
    """An operation that is a signed message: its type and its JSON text."""
    return {"op": name, "message": {"type": tx_type, "info": info}}


def of_cancel(order: Order, tx_type: int, info: str) -> Operation:
    """A single cancel, with the identity of the order that it closes."""
    return {**of_message("cancel", tx_type, info), "order": order.identity}


def of_request(request: Request, paid: int) -> Operation:
    """An L1 request; `paid` of a forced withdrawal is 0 where the state does not allow it."""
    common = {"request": request.number, "account": request.account, "owner": request.owner}
    match request.kind:
        case RequestKind.DEPOSIT:
            return {"op": "deposit", **common, "amount": request.value}
        case RequestKind.KEY:
            return {"op": "register", **common, "key": request.value, "public_key": list(request.key)}
        case RequestKind.WITHDRAWAL:
            return {"op": "forced_withdraw", **common, "amount": request.value, "paid": paid}
        case RequestKind.FUND:
            return {"op": "fund", **common, "amount": request.value}


def of_fill(market: int, maker: Order, taker: Order, terms: dict[str, int]) -> Operation:
    """A fill; `terms` are price, lots, maker_fee and taker_fee as the engine has them."""
    return {"op": "fill", "market": market, "maker": maker.identity, "taker": taker.identity, **terms}
