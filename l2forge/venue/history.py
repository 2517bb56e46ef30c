"""The venue's past in SQL: transactions, trades, ended orders, movements of money, batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, Row, and_, func, or_, select

from l2forge.chain.batch import RequestKind
from l2forge.ledger.messages import table as types
from l2forge.venue.applied import Applied, Batch, Trade
from l2forge.venue.database import BATCHES, MOVEMENTS, ORDERS, TRADES, TRANSACTIONS, insert_new
from l2forge.venue.events import holding_after
from l2forge.venue.orders import Order

LOG_TRADES = 11
"""A record's trades are numbered within 2^11: an order fills at most 1,024 times."""

CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Day:
    """Sums over a market's trades of some time; `last` is the last price ever, 0 before the first."""

    n: int
    lots: int
    units: int
    low: int
    high: int
    first: int
    last: int


class History:
    """Writes what rounds have done, and finds it again. Blocking: for a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        query = select(BATCHES.c.sequence, BATCHES.c.number).order_by(BATCHES.c.number)
        self._closings = [(row.sequence, row.number) for row in self._all(query)]

    # -- writing ----------------------------------------------------------------------------------

    def write(self, applied: Sequence[Applied]) -> None:
        """Enter what records have done, in one transaction. Writing the same again changes nothing."""
        rows: dict[Any, list[dict[str, Any]]] = {
            TRANSACTIONS: [_transaction(done) for done in applied if done.message is not None],
            TRADES: [
                trade_row(done, number, trade) for done in applied for number, trade in enumerate(done.trades)
            ],
            ORDERS: [
                _order(order)
                for done in applied
                for order in done.orders
                if order.ended == done.record.sequence
            ],
            MOVEMENTS: [row for done in applied if (row := _movement(done)) is not None],
            BATCHES: [_batch(batch) for done in applied for batch in done.batches],
        }
        if any(rows.values()):
            with self.engine.begin() as connection:
                for table, entries in rows.items():
                    insert_new(connection, table, entries)
        closed = self._closings[-1][1] if self._closings else 0
        self._closings += [
            (batch.sequence, batch.number)
            for done in applied
            for batch in done.batches
            if batch.number > closed
        ]

    def block_of(self, sequence: int) -> int:
        """The number of the batch that was open at a record."""
        at = bisect_right(self._closings, (sequence, 1 << 62))
        if at < len(self._closings):
            return int(self._closings[at][1])
        return int(self._closings[-1][1]) + 1 if self._closings else 1

    # -- reading ----------------------------------------------------------------------------------

    def trades(
        self,
        *,
        market: int | None = None,
        account: int | None = None,
        order_index: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Row[Any]]:
        """Trades, newest first."""
        query = select(TRADES).order_by(TRADES.c.id.desc()).limit(limit)
        if market is not None:
            query = query.where(TRADES.c.market == market)
        if before is not None:
            query = query.where(TRADES.c.id < before)
        for side_of, value in (("account", account), ("order", order_index)):
            if value is not None:
                query = query.where(
                    or_(TRADES.c[f"maker_{side_of}"] == value, TRADES.c[f"taker_{side_of}"] == value)
                )
        return self._all(query)

    def ended_orders(
        self, account: int, *, market: int | None, before: int | None, limit: int
    ) -> list[Order]:
        """Orders of an account that have ended, newest first."""
        query = select(ORDERS.c.data).where(ORDERS.c.account == account)
        if market is not None:
            query = query.where(ORDERS.c.market == market)
        if before is not None:
            query = query.where(ORDERS.c.sequence < before)
        rows = self._all(query.order_by(ORDERS.c.sequence.desc(), ORDERS.c.order_index.desc()).limit(limit))
        return [Order(**orjson.loads(row.data)) for row in rows]

    def transaction(self, *, tx_hash: str | None = None, sequence: int | None = None) -> Row[Any] | None:
        """The transaction with this hash (the last one, if it was sent again) or number."""
        query = select(TRANSACTIONS)
        if tx_hash is not None:
            query = query.where(TRANSACTIONS.c.hash == tx_hash.removeprefix("0x").lower())
        else:
            query = query.where(TRANSACTIONS.c.sequence == sequence)
        rows = self._all(query.order_by(TRANSACTIONS.c.sequence.desc()).limit(1))
        return rows[0] if rows else None

    def transactions(
        self,
        *,
        account: int | None = None,
        between: tuple[int, int] | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Row[Any]]:
        """Transactions of an account, or of records between two numbers (both included), newest first."""
        query = select(TRANSACTIONS)
        if account is not None:
            query = query.where(TRANSACTIONS.c.account == account)
        if between is not None:
            query = query.where(TRANSACTIONS.c.sequence.between(*between))
        if before is not None:
            query = query.where(TRANSACTIONS.c.sequence < before)
        return self._all(query.order_by(TRANSACTIONS.c.sequence.desc()).limit(limit))

    def movements(self, account: int, kinds: Sequence[str], limit: int = 100) -> Sequence[Row[Any]]:
        """Deposits, withdrawals or transfers of an account, newest first."""
        mine = or_(MOVEMENTS.c.account == account, MOVEMENTS.c.other == account)
        query = select(MOVEMENTS).where(and_(mine, MOVEMENTS.c.kind.in_(kinds)))
        return self._all(query.order_by(MOVEMENTS.c.sequence.desc()).limit(limit))

    def batches(self, *, before: int | None = None, limit: int = 100) -> Sequence[Row[Any]]:
        """Batches without their operations and proofs, newest first."""
        columns = [column for column in BATCHES.c if column.name not in ("operations", "proof", "public")]
        query = select(*columns)
        if before is not None:
            query = query.where(BATCHES.c.number < before)
        return self._all(query.order_by(BATCHES.c.number.desc()).limit(limit))

    def batch(self, number: int) -> Row[Any] | None:
        """A batch with all of it."""
        rows = self._all(select(BATCHES).where(BATCHES.c.number == number))
        return rows[0] if rows else None

    def day(self, market: int, since_ms: int) -> Day:
        """A market's trades since a time."""
        c = TRADES.c
        mine = and_(c.market == market, c.time_ms >= since_ms)
        sums = [func.count(), func.sum(c.lots), func.sum(c.units), func.min(c.price), func.max(c.price)]
        n, lots, units, low, high = (int(value or 0) for value in self._all(select(*sums).where(mine))[0])
        opening = self._all(select(c.price).where(mine).order_by(c.id).limit(1))
        first = int(opening[0].price) if opening else 0
        return Day(n, lots, units, low, high, first, self.last_price(market))

    def last_price(self, market: int) -> int:
        """The price of a market's last trade; 0 before the first."""
        query = select(TRADES.c.price).where(TRADES.c.market == market).order_by(TRADES.c.id.desc())
        rows = self._all(query.limit(1))
        return int(rows[0].price) if rows else 0

    def _all(self, query: Any) -> Sequence[Row[Any]]:
        with self.engine.connect() as connection:
            return connection.execute(query).all()


