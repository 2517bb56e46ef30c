"""Order messages of public data sets as flows: LOBSTER's message files, and CSV files with a header like it.

A line is: time (seconds since midnight, a decimal), event type, order id, size, price, direction.

| type | | becomes |
|---|---|---|
| 1 | new limit order | REST |
| 2 | part of it is cancelled | CANCEL to what is left |
| 3 | it is deleted | CANCEL |
| 4 | it is executed | TAKE by someone on the other side, for the same notional |
| 5 | a hidden order is executed | TAKE |
| 6 | cross trade (auction) | nothing: there is no auction here |
| 7 | trading halt or its end | nothing |

Direction is that of the limit order: 1 buys, −1 sells. Prices are dollars times 10,000 and sizes are shares,
as in LOBSTER; with a header line the columns are found by name (time, type, id, size, price, direction) and
prices and sizes are plain decimals. Prices that feeds report are the last execution's, or
before the first one the middle of the best two orders. All numbers are read as exact decimals.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from l2forge.compare.flow import form
from l2forge.compare.flow.form import MONEY_SCALE, PRICE_SCALE, Actor, Flow, in_order, intent
from l2forge.compare.flow.market import FEED_COSTS
from l2forge.errors import InputError

COLUMNS = ("time", "type", "id", "size", "price", "direction")
MAX_MESSAGES = 2_000_000
N_MAKERS, N_TAKERS = 64, 8
"""Many makers, since venues limit the open orders of one account."""
DEPOSIT = 10_000_000 * MONEY_SCALE
STEP_MS = 1_000
_LOBSTER_PRICE = Decimal(10_000)
_TYPES = range(1, 8)


@dataclass(frozen=True)
class Message:
    """One line: time in ms since the first, what happened to which order, size, price, is it a sell."""

    line: int
    time: int
    kind: int
    order: int
    size: Decimal
    price: Decimal
    sells: bool


def read_messages(path: Path) -> Flow:
    """The flow of a message file; InputError names the first line that is wrong."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            messages = list(_parse(path, csv.reader(file)))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 ({error.reason})", remedy="give a CSV file") from None
    if not messages:
        raise InputError(f"{path}: no messages", remedy="give a file with at least one new order (type 1)")
    return _flow(path, messages)


def _parse(path: Path, lines: Iterator[list[str]]) -> Iterator[Message]:
    order: dict[str, int] | None = None
    first: Decimal | None = None
    last = Decimal(-1)
    for number, cells in enumerate(lines, 1):
        if not cells or (number == 1 and (order := _header(path, cells)) is not None):
            continue
        if number > MAX_MESSAGES:
            raise _wrong(path, number, f"more than {MAX_MESSAGES} messages", "cut the file")
        time, message = _message(path, number, cells, order)
        if time < last:
            raise _wrong(path, number, f"time {time} is before the line above", "sort the lines by time")
        last = time
        first = time if first is None else first
        yield Message(number, int((time - first) * 1000), *message)


def _header(path: Path, cells: list[str]) -> dict[str, int] | None:
    """Columns by name, or None when the first line is a message already."""
    names = [cell.strip().lower() for cell in cells]
    if any(name[:1].isdigit() for name in names):
        return None
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise _wrong(
            path, 1, f"the header lacks {', '.join(missing)}", f"name the columns {', '.join(COLUMNS)}"
        )
    return {column: names.index(column) for column in COLUMNS}


def _message(
    path: Path, number: int, cells: list[str], order: dict[str, int] | None
) -> tuple[Decimal, tuple[int, int, Decimal, Decimal, bool]]:
    needed = max(order.values()) + 1 if order else len(COLUMNS)
    if len(cells) < needed:
        raise _wrong(path, number, f"{len(cells)} columns instead of {needed}", f"write {', '.join(COLUMNS)}")
    text = {column: cells[order[column] if order else i].strip() for i, column in enumerate(COLUMNS)}
    values = {column: _decimal(path, number, column, text[column]) for column in COLUMNS}
    kind, direction = values["type"], values["direction"]
    if kind not in _TYPES:
        raise _wrong(path, number, f"type {text['type']} is not one of 1 to 7", "see LOBSTER's event types")
    if direction not in (1, -1) and kind < 6:
        raise _wrong(path, number, f"direction {text['direction']} is not 1 or -1", "write 1 for a buy order")
    if values["id"] != int(values["id"]):
        raise _wrong(path, number, f"order id {text['id']} is not a whole number", "write the order's number")
    if kind < 6 and (values["size"] <= 0 or values["price"] <= 0):
        raise _wrong(path, number, "size and price must be above zero", "leave such lines out")
    price = values["price"] if order else values["price"] / _LOBSTER_PRICE
    return values["time"], (int(kind), int(values["id"]), values["size"], price, direction == -1)


