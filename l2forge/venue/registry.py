"""Accounts and their API keys, as L1 has registered them, with the nonces that their messages have used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from l2forge.ledger.messages.codes import (
    INVALID_ACCOUNT_INDEX,
    INVALID_API_KEY_INDEX,
    INVALID_NONCE,
    INVALID_PUBLIC_KEY,
    MessageError,
)

FIRST_KEY, LAST_KEY = 4, 254
"""API key indices that can be registered."""


@dataclass(slots=True)
class ApiKey:
    """A key: five words of its public point, the last nonce that was used, when it was registered."""

    public: tuple[int, ...]
    last_nonce: int = 0
    time_ms: int = 0

    @property
    def next_nonce(self) -> int:
        """The nonce that the next message has, unless it skips."""
        return self.last_nonce + 1


@dataclass(frozen=True, slots=True)
class Holding:
    """A position in one market: lots (signed), what was paid for them, and all that was paid for fills less
    what was received, fees left out.
    """

    lots: int = 0
    cost: int = 0
    net_paid: int = 0

    @property
    def realised(self) -> int:
        """Profit of what was closed: cost − net_paid."""
        return self.cost - self.net_paid


@dataclass(slots=True)
class Account:
    """An account: its owner on L1, its keys, when it was opened."""

    index: int
    owner: str
    time_ms: int
    keys: dict[int, ApiKey] = field(default_factory=dict)
    holdings: dict[int, Holding] = field(default_factory=dict)
    """By market id."""


class Registry:
    """All accounts by index and by owner."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self._by_owner: dict[str, list[int]] = {}

    def open(self, index: int, owner: str, time_ms: int) -> Account:
        """The account, made if it is new. An account's owner never changes."""
        account = self.accounts.get(index)
        if account is None:
            account = self.accounts[index] = Account(index, owner.lower(), time_ms)
            self._by_owner.setdefault(account.owner, []).append(index)
        return account

    def of_owner(self, owner: str) -> list[int]:
        """Indices of the accounts of an L1 address, in order of their opening."""
        return self._by_owner.get(owner.lower(), [])

    def account(self, index: int) -> Account:
        """The account. Raises `MessageError`."""
        if index not in self.accounts:
            raise MessageError(
                INVALID_ACCOUNT_INDEX, "AccountIndex", f"there is no account {index}", remedy="deposit on L1"
            )
        return self.accounts[index]

    def key(self, account: int, index: int) -> ApiKey:
        """The registered key. Raises `MessageError` with what leads a client to register one."""
        if not FIRST_KEY <= index <= LAST_KEY:
            raise MessageError(
                INVALID_API_KEY_INDEX, "ApiKeyIndex", f"{index} is outside of {FIRST_KEY} … {LAST_KEY}"
            )
        found = self.account(account).keys.get(index)
        if found is None:
            raise MessageError(
                INVALID_PUBLIC_KEY,
                "ApiKeyIndex",
                f"account {account} has no key {index}",
                remedy="register it on L1 with the owner's wallet",
            )
        return found

    def check_nonce(self, key: ApiKey, nonce: int, *, skips: bool) -> None:
        """The last nonce plus one, or with the skip-nonce attribute anything greater. Raises
        `MessageError`.
        """
        if nonce != key.next_nonce and not (skips and nonce > key.last_nonce):
            raise MessageError(
                INVALID_NONCE,
                "Nonce",
                f"{nonce} instead of {key.next_nonce}",
                remedy="ask nextNonce and sign again",
            )

    def dump(self) -> list[dict[str, Any]]:
        """All of it as plain values, for a snapshot."""
        return [
            {
                "index": a.index,
                "owner": a.owner,
                "time_ms": a.time_ms,
                "holdings": [[m, h.lots, h.cost, h.net_paid] for m, h in a.holdings.items()],
                "keys": [[i, [str(w) for w in k.public], k.last_nonce, k.time_ms] for i, k in a.keys.items()],
            }
            for a in self.accounts.values()
        ]

    @classmethod
    def load(cls, dumped: list[dict[str, Any]]) -> Registry:
        """The inverse of `dump`."""
        registry = cls()
        for entry in dumped:
            account = registry.open(entry["index"], entry["owner"], entry["time_ms"])
            account.holdings = {market: Holding(*rest) for market, *rest in entry["holdings"]}
            for index, words, nonce, time_ms in entry["keys"]:
                account.keys[index] = ApiKey(tuple(int(word) for word in words), nonce, time_ms)
        return registry
