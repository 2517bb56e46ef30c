"""What is due in the naive venue: every order, market and position is looked at, most of them by trying."""

from __future__ import annotations

from copy import deepcopy

from l2forge.engine import codes as c
from l2forge.engine import command
from tests.engine.naive import NaiveVenue

Row = tuple[int, ...]


def tried(venue: NaiveVenue, row: Row) -> bool:
    """Whether a copy of the venue accepts the command, and something happens but a record of no lots."""
    copy = deepcopy(venue)
    copy.events = []
    accepted = copy.apply(row) == c.OK
    empty = [event for event in copy.events if event[0] & 255 == c.EV_LIQUIDATED and event[5] == 0]
    return accepted and len(copy.events) > len(empty)


def due(venue: NaiveVenue, time: int, liquidator: int = 0) -> list[Row]:
    """The commands that are due at `time`, in the order of due.py."""
    lists: list[list[Row]] = [[], [], [], [], []]
    for m, market in sorted(venue.markets.items()):
        if time - market.rate_since >= market.cfg.funding_interval_ms:
            lists[0].append(command(c.FUNDING, time, market=m))
    late = {i: order for i, order in venue.orders.items() if order.expiry and order.expiry <= time}
    lists[1] = [command(c.EXPIRE_ORDER, time, market=late[i].market, id=i) for i in sorted(late)]
    for m, market in sorted(venue.markets.items()):
        for order in market.parked:
            if order.id not in late:
                lists[2].append(command(c.TRIGGER_ORDER, time, market=m, id=order.id))
    for number in sorted(venue.accounts):
        for m in sorted(venue.markets):
            if number and venue.accounts[number].positions[m].size:
                lists[3].append(liquidation(venue, time, number, m, liquidator))
                lists[4].append(command(c.DELEVERAGE, time, market=m, aux=number))
    if not venue.cfg.accounting:
        return lists[1]
    return [row for rows in lists for row in rows if tried(venue, row)]


def liquidation(venue: NaiveVenue, time: int, target: int, m: int, liquidator: int) -> Row:
    """Into the market if that does something, else by the liquidator."""
    fields = {"market": m, "aux": target, "account": 0 if liquidator == target else liquidator}
    row = command(c.LIQUIDATE, time, flags=c.OPERATOR | c.INTO_MARKET, **fields)
    if not liquidator or tried(venue, row):
        return row
    return command(c.LIQUIDATE, time, flags=c.OPERATOR, **fields)
