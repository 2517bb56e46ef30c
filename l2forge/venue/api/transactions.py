"""Routes of messages: send, nonce, look up."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy import Row
from starlette.requests import HTTPConnection

from l2forge.ledger.messages import MessageError
from l2forge.ledger.messages.codes import INVALID_TX_INFO
from l2forge.ledger.messages.parse import load_json
from l2forge.venue import refusals
from l2forge.venue.api import shapes
from l2forge.venue.api.digits import Int64, is_number
from l2forge.venue.api.services import Services, services_of
from l2forge.venue.applied import Applied

router = APIRouter(prefix="/api/v1", tags=["transaction"])

MAX_BATCH = 50
MAX_INFO = 1 << 12
"""Characters of a message; the longest that the format knows, three grouped orders, has 1,100."""
EXECUTED, REFUSED, COMMITTED, VERIFIED = 2, 3, 4, 5
"""Statuses of a transaction: executed, failed, its batch closed, its batch settled on L1."""

Venue = Annotated[Services, Depends(services_of)]


def _account_of(info: str) -> int:
    """The account that a message says it is of, to limit its rate; -1 where it says none."""
    try:
        values = load_json(info)
    except ValueError:
        return -1
    named = values.get("AccountIndex", values.get("FromAccountIndex")) if isinstance(values, dict) else None
    return named if isinstance(named, int) else -1


def sender_of(connection: HTTPConnection) -> str:
    """The address that a request comes from."""
    return connection.client.host if connection.client is not None else ""


async def submit(venue: Services, sender: str, tx_type: int, info: str) -> Applied:
    """Hand one message to the sequencer, within the account's rate."""
    if len(info) > MAX_INFO:
        raise MessageError(INVALID_TX_INFO, "tx_info", f"{len(info)} characters", remedy="send a message")
    venue.rate_limit.take(sender, _account_of(info))
    return await venue.sequencer.submit(tx_type, info)


@router.post("/sendTx")
async def send_tx(
    venue: Venue,
    request: Request,
    tx_type: Annotated[int, Form()],
    tx_info: Annotated[str, Form()],
    price_protection: Annotated[bool | None, Form()] = None,
) -> shapes.SendTx:
    """A signed message: answered when it is durable and has been executed."""
    started = venue.sequencer.now_ms
    done = await submit(venue, sender_of(request), tx_type, tx_info)
    assert done.message is not None
    took = max(0, venue.sequencer.now_ms - started)
    return shapes.SendTx(tx_hash=done.message.tx_hash, predicted_execution_time_ms=took)


@router.post("/sendTxBatch")
async def send_tx_batch(
    venue: Venue, request: Request, tx_types: Annotated[str, Form()], tx_infos: Annotated[str, Form()]
) -> shapes.SendTxBatch:
    """Several signed messages, in order. The answer is an error if any was refused, and says which; those
    before and after it are executed nevertheless.
    """
    types, infos = _lists(tx_types, tx_infos)
    started = venue.sequencer.now_ms
    outcomes = await asyncio.gather(
        *(submit(venue, sender_of(request), *each) for each in zip(types, infos, strict=True)),
        return_exceptions=True,
    )
    hashes = []
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, MessageError):
            place = f"message {number + 1} of {len(infos)}: {outcome.place}"
            raise MessageError(outcome.code, place, outcome.reason, remedy=outcome.remedy)
        if isinstance(outcome, BaseException):
            raise outcome
        assert outcome.message is not None
        hashes.append(outcome.message.tx_hash)
    took = max(0, venue.sequencer.now_ms - started)
    return shapes.SendTxBatch(tx_hash=hashes, predicted_execution_time_ms=took)


