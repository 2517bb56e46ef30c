"""From a user's message to the engine's command, and the refusal of what cannot be proven.

Each translator checks what its type needs of the venue's state and says nothing else: whether money and
margin suffice is the engine's to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from l2forge.engine import codes, command, order_flags
from l2forge.ledger.messages import Message, MessageError, limits, table
from l2forge.ledger.messages import codes as wire
from l2forge.ledger.messages.served import refuse_unserved
from l2forge.venue import refusals
from l2forge.venue.orders import SLOTS, Order, engine_id

if TYPE_CHECKING:
    from l2forge.venue.state import VenueState

Command = tuple[int, ...]

COLLATERAL_ASSET = 3
"""The exchange's asset index of USDC; here the venue's collateral, whatever it is called."""

_UNPROVEN = {
    table.MODIFY_ORDER: "cancel the order and place a new one",
    table.MINT_SHARES: "this venue has no pool",
    table.BURN_SHARES: "this venue has no pool",
    table.UPDATE_LEVERAGE: "an order book venue takes the margin of its tiers",
    table.UPDATE_MARGIN: "all margin is cross margin",
    table.LIQUIDATE: "liquidation is not proven yet",
}


def require_supported(message: Message, self_trade: int) -> None:
    """Refuse what no venue serves and what no proof covers yet, naming what to do instead. Reads no state."""
    refuse_unserved(message, self_trade_behavior=self_trade)
    number = message.kind.number
    if number not in _TRANSLATORS:
        remedy = _UNPROVEN.get(number, "use orders, cancels, withdrawals and transfers")
        raise MessageError(
            refusals.TX_TYPE_UNSUPPORTED, "tx_type", f"type {number} is not proven here", remedy=remedy
        )


def create_order(state: VenueState, message: Message) -> Command:
    """A limit or market order. A market order's price is a bound, so one beyond the band means the band."""
    values = message.values
    market = state.markets[values["MarketIndex"]]
    kind = values["Type"]
    if kind not in (limits.LIMIT, limits.MARKET):
        raise MessageError(
            refusals.ORDER_TYPE_UNSUPPORTED, "Type", f"type {kind} is not proven here", remedy="use 0 or 1"
        )
    if values["BaseAmount"] == 0:
        raise MessageError(
            wire.INVALID_BASE_AMOUNT, "BaseAmount", "0 is not proven here", remedy="name the amount"
        )
    account, named = message.account_index, values["ClientOrderIndex"]
    if named and state.orders.find(account, named) is not None:
        raise MessageError(refusals.CLIENT_ORDER_EXISTS, "ClientOrderIndex", f"{named} is a live order's")
    price, is_ask = values["Price"], bool(values["IsAsk"])
    flags = order_flags(
        ask=is_ask,
        order_type=kind,
        time_in_force=values["TimeInForce"],
        reduce_only=bool(values["ReduceOnly"]),
    )
    if kind == limits.MARKET and state.view.is_beyond_band(market.id, price, is_ask):
        price = 0
    return command(
        codes.CREATE_ORDER,
        state.now,
        market=market.id,
        flags=flags,
        account=account,
        id=_free_slot(state, message),
        price=price,
        size=values["BaseAmount"],
        expiry=values["OrderExpiry"],
    )


def _free_slot(state: VenueState, message: Message) -> int:
    """The engine's id for the message's nonce, whose slot in the ledger must hold no live order."""
    order_id = engine_id(message.account_index, message.api_key_index or 0, message.nonce or 0)
    if order_id in state.orders.by_id:
        live = state.orders.by_id[order_id].nonce
        raise MessageError(
            wire.INVALID_NONCE,
            "Nonce",
            f"the order of nonce {live}, equal modulo {SLOTS}, is still live",
            remedy="cancel it, or use another nonce",
        )
    return order_id


def cancel_order(state: VenueState, message: Message) -> Command:
    """A single order, by its order index or its client order index."""
    market = state.markets[message.values["MarketIndex"]]
    order = state.orders.find(message.account_index, message.values["Index"])
    if order is None or order.market != market.id:
        raise MessageError(
            refusals.ORDER_NOT_ACTIVE, "Index", f"{message.values['Index']} is no live order of this market"
        )
    if engine_id(message.account_index, message.api_key_index or 0, message.nonce or 0) != order.id:
        _free_slot(state, message)  # the ledger files the cancel there, and an order under it could not fill
    return _cancel(state, order)


def _cancel(state: VenueState, order: Order) -> Command:
    return command(codes.CANCEL_ORDER, state.now, market=order.market, account=order.account, id=order.id)


def cancel_all(state: VenueState, message: Message) -> Command:
    """Every order of the account, at once."""
    if message.values["TimeInForce"] != limits.IMMEDIATE:
        raise MessageError(
            wire.INVALID_CANCEL_ALL_TIME_IN_FORCE,
            "TimeInForce",
            "a scheduled cancel-all is not proven here",
            remedy="use 0",
        )
    return command(codes.CANCEL_ALL, state.now, market=codes.ALL_MARKETS, account=message.account_index)


def withdraw(state: VenueState, message: Message) -> Command:
    """Collateral to the owner on L1."""
    _free_slot(state, message)
    _require_collateral(message, message.values["RouteType"])
    return command(codes.WITHDRAW, state.now, account=message.account_index, size=message.values["Amount"])


def transfer(state: VenueState, message: Message) -> Command:
    """Collateral to another account of the same owner."""
    _free_slot(state, message)
    values = message.values
    _require_collateral(message, values["FromRouteType"] | values["ToRouteType"])
    if values["USDCFee"]:
        raise MessageError(wire.INVALID_FEE, "USDCFee", "transfers cost nothing here", remedy="use 0")
    receiver = state.registry.accounts.get(values["ToAccountIndex"])
    if receiver is None or receiver.owner != state.registry.account(message.account_index).owner:
        raise MessageError(
            wire.INVALID_TO_ACCOUNT,
            "ToAccountIndex",
            "not an account of the same owner",
            remedy="withdraw, and deposit for the other owner",
        )
    return command(
        codes.TRANSFER,
        state.now,
        account=message.account_index,
        aux=receiver.index,
        size=values["Amount"],
    )


def _require_collateral(message: Message, routes: int) -> None:
    if message.values["AssetIndex"] != COLLATERAL_ASSET:
        raise MessageError(
            wire.INVALID_ASSET_INDEX, "AssetIndex", "only collateral moves", remedy=f"use {COLLATERAL_ASSET}"
        )
    if routes:
        raise MessageError(wire.INVALID_ROUTE_TYPE, "RouteType", "there are no spot balances", remedy="use 0")


_TRANSLATORS: dict[int, Callable[[VenueState, Message], Command]] = {
    table.TRANSFER: transfer,
    table.WITHDRAW: withdraw,
    table.CREATE_ORDER: create_order,
    table.CANCEL_ORDER: cancel_order,
    table.CANCEL_ALL_ORDERS: cancel_all,
}


def translate(state: VenueState, message: Message) -> Command:
    """The engine's command for a supported message. Raises `MessageError`; changes nothing."""
    return _TRANSLATORS[message.kind.number](state, message)
