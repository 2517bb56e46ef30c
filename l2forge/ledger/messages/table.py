"""The message types: number, fields in the order of their hash, and what the hash leaves out.

The signed hash is that of [chain_id, number, elements of each hashed field …]: fixed in length for a type,
and the number is the second element, so no two types share an input. Types below 128 are the exchange's
(elliottech/lighter-go, types/txtypes); types from 128 on are l2forge's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.ledger.messages import codes, limits, rules
from l2forge.ledger.messages.codes import Code
from l2forge.ledger.messages.fields import Field, Integer, Memo, PublicKey, Text
from l2forge.ledger.messages.orders import (
    BASE_AMOUNT,
    MARKET_INDEX,
    ORDER_FIELDS,
    PRICE,
    TRIGGER_PRICE,
    Orders,
)
from l2forge.ledger.messages.rules import Rule

CHANGE_PUBLIC_KEY = 8
CREATE_SUB_ACCOUNT = 9
CREATE_PUBLIC_POOL = 10
UPDATE_PUBLIC_POOL = 11
TRANSFER = 12
WITHDRAW = 13
CREATE_ORDER = 14
CANCEL_ORDER = 15
CANCEL_ALL_ORDERS = 16
MODIFY_ORDER = 17
MINT_SHARES = 18
BURN_SHARES = 19
UPDATE_LEVERAGE = 20
CREATE_GROUPED_ORDERS = 28
UPDATE_MARGIN = 29
STAKE_ASSETS = 35
UNSTAKE_ASSETS = 36
UPDATE_ACCOUNT_CONFIG = 41
UPDATE_ACCOUNT_ASSET_CONFIG = 42
APPROVE_INTEGRATOR = 45
ORACLE_REPORT = 128
LIQUIDATE = 131


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type: its number and name, hashed fields in order, fields outside of the hash, and its rule."""

    number: int
    name: str
    hashed: tuple[Field, ...]
    unhashed: tuple[Field, ...] = ()
    rule: Rule | None = None
    has_attributes: bool = True
    account: str = "AccountIndex"
    """The field that says whose key signs."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields but the signature and the attributes."""
        return self.hashed + self.unhashed


def _integer(name: str, low: int, high: int, code: Code) -> Integer:
    return Integer(name, ((low, high),), code)


def _flag(name: str, code: Code) -> Integer:
    return _integer(name, 0, 1, code)


def _account(name: str, code: Code = codes.INVALID_ACCOUNT_INDEX, high: int = limits.MAX_ACCOUNT) -> Integer:
    return _integer(name, 0, high, code)


def _amount(name: str, low: int, code: Code, code_high: Code) -> Integer:
    return Integer(name, ((low, limits.MAX_AMOUNT),), code, halves=True, code_high=code_high)


def _header(account: Integer) -> tuple[Integer, ...]:
    return (
        _integer("Nonce", 0, limits.MAX_NONCE, codes.INVALID_NONCE),
        _integer("ExpiredAt", 0, limits.MAX_TIME_MS, codes.INVALID_EXPIRY),
        account,
        _integer("ApiKeyIndex", 0, limits.MAX_API_KEY, codes.INVALID_API_KEY_INDEX),
    )


_HEADER = _header(_account("AccountIndex"))
_FROM_HEADER = _header(_account("FromAccountIndex"))
_MASTER_HEADER = _header(_account("AccountIndex", high=limits.MAX_MASTER_ACCOUNT))
_ASSET = _integer("AssetIndex", 1, limits.MAX_ASSET, codes.INVALID_ASSET_INDEX)
_ORDER_INDEX = _integer("Index", 1, limits.MAX_ORDER_INDEX, codes.INVALID_ORDER_INDEX)
_L1_SIGNATURE = Text("L1Sig")
_OPERATOR_FEE = _integer("OperatorFee", 0, limits.MAX_FEE_E6, codes.INVALID_OPERATOR_FEE)
_OPERATOR_SHARE = _integer(
    "MinOperatorShareRate", 0, limits.MAX_FRACTION_E4, codes.INVALID_MIN_OPERATOR_SHARE_RATE
)


