"""Routes of the venue itself: status, batches as blocks, L1, and what is l2forge's own under /venue/."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Row

from l2forge.ledger.messages import MessageError
from l2forge.venue import refusals
from l2forge.venue.api import shapes
from l2forge.venue.api.digits import Int64, is_number
from l2forge.venue.api.services import Services, services_of
from l2forge.venue.api.transactions import tx_fields

router = APIRouter(tags=["block"])
own = APIRouter(prefix="/api/v1/venue", tags=["venue"])

BLOCK_STATUS = {"closed": 1, "leased": 1, "proven": 2, "settled": 3}
MAX_TXS = 100

Venue = Annotated[Services, Depends(services_of)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/")
async def status(venue: Venue) -> shapes.Status:
    """The venue is up."""
    return shapes.Status(network_id=venue.spec.venue.chain_id, timestamp=venue.sequencer.now_ms // 1000)


@router.get("/info")
async def info(venue: Venue) -> shapes.Info:
    """The contract on L1."""
    return shapes.Info(contract_address=venue.chain.contract)


@router.get("/api/v1/layer1BasicInfo")
async def layer1_basic_info(venue: Venue) -> shapes.Layer1BasicInfo:
    """L1 and the venue's contracts."""
    chain = venue.chain
    return shapes.Layer1BasicInfo(
        l1_providers=[
            shapes.L1Provider(chain_id=chain.chain_id, network_id=chain.chain_id, latest_block_number=0)
        ],
        l1_providers_health=True,
        contract_addresses=[
            shapes.ContractAddress(name="Venue", address=chain.contract),
            shapes.ContractAddress(name="Token", address=chain.token),
        ],
    )


@router.get("/api/v1/currentHeight")
async def current_height(venue: Venue) -> shapes.CurrentHeight:
    """The number of the last closed batch."""
    return shapes.CurrentHeight(height=venue.sequencer.state.batches)


@router.get("/api/v1/blocks")
async def blocks(venue: Venue, limit: Limit, index: Int64 | None = None) -> shapes.Blocks:
    """Batches, newest first; `index`: before this height."""
    rows = await venue.ask_history(venue.history.batches, before=index, limit=limit)
    found = [shapes.Block(**_block(row)) for row in rows]
    return shapes.Blocks(total=venue.sequencer.state.batches, blocks=found)


@router.get("/api/v1/block")
async def block(venue: Venue, by: str, value: str) -> shapes.Blocks:
    """A batch by height, with its transactions."""
    row = await _batch(venue, value if by == "height" else "")
    before = await venue.ask_history(venue.history.batch, row.number - 1)
    span = (before.sequence + 1 if before is not None else 1, row.sequence)
    txs = await venue.ask_history(venue.history.transactions, between=span, limit=MAX_TXS)
    found = shapes.Block(**_block(row), txs=[shapes.Tx(**tx_fields(venue, each)) for each in txs])
    return shapes.Blocks(total=1, blocks=[found])


async def _batch(venue: Services, number: str) -> Row[Any]:
    row = None
    if is_number(number):
        row = await venue.ask_history(venue.history.batch, int(number))
    if row is None:
        raise MessageError(
            refusals.INVALID_PARAMETER, "height", "no such batch", remedy="see /api/v1/venue/batches"
        )
    return row


def _block(row: Row[Any]) -> dict[str, Any]:
    return {
        "commitment": row.statement,
        "height": row.number,
        "state_root": row.new_root,
        "committed_tx_hash": row.l1_tx,
        "committed_at": row.time_ms,
        "verified_tx_hash": row.l1_tx,
        "verified_at": row.settled_ms,
        "status": BLOCK_STATUS.get(row.status, 1),
        "size": row.n_operations,
    }


@own.get("/health")
async def health(venue: Venue) -> dict[str, Any]:
    """What readiness probes ask: prices, journal, batches, proofs."""
    state, now = venue.sequencer.state, venue.sequencer.now_ms
    since = state.operations.since_ms
    oldest = min(state.batch_times.values(), default=since or now)
    return {
        "status": "ok",
        "name": venue.spec.venue.name,
        "time": now,
        "records": venue.sequencer.applied_end.sequence - 1,
        "prices_fresh": {str(m): state.view.is_fresh(m, now) for m in state.markets.by_id},
        "l1_requests": state.requests,
        "accounts": len(state.registry.accounts),
        "live_orders": len(state.orders.by_id),
        "batches": {"closed": state.batches, "proven": state.proven},
        "proof_lag_ms": max(0, now - oldest) if state.batch_times else 0,
    }


@own.get("/batches")
async def batches(venue: Venue, limit: Limit = 20, before: Int64 | None = None) -> dict[str, Any]:
    """Batches with their proofs' progress, newest first."""
    rows = await venue.ask_history(venue.history.batches, before=before, limit=limit)
    return {"code": shapes.OK, "batches": [_progress(row) for row in rows]}


def _progress(row: Row[Any]) -> dict[str, Any]:
    figures = {name: orjson.loads(getattr(row, name)) for name in ("proof_figures", "l1_figures")}
    return {**row._mapping, **figures}


@own.get("/batches/{number}")
async def batch_operations(venue: Venue, number: str) -> dict[str, Any]:
    """A batch with its operations, as the ledger takes them."""
    row = await _batch(venue, number)
    return {
        "code": shapes.OK,
        "number": row.number,
        "status": row.status,
        "operations": orjson.loads(row.operations),
    }


@own.get("/proofs/{number}", response_class=Response)
async def proof(venue: Venue, number: str) -> Response:
    """A batch's proof, as bytes."""
    row = await _batch(venue, number)
    if row.proof is None:
        reason = f"batch {number} is {row.status}"
        raise MessageError(refusals.INVALID_PARAMETER, "number", reason, remedy="wait for its proof")
    return Response(row.proof, media_type="application/octet-stream")
