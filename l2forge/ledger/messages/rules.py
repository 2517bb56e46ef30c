"""What the fields of one message must be to each other, as the public client checks it before it signs.

Source: the Validate methods of elliottech/lighter-go, types/txtypes. Each rule takes the checked values and
raises `MessageError`; bounds of single fields are the table's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from l2forge.ledger.messages import codes, limits
from l2forge.ledger.messages.codes import Code, MessageError

Values = Mapping[str, Any]
Rule = Callable[[Values, Mapping[int, int]], None]

_TRIGGERED = {limits.STOP_LOSS, limits.STOP_LOSS_LIMIT, limits.TAKE_PROFIT, limits.TAKE_PROFIT_LIMIT}
_STOP_LOSSES = {limits.STOP_LOSS, limits.STOP_LOSS_LIMIT}
_AT_MARKET = {limits.MARKET, limits.STOP_LOSS, limits.TAKE_PROFIT}
_CANCEL_ALL_MARKET = 5


def _require(condition: bool, code: Code, place: str, reason: str) -> None:
    if not condition:
        raise MessageError(code, place, reason)


def create_order(order: Values, _attributes: Mapping[int, int]) -> None:
    """An order on its own: type, time in force, trigger and expiry fit together."""
    _amount_and_side(order, "")
    kind, place = order["Type"], "Type"
    perpetual = order["MarketIndex"] <= limits.PERPETUAL_MARKETS[1]
    _require(
        perpetual or not order["ReduceOnly"], codes.INVALID_REDUCE_ONLY, "ReduceOnly", "spot has no position"
    )
    _require(
        perpetual or kind not in _TRIGGERED,
        codes.INVALID_ORDER_TYPE,
        place,
        "triggered orders are for perpetual markets",
    )
    _terms(order, "")


def _amount_and_side(order: Values, at: str) -> None:
    _require(
        order["BaseAmount"] > 0 or order["ReduceOnly"] == 1,
        codes.INVALID_BASE_AMOUNT,
        f"{at}BaseAmount",
        "0 stands for the whole position and needs ReduceOnly 1",
    )


def _terms(order: Values, at: str) -> None:
    """Time in force, trigger price and expiry that go with the order's type."""
    kind, time_in_force = order["Type"], order["TimeInForce"]
    if kind in _AT_MARKET:
        wanted = time_in_force == limits.IMMEDIATE_OR_CANCEL
    else:
        wanted = kind != limits.TWAP or time_in_force == limits.GOOD_TILL_TIME
    _require(
        wanted, codes.INVALID_ORDER_TIME_IN_FORCE, f"{at}TimeInForce", f"{time_in_force} with type {kind}"
    )
    _require(
        (order["TriggerPrice"] > 0) == (kind in _TRIGGERED),
        codes.INVALID_TRIGGER_PRICE,
        f"{at}TriggerPrice",
        f"{order['TriggerPrice']} with type {kind}",
    )
    now = kind in (limits.LIMIT, limits.MARKET) and time_in_force == limits.IMMEDIATE_OR_CANCEL
    _require(
        (order["OrderExpiry"] == 0) == now,
        codes.INVALID_EXPIRY,
        f"{at}OrderExpiry",
        "0 exactly for an order that is never kept",
    )


def cancel_all(values: Values, attributes: Mapping[int, int]) -> None:
    """A time exactly for a scheduled cancel-all, which is for all markets."""
    scheduled = values["TimeInForce"] == limits.SCHEDULED
    _require(
        (values["Time"] > 0) == scheduled, codes.INVALID_CANCEL_ALL_TIME, "Time", "set if scheduled only"
    )
    one_market = attributes.get(_CANCEL_ALL_MARKET, limits.ALL_MARKETS) != limits.ALL_MARKETS
    _require(
        not one_market or values["TimeInForce"] == limits.IMMEDIATE,
        codes.INVALID_CANCEL_ALL_TIME_IN_FORCE,
        "TimeInForce",
        "a cancel-all of one market is immediate",
    )


