"""The stream: a book that a client keeps up by changes is the book; private channels need a token."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from l2forge.ledger.messages import MessageError, table
from l2forge.venue.api.stream import MAX_CHANNELS, MAX_QUEUE, Subscriber
from tests.venue.running import Running, running
from tests.venue.test_api import token_of
from tests.venue.trading import NOW, PRICES, Trader


def levels(book: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Size by price, by side."""
    return {side: {level["price"]: level["size"] for level in book[side]} for side in ("asks", "bids")}


def drain(subscriber: Subscriber) -> list[dict[str, Any]]:
    """What has been pushed."""
    found = []
    while not subscriber.queue.empty():
        message = subscriber.queue.get_nowait()
        if message is not None:
            found.append(orjson.loads(message))
    return found


async def trade_at_random(venue: Running, rng: random.Random, steps: int) -> None:
    """Orders and cancels around the index."""
    traders = [Trader(1), Trader(2)]
    for _ in range(steps):
        trader = rng.choice(traders)
        live = venue.opened.state.orders.of_account(trader.account)
        if live and rng.random() < 0.3:
            index = rng.choice(live).index
            info = trader.sign(table.CANCEL_ORDER, MarketIndex=0, Index=index)
            await venue.sequencer.submit(table.CANCEL_ORDER, info)
        else:
            price = PRICES[0] + rng.randint(-20, 20)
            info = trader.order(0, rng.randint(1, 9) * 100, price, ask=rng.random() < 0.5)
            await venue.sequencer.submit(table.CREATE_ORDER, info)


def test_changes_add_up_to_the_book(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            await venue.fund([Trader(1), Trader(2)])
            rng = random.Random(3)
            subscriber = venue.streams.join()
            await trade_at_random(venue, rng, 10)
            first = venue.streams.subscribe(subscriber, "order_book/0", None, NOW)
            assert (first["type"], first["channel"]) == ("subscribed/order_book", "order_book:0")
            mine = levels(first["order_book"])
            for trader in (Trader(1), Trader(2)):
                trader.nonce = 0
            await continue_trading(venue, rng)
            for message in drain(subscriber):
                assert message["type"] == "update/order_book"
                for side, changed in levels(message["order_book"]).items():
                    mine[side].update(changed)
            mine = {side: {p: s for p, s in kept.items() if float(s) > 0} for side, kept in mine.items()}
            other = venue.streams.join()
            whole = venue.streams.subscribe(other, "order_book/0", None, NOW)
            assert mine == levels(whole["order_book"])
            book: dict[str, dict[str, int]] = {"asks": {}, "bids": {}}
            for order in venue.opened.state.orders.by_id.values():
                side, price = "asks" if order.is_ask else "bids", f"{order.price // 10}.{order.price % 10}"
                book[side][price] = book[side].get(price, 0) + order.open_lots
            shown = {side: {p: round(float(s) * 1e5) for p, s in kept.items()} for side, kept in mine.items()}
            assert shown == book

    async def continue_trading(venue: Running, rng: random.Random) -> None:
        registry = venue.opened.state.registry
        traders = [Trader(1), Trader(2)]
        for trader in traders:
            trader.nonce = registry.key(trader.account, 4).last_nonce
        for _ in range(40):
            trader = rng.choice(traders)
            price = PRICES[0] + rng.randint(-20, 20)
            info = trader.order(0, rng.randint(1, 9) * 100, price, ask=rng.random() < 0.5)
            await venue.sequencer.submit(table.CREATE_ORDER, info)

    asyncio.run(run())


def test_accounts_orders_and_trades_are_pushed_to_those_who_may_see_them(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            await venue.fund([Trader(1), Trader(2)])
            maker, taker, subscriber = Trader(1), Trader(2), venue.streams.join()
            streams = venue.streams
            with pytest.raises(MessageError, match="token"):
                streams.subscribe(subscriber, "account_all_orders/1", token_of(taker), NOW)
            streams.subscribe(subscriber, "account_all_orders/1", token_of(maker), NOW)
            for channel in ("account_all/2", "trade/0", "market_stats/all", "market_stats/1"):
                streams.subscribe(subscriber, channel, None, NOW)
            await venue.sequencer.submit(table.CREATE_ORDER, maker.order(0, 1000, 600_000, ask=True))
            await venue.sequencer.submit(table.CREATE_ORDER, taker.order(0, 400, 600_000, ask=False))
            told = {(m["type"], m["channel"]): m for m in drain(subscriber)}
            assert told["update/account_all_orders", "account_all_orders:1"]["orders"]["0"][0]["order_id"]
            assert told["update/account_all", "account_all:2"]["positions"]["0"]["position"] == "0.00400"
            assert told["update/trade", "trade:0"]["trades"][0]["size"] == "0.00400"

    asyncio.run(run())


def test_limits_and_unknown_channels(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            await venue.fund([Trader(1)])
            subscriber = venue.streams.join()
            for channel in ("nothing/0", "order_book/9", "order_book/x", "account_all/77", "order_book", ""):
                with pytest.raises(MessageError):
                    venue.streams.subscribe(subscriber, channel, None, NOW)
            subscriber.channels = {str(i) for i in range(MAX_CHANNELS)}
            with pytest.raises(MessageError, match="channels"):
                venue.streams.subscribe(subscriber, "trade/0", None, NOW)

    asyncio.run(run())


def test_a_subscriber_that_does_not_keep_up_is_ended() -> None:
    subscriber = Subscriber()
    for _ in range(MAX_QUEUE + 1):
        subscriber.push(b"{}")
    assert subscriber.queue.get_nowait() is None
    assert subscriber.queue.empty()