def _decimal(path: Path, number: int, column: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _wrong(path, number, f'{column} "{text[:40]}" is not a number', "write a decimal") from None
    if not value.is_finite():
        raise _wrong(path, number, f'{column} "{text}" is not finite', "write a decimal")
    return value


def _wrong(path: Path, line: int, what: str, remedy: str) -> InputError:
    return InputError(f"{path}:{line}: {what}", remedy=remedy)


class _Builder:
    """Turns messages into intents: remembers what is left of each order, and the last price."""

    def __init__(self, start: Decimal) -> None:
        self.start = start
        self.left: dict[int, tuple[Decimal, Decimal, int]] = {}
        self.rows: list[tuple[int, ...]] = []
        self.n_takes = 0

    def price(self, price: Decimal) -> int:
        return int(price * PRICE_SCALE / self.start)

    def take_message(self, message: Message) -> None:
        """One message's intents."""
        handler = {1: self._rest, 2: self._reduce, 3: self._delete, 4: self._execute, 5: self._execute}
        if message.kind in handler:
            handler[message.kind](message)

    def _rest(self, message: Message) -> None:
        number = len(self.left) + 1
        self.left[message.order] = (message.size, message.price, number)
        self.rows.append(
            intent(
                message.time,
                form.REST,
                message.order % N_MAKERS,
                form.SELL if message.sells else form.BUY,
                price=self.price(message.price),
                money=_money(message.size, message.price),
                count=number,
            )
        )

    def _reduce(self, message: Message) -> None:
        known = self.left.get(message.order)
        if known is None:
            return  # rested before the file begins
        size, price, number = known
        left = max(Decimal(0), size - message.size)
        self.left[message.order] = (left, price, number)
        words = {"price": self.price(price), "money": _money(left, price), "count": number}
        self.rows.append(intent(message.time, form.CANCEL, message.order % N_MAKERS, **words))

    def _delete(self, message: Message) -> None:
        known = self.left.get(message.order)
        if known is not None:
            self.rows.append(intent(message.time, form.CANCEL, message.order % N_MAKERS, count=known[2]))

    def _execute(self, message: Message) -> None:
        self.n_takes += 1
        self.rows.append(
            intent(
                message.time,
                form.TAKE,
                N_MAKERS + self.n_takes % N_TAKERS,
                form.BUY if message.sells else form.SELL,
                money=_money(message.size, message.price),
            )
        )
        known = self.left.get(message.order)
        if known is not None:
            self.left[message.order] = (max(Decimal(0), known[0] - message.size), known[1], known[2])


def _money(size: Decimal, price: Decimal) -> int:
    return int(size * price * MONEY_SCALE)


def _prices(messages: list[Message]) -> Iterator[tuple[int, Decimal]]:
    """(time, price) whenever the price is known anew: executions; before the first, new orders' mid."""
    bid = ask = None
    executed = False
    for message in messages:
        if message.kind in (4, 5):
            executed = True
            yield message.time, message.price
        elif message.kind == 1 and not executed:
            if message.sells:
                ask = message.price if ask is None else min(ask, message.price)
            else:
                bid = message.price if bid is None else max(bid, message.price)
            if bid is not None and ask is not None:
                yield message.time, (bid + ask) / 2


def _flow(path: Path, messages: list[Message]) -> Flow:
    known = list(_prices(messages))
    if not known:
        raise InputError(
            f"{path}: no execution and never both sides, so there is no price",
            remedy="give a longer part of the data",
        )
    builder = _Builder(known[0][1])
    for message in messages:
        builder.take_message(message)
    n_feeds = 4
    at = 0
    for time in range(0, messages[-1].time + STEP_MS, STEP_MS):
        while at + 1 < len(known) and known[at + 1][0] <= time:
            at += 1
        price = builder.price(known[at][1])
        builder.rows.append(intent(time, form.TRUTH, price=price))
        builder.rows += [intent(time, form.REPORT, feed, price=price) for feed in range(n_feeds)]
    actors = (*(Actor(form.MAKER, DEPOSIT),) * N_MAKERS, *(Actor(form.TAKER, DEPOSIT),) * N_TAKERS)
    about = f"{len(messages)} order messages from {path.name}"
    return Flow(path.stem, 0, about, actors, in_order(builder.rows), n_feeds, FEED_COSTS[:n_feeds])