def approve_integrator(values: Values, _attributes: Mapping[int, int]) -> None:
    """An approval that never expires, 0, is a revocation, and leaves no fee."""
    fees = [value for name, value in values.items() if name.startswith("Max")]
    _require(
        values["ApprovalExpiry"] > 0 or not any(fees),
        codes.INVALID_EXPIRY,
        "ApprovalExpiry",
        "0 revokes, so all fees must be 0",
    )


def grouped_orders(values: Values, _attributes: Mapping[int, int]) -> None:
    """Two or three orders that trigger or cancel each other."""
    orders = values["Orders"]
    _one_market(orders)
    for i, order in enumerate(orders):
        _amount_and_side(order, f"Orders[{i}].")
    grouping = values["GroupingType"]
    size = 3 if grouping == limits.ONE_TRIGGERS_A_PAIR else 2
    _require(len(orders) == size, codes.INVALID_ORDER_GROUP_SIZE, "Orders", f"this grouping takes {size}")
    if grouping == limits.ONE_CANCELS_THE_OTHER:
        _siblings(orders, 0)
        _equal(orders, "BaseAmount", codes.INVALID_BASE_AMOUNT)
        _equal(orders, "IsAsk", codes.INVALID_IS_ASK)
        _require(
            all(o["ReduceOnly"] for o in orders), codes.INVALID_REDUCE_ONLY, "Orders", "both reduce only"
        )
    else:
        _parent_and_children(orders)


def _one_market(orders: tuple[Values, ...]) -> None:
    _require(
        orders[0]["MarketIndex"] <= limits.PERPETUAL_MARKETS[1],
        codes.INVALID_MARKET_INDEX,
        "Orders[0].MarketIndex",
        "groups are for perpetual markets",
    )
    _equal(orders, "MarketIndex", codes.INVALID_MARKET_INDEX)
    named = [o["ClientOrderIndex"] for o in orders if o["ClientOrderIndex"]]
    _require(
        len(set(named)) == len(named),
        codes.INVALID_CLIENT_ORDER_INDEX,
        "Orders",
        "ClientOrderIndex occurs twice",
    )


def _equal(orders: tuple[Values, ...], name: str, code: Code) -> None:
    _require(len({o[name] for o in orders}) == 1, code, "Orders", f"{name} differs")


def _parent_and_children(orders: tuple[Values, ...]) -> None:
    parent, *children = orders
    _require(
        parent["Type"] in (limits.LIMIT, limits.MARKET),
        codes.INVALID_ORDER_TYPE,
        "Orders[0].Type",
        "the first order is a limit or market order",
    )
    _terms(parent, "Orders[0].")
    for i, child in enumerate(children, 1):
        at = f"Orders[{i}]."
        _require(child["BaseAmount"] == 0, codes.INVALID_BASE_AMOUNT, f"{at}BaseAmount", "a child has 0")
        _require(
            child["IsAsk"] != parent["IsAsk"], codes.INVALID_IS_ASK, f"{at}IsAsk", "the side of the first"
        )
        _require(
            parent["OrderExpiry"] in (0, child["OrderExpiry"]),
            codes.INVALID_EXPIRY,
            f"{at}OrderExpiry",
            "differs from the first order's",
        )
    if len(children) > 1:
        _siblings(orders, 1)
    else:
        _child(children[0], "Orders[1].")


def _siblings(orders: tuple[Values, ...], first: int) -> None:
    """A stop-loss and a take-profit with one expiry."""
    pair = orders[first:]
    for i, order in enumerate(pair, first):
        _child(order, f"Orders[{i}].")
    _equal(pair, "OrderExpiry", codes.INVALID_EXPIRY)
    stops = sum(order["Type"] in _STOP_LOSSES for order in pair)
    _require(stops == 1, codes.INVALID_ORDER_TYPE, "Orders", "one stop-loss and one take-profit")


def _child(order: Values, at: str) -> None:
    _require(
        order["Type"] in _TRIGGERED, codes.INVALID_ORDER_TYPE, f"{at}Type", "a stop-loss or a take-profit"
    )
    _terms(order, at)