def _transaction(done: Applied) -> dict[str, Any]:
    message, error = done.message, done.error
    assert message is not None
    return {
        "sequence": done.record.sequence,
        "hash": message.tx_hash,
        "type": message.tx_type,
        "account": done.account,
        "api_key": done.key,
        "nonce": done.nonce,
        "info": message.info,
        "code": 200 if error is None else error.code.number,
        "message": "" if error is None else str(error),
        "time_ms": done.record.time_ms,
        "expires_ms": orjson.loads(message.info)["ExpiredAt"],
    }


def trade_row(done: Applied, number: int, trade: Trade) -> dict[str, Any]:
    """A fill as a row of the table."""
    row: dict[str, Any] = {
        "id": done.record.sequence << LOG_TRADES | number,
        "market": trade.market,
        "price": trade.price,
        "lots": trade.lots,
        "units": trade.units,
        "time_ms": trade.time_ms,
        "tx_hash": trade.taker.tx_hash,
        "is_maker_ask": int(trade.maker.is_ask),
    }
    for side, order, fee, before in (
        ("maker", trade.maker, trade.maker_fee, trade.maker_before),
        ("taker", trade.taker, trade.taker_fee, trade.taker_before),
    ):
        after = holding_after(before, order, trade.lots, trade.units)
        row |= {
            f"{side}_account": order.account,
            f"{side}_order": order.index,
            f"{side}_client": order.client_index,
            f"{side}_fee": fee,
            f"{side}_lots_before": before.lots,
            f"{side}_cost_before": before.cost,
            f"{side}_realised": after.realised - before.realised,
        }
    return row


def _order(order: Order) -> dict[str, Any]:
    return {
        "account": order.account,
        "order_index": order.index,
        "market": order.market,
        "client_index": order.client_index,
        "updated_ms": order.updated_ms,
        "sequence": order.ended,
        "data": orjson.dumps(asdict(order)),
    }


def _movement(done: Applied) -> dict[str, Any] | None:
    """A deposit, withdrawal or transfer that took place."""
    row = {"sequence": done.record.sequence, "other": 0, "hash": "", "time_ms": done.record.time_ms}
    request, message = done.request, done.message
    if request is not None and request.kind == RequestKind.DEPOSIT:
        return {**row, "kind": "deposit", "account": request.account, "units": request.value}
    if request is not None and request.kind == RequestKind.WITHDRAWAL and done.paid:
        return {**row, "kind": "withdraw", "account": request.account, "units": done.paid}
    if message is None or done.error is not None or message.tx_type not in (types.WITHDRAW, types.TRANSFER):
        return None
    values = orjson.loads(message.info)
    kind = "withdraw" if message.tx_type == types.WITHDRAW else "transfer"
    return {
        **row,
        "kind": kind,
        "account": done.account,
        "other": values.get("ToAccountIndex", 0),
        "units": values["Amount"],
        "hash": message.tx_hash,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "sequence": batch.sequence,
        "time_ms": batch.time_ms,
        "n_operations": len(batch.operations),
        "operations": orjson.dumps(batch.operations),
        "status": CLOSED,
        "attempts": 0,
        "lease_until_ms": 0,
        "worker": "",
        "error": "",
        "statement": "",
        "new_root": "",
        "proof": None,
        "public": None,
        "proof_figures": "{}",
        "proven_ms": 0,
        "l1_tx": "",
        "l1_figures": "{}",
        "settled_ms": 0,
    }
