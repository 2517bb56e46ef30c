"""No request is larger than a batch of messages can be."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from l2forge.venue import refusals
from l2forge.venue.api.digits import is_number

MAX_BODY_BYTES = 1 << 20
TOO_LARGE = 413


class BodyTooLarge(Exception):
    """More bytes came than a request may have."""


class LimitBodies:
    """Answers 413 to a body beyond `MAX_BODY_BYTES`, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        length = int(announced) if is_number(announced) else 0
        count, started = 0, False

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if length > MAX_BODY_BYTES:
                raise BodyTooLarge
            await self._app(scope, counted, noted)
        except BodyTooLarge:
            if not started:
                code = refusals.INVALID_PARAMETER
                message = f"{code.text} (a body beyond {MAX_BODY_BYTES} bytes)"
                answer = JSONResponse({"code": code.number, "message": message}, status_code=TOO_LARGE)
                await answer(scope, receive, send)
