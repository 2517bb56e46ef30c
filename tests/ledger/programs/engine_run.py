"""A venue in the engine whose every effect is written down as operations of the ledger.

The commands are given from outside (`flows.py`); what the engine accepts becomes operations by the rules that
a running venue follows too: an order appears with its message just before its first fill, a cancel only where
the ledger knows the order, a cancel-all, a withdrawal and a transfer always, and time where it has moved.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from l2forge.engine import Engine, batch, codes, command, order_flags
from l2forge.engine import layout as at
from l2forge.engine.config import EngineConfig

KEYS = (4, 9)
"""Indices of the two keys of each account."""

SLOTS = 1 << 16
CLIENT_INDICES = 1 << 48
UNSIGNED = base64.b64encode(bytes(80)).decode()
LIFETIME_MS = 10**9

Operation = dict[str, Any]
Sign = Callable[[int, int, int, dict[str, Any]], str]
"""(account or source, key index or −1 of a source, message type, fields) → base64 of the signature."""


def no_signature(_who: int, _key: int, _kind: int, _fields: dict[str, Any]) -> str:
    """For runs that nobody proves: the interpreter looks at no signature."""
    return UNSIGNED


def owner_of(account: int) -> str:
    """Three accounts of each owner, so that transfers find sub-accounts."""
    return f"0x{0xA11CE << 140 | account // 3 + 1:040x}"


@dataclass
class Placed:
    """A live order: its identity, and its operation until the ledger has it."""

    account: int
    key: int
    nonce: int
    market: int
    client_index: int
    operation: Operation | None = None
    left: int = 0
    """Lots on the book."""

    @property
    def identity(self) -> list[int]:
        """As operations name it."""
        return [self.account, self.key, self.nonce]

    @property
    def id(self) -> int:
        """As the engine names it."""
        return engine_id(self.account, self.key, self.nonce)


def engine_id(account: int, key: int, nonce: int) -> int:
    """One id per slot, so that the engine refuses an order whose slot holds a live one."""
    return (1 << 44) + (account << 24) + (key << 16) + nonce % SLOTS


@dataclass
class EngineRun:
    """The engine, and what it has done since operations were last taken."""

    config: EngineConfig
    start_ms: int
    public_keys: Callable[[int, int], Sequence[int]] = lambda account, key: (account, key, 1, 1, 1)
    sign: Sign = no_signature
    operations: list[Operation] = field(default_factory=list)
    live: dict[int, Placed] = field(default_factory=dict)
    accounts: list[int] = field(default_factory=list)
    n_commands: int = 0
    n_accepted: int = 0
    n_turned: int = 0
    """Fills that turned a position to the other side."""
    n_closed: int = 0
    """Fills that brought a market's open interest back to zero."""
    sizes: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = Engine(replace(self.config, insurance=0))
        self.now = self.start_ms
        self._told = 0

    def take(self) -> list[Operation]:
        """The operations since the last call."""
        taken, self.operations = self.operations, []
        return taken

    # --- commands

    def deposit(self, account: int, amount: int) -> int:
        """Collateral from L1; a new account gets its keys with it."""
        reason = self._run(command(codes.DEPOSIT, self.now, account=account, size=amount))
        if reason == codes.OK:
            owner = owner_of(account)
            self._add({"op": "deposit", "account": account, "owner": owner, "amount": amount})
            if account not in self.accounts:
                self.accounts.append(account)
                for key in KEYS:
                    words = list(self.public_keys(account, key))
                    self._add({"op": "register", "account": account, "key": key, "public_key": words})
        return reason

    def fund(self, amount: int) -> int:
        """Collateral for the insurance fund."""
        reason = self._run(command(codes.FUND, self.now, size=amount))
        if reason == codes.OK:
            self._add({"op": "fund", "amount": amount})
        return reason

    def forced(self, account: int, amount: int) -> int:
        """A withdrawal asked for on L1: it has its effect, or the ledger shows why not."""
        reason = self._run(command(codes.WITHDRAW, self.now, account=account, size=amount))
        self._add({"op": "forced_withdraw", "account": account, "amount": amount})
        return reason

    def withdraw(self, account: int, key: int, nonce: int, amount: int) -> int:
        """A signed withdrawal."""
        if self._is_taken(account, key, nonce):
            return codes.R_ORDER_EXISTS
        reason = self._run(command(codes.WITHDRAW, self.now, account=account, size=amount))
        if reason == codes.OK:
            fields = {"AssetIndex": 3, "RouteType": 0, "Amount": amount}
            self._add(self._message("withdraw", 13, account, key, nonce, fields, who="FromAccountIndex"))
        return reason

    def transfer(self, account: int, key: int, nonce: int, to: int, amount: int) -> int:
        """A signed transfer to an account of the same owner."""
        if self._is_taken(account, key, nonce) or owner_of(account) != owner_of(to):
            return codes.R_ORDER_EXISTS
        reason = self._run(command(codes.TRANSFER, self.now, account=account, aux=to, size=amount))
        if reason == codes.OK:
            fields = {
                "ToAccountIndex": to,
                "AssetIndex": 3,
                "FromRouteType": 0,
                "ToRouteType": 0,
                "Amount": amount,
                "USDCFee": 0,
                "Memo": [0] * 32,
                "L1Sig": "",
            }
            self._add(self._message("transfer", 12, account, key, nonce, fields, who="FromAccountIndex"))
        return reason

    def order(
        self,
        account: int,
        key: int,
        nonce: int,
        market: int,
        *,
        lots: int,
        price: int,
        ask: bool,
        kind: int = codes.LIMIT,
        force: int = codes.GOOD_TILL_TIME,
        reduce_only: bool = False,
        lives_ms: int = 10**8,
    ) -> int:
        """A signed order; its fills follow from the engine."""
        expiry = 0 if force == codes.IMMEDIATE_OR_CANCEL else self.now + lives_ms
        fields = {
            "MarketIndex": market,
            "ClientOrderIndex": nonce % 1000,
            "BaseAmount": lots,
            "Price": price,
            "IsAsk": int(ask),
            "Type": kind,
            "TimeInForce": force,
            "ReduceOnly": int(reduce_only),
            "TriggerPrice": 0,
            "OrderExpiry": expiry,
        }
        placed = Placed(account, key, nonce, market, nonce % 1000)
        flags = order_flags(ask=ask, order_type=kind, time_in_force=force, reduce_only=reduce_only)
        if placed.id in self.live:
            return codes.R_ORDER_EXISTS
        placed.operation = self._message("order", 14, account, key, nonce, fields)
        self.live[placed.id] = placed
        row = command(
            codes.CREATE_ORDER, self.now, market=market, flags=flags, account=account, id=placed.id,
            price=price, size=lots, expiry=expiry,
        )  # fmt: skip
        reason = self._run(row)
        if reason != codes.OK or placed.left == 0:
            self.live.pop(placed.id, None)
        return reason

    def cancel(self, placed: Placed, key: int, nonce: int, *, by_client_index: bool) -> int:
        """A signed cancel of a live order, by either of its names."""
        if self._is_taken(placed.account, key, nonce) and engine_id(placed.account, key, nonce) != placed.id:
            return codes.R_ORDER_EXISTS
        known = placed.operation is None
        account, market = placed.account, placed.market
        row = command(codes.CANCEL_ORDER, self.now, market=market, account=account, id=placed.id)
        reason = self._run(row)
        if reason == codes.OK and known:
            index = placed.key * CLIENT_INDICES + placed.nonce
            if by_client_index and placed.client_index:
                index = placed.client_index
            fields = {"MarketIndex": market, "Index": index}
            message = self._message("cancel", 15, account, key, nonce, fields)
            self._add({**message, "order": placed.identity})
        return reason

    def cancel_all(self, account: int, key: int, nonce: int) -> int:
        """A signed cancel-all."""
        row = command(codes.CANCEL_ALL, self.now, market=codes.ALL_MARKETS, account=account)
        reason = self._run(row)
        if reason == codes.OK:
            fields = {"TimeInForce": 0, "Time": 0}
            self._add(self._message("cancel_all", 16, account, key, nonce, fields))
        return reason

    def report(self, market: int, source: int, price: int, time_ms: int) -> int:
        """A source's signed price."""
        row = command(codes.ORACLE_REPORT, self.now, market=market, account=source, price=price, aux=time_ms)
        reason = self._run(row)
        if reason == codes.OK:
            fields = {"SourceIndex": source, "MarketIndex": market, "Price": price, "Timestamp": time_ms}
            fields["Sig"] = self.sign(source, -1, 128, fields)
            self._add({"op": "report", "message": {"type": 128, "info": json.dumps(fields)}})
        return reason

    def tick(self, market: int) -> int:
        """The aggregate becomes the index."""
        return self._work("tick", codes.ORACLE_TICK, market)

    def funding(self, market: int) -> int:
        """Funding accrues."""
        return self._work("funding", codes.FUNDING, market)

    def expire(self, placed: Placed) -> int:
        """An order past its time leaves the book; the ledger needs no word of it."""
        return self._run(command(codes.EXPIRE_ORDER, self.now, market=placed.market, id=placed.id))

    # --- parts

    def _work(self, name: str, kind: int, market: int) -> int:
        reason = self._run(command(kind, self.now, market=market))
        if reason == codes.OK:
            self._add({"op": name, "market": market})
        return reason

    def _is_taken(self, account: int, key: int, nonce: int) -> bool:
        return engine_id(account, key, nonce) in self.live

    def _message(
        self, name: str, kind: int, account: int, key: int, nonce: int, fields: dict[str, Any], *,
        who: str = "AccountIndex",
    ) -> Operation:  # fmt: skip
        header = {"Nonce": nonce, "ExpiredAt": self.now + LIFETIME_MS, who: account, "ApiKeyIndex": key}
        info = {**header, **fields}
        info["Sig"] = self.sign(account, key, kind, info)
        return {"op": name, "message": {"type": kind, "info": json.dumps(info)}}

    def _add(self, operation: Operation) -> None:
        if self.now > self._told:
            self.operations.append({"op": "clock", "time": self.now})
            self._told = self.now
        self.operations.append(operation)

    def _run(self, row: tuple[int, ...]) -> int:
        self.n_commands += 1
        outcome = self.engine.apply(batch([row]))
        reason = int(outcome.results[0])
        self.n_accepted += reason == codes.OK
        for event in outcome.events.tolist():
            kind = event[at.E_KIND] & 0xFF
            if kind == codes.EV_FILL:
                self._fill(event)
            elif kind == codes.EV_REMOVED:
                self.live.pop(event[at.E_ID], None)
            elif kind == codes.EV_RESTED:
                self.live[event[at.E_ID]].left = event[at.E_SIZE]
        return reason

    def _fill(self, event: list[int]) -> None:
        sides = self.live[event[at.E_ID]], self.live[event[at.E_OTHER_ID]]
        for side in sides:
            if side.operation is not None:
                self._add(side.operation)
                side.operation = None
        market = event[at.E_KIND] >> 8 & 0xFF
        maker, taker = (side.identity for side in sides)
        terms = {"price": event[at.E_PRICE], "lots": event[at.E_SIZE]}
        self._add({"op": "fill", "market": market, "maker": maker, "taker": taker, **terms})
        self._watch(market, [side.account for side in sides])
        resting = sides[0]
        resting.left -= event[at.E_SIZE]
        if resting.left == 0:
            del self.live[resting.id]

    def _watch(self, market: int, accounts: Sequence[int]) -> None:
        """Count what the command's fills did to positions, as far as its end shows it."""
        for account in accounts:
            before, after = self.sizes.get((account, market), 0), self.position(account, market, at.P_SIZE)
            self.n_turned += before * after < 0
            self.sizes[account, market] = after
        self.n_closed += self.market(market, at.M_OPEN_INTEREST) == 0

    # --- the engine's numbers

    def word(self, offset: int) -> int:
        """A word of the header."""
        return int(self.engine.state[offset])

    def market(self, market: int, offset: int) -> int:
        """A word of a market."""
        return self.word(self.word(at.H_MARKETS_AT) + market * at.MARKET_WORDS + offset)

    def account(self, account: int, offset: int) -> int:
        """A word of an account."""
        row = self.word(at.H_ACCOUNTS_AT) + account * self.word(at.H_ACCOUNT_WORDS)
        return int(self.engine.state[row + offset])

    def position(self, account: int, market: int, offset: int) -> int:
        """A word of a position."""
        return self.account(account, at.ACCOUNT_WORDS + market * at.POSITION_WORDS + offset)

    def positions(self, market: int) -> dict[int, int]:
        """Signed lots by account, without zeros."""
        sizes = {a: self.position(a, market, at.P_SIZE) for a in self.accounts}
        return {account: size for account, size in sizes.items() if size}
