"""Every parameter of every route, and the stream, given what no client sends: its error, no effect."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson
import pytest
from fastapi import FastAPI

from l2forge.venue.history import History
from tests.venue.running import Running
from tests.venue.test_api import ORDER, Api, token_of, with_api
from tests.venue.trading import Trader

Json = dict[str, Any]

NUMBERS = ["-1", "9" * 25, "9" * 5000, *map(str, (2**53, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1))]
TEXTS = [
    "",
    "x",
    "²",
    "١",
    "1e5",
    "0x1",
    "1.5",
    "null",
    "true",
    "\x00",
    "🙂",
    "\ud800",
    "a" * 3000,
    "[",
    "{}",
]
ODD = NUMBERS + TEXTS
BYS = ["index", "hash", "sequence_index", "account_index", "height", "l1_address"]
USUAL = {
    "by": "index",
    "value": "1",
    "limit": "5",
    "market_id": "0",
    "account_index": "1",
    "api_key_index": "4",
    "auth": token_of(Trader(1)),
    "l1_address": Trader(1).owner,
    "number": "1",
    "tx_type": "14",
    "tx_info": "{}",
    "tx_types": "[14]",
    "tx_infos": '["{}"]',
}
JSON_VALUES = [
    *(None, True, -1, 0, 2**32, 2**53, 2**63, 2**64, 10**4000),
    *("", "1", "²", "\ud800", "\x00", [], [1], {}, {"a": 1}, {"\ud800": 1}),
]


def odd_requests(paths: Json) -> list[tuple[str, str, Json]]:
    """For every parameter that the API describes: method, path, and a form with one odd value."""
    found = []
    for path, methods in paths["paths"].items():
        for method, described in methods.items():
            names = [each["name"] for each in described.get("parameters", []) if each["in"] != "header"]
            form = form_fields(paths, described)
            usual = {name: USUAL[name] for name in [*names, *form] if name in USUAL}
            for by in BYS if "by" in names else [""]:
                chosen = usual | ({"by": by} if by else {})
                found += [(method, path, chosen | {name: value}) for name in [*names, *form] for value in ODD]
    return found


def form_fields(paths: Json, described: Json) -> list[str]:
    """The names of the fields of a route's form."""
    content = described.get("requestBody", {}).get("content", {})
    (schema,) = [each["schema"]["$ref"] for each in content.values()] or [""]
    return list(paths["components"]["schemas"][schema.split("/")[-1]]["properties"]) if schema else []


def encoded(values: Json) -> str:
    """Values as a query or form, half surrogate pairs as the bytes they would have."""
    return urlencode(values, errors="surrogatepass")


async def asked(api: Api, method: str, path: str, values: Json) -> httpx.Response:
    """The answer of a route."""
    in_path = {name: value for name, value in values.items() if f"{{{name}}}" in path}
    rest = {name: value for name, value in values.items() if name not in in_path}
    for name, value in in_path.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
    if method == "post":
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await api.post(path, content=encoded(rest).encode(), headers=headers)
    return await api.get(f"{path}?{encoded(rest)}")