def _pool(name: str) -> Integer:
    return _integer(name, limits.MIN_SUB_ACCOUNT, limits.MAX_ACCOUNT, codes.INVALID_PUBLIC_POOL_INDEX)


def _shares(code: Code) -> Integer:
    return _integer("ShareAmount", 1, limits.MAX_AMOUNT, code)


def _route(name: str) -> Integer:
    return _flag(name, codes.INVALID_ROUTE_TYPE)


def _fee(name: str) -> Integer:
    return _integer(name, 0, limits.MAX_FEE_E6, codes.INVALID_FEE)


_TRANSFER_AMOUNTS = (codes.TRANSFER_AMOUNT_TOO_LOW, codes.TRANSFER_AMOUNT_TOO_HIGH)
_WITHDRAWAL_AMOUNTS = (codes.WITHDRAWAL_AMOUNT_TOO_LOW, codes.WITHDRAWAL_AMOUNT_TOO_HIGH)

_ALL = (
    MessageType(CHANGE_PUBLIC_KEY, "change public key", (*_HEADER, PublicKey("PubKey")), (_L1_SIGNATURE,)),
    MessageType(CREATE_SUB_ACCOUNT, "create sub-account", _MASTER_HEADER),
    MessageType(
        CREATE_PUBLIC_POOL,
        "create public pool",
        (
            *_MASTER_HEADER,
            _OPERATOR_FEE,
            _integer(
                "InitialTotalShares", 1, limits.MAX_INITIAL_POOL_SHARES, codes.INVALID_POOL_INITIAL_SHARES
            ),
            _OPERATOR_SHARE,
        ),
    ),
    MessageType(
        UPDATE_PUBLIC_POOL,
        "update public pool",
        (
            *_HEADER,
            _account("PublicPoolIndex", codes.INVALID_PUBLIC_POOL_INDEX),
            _flag("Status", codes.INVALID_PUBLIC_POOL_STATUS),
            _OPERATOR_FEE,
            _OPERATOR_SHARE,
        ),
    ),
    MessageType(
        TRANSFER,
        "transfer",
        (
            *_FROM_HEADER,
            _account("ToAccountIndex", codes.INVALID_TO_ACCOUNT),
            _ASSET,
            _route("FromRouteType"),
            _route("ToRouteType"),
            _amount("Amount", 1, *_TRANSFER_AMOUNTS),
            _amount("USDCFee", 0, *_TRANSFER_AMOUNTS),
        ),
        (Memo("Memo"), _L1_SIGNATURE),
        account="FromAccountIndex",
    ),
    MessageType(
        WITHDRAW,
        "withdraw",
        (*_FROM_HEADER, _ASSET, _route("RouteType"), _amount("Amount", 1, *_WITHDRAWAL_AMOUNTS)),
        account="FromAccountIndex",
    ),
    MessageType(CREATE_ORDER, "create order", (*_HEADER, *ORDER_FIELDS), rule=rules.create_order),
    MessageType(CANCEL_ORDER, "cancel order", (*_HEADER, MARKET_INDEX, _ORDER_INDEX)),
    MessageType(
        CANCEL_ALL_ORDERS,
        "cancel all orders",
        (
            *_HEADER,
            _integer(
                "TimeInForce",
                limits.IMMEDIATE,
                limits.ABORT_SCHEDULED,
                codes.INVALID_CANCEL_ALL_TIME_IN_FORCE,
            ),
            _integer("Time", 0, limits.MAX_TIME_MS, codes.INVALID_CANCEL_ALL_TIME),
        ),
        rule=rules.cancel_all,
    ),
    MessageType(
        MODIFY_ORDER,
        "modify order",
        (*_HEADER, MARKET_INDEX, _ORDER_INDEX, BASE_AMOUNT, PRICE, TRIGGER_PRICE),
    ),
    MessageType(
        MINT_SHARES,
        "mint shares",
        (*_HEADER, _pool("PublicPoolIndex"), _shares(codes.INVALID_MINT_SHARE_AMOUNT)),
    ),
    MessageType(
        BURN_SHARES,
        "burn shares",
        (*_HEADER, _pool("PublicPoolIndex"), _shares(codes.INVALID_BURN_SHARE_AMOUNT)),
    ),
    MessageType(
        UPDATE_LEVERAGE,
        "update leverage",
        (
            *_HEADER,
            MARKET_INDEX,
            _integer(
                "InitialMarginFraction", 1, limits.MAX_FRACTION_E4, codes.INVALID_INITIAL_MARGIN_FRACTION
            ),
            _flag("MarginMode", codes.INVALID_MARGIN_MODE),
        ),
    ),
    MessageType(
        CREATE_GROUPED_ORDERS,
        "create grouped orders",
        (
            *_HEADER,
            _integer(
                "GroupingType",
                limits.ONE_TRIGGERS_THE_OTHER,
                limits.ONE_TRIGGERS_A_PAIR,
                codes.INVALID_GROUPING_TYPE,
            ),
            Orders("Orders"),
        ),
        rule=rules.grouped_orders,
    ),
    MessageType(
        UPDATE_MARGIN,
        "update margin",
        (
            *_HEADER,
            Integer("MarketIndex", (limits.PERPETUAL_MARKETS,), codes.INVALID_MARKET_INDEX),
            _amount("USDCAmount", 1, *_TRANSFER_AMOUNTS),
            _flag("Direction", codes.INVALID_UPDATE_MARGIN_DIRECTION),
        ),
    ),
    MessageType(
        STAKE_ASSETS,
        "stake assets",
        (*_HEADER, _pool("StakingPoolIndex"), _shares(codes.INVALID_MINT_SHARE_AMOUNT)),
    ),
    MessageType(
        UNSTAKE_ASSETS,
        "unstake assets",
        (*_HEADER, _pool("StakingPoolIndex"), _shares(codes.INVALID_BURN_SHARE_AMOUNT)),
    ),
    MessageType(
        UPDATE_ACCOUNT_CONFIG,
        "update account configuration",
        (*_HEADER, _flag("AccountTradingMode", codes.INVALID_TX_INFO)),
    ),
    MessageType(
        UPDATE_ACCOUNT_ASSET_CONFIG,
        "update asset configuration",
        (*_HEADER, _ASSET, _flag("AssetMarginMode", codes.INVALID_ASSET_MARGIN_MODE)),
    ),
    MessageType(
        APPROVE_INTEGRATOR,
        "approve integrator",
        (
            *_HEADER,
            _account("IntegratorAccountIndex"),
            _fee("MaxPerpsTakerFee"),
            _fee("MaxPerpsMakerFee"),
            _fee("MaxSpotTakerFee"),
            _fee("MaxSpotMakerFee"),
            _integer("ApprovalExpiry", 0, limits.MAX_TIME_MS, codes.INVALID_EXPIRY),
        ),
        (_L1_SIGNATURE,),
        rule=rules.approve_integrator,
    ),
    MessageType(
        ORACLE_REPORT,
        "oracle report",
        (
            _integer("SourceIndex", 0, 255, codes.INVALID_ACCOUNT_INDEX),
            MARKET_INDEX,
            PRICE,
            _integer("Timestamp", 1, limits.MAX_TIME_MS, codes.INVALID_EXPIRY),
        ),
        has_attributes=False,
        account="SourceIndex",
    ),
    MessageType(
        LIQUIDATE,
        "liquidate",
        (
            *_HEADER,
            _account("TargetAccountIndex", codes.INVALID_TO_ACCOUNT),
            MARKET_INDEX,
            _integer("BaseAmount", 1, limits.MAX_BASE_AMOUNT, codes.INVALID_BASE_AMOUNT),
            PRICE,
        ),
    ),
)

TYPES: dict[int, MessageType] = {kind.number: kind for kind in _ALL}
"""Every type by its number."""
