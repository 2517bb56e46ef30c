"""A session with the unmodified client, run by the client's own Python: orders, a cancel, a fill, a position.

    python session.py '{"url": …, "chain_id": …, "accounts": {"INDEX": {"key": …, "secret": …}}}'

Prints one JSON object of what it saw. Imports nothing of l2forge.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import lighter

MARKET = 0
LOTS, FILLED = 1000, 400


def outcome(answer: Any, error: Any) -> list[Any]:
    """The code of an answer, or the client's error."""
    return [None if answer is None else answer.code, error]


async def trade(settings: dict[str, Any]) -> dict[str, Any]:
    """What the client sees of its own trading."""
    url = settings["url"]
    (maker_index, maker_key), (taker_index, taker_key) = (
        (int(index), account) for index, account in settings["accounts"].items()
    )
    maker, taker = (
        lighter.SignerClient(
            url=url,
            account_index=index,
            api_private_keys={key["key"]: key["secret"]},
            chain_id=settings["chain_id"],
        )
        for index, key in ((maker_index, maker_key), (taker_index, taker_key))
    )
    api = maker.api_client
    orders, accounts = lighter.OrderApi(api), lighter.AccountApi(api)
    try:
        seen: dict[str, Any] = {"check": [maker.check_client(), taker.check_client()]}
        details = (await orders.order_book_details(market_id=MARKET)).order_book_details[0]
        price = int(details.index_price.replace(".", ""))

        _, answer, error = await maker.create_order(MARKET, 1, LOTS, price - 50, False, 0, 1)
        seen["placed"] = outcome(answer, error)
        _, answer, error = await maker.create_order(MARKET, 2, LOTS, price + 50, True, 0, 2)
        seen["post_only"] = outcome(answer, error)
        token, _ = maker.create_auth_token_with_expiry(api_key_index=maker_key["key"])
        live = (await orders.account_active_orders(token, maker_index)).orders
        seen["live"] = sorted(order.client_order_index for order in live)

        _, answer, error = await maker.cancel_order(MARKET, 1)
        seen["cancel"] = outcome(answer, error)
        book = await orders.order_book_orders(MARKET, 10)
        seen["book"] = [len(book.asks), len(book.bids)]

        _, filled, error = await taker.create_market_order(MARKET, 3, FILLED, price + 1000, False)
        seen["fill"] = outcome(filled, error)
        if filled is None:
            return seen
        position = (await accounts.account(by="index", value=str(taker_index))).accounts[0].positions[0]
        seen["position"] = [position.sign, position.position]
        seen["trade"] = (await orders.recent_trades(MARKET, 1)).trades[0].size
        seen["tx_hash"] = filled.tx_hash

        _, answer, error = await taker.create_order(MARKET, 4, 10**9, price, False, 0, 1)
        seen["too_large"] = outcome(answer, error)
        _, answer, error = await taker.cancel_all_orders(0, 0)
        seen["cancel_all"] = outcome(answer, error)
        ended = (await orders.account_inactive_orders(token, maker_index, limit=5)).orders
        seen["ended"] = [[order.client_order_index, order.status] for order in ended]
        return seen
    finally:
        await maker.close()
        await taker.close()


async def stream(settings: dict[str, Any]) -> dict[str, Any]:
    """The first messages of the stream."""
    account = next(iter(settings["accounts"]))
    books: list[Any] = []
    accounts: list[Any] = []
    client = lighter.WsClient(
        ws_url=settings["url"].replace("http", "ws") + "/stream",
        order_book_ids=[MARKET],
        account_ids=[int(account)],
        on_order_book_update=lambda market, book: books.append([market, len(book["asks"])]),
        on_account_update=lambda index, message: accounts.append([index, list(message["positions"])]),
    )
    task = asyncio.create_task(client.run_async())
    for _ in range(100):
        if books and accounts:
            break
        await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return {"books": books[:1], "accounts": accounts[:1]}


async def main() -> None:
    """Trade, then look at the stream."""
    settings = json.loads(sys.argv[1])
    print(json.dumps({**await trade(settings), **await stream(settings)}))


if __name__ == "__main__":
    asyncio.run(main())
