"""The venue's state: a pure function of the journal.

`apply` takes the records one by one and decides everything that depends on state (keys, nonces, slots, the
engine), so that reading the journal again gives the same state, whatever was decided at the door.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from l2forge.chain.batch import Request, RequestKind
from l2forge.compile.constants import Venue
from l2forge.engine import Engine, batch, codes, command
from l2forge.errors import EnvironmentFailure
from l2forge.ledger.messages import Message, MessageError, parse, table
from l2forge.venue import operations, records, refusals
from l2forge.venue.applied import Applied, Batch
from l2forge.venue.events import end_incoming, take_events
from l2forge.venue.journal import Record
from l2forge.venue.list_bytes import ListBytes
from l2forge.venue.markets import Markets
from l2forge.venue.operations import Operation, Operations
from l2forge.venue.orders import LiveOrders, Order
from l2forge.venue.records import SignedMessage
from l2forge.venue.registry import ApiKey, Registry
from l2forge.venue.translate import require_supported, translate
from l2forge.venue.view import EngineView

Command = tuple[int, ...]


class VenueState:
    """One venue: engine, accounts, orders, and the operations that its next batch proves."""

    def __init__(self, venue: Venue, engine: Engine, max_operations: int) -> None:
        self.venue = venue
        self.engine = engine
        self.markets = Markets(venue)
        self.view = EngineView(engine)
        self.registry = Registry()
        self.orders = LiveOrders()
        self.operations = Operations(ListBytes.of(venue))
        self.max_operations = max_operations
        self.now = 0
        self.born = 0
        self.requests = 0
        self.requests_digest = ""
        self.batches = 0
        self.proven = 0
        self.batch_times: dict[int, int] = {}

    def apply(self, record: Record) -> Applied:
        """The effect of the next record. Never raises for what a record of the journal may hold, except where
        the state is not the one that the journal was written from.
        """
        self.now = max(self.now, record.time_ms)
        self.born = self.born or self.now
        done = Applied(record)
        try:
            _APPLY[record.kind](self, record, done)
        except MessageError as error:
            done.error = error
        return done

    # -- users' messages --------------------------------------------------------------------------

    def check(self, message: Message) -> tuple[ApiKey, Command]:
        """What the state says of a message: its key, and the engine's command. Raises `MessageError`."""
        require_supported(message, self.engine.config.self_trade)
        key = self.registry.key(message.account_index, message.api_key_index or 0)
        if message.values["ExpiredAt"] <= self.now:
            raise MessageError(
                refusals.EXPIRY, "ExpiredAt", "the message has expired", remedy="check the clock, sign again"
            )
        self.registry.check_nonce(key, message.nonce or 0, skips=message.skips_nonces)
        return key, translate(self, message)

    def _message(self, record: Record, done: Applied) -> None:
        signed = done.message = records.read_message(record)
        message = parse(signed.tx_type, signed.info)
        done.account, done.nonce = message.account_index, message.nonce or 0
        done.key = message.api_key_index or 0
        key, row = self.check(message)
        order = self._new_order(message, signed, record) if signed.tx_type == table.CREATE_ORDER else None
        if order is not None:
            self.orders.add(order)
        cancelled = self.orders.by_id.get(row[2]) if signed.tx_type == table.CANCEL_ORDER else None
        if cancelled is not None and cancelled.info is not None:
            cancelled = None  # the ledger has never seen it
        reason = self._run(row, done)
        if reason != codes.OK:
            if order is not None:
                self.orders.remove(order)
            leaves = signed.tx_type in (table.WITHDRAW, table.TRANSFER)
            raise refusals.leave_refusal_of(reason) if leaves else refusals.refusal_of(reason)
        key.last_nonce = message.nonce or 0
        if order is not None:
            end_incoming(self, order, done)
        self._record_message(signed, cancelled)

    def _record_message(self, signed: SignedMessage, cancelled: Order | None) -> None:
        """The message's own operation, where it has one (fills have added theirs)."""
        tx_type, info = signed.tx_type, signed.info
        match tx_type:
            case table.WITHDRAW:
                self._operate(operations.of_message("withdraw", tx_type, info))
            case table.TRANSFER:
                self._operate(operations.of_message("transfer", tx_type, info))
            case table.CANCEL_ALL_ORDERS:
                self._operate(operations.of_message("cancel_all", tx_type, info))
            case table.CANCEL_ORDER if cancelled is not None:
                self._operate(operations.of_cancel(cancelled, tx_type, info))

    def _new_order(self, message: Message, signed: SignedMessage, record: Record) -> Order:
        values = message.values
        return Order(
            account=message.account_index,
            key=message.api_key_index or 0,
            nonce=message.nonce or 0,
            client_index=values["ClientOrderIndex"],
            market=values["MarketIndex"],
            is_ask=bool(values["IsAsk"]),
            order_type=values["Type"],
            time_in_force=values["TimeInForce"],
            reduce_only=bool(values["ReduceOnly"]),
            price=values["Price"],
            lots=values["BaseAmount"],
            expiry=values["OrderExpiry"],
            time_ms=self.now,
            updated_ms=self.now,
            sequence=record.sequence,
            tx_hash=signed.tx_hash,
            info=signed.info,
            open_lots=values["BaseAmount"],
        )

    # -- L1, oracles, keepers ---------------------------------------------------------------------

    def _request(self, record: Record, done: Applied) -> None:
        request = done.request = records.read_request(record)
        if request.number != self.requests:
            raise EnvironmentFailure(
                f"L1 request {request.number} came where {self.requests} was due",
                remedy="the L1 node shows another chain than the journal: point l1 to the right one",
            )
        self.requests += 1
        self.requests_digest = records.chained(self.requests_digest, record.data)
        if request.kind == RequestKind.FUND:
            self._book(command(codes.FUND, self.now, size=request.value), request, done)
        else:
            self._request_of_account(request, done)
        self._operate(operations.of_request(request, done.paid))

    def _request_of_account(self, request: Request, done: Applied) -> None:
        account = self.registry.open(request.account, request.owner, self.now)
        done.account = request.account
        if account.owner != request.owner.lower():
            raise EnvironmentFailure(
                f"L1 request {request.number} is not of the owner of account {request.account}",
                remedy="the L1 node shows another chain than the journal: point l1 to the right one",
            )
        match request.kind:
            case RequestKind.DEPOSIT:
                row = command(codes.DEPOSIT, self.now, account=request.account, size=request.value)
                self._book(row, request, done)
            case RequestKind.KEY:
                self._register(request, done)
            case RequestKind.WITHDRAWAL:
                row = command(codes.WITHDRAW, self.now, account=request.account, size=request.value)
                done.paid = request.value if self._run(row, done) == codes.OK else 0

    def _book(self, row: Command, request: Request, done: Applied) -> None:
        """Apply what L1 has decided already."""
        reason = self._run(row, done)
        if reason != codes.OK:
            raise EnvironmentFailure(
                f"L1 request {request.number} cannot be booked (the engine's reason {reason})",
                remedy="the engine has no room for the account: start the venue with a larger capacity",
            )

    def _register(self, request: Request, done: Applied) -> None:
        """A new key. Live orders of the key that it replaces go: nobody could prove their signatures."""
        keys = self.registry.account(request.account).keys
        replaced = keys.get(request.value)
        for order in self.orders.of_account(request.account) if replaced is not None else []:
            if order.key == request.value:
                row = command(
                    codes.CANCEL_ORDER, self.now, market=order.market, account=order.account, id=order.id
                )
                self._run(row, done)
        last_nonce = 0 if replaced is None else replaced.last_nonce
        keys[request.value] = ApiKey(request.key, last_nonce, self.now)

    def _report(self, record: Record, done: Applied) -> None:
        info = record.data.decode()
        values = parse(table.ORACLE_REPORT, info).values
        row = command(
            codes.ORACLE_REPORT,
            self.now,
            market=values["MarketIndex"],
            account=values["SourceIndex"],
            price=values["Price"],
            aux=values["Timestamp"],
        )
        self._require(self._run(row, done))
        self._operate(operations.of_message("report", table.ORACLE_REPORT, info))

    def _work(self, record: Record, done: Applied) -> None:
        row = (*records.read_work(record)[:7], self.now)
        self._require(self._run(row, done))
        kind, market = row[0] & 0xFF, row[0] >> 8 & 0xFF
        name = {codes.ORACLE_TICK: "tick", codes.FUNDING: "funding"}.get(kind)
        if name is not None:
            self._operate({"op": name, "market": self.markets[market].number})

    def _require(self, reason: int) -> None:
        if reason != codes.OK:
            raise refusals.refusal_of(reason)

    # -- batches ----------------------------------------------------------------------------------

    def _close(self, record: Record, done: Applied) -> None:
        digest, remainder = records.read_close(record)
        if digest != self.engine.digest():
            raise EnvironmentFailure(
                f"the state at record {record.sequence} is not the one that the journal was written from",
                remedy="start the version of l2forge that wrote the journal, or restore it from a copy",
            )
        for operations_ in self.operations.take(self.max_operations, remainder=remainder):
            self.batches += 1
            self.batch_times[self.batches] = self.now
            done.batches.append(Batch(self.batches, tuple(operations_), self.now, record.sequence))

    def _proven(self, record: Record, done: Applied) -> None:
        number = records.read_proven(record)
        if number != self.proven + 1 or number not in self.batch_times:
            return
        self.proven = done.proven = number
        closed = self.batch_times.pop(number)
        if not self.operations.pending and not self.batch_times:
            closed = self.now
        self._run(command(codes.PROVEN, self.now, aux=closed), done)

    # -- the engine -------------------------------------------------------------------------------

    def _run(self, row: Command, done: Applied) -> int:
        """Apply one command and take in its events; the engine's reason."""
        outcome = self.engine.apply(batch([row]), copy=False)
        reason = int(outcome.results[0])
        if reason == codes.OK:
            take_events(self, outcome.events, done)
        return reason

    def _operate(self, operation: Operation) -> None:
        self.operations.add(operation, self.now)

    # -- snapshots --------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """All but the engine's array, as plain values."""
        return {
            "now": self.now,
            "born": self.born,
            "requests": self.requests,
            "requests_digest": self.requests_digest,
            "batches": self.batches,
            "proven": self.proven,
            "batch_times": [list(pair) for pair in self.batch_times.items()],
            "registry": self.registry.dump(),
            "orders": self.orders.dump(),
            "pending": self.operations.pending,
            "pending_since": self.operations.since_ms,
            "clock": self.operations.clock_ms,
        }

    def load(self, dumped: dict[str, Any]) -> None:
        """The inverse of `dump`, into a new state whose engine has been restored."""
        self.now, self.born, self.requests = dumped["now"], dumped["born"], dumped["requests"]
        self.requests_digest = dumped["requests_digest"]
        self.batches, self.proven = dumped["batches"], dumped["proven"]
        self.batch_times = dict(dumped["batch_times"])
        self.registry = Registry.load(dumped["registry"])
        self.orders = LiveOrders.load(dumped["orders"])
        self.operations.pending = dumped["pending"]
        self.operations.since_ms = dumped["pending_since"]
        self.operations.clock_ms = dumped["clock"]


_APPLY: dict[int, Callable[[VenueState, Record, Applied], None]] = {
    records.MESSAGE: VenueState._message,
    records.REQUEST: VenueState._request,
    records.REPORT: VenueState._report,
    records.WORK: VenueState._work,
    records.CLOSE: VenueState._close,
    records.PROVEN: VenueState._proven,
}
