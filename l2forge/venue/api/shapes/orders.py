"""Answers about orders and trades."""

from __future__ import annotations

from pydantic import BaseModel

from l2forge.venue.api.shapes.base import Answer


class Order(BaseModel):
    """An order of an account."""

    order_index: int
    client_order_index: int
    order_id: str
    client_order_id: str
    market_index: int
    owner_account_index: int
    initial_base_amount: str
    price: str
    nonce: int
    remaining_base_amount: str
    is_ask: bool
    base_size: int
    base_price: int
    filled_base_amount: str
    filled_quote_amount: str
    side: str
    type: str
    time_in_force: str
    reduce_only: bool
    trigger_price: str = "0"
    order_expiry: int
    status: str
    trigger_status: str = "na"
    trigger_time: int = 0
    parent_order_index: int = 0
    parent_order_id: str = "0"
    to_trigger_order_id_0: str = "0"
    to_trigger_order_id_1: str = "0"
    to_cancel_order_id_0: str = "0"
    block_height: int
    timestamp: int
    created_at: int
    updated_at: int
    transaction_time: int
    integrator_fee_collector_index: str = "0"
    integrator_maker_fee: str = "0"
    integrator_taker_fee: str = "0"
    order_flags: int = 0
    order_version: int = 0
    market_symbol: str
    market_kind: str = "perps"


class Orders(Answer):
    """GET /api/v1/accountActiveOrders, accountInactiveOrders"""

    next_cursor: str = ""
    orders: list[Order]


class Trade(BaseModel):
    """A fill."""

    trade_id: int
    tx_hash: str
    type: str = "trade"
    market_id: int
    size: str
    price: str
    usd_amount: str
    ask_id: int
    bid_id: int
    ask_account_id: int
    bid_account_id: int
    is_maker_ask: bool
    block_height: int
    timestamp: int
    taker_fee: int
    taker_position_size_before: str
    taker_entry_quote_before: str
    taker_initial_margin_fraction_before: int
    taker_position_sign_changed: bool
    maker_fee: int
    maker_position_size_before: str
    maker_entry_quote_before: str
    maker_initial_margin_fraction_before: int
    maker_position_sign_changed: bool
    transaction_time: int
    bid_account_pnl: str
    ask_account_pnl: str
    ask_client_id: int
    bid_client_id: int
    ask_client_id_str: str
    bid_client_id_str: str
    ask_id_str: str
    bid_id_str: str
    trade_id_str: str
    integrator_maker_fee: int = 0
    integrator_maker_fee_collector_index: int = 0
    integrator_taker_fee: int = 0
    integrator_taker_fee_collector_index: int = 0
    taker_allocated_margin_usdc_before: int = 0
    taker_allocated_margin_usdc_after: int = 0
    maker_allocated_margin_usdc_before: int = 0
    maker_allocated_margin_usdc_after: int = 0
    bid_order_version: int = 0
    ask_order_version: int = 0
    market_symbol: str
    market_kind: str = "perps"


class Trades(Answer):
    """GET /api/v1/recentTrades, trades"""

    next_cursor: str = ""
    trades: list[Trade]