def test_every_parameter_of_every_route(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        before = venue.opened.state.engine.digest(), venue.opened.journal.end
        requests = odd_requests((await api.get("/openapi.json")).json())
        assert len({path for _, path, _ in requests}) > 20
        for method, path, values in requests:
            answer = await asked(api, method, path, values)
            told = method, path, values, answer.text[:200]
            assert answer.status_code in (200, 400, 404) or answer.is_redirect, told
            assert answer.status_code == 200 or answer.is_redirect or answer.json()["code"] != 200, told
        for value in ODD:
            if value.isascii() and value.isprintable():
                page = "/api/v1/accountLimits?account_index=1"
                answer = await api.get(page, headers={"Authorization": value})
                assert (answer.status_code, answer.json()["code"]) == (400, 20013)
        assert (venue.opened.state.engine.digest(), venue.opened.journal.end) == before

    with_api(tmp_path, work, calls=10**6)


def odd_messages() -> list[str]:
    """An order in which one field is another than was signed, or one too many, or missing."""
    good = json.loads(Trader(1).order(0, 1000, 590_000, ask=False))
    none = good.pop("L2TxAttributes")  # as null, as {}, and left out
    found = [{**good, key: value} for key in good for value in JSON_VALUES if value != good[key]]
    found += [{k: v for k, v in good.items() if k != key} for key in good]
    found += [{**good, "\ud800": 1}, {"\ud800": 1}]
    found += [{**good, "L2TxAttributes": value} for value in JSON_VALUES if value not in (none, {})]
    found += [{**good, "L2TxAttributes": {"1": value}} for value in JSON_VALUES]
    texts = [json.dumps(each, ensure_ascii=escaped) for each in found for escaped in (True, False)]
    return [*texts, "", "null", "[]", "NaN", "1e5", "[" * 4000, '{"a":' * 4000, '"\\ud800"', "\ud800"]


def test_every_field_of_a_message(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        before = venue.opened.state.engine.digest(), venue.opened.journal.end
        for info in odd_messages():
            for path, form in (
                ("/api/v1/sendTx", {"tx_type": "14", "tx_info": info}),
                ("/api/v1/sendTxBatch", {"tx_types": "[14]", "tx_infos": json.dumps([info])}),
            ):
                answer = await asked(api, "post", path, form)
                assert answer.status_code == 400 and answer.json()["code"] != 200, info[:300]
        assert (venue.opened.state.engine.digest(), venue.opened.journal.end) == before

    with_api(tmp_path, work, calls=10**6)


class Line:
    """A connection to /stream, spoken as the server speaks it to the application."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Json] = asyncio.Queue()
        self.received: asyncio.Queue[Json] = asyncio.Queue()

    async def ask(self, text: str) -> Json:
        """Send a text; the next message that comes."""
        await self.sent.put({"type": "websocket.receive", "text": text})
        return await self.next()

    async def next(self) -> Json:
        """The next message; an AssertionError where the connection ends instead."""
        message = await asyncio.wait_for(self.received.get(), 5)
        assert message["type"] == "websocket.send", message
        found: Json = orjson.loads(message["text"])
        return found


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[Line]:
    """A connection that has been accepted, for the length of a `with` block."""
    line = Line()
    scope = {"type": "websocket", "path": "/stream", "headers": [], "query_string": b"", "subprotocols": []}
    task = asyncio.create_task(app(scope, line.sent.get, line.received.put))
    await line.sent.put({"type": "websocket.connect"})
    assert (await line.received.get())["type"] == "websocket.accept"
    assert (await line.next())["type"] == "connected"
    try:
        yield line
    finally:
        await line.sent.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(task, 5)


def stream_texts() -> list[str]:
    """What no client sends over the stream."""
    deep = "[" * 400 + "]" * 400
    odd = [value for value in ODD if value != "\ud800"]
    channels = [
        form.format(value)
        for form in (
            "{}",
            "order_book/{}",
            "trade/{}",
            "market_stats/{}",
            "account_all/{}",
            "account_orders/0/{}",
        )
        for value in odd
    ]
    requests: Sequence[Json] = [
        *({"type": value} for value in JSON_VALUES[:7]),
        *({"type": "subscribe", "channel": channel, "auth": "x"} for channel in channels),
        *({"type": "subscribe", "channel": value} for value in (None, 5, [], {})),
        *({"type": "jsonapi/sendtx", "data": value} for value in (None, 5, [], {})),
    ]
    sendtx = '{"type":"jsonapi/sendtx","data":{"id":%s,"tx_type":%s,"tx_info":%s}}'
    return [
        *("", "[]", "null", "5", "{}", deep, "\ud800", f'{{"type":{deep}}}'),
        *(json.dumps(each) for each in requests),
        *(sendtx % (value, 14, '"{}"') for value in (deep, "[1]", "{}", "1e400", '"\\ud800"')),
        *(sendtx % (1, value, '"{}"') for value in (2**64, -1, "true", "null", '"14"', deep)),
        *(sendtx % (1, 14, json.dumps(info)) for info in odd_messages()),
        *(sendtx % (1, 14, value) for value in (f'{{"a":{deep}}}', '{"a":1e400}', '{"\\ud800":1}', "[]")),
    ]


def test_the_stream_answers_what_is_odd_and_goes_on(tmp_path: Path) -> None:
    async def work(venue: Running, api: Api) -> None:
        before = venue.opened.state.engine.digest(), venue.opened.journal.end
        async with connected(venue.app) as line:
            for text in stream_texts():
                answer = await line.ask(text)
                code = answer.get("error", {"code": 200})["code"]
                assert code not in (200, 29500), (text[:200], answer)
            good = {"id": 7, "tx_type": ORDER, "tx_info": Trader(1).order(0, 1000, 590_000, ask=False)}
            assert (venue.opened.state.engine.digest(), venue.opened.journal.end) == before
            answer = await line.ask(json.dumps({"type": "jsonapi/sendtx", "data": good}))
            assert (answer["id"], answer["code"]) == (7, 200)

    with_api(tmp_path, work, calls=10**6)


def test_what_nobody_has_foreseen_gets_the_servers_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(venue: Running, api: Api) -> None:
        transport = httpx.ASGITransport(venue.app, raise_app_exceptions=False)
        async with Api(transport=transport, base_url="http://venue") as client:
            answer = await client.get("/api/v1/txs?limit=5")
            assert (answer.status_code, answer.json()["code"]) == (500, 29500)
        async with connected(venue.app) as line:
            assert (await line.ask('{"type":"subscribe","channel":"trade/0"}'))["error"]["code"] == 29500
            assert (await line.ask('{"type":"ping"}'))["type"] == "pong"

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the test's")

    monkeypatch.setattr(History, "transactions", broken)
    monkeypatch.setattr("l2forge.venue.api.stream.Streams.subscribe", broken)
    with caplog.at_level(logging.ERROR, "l2forge.api"):
        with_api(tmp_path, work)
    assert "the test's" in caplog.text