def _lists(tx_types: str, tx_infos: str) -> tuple[list[int], list[str]]:
    try:
        types, infos = json.loads(tx_types), json.loads(tx_infos)
    except (ValueError, RecursionError):
        types, infos = None, None
    is_list = isinstance(types, list) and isinstance(infos, list) and 0 < len(types) == len(infos)
    if not is_list or not all(type(t) is int for t in types) or not all(type(i) is str for i in infos):
        raise MessageError(
            INVALID_TX_INFO,
            "tx_types, tx_infos",
            "not two lists of one length",
            remedy="send JSON lists of integers and of texts",
        )
    if len(types) > MAX_BATCH:
        raise MessageError(
            INVALID_TX_INFO, "tx_types", f"{len(types)} messages", remedy=f"send at most {MAX_BATCH}"
        )
    return types, infos


@router.get("/nextNonce")
async def next_nonce(venue: Venue, account_index: Int64, api_key_index: Int64) -> shapes.NextNonce:
    """The nonce that a key's next message has."""
    key = venue.sequencer.state.registry.key(account_index, api_key_index)
    return shapes.NextNonce(nonce=key.next_nonce)


@router.get("/tx")
async def tx(venue: Venue, by: str, value: str) -> shapes.EnrichedTx:
    """A transaction by hash or by sequence_index."""
    if by == "hash":
        row = await venue.ask_history(venue.history.transaction, tx_hash=value)
    elif by == "sequence_index" and is_number(value):
        row = await venue.ask_history(venue.history.transaction, sequence=int(value))
    else:
        raise MessageError(refusals.INVALID_PARAMETER, "by", f"{by}", remedy="use hash or sequence_index")
    if row is None:
        raise MessageError(refusals.TX_NOT_FOUND, "value", "no such transaction")
    fields = tx_fields(venue, row)
    batch = await venue.ask_history(venue.history.batch, fields["block_height"])
    committed, verified = (batch.time_ms, batch.settled_ms) if batch is not None else (0, 0)
    if fields["status"] == EXECUTED and batch is not None:
        fields["status"] = VERIFIED if verified else COMMITTED
    return shapes.EnrichedTx(**fields, committed_at=committed, verified_at=verified)


@router.get("/accountTxs")
async def account_txs(
    venue: Venue,
    by: str,
    value: str,
    limit: Annotated[int, Query(ge=1, le=100)],
    index: Int64 | None = None,
) -> shapes.Txs:
    """An account's transactions, newest first; `index`: before this sequence_index."""
    if by != "account_index" or not is_number(value):
        raise MessageError(refusals.INVALID_PARAMETER, "by", by, remedy="use account_index")
    rows = await venue.ask_history(venue.history.transactions, account=int(value), before=index, limit=limit)
    return shapes.Txs(txs=[shapes.Tx(**tx_fields(venue, row)) for row in rows])


@router.get("/txs")
async def txs(
    venue: Venue, limit: Annotated[int, Query(ge=1, le=100)], index: Int64 | None = None
) -> shapes.Txs:
    """Transactions, newest first; `index`: before this sequence_index."""
    rows = await venue.ask_history(venue.history.transactions, before=index, limit=limit)
    return shapes.Txs(txs=[shapes.Tx(**tx_fields(venue, row)) for row in rows])


def tx_fields(venue: Services, row: Row[Any]) -> dict[str, Any]:
    """The fields of `Tx`. event_info is the refusal of a message that was refused."""
    owner = venue.sequencer.state.registry.accounts.get(row.account)
    refused = row.code != shapes.OK
    event = orjson.dumps({"ae": row.message}).decode() if refused else "{}"
    return {
        "hash": row.hash,
        "type": row.type,
        "info": row.info,
        "event_info": event,
        "status": REFUSED if refused else EXECUTED,
        "transaction_index": row.sequence,
        "l1_address": owner.owner if owner is not None else "",
        "account_index": row.account,
        "nonce": row.nonce,
        "expire_at": row.expires_ms,
        "block_height": venue.history.block_of(row.sequence),
        "queued_at": row.time_ms,
        "executed_at": row.time_ms,
        "sequence_index": row.sequence,
        "api_key_index": row.api_key,
        "transaction_time": row.time_ms * 1000,
    }
