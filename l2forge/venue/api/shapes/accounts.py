"""Answers about accounts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from l2forge.venue.api.shapes.base import OK, Answer


class AccountPosition(BaseModel):
    """A position."""

    market_id: int
    symbol: str
    initial_margin_fraction: str
    open_order_count: int
    pending_order_count: int = 0
    position_tied_order_count: int = 0
    sign: int
    position: str
    avg_entry_price: str
    position_value: str
    unrealized_pnl: str
    realized_pnl: str
    liquidation_price: str
    total_funding_paid_out: str | None = None
    margin_mode: int = 0
    allocated_margin: str = "0"
    total_discount: str = "0"
    margin_set_flag: int = 0


class AccountAsset(BaseModel):
    """The collateral as an asset."""

    symbol: str
    asset_id: int
    balance: str
    locked_balance: str = "0"
    margin_balance: str
    margin_mode: str = "enabled"
    multiplier: str = "1"


class Account(BaseModel):
    """An account in short."""

    code: int = OK
    account_type: int = 0
    account_trading_mode: int = 0
    index: int
    l1_address: str
    cancel_all_time: int = 0
    total_order_count: int
    total_isolated_order_count: int = 0
    pending_order_count: int = 0
    available_balance: str
    status: int = 1
    collateral: str
    transaction_time: int


class PoolInfo(BaseModel):
    """Of public pools, which there are none of."""

    status: int = 0
    operator_fee: str = "0"
    min_operator_share_rate: str = "0"
    total_shares: int = 0
    operator_shares: int = 0
    annual_percentage_yield: float = 0
    daily_returns: list[Any] = []
    share_prices: list[Any] = []
    sharpe_ratio: float = 0
    strategies: list[Any] = []


class SubAccountMetadata(BaseModel):
    """Of the exchange's pages."""

    color: str = ""


class DetailedAccount(Account):
    """An account with its positions."""

    account_index: int
    name: str = ""
    description: str = ""
    can_invite: bool = False
    referral_points_percentage: str = "0"
    positions: list[AccountPosition]
    assets: list[AccountAsset]
    total_asset_value: str
    cross_asset_value: str
    pool_info: PoolInfo = PoolInfo()
    shares: list[Any] = []
    created_at: int
    can_rfq: bool = False
    cross_initial_margin_requirement: str
    cross_maintenance_margin_requirement: str
    can_rfq_market_ids: list[str] = []
    metadata: SubAccountMetadata = SubAccountMetadata()
    agent_enabled: bool = False


class DetailedAccounts(Answer):
    """GET /api/v1/account"""

    total: int
    accounts: list[DetailedAccount]
    next_cursor: str = ""


class SubAccounts(Answer):
    """GET /api/v1/accountsByL1Address"""

    l1_address: str
    sub_accounts: list[Account]
    next_cursor: str = ""


class ApiKey(BaseModel):
    """A registered key."""

    account_index: int
    api_key_index: int
    nonce: int
    public_key: str
    transaction_time: int


class AccountApiKeys(Answer):
    """GET /api/v1/apikeys"""

    api_keys: list[ApiKey]


class AccountLimits(Answer):
    """GET /api/v1/accountLimits; "standard": else ccxt attaches integrator fees."""

    max_llp_percentage: int = 0
    user_tier: str = "standard"
    can_create_public_pool: bool = False
    max_llp_amount: str = "0"
    current_maker_fee_tick: int
    current_taker_fee_tick: int
    effective_lit_stakes: str = "0"
    leased_lit: str = "0"
    user_tier_name: str = "standard"
    bo_user_tier_name: str = ""
    bo_fee_rate: float = 0


class Deposit(BaseModel):
    """A deposit."""

    id: str
    amount: str
    timestamp: int
    status: str = "completed"
    l1_tx_hash: str
    asset_id: int


class DepositHistory(Answer):
    """GET /api/v1/deposit/history"""

    deposits: list[Deposit]
    cursor: str = ""


class Withdrawal(BaseModel):
    """A withdrawal."""

    id: str
    amount: str
    timestamp: int
    status: str
    type: str = "secure"
    l1_tx_hash: str
    asset_id: int


class WithdrawHistory(Answer):
    """GET /api/v1/withdraw/history"""

    withdraws: list[Withdrawal]
    cursor: str = ""


class Transfer(BaseModel):
    """A transfer between accounts of one owner."""

    id: str
    amount: str
    timestamp: int
    type: str
    from_l1_address: str
    to_l1_address: str
    from_account_index: int
    to_account_index: int
    tx_hash: str
    asset_id: int
    fee: str = "0"
    from_route: str = "perps"
    to_route: str = "perps"


class TransferHistory(Answer):
    """GET /api/v1/transfer/history"""

    transfers: list[Transfer]
    cursor: str = ""
