"""Answers about markets."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from l2forge.venue.api.shapes.base import Answer


class MarketTerms(BaseModel):
    """What orderBooks and orderBookDetails say of a market alike."""

    symbol: str
    market_id: int
    market_type: str = "perp"
    base_asset_id: int = 0
    quote_asset_id: int
    status: str
    taker_fee: str
    maker_fee: str
    liquidation_fee: str
    min_base_amount: str
    min_quote_amount: str
    supported_size_decimals: int
    supported_price_decimals: int
    supported_quote_decimals: int
    order_quote_limit: str
    is_maker_fee_enabled: bool
    is_taker_fee_enabled: bool
    created_at: str = "0"
    multiplier: str = "1"
    start_timestamp: int = 0
    end_timestamp: int = 0
    settlement_type: int = 0
    settlement_price: int = 0
    settlement_cap: int = 0
    outcome: int = 0
    default_price: int = 0
    operator_account_index: int = 0
    is_frozen: bool = False


class OrderBook(MarketTerms):
    """One market of orderBooks."""

    open_interest: str


class OrderBooks(Answer):
    """GET /api/v1/orderBooks"""

    order_books: list[OrderBook]


class MarketConfig(BaseModel):
    """Switches of a market."""

    market_margin_mode: int = 0
    insurance_fund_account_index: int = 0
    liquidation_mode: int = 0
    force_reduce_only: bool
    funding_fee_discounts_enabled: bool = False
    trading_hours: str = ""
    hidden: bool = False
    rfq_enabled: bool = False


class OrderBookDetail(MarketTerms):
    """One market of orderBookDetails."""

    size_decimals: int
    price_decimals: int
    quote_multiplier: int
    default_initial_margin_fraction: int
    min_initial_margin_fraction: int
    maintenance_margin_fraction: int
    closeout_margin_fraction: int
    last_trade_price: float
    daily_trades_count: int
    daily_base_token_volume: float
    daily_quote_token_volume: float
    daily_price_low: float
    daily_price_high: float
    daily_price_change: float
    open_interest: float
    daily_chart: dict[str, float] = {}
    market_config: MarketConfig
    strategy_index: int = 0
    funding_clamp_small: str
    funding_clamp_big: str
    base_interest_rate: str
    mark_price: str
    index_price: str
    market_flags: int = 0
    funding_premium_multiplier: int = 1


class OrderBookDetails(Answer):
    """GET /api/v1/orderBookDetails"""

    order_book_details: list[OrderBookDetail]
    spot_order_book_details: list[Any] = Field(default_factory=list)


class SimpleOrder(BaseModel):
    """A resting order of the public book."""

    order_index: int
    order_id: str
    owner_account_index: int
    initial_base_amount: str
    remaining_base_amount: str
    price: str
    order_expiry: int
    transaction_time: int


class OrderBookOrders(Answer):
    """GET /api/v1/orderBookOrders"""

    total_asks: int
    asks: list[SimpleOrder]
    total_bids: int
    bids: list[SimpleOrder]


class FundingRate(BaseModel):
    """A market's funding rate."""

    market_id: int
    exchange: str = "lighter"
    symbol: str
    rate: float


class FundingRates(Answer):
    """GET /api/v1/funding-rates"""

    funding_rates: list[FundingRate]


class Asset(BaseModel):
    """The collateral."""

    asset_id: int
    symbol: str
    l1_decimals: int
    decimals: int
    min_transfer_amount: str
    min_withdrawal_amount: str
    margin_mode: str = "enabled"
    index_price: str = "1"
    l1_address: str
    global_supply_cap: str = "0"
    liquidation_fee: str = "0"
    liquidation_threshold: str = "0"
    loan_to_value: str = "0"
    price_decimals: int = 0
    total_supplied: str = "0"
    user_supply_cap: str = "0"
    liquidation_factor: str = "0"
    multiplier: str = "1"


class AssetDetails(Answer):
    """GET /api/v1/assetDetails"""

    asset_details: list[Asset]
