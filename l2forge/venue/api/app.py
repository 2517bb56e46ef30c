"""The application: routes, and errors in the shape that clients expect."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from l2forge import __version__
from l2forge.errors import EnvironmentFailure
from l2forge.ledger.messages import MessageError
from l2forge.ledger.messages.codes import Code
from l2forge.venue import refusals
from l2forge.venue.api import accounts, chain, markets, socket, transactions
from l2forge.venue.api.digits import encodable
from l2forge.venue.api.limits import LimitBodies
from l2forge.venue.api.services import Services

BAD_REQUEST, TOO_MANY, FAULTY, UNAVAILABLE = 400, 429, 500, 503

_log = logging.getLogger("l2forge.api")


def create_app(services: Services) -> FastAPI:
    """The venue's API. The OpenAPI document is at /openapi.json, pages of it at /docs."""
    app = FastAPI(
        title=services.spec.venue.name,
        version=__version__,
        description="A venue made by l2forge; paths and fields are those of the exchange Lighter.",
        redoc_url=None,
    )
    app.state.services = services
    app.add_middleware(LimitBodies)
    for module in (transactions, accounts, markets, chain, socket):
        app.include_router(module.router)
    app.include_router(chain.own)
    app.add_exception_handler(MessageError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(EnvironmentFailure, _failed)
    app.add_exception_handler(Exception, _unforeseen)
    return app


def error_answer(code: Code, detail: str, status: int = BAD_REQUEST) -> JSONResponse:
    """An error as a client of the exchange reads it: the number, and the text that it looks for first."""
    message = f"{code.text} ({encodable(detail)})" if detail else code.text
    return JSONResponse({"code": code.number, "message": message}, status_code=status)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MessageError)
    status = TOO_MANY if error.code == refusals.TOO_MANY_REQUESTS else BAD_REQUEST
    return error_answer(error.code, str(error), status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """A parameter that is missing or of another type."""
    assert isinstance(error, RequestValidationError)
    found = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:3])
    return error_answer(refusals.INVALID_PARAMETER, found)


async def _http(_: Request, error: Exception) -> JSONResponse:
    """A path or method that does not exist."""
    assert isinstance(error, HTTPException)
    return error_answer(Code(error.status_code, str(error.detail)), "", error.status_code)


async def _unforeseen(_: Request, error: Exception) -> JSONResponse:
    """What nobody has foreseen; the server logs where it came from."""
    return error_answer(refusals.UNKNOWN, "", FAULTY)


async def _failed(_: Request, error: Exception) -> JSONResponse:
    """The journal or the state has failed: the process is about to end."""
    _log.error("%s", error)
    return error_answer(refusals.UNKNOWN, "the venue is restarting", UNAVAILABLE)
