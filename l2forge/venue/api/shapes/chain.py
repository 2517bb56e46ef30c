"""Answers about transactions, batches and L1."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from l2forge.venue.api.shapes.base import OK, Answer


class Tx(BaseModel):
    """A transaction."""

    hash: str
    type: int
    info: str
    event_info: str
    status: int
    transaction_index: int
    l1_address: str
    account_index: int
    nonce: int
    expire_at: int
    block_height: int
    queued_at: int
    executed_at: int
    sequence_index: int
    parent_hash: str = ""
    api_key_index: int
    transaction_time: int


class EnrichedTx(Tx):
    """GET /api/v1/tx"""

    code: int = OK
    message: str | None = None
    committed_at: int
    verified_at: int


class Txs(Answer):
    """GET /api/v1/accountTxs, txs, blockTxs"""

    txs: list[Tx]


class Block(BaseModel):
    """A batch, in the exchange's words."""

    commitment: str
    height: int
    state_root: str
    priority_operations: int = 0
    on_chain_l2_operations: int = 0
    pending_on_chain_operations_pub_data: str = ""
    committed_tx_hash: str
    committed_at: int
    verified_tx_hash: str
    verified_at: int
    txs: list[Tx] = []
    status: int
    size: int


class Blocks(Answer):
    """GET /api/v1/blocks, block"""

    total: int
    blocks: list[Block]


class CurrentHeight(Answer):
    """GET /api/v1/currentHeight"""

    height: int


class ContractAddress(BaseModel):
    """A contract of the venue."""

    name: str
    address: str


class L1Provider(BaseModel):
    """The chain that the venue is on."""

    chain_id: int = Field(serialization_alias="chainId")
    network_id: int = Field(serialization_alias="networkId")
    latest_block_number: int = Field(serialization_alias="latestBlockNumber")


class Layer1BasicInfo(Answer):
    """GET /api/v1/layer1BasicInfo"""

    l1_providers: list[L1Provider]
    l1_providers_health: bool
    validator_info: list[Any] = Field(default_factory=list)
    contract_addresses: list[ContractAddress]
    latest_l1_generic_block: int = 0
    latest_l1_governance_block: int = 0
    latest_l1_desert_block: int = 0
