"""The API: what clients read, and that whatever is malformed gets their error and changes nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from l2forge.ledger.auth_token import make_token
from l2forge.ledger.messages import table
from l2forge.venue.api.transactions import MAX_INFO
from l2forge.venue.journal import MAX_FRAME_BYTES
from l2forge.venue.sequencer import MAX_ROUND
from tests.venue.running import Running, running
from tests.venue.trading import NOW, Trader

ORDER = table.CREATE_ORDER
Api = httpx.AsyncClient


PAGES = {
    "/": "network_id",
    "/info": "contract_address",
    "/api/v1/orderBooks": "order_books",
    "/api/v1/orderBookDetails": "order_book_details",
    "/api/v1/assetDetails": "asset_details",
    "/api/v1/funding-rates": "funding_rates",
    f"/api/v1/accountsByL1Address?l1_address={Trader(1).owner}": "sub_accounts",
    "/api/v1/apikeys?account_index=1&api_key_index=255": "api_keys",
    "/api/v1/nextNonce?account_index=1&api_key_index=4": "nonce",
    "/api/v1/txs?limit=5": "txs",
    "/api/v1/accountTxs?by=account_index&value=1&limit=5": "txs",
    "/api/v1/blocks?limit=5": "blocks",
    "/api/v1/currentHeight": "height",
    "/api/v1/layer1BasicInfo": "l1_providers",
    "/api/v1/venue/health": "prices_fresh",
    "/api/v1/venue/batches": "batches",
    "/openapi.json": "paths",
}


def with_api(
    directory: Path, work: Callable[[Running, Api], Awaitable[None]], *, calls: int = 10_000
) -> None:
    """Run `work` with a client of a venue that has two funded traders."""

    async def run() -> None:
        async with running(directory, calls=calls) as venue:
            await venue.fund([Trader(1), Trader(2)])
            transport = httpx.ASGITransport(venue.app)
            async with Api(transport=transport, base_url="http://venue") as api:
                await work(venue, api)

    asyncio.run(run())


async def send(api: Api, info: str, tx_type: int = ORDER) -> dict[str, Any]:
    """sendTx as the client sends it."""
    answer = await api.post("/api/v1/sendTx", data={"tx_type": str(tx_type), "tx_info": info})
    found: dict[str, Any] = answer.json()
    assert answer.status_code == (200 if found["code"] == 200 else 400)
    return found


async def get(api: Api, path: str, token: str = "", **query: Any) -> dict[str, Any]:
    """A GET; the answer whatever its status."""
    headers = {"Authorization": token} if token else {}
    found: dict[str, Any] = (await api.get(path, params=query, headers=headers)).json()
    return found


def token_of(trader: Trader, *, account: int | None = None, deadline_s: int = NOW // 1000 + 600) -> str:
    """An auth token."""
    index = trader.account if account is None else account
    return make_token(trader.secret, deadline_s=deadline_s, account_index=index, api_key_index=trader.key)


def test_a_session_from_order_to_position(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        maker, taker = Trader(1), Trader(2)
        assert (await send(api, maker.order(0, 1000, 600_000, ask=True, ClientOrderIndex=7)))["code"] == 200
        sent = await send(api, taker.order(0, 400, 600_000, ask=False))
        book = await get(api, "/api/v1/orderBookOrders", market_id=0, limit=10)
        assert [ask["remaining_base_amount"] for ask in book["asks"]] == ["0.00600"]
        assert [ask["price"] for ask in book["asks"]] == ["60000.0"]
        account = (await get(api, "/api/v1/account", by="index", value="2"))["accounts"][0]
        position = account["positions"][0]
        assert (position["position"], position["sign"]) == ("0.00400", 1)
        assert position["avg_entry_price"] == "60000.0"
        assert account["collateral"] == "99759.904000"  # 240 paid, 4 bps of it as the fee
        trades = (await get(api, "/api/v1/recentTrades", market_id=0, limit=5))["trades"]
        assert [(t["price"], t["size"], t["is_maker_ask"]) for t in trades] == [("60000.0", "0.00400", True)]
        assert (trades[0]["taker_fee"], trades[0]["tx_hash"]) == (400, sent["tx_hash"])
        tx = await get(api, "/api/v1/tx", by="hash", value=sent["tx_hash"])
        assert (tx["account_index"], tx["status"], tx["block_height"]) == (2, 2, 1)
        live = await get(api, "/api/v1/accountActiveOrders", token_of(maker), account_index=1)
        assert [(o["client_order_index"], o["filled_base_amount"]) for o in live["orders"]] == [
            (7, "0.00400")
        ]
        mine = await get(api, "/api/v1/trades", token_of(maker), account_index=1, limit=5)
        assert len(mine["trades"]) == 1
        await send(api, maker.sign(table.CANCEL_ORDER, MarketIndex=0, Index=7), table.CANCEL_ORDER)
        gone = await get(api, "/api/v1/accountInactiveOrders", token_of(maker), account_index=1, limit=9)
        assert [o["status"] for o in gone["orders"]] == ["canceled"]
        details = (await get(api, "/api/v1/orderBookDetails", market_id=0))["order_book_details"][0]
        assert (details["last_trade_price"], details["daily_trades_count"]) == (60000.0, 1)

    with_api(tmp_path, work)


def test_money_out_and_its_history(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        trader = Trader(1)
        out = trader.sign(table.WITHDRAW, AssetIndex=3, RouteType=0, Amount=5_000_000)
        assert (await send(api, out, table.WITHDRAW))["code"] == 200
        paid = await get(api, "/api/v1/withdraw/history", token_of(trader), account_index=1)
        assert [(w["amount"], w["status"]) for w in paid["withdraws"]] == [("5.000000", "pending")]
        came = await get(api, "/api/v1/deposit/history", token_of(trader), account_index=1, l1_address="")
        assert [d["amount"] for d in came["deposits"]] == ["100000.000000"]

    with_api(tmp_path, work)


def test_private_pages_need_the_accounts_own_token(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        path = "/api/v1/accountActiveOrders"
        one = Trader(1)
        wrong = [
            "",
            "nonsense",
            token_of(Trader(2)),
            token_of(Trader(2), account=1),
            token_of(one, deadline_s=NOW // 1000 - 1),
            token_of(one, deadline_s=NOW // 1000 + 10**6),
            token_of(one)[:-1] + "0",
        ]
        for token in wrong:
            assert (await get(api, path, token, account_index=1))["code"] == 20013, token
        assert (await get(api, path, token_of(one), account_index=1))["code"] == 200
        assert (await get(api, path, account_index=1, auth=token_of(one)))["code"] == 200

    with_api(tmp_path, work)


def test_a_batch_of_messages(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        trader = Trader(1)
        infos = [trader.order(0, 1000, 590_000, ask=False) for _ in range(3)]
        form = {"tx_types": json.dumps([ORDER] * 3), "tx_infos": json.dumps(infos)}
        answer = (await api.post("/api/v1/sendTxBatch", data=form)).json()
        assert (answer["code"], len(answer["tx_hash"])) == (200, 3)
        again = (await api.post("/api/v1/sendTxBatch", data=form)).json()
        assert (again["code"], "message 1 of 3" in again["message"]) == (21104, True)
        for types, texts in (
            ("[14]", "[]"),
            ("x", "[]"),
            ('["14"]', '["{}"]'),
            ("[]", "[]"),
            ("[14]", "[5]"),
        ):
            form = {"tx_types": types, "tx_infos": texts}
            assert (await api.post("/api/v1/sendTxBatch", data=form)).status_code == 400

    with_api(tmp_path, work)


def test_malformed_input_gets_the_clients_error_and_changes_nothing(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        digest, end = venue.opened.state.engine.digest(), venue.opened.journal.end
        good = json.loads(Trader(1).order(0, 1000, 590_000, ask=False))
        cases: list[tuple[Any, int]] = [
            ("", 20001),
            ("null", 21501),
            ("{", 21501),
            ("[" * 60_000, 21501),
            (json.dumps({**good, "Extra": 1}), 21501),
            (json.dumps({**good, "Price": 1.5}), 21501),
            (json.dumps({**good, "Price": "600000"}), 21702),
            (json.dumps({**good, "Price": -1}), 21702),
            (json.dumps({**good, "BaseAmount": 2**60}), 21701),
            (json.dumps({**good, "MarketIndex": 10**9}), 21602),
            (json.dumps({**good, "AccountIndex": True}), 21102),
            (json.dumps({**good, "Sig": "AAAA"}), 21120),
            (json.dumps({**good, "Sig": None}), 21120),
            (json.dumps({**good, "L2TxAttributes": {"99": 1}}), 21501),
            (json.dumps(good).replace('"Nonce"', '"Price": 5, "Nonce"'), 21501),
        ]
        for info, expected in cases:
            assert (await send(api, info))["code"] == expected, info[:80]
        for form in ({}, {"tx_type": "14"}, {"tx_type": "fourteen", "tx_info": "{}"}, {"tx_info": "{}"}):
            answer = await api.post("/api/v1/sendTx", data=form)
            assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        long = await send(api, json.dumps({**good, "Sig": "A" * 70_000}))
        assert long["code"] == 21501
        huge = await api.post("/api/v1/sendTx", data={"tx_type": "14", "tx_info": "x" * (1 << 21)})
        assert (huge.status_code, huge.json()["code"]) == (413, 20001)

        async def unannounced() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b"tx_info=" + b"x" * (1 << 16)

        form_type = {"content-type": "application/x-www-form-urlencoded"}
        streamed = await api.post("/api/v1/sendTx", content=unannounced(), headers=form_type)
        assert streamed.status_code in (400, 413)
        raw = await api.post("/api/v1/sendTx", content=b"\xff\xfe", headers={"content-type": "text/plain"})
        assert raw.status_code == 400
        for path in ("nextNonce?account_index=x&api_key_index=4", "nextNonce", "account?by=name&value=1"):
            assert (await api.get(f"/api/v1/{path}")).status_code == 400
        for path in ("orderBookOrders?market_id=9&limit=5", "tx?by=hash&value=00", "trades?limit=5&cursor=x"):
            assert (await api.get(f"/api/v1/{path}")).status_code == 400
        assert (await api.get("/api/v1/nothing")).json() == {"code": 404, "message": "Not Found"}
        assert venue.opened.state.engine.digest() == digest
        assert venue.opened.journal.end == end

    with_api(tmp_path, work)


def test_a_padded_message_is_refused_so_that_a_round_fits_a_frame(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        order = Trader(1).order(0, 1000, 600_000, ask=True)
        before = venue.sequencer.journal.end
        assert (await send(api, order + " " * (MAX_INFO + 1 - len(order))))["code"] != 200
        assert venue.sequencer.journal.end == before
        assert (await send(api, order + " " * (MAX_INFO - len(order))))["code"] == 200

    assert MAX_ROUND * (4 * MAX_INFO + 1_000) < MAX_FRAME_BYTES
    with_api(tmp_path, work)


def test_an_account_that_sends_too_much_waits(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        started = time.monotonic()
        form = {"tx_type": "14", "tx_info": Trader(1).order(0, 5, 5, ask=False)}
        statuses = [(await api.post("/api/v1/sendTx", data=form)).status_code for _ in range(8)]
        if time.monotonic() - started < 0.5:  # else the bucket has been refilled meanwhile
            assert statuses[-1] == 429
        other = await api.post(
            "/api/v1/sendTx", data={"tx_type": "14", "tx_info": Trader(2).order(0, 5, 5, ask=False)}
        )
        assert other.status_code == 400

    with_api(tmp_path, work, calls=4)


def test_every_page_answers(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        for path, key in PAGES.items():
            answer = await api.get(path)
            assert (answer.status_code, key in answer.json()) == (200, True), path

    with_api(tmp_path, work)


def test_a_closed_batch_is_a_block(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        await send(api, Trader(1).order(0, 1000, 590_000, ask=False))
        await venue.sequencer.close_batch(remainder=True)
        assert (await get(api, "/api/v1/currentHeight"))["height"] == 1
        block = (await get(api, "/api/v1/block", by="height", value="1"))["blocks"][0]
        assert (block["height"], len(block["txs"])) == (1, 1)
        operations = (await get(api, "/api/v1/venue/batches/1"))["operations"]
        assert operations[0]["op"] == "clock"
        assert (await get(api, "/api/v1/venue/proofs/1"))["code"] == 20001
        assert (await get(api, "/api/v1/venue/batches/2"))["code"] == 20001

    with_api(tmp_path, work)
