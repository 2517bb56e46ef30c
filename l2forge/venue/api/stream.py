"""The stream: what happens, pushed to subscribers in the exchange's words.

    order_book/M   trade/M   market_stats/M|all   account_all/A   account_orders/M/A   account_all_orders/A

A subscriber that does not keep up is disconnected: its queue is bounded. The last two channels need a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from l2forge.ledger.messages import MessageError
from l2forge.venue import refusals
from l2forge.venue.api.depth import Books, Level
from l2forge.venue.api.digits import is_number
from l2forge.venue.api.present import Presenter
from l2forge.venue.api.tokens import check_token
from l2forge.venue.applied import Applied
from l2forge.venue.history import trade_row
from l2forge.venue.orders import Order

MAX_QUEUE = 1_000
MAX_CHANNELS = 100
ALL = "all"

Json = dict[str, Any]


class Subscriber:
    """One connection: its channels, and what waits to be sent to it. None in the queue ends it."""

    def __init__(self) -> None:
        self.channels: set[str] = set()
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUE)

    def push(self, message: bytes) -> None:
        """Queue a message; a subscriber with a full queue is ended."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)
            self.channels.clear()
            return
        self.queue.put_nowait(message)


class Streams:
    """All subscribers of a venue."""

    def __init__(self, present: Presenter) -> None:
        self.present = present
        state = present.state
        self.books = Books(state.markets.by_id, state.orders.by_id.values())
        self._subscribers: set[Subscriber] = set()

    @property
    def n_subscribers(self) -> int:
        """Connections there are."""
        return len(self._subscribers)

    def join(self) -> Subscriber:
        """A new connection."""
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a connection."""
        self._subscribers.discard(subscriber)

    def subscribe(self, subscriber: Subscriber, channel: str, token: str | None, now_ms: int) -> Json:
        """Add a channel; the first message on it, with all there is now. Raises `MessageError`."""
        if len(subscriber.channels) >= MAX_CHANNELS:
            raise MessageError(refusals.TOO_MANY_REQUESTS, "channel", f"at most {MAX_CHANNELS} channels")
        name, *arguments = channel.split("/")
        content = self._whole(name, arguments, token, now_ms)
        subscriber.channels.add(channel)
        return {"type": f"subscribed/{name}", "channel": _shown(channel), "timestamp": now_ms, **content}

    # -- everything, for a new subscriber -----------------------------------------------------------

    def _whole(self, name: str, arguments: list[str], token: str | None, now_ms: int) -> Json:
        state = self.present.state
        match name, arguments:
            case "order_book", [market]:
                return self._book(_number(market), None)
            case "trade", [market]:
                state.markets[_number(market)]
                return {"trades": [], "liquidation_trades": []}
            case "market_stats", [market]:
                wanted = list(state.markets.by_id) if market == ALL else [_number(market)]
                return self._market_stats(wanted, everything=market == ALL)
            case "account_all", [account]:
                return self._account(_number(account), {})
            case "account_all_orders", [account]:
                check_token(token, _number(account), state.registry, now_ms)
                return self._orders(state.orders.of_account(_number(account)))
            case "account_orders", [market, account]:
                check_token(token, _number(account), state.registry, now_ms)
                live = state.orders.of_account(_number(account))
                return self._orders(o for o in live if o.market == _number(market))
        raise MessageError(refusals.INVALID_PARAMETER, "channel", f"there is no channel {name}")

    # -- what a round has changed -------------------------------------------------------------------

    async def observe(self, applied: Sequence[Applied]) -> None:
        """Push what a round has done to those who subscribed to it."""
        orders = [order for done in applied for order in done.orders]
        changed = self.books.take(orders)
        if not self._subscribers:
            return
        now = self.present.state.now
        trades = self._trades(applied)
        for market, levels in changed.items():
            self._push(f"order_book/{market}", now, lambda m=market, ls=levels: self._book(m, ls))
        for market in {trade["market_id"] for trade in trades}:
            here = [trade for trade in trades if trade["market_id"] == market]
            self._push(f"trade/{market}", now, lambda t=here: {"trades": t, "liquidation_trades": []})
        for market in {market for done in applied for market in done.ticked}:
            self._push(f"market_stats/{market}", now, lambda m=market: self._market_stats([m]))
            self._push(f"market_stats/{ALL}", now, lambda m=market: self._market_stats([m], everything=True))
        touched = {account for done in applied for account in done.touched}
        for account in touched & self.present.state.registry.accounts.keys():
            mine = _by_market(trades, account)
            self._push(f"account_all/{account}", now, lambda a=account, t=mine: self._account(a, t))
        self._push_orders(orders, now)

    def _push_orders(self, orders: list[Order], now: int) -> None:
        for account in {order.account for order in orders}:
            mine = [order for order in orders if order.account == account]
            self._push(f"account_all_orders/{account}", now, lambda o=mine: self._orders(o))
            for market in {order.market for order in mine}:
                here = [order for order in mine if order.market == market]
                self._push(f"account_orders/{market}/{account}", now, lambda o=here: self._orders(o))

    def _push(self, channel: str, now: int, content: Any) -> None:
        """Send what `content` makes to the channel's subscribers; it is made once, if anybody wants it."""
        wanted = [subscriber for subscriber in self._subscribers if channel in subscriber.channels]
        if wanted:
            name = channel.split("/")[0]
            head = {"type": f"update/{name}", "channel": _shown(channel), "timestamp": now}
            message = orjson.dumps({**head, **content()})
            for subscriber in wanted:
                subscriber.push(message)

    # -- contents -----------------------------------------------------------------------------------

    def _book(self, market: int, levels: dict[Level, int] | None) -> Json:
        """All levels of a book, or those given, best first."""
        listed = self.present.state.markets[market]
        depth = self.books.depths[market]
        shown = depth.levels if levels is None else levels
        sides: dict[bool, list[Json]] = {True: [], False: []}
        for (is_ask, price), lots in sorted(shown.items()):
            sides[is_ask].append({"price": listed.price(price), "size": listed.size(lots)})
        book = {"code": 0, "asks": sides[True], "bids": sides[False][::-1], "offset": depth.offset}
        return {"offset": depth.offset, "order_book": book}

    def _market_stats(self, markets: list[int], *, everything: bool = False) -> Json:
        view = self.present.state.view
        stats = {}
        for market in markets:
            listed = self.present.state.markets[market]
            index = listed.price(view.index_ticks(market))
            stats[str(market)] = {
                "market_id": market,
                "symbol": listed.market.symbol,
                "index_price": index,
                "mark_price": index,
                "open_interest": listed.size(view.open_interest_lots(market)),
                "current_funding_rate": f"{view.funding_rate_e12(market) / 10**12:.8f}",
                "funding_rate": f"{view.funding_rate_e12(market) / 10**12:.8f}",
            }
        return {"market_stats": stats if everything else next(iter(stats.values()))}

    def _account(self, account: int, trades: Json) -> Json:
        detailed = self.present.detailed_account(account)
        return {
            "account": account,
            "collateral": detailed.collateral,
            "available_balance": detailed.available_balance,
            "assets": {str(asset.asset_id): asset.model_dump() for asset in detailed.assets},
            "positions": {str(p.market_id): p.model_dump() for p in detailed.positions},
            "trades": trades,
            "funding_histories": {},
            "shares": [],
        }

    def _orders(self, orders: Iterable[Order]) -> Json:
        shown: dict[str, list[Json]] = {}
        for order in orders:
            shown.setdefault(str(order.market), []).append(self.present.order(order).model_dump())
        return {"orders": shown}

    def _trades(self, applied: Sequence[Applied]) -> list[Json]:
        return [
            self.present.trade(trade_row(done, number, trade)).model_dump()
            for done in applied
            for number, trade in enumerate(done.trades)
        ]


def _by_market(trades: list[Json], account: int) -> Json:
    """An account's trades by market."""
    mine: Json = {}
    for trade in trades:
        if account in (trade["ask_account_id"], trade["bid_account_id"]):
            mine.setdefault(str(trade["market_id"]), []).append(trade)
    return mine


def _shown(channel: str) -> str:
    """The channel as the exchange names it in messages: order_book:0."""
    name, _, rest = channel.partition("/")
    return f"{name}:{rest.split('/')[0]}"


def _number(text: str) -> int:
    if not is_number(text):
        raise MessageError(refusals.INVALID_PARAMETER, "channel", f"{text} is no number")
    return int(text)
