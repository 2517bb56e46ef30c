"""What a batch tells L1: its public lists go into one transaction, whose size and gas are limited.

A batch whose lists do not fit could never be settled, and anybody could bring one about: by many L1 requests
in a row, or by many accounts that trade at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from l2forge.chain.batch import LIST_WIDTHS
from l2forge.compile.constants import Venue
from l2forge.ledger.layout import Kind, blocks

ELEMENT_BYTES = 8
MOST_BYTES = 48_000
"""Of all lists: with a proof's head (16 kB) and its first queries they fit into the 120,000 bytes of calldata
of a transaction, and with its constraints into 16.7 M gas: of 64 kB, 7 M to verify, 8 M to settle."""

REQUEST_BYTES = ELEMENT_BYTES * LIST_WIDTHS["requests"]
LEAF_BYTES = ELEMENT_BYTES * LIST_WIDTHS["leaves"]
PAYOUT_BYTES = 192
"""A payout has 48 bytes, and takes gas on L1 like 192: a claim may be a new word there."""

_OWN = {"forced_withdraw": REQUEST_BYTES + PAYOUT_BYTES, "withdraw": PAYOUT_BYTES} | dict.fromkeys(
    ("deposit", "register", "fund"), REQUEST_BYTES
)
_ACCOUNT_FIELDS = ("AccountIndex", "FromAccountIndex", "ToAccountIndex")


@dataclass(frozen=True)
class ListBytes:
    """How many bytes of lists operations bring: `account` for each account, `fixed` for each batch."""

    account: int = 2 * LEAF_BYTES
    fixed: int = LEAF_BYTES

    @classmethod
    def of(cls, venue: Venue) -> ListBytes:
        """Blocks of a venue's accounts; those of the venue and of all its markets are in most batches."""
        shape = len(venue.markets), max(len(oracle.weights) for oracle in venue.oracles)
        markets = len(venue.markets) * blocks(Kind.MARKET, *shape)
        return cls(LEAF_BYTES * blocks(Kind.ACCOUNT, *shape), LEAF_BYTES * (1 + markets))

    def cut(self, operations: Sequence[Mapping[str, Any]], size: int) -> Iterator[int]:
        """Ends of the batches, each of at most `size` operations and MOST_BYTES, but of one operation at
        least; those after the last end make no full batch.
        """
        start, total, accounts = 0, self.fixed, set[int]()
        for at, operation in enumerate(operations):
            own, touched = _OWN.get(operation["op"], 0), accounts_of(operation)
            new = own + self.account * len(touched - accounts)
            if at > start and total + new > MOST_BYTES:
                yield at
                start, total, accounts = at, self.fixed, set()
                new = own + self.account * len(touched)
            total += new
            accounts |= touched
            if at + 1 - start == size:
                yield at + 1
                start, total, accounts = at + 1, self.fixed, set()


def accounts_of(operation: Mapping[str, Any]) -> set[int]:
    """The accounts whose leaves an operation touches."""
    touched = {operation[side][0] for side in ("maker", "taker", "order") if side in operation}
    if "message" in operation and operation["op"] != "report":
        info = orjson.loads(operation["message"]["info"])
        touched |= {info[name] for name in _ACCOUNT_FIELDS if name in info}
    if operation["op"] != "fund" and "account" in operation:
        touched.add(operation["account"])
    return touched
