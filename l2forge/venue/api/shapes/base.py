"""What every answer has, and the answers to messages."""

from __future__ import annotations

from pydantic import BaseModel

OK = 200
"""The code of success."""


class Answer(BaseModel):
    """What every answer has."""

    code: int = OK
    message: str | None = None


class Status(BaseModel):
    """GET /"""

    status: int = 1
    network_id: int
    timestamp: int


class Info(BaseModel):
    """GET /info"""

    contract_address: str


class SendTx(Answer):
    """POST /api/v1/sendTx"""

    tx_hash: str
    predicted_execution_time_ms: int
    volume_quota_remaining: int = 0


class SendTxBatch(Answer):
    """POST /api/v1/sendTxBatch"""

    tx_hash: list[str]
    predicted_execution_time_ms: int
    volume_quota_remaining: int = 0


class NextNonce(Answer):
    """GET /api/v1/nextNonce"""

    nonce: int
