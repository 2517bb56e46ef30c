"""The WebSocket at /stream: subscriptions, and messages sent over it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from l2forge.ledger.messages import MessageError
from l2forge.ledger.messages.codes import INVALID_TX_INFO, Code
from l2forge.venue import refusals
from l2forge.venue.api.digits import encodable
from l2forge.venue.api.services import Services
from l2forge.venue.api.stream import Subscriber
from l2forge.venue.api.transactions import sender_of, submit

router = APIRouter()

PING_S = 60.0
CLOSE_TOO_SLOW = 1008
CLOSE_TOO_MANY = 1013
MAX_CONNECTIONS = 1_000
MAX_MESSAGE = 1 << 17

Json = dict[str, Any]

_log = logging.getLogger("l2forge.api")


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """One connection: a reader and a writer until either ends."""
    services: Services = socket.app.state.services
    await socket.accept()
    if services.streams.n_subscribers >= MAX_CONNECTIONS:
        await socket.close(CLOSE_TOO_MANY, "Too Many Connections!")
        return
    subscriber = services.streams.join()
    subscriber.push(orjson.dumps({"type": "connected"}))
    tasks = [
        asyncio.create_task(_write(socket, subscriber)),
        asyncio.create_task(_read(socket, services, subscriber)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        services.streams.leave(subscriber)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(socket: WebSocket, subscriber: Subscriber) -> None:
    while True:
        try:
            message = await asyncio.wait_for(subscriber.queue.get(), PING_S)
        except TimeoutError:
            message = b'{"type":"ping"}'
        if message is None:
            await socket.close(CLOSE_TOO_SLOW, "too slow")
            return
        await socket.send_text(message.decode())


async def _read(socket: WebSocket, services: Services, subscriber: Subscriber) -> None:
    try:
        while True:
            text = await socket.receive_text()
            answer = await _answer(text, sender_of(socket), services, subscriber)
            if answer is not None:
                subscriber.push(orjson.dumps(answer))
    except WebSocketDisconnect:
        return


async def _answer(text: str, sender: str, services: Services, subscriber: Subscriber) -> Json | None:
    """What to answer to one message; errors are answered, not raised."""
    number: Any = None
    try:
        request = _parsed(text)
        match request.get("type"):
            case "subscribe":
                channel, token = request.get("channel"), request.get("auth")
                if not isinstance(channel, str) or not isinstance(token, str | None):
                    raise MessageError(refusals.INVALID_PARAMETER, "channel", "no text")
                return services.streams.subscribe(subscriber, channel, token, services.sequencer.now_ms)
            case "unsubscribe":
                channel = str(request.get("channel"))
                subscriber.channels.discard(channel)
                return {"type": "unsubscribed", "channel": channel.replace("/", ":", 1)}
            case "jsonapi/sendtx":
                data = request.get("data")
                data = data if isinstance(data, dict) else {}
                number = _id(data)
                return await _send(data, sender, services)
            case "ping":
                return {"type": "pong"}
            case "pong":
                return None
        raise MessageError(refusals.INVALID_PARAMETER, "type", f"{request.get('type')!r} is unknown")
    except MessageError as error:
        return _error(error.code, f" ({encodable(str(error))})", number)
    except Exception:
        _log.exception("a message over the stream")
        return _error(refusals.UNKNOWN, "", number)


def _error(code: Code, detail: str, number: Any) -> Json:
    answer = {"error": {"code": code.number, "message": code.text + detail}}
    return answer if number is None else {"type": "jsonapi/sendtx", "id": number, **answer}


def _id(data: Json) -> str | int | float | None:
    """What the answer repeats; lists and objects can be deeper than an answer may be."""
    number = data.get("id")
    if not isinstance(number, str | int | float | None):
        raise MessageError(refusals.INVALID_PARAMETER, "id", "neither text nor number")
    return number


def _parsed(text: str) -> Json:
    try:
        request = orjson.loads(text) if len(text) <= MAX_MESSAGE else None
    except orjson.JSONDecodeError:
        request = None
    if not isinstance(request, dict):
        raise MessageError(refusals.INVALID_PARAMETER, "message", "not a JSON object")
    return request


async def _send(data: Json, sender: str, services: Services) -> Json:
    info = data.get("tx_info")
    tx_type = data.get("tx_type")
    if type(tx_type) is not int or not isinstance(info, dict | str):
        raise MessageError(refusals.INVALID_PARAMETER, "data", "tx_type or tx_info is missing")
    text = info if isinstance(info, str) else _text(info)
    done = await submit(services, sender, tx_type, text)
    assert done.message is not None
    return {
        "type": "jsonapi/sendtx",
        "id": _id(data),
        "code": 200,
        "tx_hash": done.message.tx_hash,
        "predicted_execution_time_ms": services.sequencer.now_ms,
    }


def _text(info: Json) -> str:
    try:
        return orjson.dumps(info).decode()
    except orjson.JSONEncodeError:
        raise MessageError(INVALID_TX_INFO, "tx_info", "nested too deeply") from None
