"""The engine's events as changes of orders, holdings and operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2forge.engine import codes
from l2forge.engine import layout as at
from l2forge.engine.settle import cost_after
from l2forge.ledger.messages import table
from l2forge.venue import operations
from l2forge.venue.applied import Applied, Trade
from l2forge.venue.orders import FILLED, Order
from l2forge.venue.registry import Holding

if TYPE_CHECKING:
    from l2forge.venue.state import VenueState

CANCELED = "canceled"
_cost_after = getattr(cost_after, "py_func", cost_after)  # the rule itself, compiled or not

_STATUS = {
    codes.R_EXPIRED: "canceled-expired",
    codes.R_IMMEDIATE: "canceled-not-enough-liquidity",
    codes.R_MARGIN: "canceled-margin-not-allowed",
    codes.R_OPEN_INTEREST: "canceled-position-not-allowed",
    codes.R_REDUCE_ONLY: "canceled-reduce-only",
    codes.R_SELF_TRADE: "canceled-self-trade",
}
"""Clients' words for why an order went; a plain cancel for every other reason."""


def take_events(state: VenueState, events: NDArray[np.int64], done: Applied) -> None:
    """Bring orders, holdings and pending operations up to what the engine has done."""
    for event in events.tolist():
        kind = event[at.E_KIND] & 0xFF
        if kind == codes.EV_FILL:
            _fill(state, event, done)
        elif kind == codes.EV_RESTED:
            _rest(state, event, done)
        elif kind == codes.EV_REMOVED:
            _remove(state, event, done)
        elif kind == codes.EV_PRICE:
            done.ticked.add(event[at.E_KIND] >> 8 & 0xFF)
        elif kind == codes.EV_BALANCE:
            done.touched.update({event[at.E_ACCOUNT], event[at.E_OTHER_ACCOUNT]} - {codes.POOL_ACCOUNT})


def end_incoming(state: VenueState, order: Order, done: Applied) -> None:
    """After an order's own command: it rests, it has ended, or what it could reduce is used up."""
    _note(order, done)
    if order.id in state.orders.by_id and not order.resting:
        reduced = order.filled_lots < order.lots
        _end(state, order, "canceled-reduce-only" if reduced else FILLED, done)


def _fill(state: VenueState, event: list[int], done: Applied) -> None:
    market = state.markets[event[at.E_KIND] >> 8 & 0xFF]
    maker, taker = state.orders.by_id[event[at.E_ID]], state.orders.by_id[event[at.E_OTHER_ID]]
    price, lots, units = event[at.E_PRICE], event[at.E_SIZE], event[at.E_AMOUNT]
    for order in (maker, taker):
        if order.info is not None:
            operation = operations.of_message("order", table.CREATE_ORDER, order.info)
            state.operations.add(operation, state.now)
            order.info = None
    terms = {
        "price": price,
        "lots": lots,
        "maker_fee": event[at.E_FEE],
        "taker_fee": event[at.E_OTHER_FEE],
    }
    state.operations.add(operations.of_fill(market.number, maker, taker, terms), state.now)
    before = [_hold(state, order, lots, units) for order in (maker, taker)]
    done.trades.append(
        Trade(
            market.id,
            price,
            lots,
            units,
            maker,
            taker,
            event[at.E_FEE],
            event[at.E_OTHER_FEE],
            state.now,
            before[0],
            before[1],
        )
    )
    done.touched.update((maker.account, taker.account))
    for order in (maker, taker):
        order.open_lots -= lots
        order.filled_lots += lots
        order.filled_units += units
        order.updated_ms = state.now
        _note(order, done)
        if order.open_lots == 0 and (order is maker or order.filled_lots == order.lots):
            _end(state, order, FILLED, done)


def holding_after(before: Holding, order: Order, lots: int, units: int) -> Holding:
    """A holding after one side of a fill."""
    return changed_holding(before, *((-lots, -units) if order.is_ask else (lots, units)))


def changed_holding(before: Holding, change: int, paid: int) -> Holding:
    """A holding after a change of so many lots for what was paid, both signed."""
    cost = int(_cost_after(before.lots, before.cost, change, paid))
    return Holding(before.lots + change, cost, before.net_paid + paid)


def _hold(state: VenueState, order: Order, lots: int, units: int) -> Holding:
    """Apply one side of a fill to its account's holding; what it was before."""
    holdings = state.registry.account(order.account).holdings
    before = holdings.get(order.market, Holding())
    holdings[order.market] = holding_after(before, order, lots, units)
    return before


def _rest(state: VenueState, event: list[int], done: Applied) -> None:
    order = state.orders.by_id[event[at.E_ID]]
    order.resting = True
    order.open_lots = event[at.E_SIZE]
    _note(order, done)


def _remove(state: VenueState, event: list[int], done: Applied) -> None:
    order = state.orders.by_id[event[at.E_ID]]
    reason = event[at.E_KIND] >> 32
    _end(state, order, _STATUS.get(reason, CANCELED), done)
    order.updated_ms = state.now
    _note(order, done)


def _end(state: VenueState, order: Order, status: str, done: Applied) -> None:
    state.orders.remove(order)
    order.ended = done.record.sequence
    order.status = status
    order.resting = False
    order.info = None


def _note(order: Order, done: Applied) -> None:
    if not any(known is order for known in done.orders):
        done.orders.append(order)
