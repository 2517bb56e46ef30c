"""Orders by their identity (account, key, nonce), and where the engine and the client know them.

The engine's id of a live order is 2^44 + account·2^24 + key·2^16 + slot with slot = nonce mod 2^16, as the
ledger files it: the slot rule (docs/machine.md) makes it unique among live orders. To clients an order is
key·2^48 + nonce, which they cannot confuse with their own client order indices (below 2^48).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

FIRST_ID = 1 << 44
SLOTS = 1 << 16
CLIENT_INDICES = 1 << 48

OPEN, FILLED = "open", "filled"


@dataclass(slots=True)
class Order:
    """One order from its message on. Lots and ticks; `info` is its message until the ledger has had it."""

    account: int
    key: int
    nonce: int
    client_index: int
    market: int
    is_ask: bool
    order_type: int
    time_in_force: int
    reduce_only: bool
    price: int
    lots: int
    expiry: int
    time_ms: int
    sequence: int
    tx_hash: str
    info: str | None
    open_lots: int = 0
    """Lots that can still be filled; a reduce-only order's may be fewer than its message's."""
    filled_lots: int = 0
    filled_units: int = 0
    status: str = OPEN
    updated_ms: int = 0
    resting: bool = False
    ended: int = 0
    """Number of the record that ended it."""

    @property
    def id(self) -> int:
        """The engine's id."""
        return engine_id(self.account, self.key, self.nonce)

    @property
    def index(self) -> int:
        """The clients' order index."""
        return self.key * CLIENT_INDICES + self.nonce

    @property
    def identity(self) -> list[int]:
        """Account, key, nonce: the ledger's name for it."""
        return [self.account, self.key, self.nonce]


def engine_id(account: int, key: int, nonce: int) -> int:
    """The id under which the engine holds a live order."""
    return FIRST_ID + (account << 24) + (key << 16) + nonce % SLOTS


class LiveOrders:
    """The orders that the engine holds, and the way from a client's name to them."""

    def __init__(self) -> None:
        self.by_id: dict[int, Order] = {}
        self._by_client: dict[tuple[int, int], int] = {}
        self._of_account: dict[int, dict[int, Order]] = {}

    def add(self, order: Order) -> None:
        """Enter an order whose id is free."""
        self.by_id[order.id] = order
        self._of_account.setdefault(order.account, {})[order.id] = order
        if order.client_index:
            self._by_client[order.account, order.client_index] = order.id

    def remove(self, order: Order) -> None:
        """Take an order out."""
        del self.by_id[order.id]
        del self._of_account[order.account][order.id]
        named = (order.account, order.client_index)
        if self._by_client.get(named) == order.id:
            del self._by_client[named]

    def find(self, account: int, index: int) -> Order | None:
        """The account's live order with this order index or client order index."""
        if index < CLIENT_INDICES:
            return self.by_id.get(self._by_client.get((account, index), 0))
        key, nonce = divmod(index, CLIENT_INDICES)
        order = self.by_id.get(engine_id(account, key, nonce)) if key < 256 else None
        return order if order is not None and order.nonce == nonce else None

    def of_account(self, account: int) -> list[Order]:
        """The account's live orders, oldest first."""
        return list(self._of_account.get(account, {}).values())

    def dump(self) -> list[dict[str, Any]]:
        """All of it as plain values, for a snapshot."""
        return [asdict(order) for order in self.by_id.values()]

    @classmethod
    def load(cls, dumped: list[dict[str, Any]]) -> LiveOrders:
        """The inverse of `dump`."""
        live = cls()
        for entry in dumped:
            live.add(Order(**entry))
        return live
