"""What a venue does is what its ledger takes: the operations of a random flow lead to the same state."""

from __future__ import annotations

import random

import pytest

from l2forge.chain.batch import NO_KEY, Request, RequestKind
from l2forge.ledger.layout import CASH, Kind
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.messages import table
from l2forge.stark.field import P
from l2forge.venue import records
from l2forge.venue.operations import Operations
from tests.venue.trading import MARKET, PRICES, Trader, Venue, order_book_spec, price_entries

FUND = 50_000 * 10**6


def test_the_clock_is_told_once_a_moment_and_batches_are_cut_anywhere() -> None:
    operations = Operations()
    for time in (5, 5, 7):
        operations.add({"op": "tick", "market": 0}, time)
    assert [op["op"] for op in operations.pending] == ["clock", "tick", "tick", "clock", "tick"]
    assert [len(batch) for batch in operations.take(2, remainder=False)] == [2, 2]
    assert operations.since_ms == 7
    assert [len(batch) for batch in operations.take(2, remainder=True)] == [1]
    assert operations.since_ms is None
    assert operations.take(2, remainder=True) == []


def random_flow(venue: Venue, traders: list[Trader], rng: random.Random, steps: int) -> int:
    """Orders, cancels, money in and out, prices; how many messages were taken."""
    taken = 0
    for _ in range(steps):
        trader, market = rng.choice(traders), rng.choice(list(PRICES))
        near = venue.state.view.index_ticks(market) + rng.randint(-60, 60)
        ask, lots = rng.random() < 0.5, rng.randint(1, 40) * 100
        force = rng.choice([0, 1, 1, 2])
        values = {"ReduceOnly": int(rng.random() < 0.2), "TimeInForce": force}
        if force == 0:
            values["OrderExpiry"] = 0
        match rng.randrange(12):
            case 0:
                live = venue.state.orders.of_account(trader.account)
                order = rng.choice(live) if live else None
                if order is None:
                    continue
                info = trader.sign(table.CANCEL_ORDER, MarketIndex=order.market, Index=order.index)
                done = venue.message(table.CANCEL_ORDER, info)
            case 1:
                info = trader.sign(table.CANCEL_ALL_ORDERS, TimeInForce=0, Time=0)
                done = venue.message(table.CANCEL_ALL_ORDERS, info)
            case 2:
                amount = rng.choice([10**6, 10**12])
                info = trader.sign(table.WITHDRAW, AssetIndex=3, RouteType=0, Amount=amount)
                done = venue.message(table.WITHDRAW, info)
            case 3:
                venue.now += rng.randint(1, 4000)
                moved = {m: p + rng.randint(-200, 200) for m, p in PRICES.items()}
                venue.apply(*price_entries(venue.now, moved))
                continue
            case 4:
                price = near + 2000 * (-1 if ask else 1)
                done = venue.place(trader, market, lots, price, ask=ask, **MARKET)
            case 5:
                number, amount = venue.state.requests, rng.choice([10**7, 10**13])
                request = Request(
                    number, RequestKind.WITHDRAWAL, trader.account, trader.owner, amount, NO_KEY
                )
                venue.apply(records.request_entry(request, venue.now))
                continue
            case _:
                done = venue.place(trader, market, lots, near, ask=ask, **values)
        if done.error is None:
            taken += 1
        else:
            trader.nonce -= 1
    return taken


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_ledger_takes_every_operation_of_a_random_flow(seed: int) -> None:
    rng = random.Random(seed)
    traders = [Trader(account) for account in (1, 2, 3, 4)]
    venue = Venue()
    fund = Request(0, RequestKind.FUND, 0, "0x" + "00" * 20, FUND, NO_KEY)
    venue.apply(records.request_entry(fund, venue.now))
    venue.open(traders, units=2 * 10**9)
    assert random_flow(venue, traders, rng, 400) > 100

    ledger = Ledger(Rules.of(order_book_spec()))
    for batch in venue.state.operations.take(150, remainder=True):
        ledger.execute(batch)
    kinds = Kind.ACCOUNT
    for trader in traders:
        first = (int(kinds) << 60) + (trader.account << 8)
        cash = ledger.state.read(first + CASH)
        assert (cash - P if cash > P // 2 else cash) == venue.state.view.money(trader.account).cash
        for number, market in enumerate(PRICES):
            lots = ledger.state.read(first + 8 + 2 * number)
            signed = lots - P if lots > P // 2 else lots
            assert signed == venue.state.view.size_lots(trader.account, market)
