"""The state as a function of the journal: keys, nonces, slots, orders, fills, operations."""

from __future__ import annotations

from typing import Any

import pytest

from l2forge.chain.batch import NO_KEY, Request, RequestKind
from l2forge.engine import Engine, codes, command
from l2forge.errors import EnvironmentFailure
from l2forge.ledger.messages import table
from l2forge.venue import records
from l2forge.venue.orders import SLOTS
from l2forge.venue.state import VenueState
from tests.venue.trading import MARKET, NOW, Trader, Venue, price_entries

MODIFICATION = {"MarketIndex": 0, "Index": 1, "BaseAmount": 5, "Price": 5, "TriggerPrice": 0}


@pytest.fixture
def venue() -> Venue:
    """Two accounts with money and keys, and prices."""
    made = Venue()
    made.open([Trader(1), Trader(2)])
    return made


def names(venue: Venue) -> list[str]:
    """The pending operations' names."""
    return [operation["op"] for operation in venue.state.operations.pending]


def code(done: Any) -> int:
    """The client's error code of something refused."""
    assert done.error is not None
    return int(done.error.code.number)


def test_opening_is_told_to_the_ledger(venue: Venue) -> None:
    tick = ["report"] * 3 + ["tick"]
    assert names(venue) == ["clock", *tick, *tick, "deposit", "register", "deposit", "register"]
    assert venue.state.view.money(1).cash == 10**11


def test_an_order_appears_in_the_ledger_once_before_its_first_fill(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    before = len(names(venue))
    assert venue.place(maker, 0, 1000, 600_000, ask=True).error is None
    assert len(names(venue)) == before
    venue.place(taker, 0, 300, 600_000, ask=False)
    venue.place(taker, 0, 200, 600_000, ask=False)
    assert names(venue)[before:] == ["order", "order", "fill", "order", "fill"]
    fill = venue.state.operations.pending[-1]
    fee = 200 * 600_000 * 4 // 10_000
    assert fill == {
        "op": "fill",
        "market": 0,
        "maker": [1, 4, 1],
        "taker": [2, 4, 2],
        "price": 600_000,
        "lots": 200,
        "maker_fee": 0,
        "taker_fee": fee,
    }
    assert venue.state.view.size_lots(2, 0) == 500
    assert venue.state.orders.of_account(1)[0].open_lots == 500


def test_holdings_follow_the_engine(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    venue.place(maker, 0, 1000, 600_000, ask=True)
    venue.place(taker, 0, 700, 600_000, ask=False)
    venue.place(maker, 0, 900, 599_000, ask=False)
    venue.place(taker, 0, 900, 599_000, ask=True)
    for account in (1, 2):
        holding = venue.state.registry.account(account).holdings[0]
        position = venue.state.view.money(account).positions[0]
        assert (holding.lots, holding.cost) == (position.lots, position.cost)
    assert venue.state.registry.account(2).holdings[0].lots == -200


def test_nonces_follow_each_other_or_skip(venue: Venue) -> None:
    trader = Trader(1)
    assert code(venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=0)) == 21104
    assert code(venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=2)) == 21104
    skip = {"L2TxAttributes": {"4": 1}}
    assert venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=7, **skip).error is None
    assert code(venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=7, **skip)) == 21104
    assert venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=8).error is None


def test_a_slot_holds_one_live_order(venue: Venue) -> None:
    trader = Trader(1)
    skip = {"L2TxAttributes": {"4": 1}}
    venue.place(trader, 0, 1000, 590_000, ask=False, Nonce=1)
    again = {"Nonce": 1 + SLOTS, **skip}
    assert code(venue.place(trader, 0, 1000, 590_000, ask=False, **again)) == 21104
    trader.nonce = 2
    out = trader.sign(table.WITHDRAW, AssetIndex=3, RouteType=0, Amount=5, **again)
    assert code(venue.message(table.WITHDRAW, out)) == 21104
    cancel = trader.sign(table.CANCEL_ORDER, MarketIndex=0, Index=4 * (1 << 48) + 1, Nonce=2)
    assert venue.message(table.CANCEL_ORDER, cancel).error is None
    assert venue.place(trader, 0, 1000, 590_000, ask=False, **again).error is None


def test_what_the_engine_refuses_uses_up_no_nonce(venue: Venue) -> None:
    trader = Trader(1)
    assert code(venue.place(trader, 0, 10**7, 600_000, ask=False)) in (21706, 21739)
    assert venue.state.registry.key(1, 4).next_nonce == 1
    trader.nonce = 0
    assert venue.place(trader, 0, 1000, 600_000, ask=False).error is None


def test_cancels_by_order_index_and_by_client_index(venue: Venue) -> None:
    trader = Trader(1)
    venue.place(trader, 0, 1000, 590_000, ask=False, ClientOrderIndex=77)
    assert code(venue.place(trader, 0, 1000, 590_000, ask=False, ClientOrderIndex=77)) == 21728
    trader.nonce = 1
    wrong = trader.sign(table.CANCEL_ORDER, MarketIndex=1, Index=77)
    assert code(venue.message(table.CANCEL_ORDER, wrong)) == 21715
    trader.nonce = 1
    done = venue.message(table.CANCEL_ORDER, trader.sign(table.CANCEL_ORDER, MarketIndex=0, Index=77))
    assert [order.status for order in done.orders] == ["canceled"]
    assert not venue.state.orders.by_id
    assert "cancel" not in names(venue)  # the ledger has never seen the order


def test_a_cancel_of_a_known_order_and_every_cancel_all_are_proven(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    venue.place(maker, 0, 1000, 600_000, ask=True)
    venue.place(taker, 0, 300, 600_000, ask=False)
    venue.message(table.CANCEL_ORDER, maker.sign(table.CANCEL_ORDER, MarketIndex=0, Index=4 * (1 << 48) + 1))
    assert venue.state.operations.pending[-1]["order"] == [1, 4, 1]
    for _ in range(3):
        venue.place(maker, 1, 1000, 310_000, ask=True)
    one = maker.sign(table.CANCEL_ALL_ORDERS, TimeInForce=0, Time=0, L2TxAttributes={"5": 0})
    assert code(venue.message(table.CANCEL_ALL_ORDERS, one)) == 21501  # of one market: not provable
    maker.nonce -= 1
    venue.message(table.CANCEL_ALL_ORDERS, maker.sign(table.CANCEL_ALL_ORDERS, TimeInForce=0, Time=0))
    assert (names(venue)[-1], len(venue.state.orders.by_id)) == ("cancel_all", 0)


def test_market_orders_trade_within_the_band(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    venue.place(maker, 0, 1000, 600_100, ask=True)
    venue.place(maker, 0, 1000, 659_000, ask=True)  # refused: beyond the band
    maker.nonce = 1
    done = venue.place(taker, 0, 2000, 900_000, ask=False, **MARKET)
    assert [order.status for order in done.orders if order.account == 2] == ["canceled-not-enough-liquidity"]
    assert venue.state.view.size_lots(2, 0) == 1000


def test_a_reduce_only_order_ends_with_the_position(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    venue.place(maker, 0, 1000, 600_000, ask=True)
    venue.place(taker, 0, 300, 600_000, ask=False)
    venue.place(maker, 0, 1000, 599_000, ask=False)
    done = venue.place(taker, 0, 800, 599_000, ask=True, ReduceOnly=1)
    mine = [order for order in done.orders if order.account == 2]
    assert [(order.status, order.filled_lots) for order in mine] == [("canceled-reduce-only", 300)]
    assert venue.state.orders.of_account(2) == []


@pytest.mark.parametrize(
    ("tx_type", "values", "expected"),
    [
        (
            table.MODIFY_ORDER,
            {"MarketIndex": 0, "Index": 1, "BaseAmount": 5, "Price": 5, "TriggerPrice": 0},
            21505,
        ),
        (table.UPDATE_LEVERAGE, {"MarketIndex": 0, "InitialMarginFraction": 500, "MarginMode": 0}, 21505),
        (table.UPDATE_MARGIN, {"MarketIndex": 0, "USDCAmount": 5, "Direction": 0}, 21505),
        (table.CANCEL_ALL_ORDERS, {"TimeInForce": 1, "Time": NOW + 10**7}, 21713),
        (table.WITHDRAW, {"AssetIndex": 1, "RouteType": 0, "Amount": 5}, 21801),
        (table.WITHDRAW, {"AssetIndex": 3, "RouteType": 1, "Amount": 5}, 21124),
        (table.WITHDRAW, {"AssetIndex": 3, "RouteType": 0, "Amount": 10**12}, 21508),
    ],
)
def test_what_is_not_proven_is_refused(venue: Venue, tx_type: int, values: Any, expected: int) -> None:
    before = (venue.state.engine.digest(), names(venue))
    assert code(venue.message(tx_type, Trader(1).sign(tx_type, **values))) == expected
    assert (venue.state.engine.digest(), names(venue)) == before


@pytest.mark.parametrize("kind", [2, 3, 4, 5, 6])
def test_triggered_and_twap_orders_are_refused(venue: Venue, kind: int) -> None:
    time_in_force = 0 if kind in (2, 4) else 1
    trigger = 0 if kind == 6 else 600_000
    done = venue.place(
        Trader(1), 0, 1000, 600_000, ask=True, Type=kind, TimeInForce=time_in_force, TriggerPrice=trigger
    )
    assert code(done) == 21710


def test_transfers_stay_with_the_owner(venue: Venue) -> None:
    trader = Trader(1)
    values = {"AssetIndex": 3, "FromRouteType": 0, "ToRouteType": 0, "Amount": 70, "USDCFee": 0}
    unsigned = {"Memo": [0] * 32, "L1Sig": ""}
    to_other = trader.sign(table.TRANSFER, ToAccountIndex=2, **values, **unsigned)
    assert code(venue.message(table.TRANSFER, to_other)) == 21106
    sub = Request(venue.state.requests, RequestKind.DEPOSIT, 9, trader.owner, 30, NO_KEY)
    venue.apply(records.request_entry(sub, NOW))
    trader.nonce = 0
    assert (
        venue.message(
            table.TRANSFER, trader.sign(table.TRANSFER, ToAccountIndex=9, **values, **unsigned)
        ).error
        is None
    )
    assert venue.state.view.money(9).cash == 100
    assert names(venue)[-1] == "transfer"


def test_forced_withdrawals_are_served_as_far_as_margin_allows(venue: Venue) -> None:
    for amount, paid in ((10**12, 0), (10**10, 10**10)):
        request = Request(venue.state.requests, RequestKind.WITHDRAWAL, 1, Trader(1).owner, amount, NO_KEY)
        venue.apply(records.request_entry(request, NOW))
        assert venue.state.operations.pending[-1]["paid"] == paid
    assert venue.state.view.money(1).cash == 9 * 10**10


def test_a_replaced_key_takes_its_orders_along(venue: Venue) -> None:
    trader = Trader(1)
    venue.place(trader, 0, 1000, 590_000, ask=False)
    other = Request(venue.state.requests, RequestKind.KEY, 1, trader.owner, 4, (1, 2, 3, 4, 5))
    (done,) = venue.apply(records.request_entry(other, NOW))
    assert [order.status for order in done.orders] == ["canceled"]
    assert venue.state.registry.key(1, 4).next_nonce == 2


def test_requests_come_without_gap_and_of_the_owner(venue: Venue) -> None:
    gap = Request(venue.state.requests + 1, RequestKind.DEPOSIT, 1, Trader(1).owner, 5, NO_KEY)
    with pytest.raises(EnvironmentFailure, match="another chain"):
        venue.apply(records.request_entry(gap, NOW))
    stranger = Request(venue.state.requests, RequestKind.DEPOSIT, 1, "0x" + "ee" * 20, 5, NO_KEY)
    with pytest.raises(EnvironmentFailure, match="not of the owner"):
        venue.apply(records.request_entry(stranger, NOW))


def test_expired_orders_leave_by_a_keeper(venue: Venue) -> None:
    venue.place(Trader(1), 0, 1000, 590_000, ask=False, OrderExpiry=NOW + 1000)
    (order,) = venue.state.orders.of_account(1)
    early, late = (command(codes.EXPIRE_ORDER, 0, market=0, id=order.id) for _ in range(2))
    assert venue.apply(records.work_entry(early))[0].error is not None
    venue.now += 1000
    (done,) = venue.apply(records.work_entry(late))
    assert [order.status for order in done.orders] == ["canceled-expired"]


def test_batches_are_cut_by_size_and_by_age(venue: Venue) -> None:
    venue.state.max_operations = 4
    pending = list(venue.state.operations.pending)
    (done,) = venue.apply(records.close_entry(venue.state.engine.digest(), 0, remainder=False))
    assert [batch.number for batch in done.batches] == [1, 2, 3]
    assert [op for batch in done.batches for op in batch.operations] == pending[:12]
    assert venue.state.operations.pending == pending[12:]
    (done,) = venue.apply(records.close_entry(venue.state.engine.digest(), 0, remainder=True))
    assert [op for batch in done.batches for op in batch.operations] == pending[12:]
    (done,) = venue.apply(records.close_entry(venue.state.engine.digest(), 0, remainder=True))
    assert done.batches == []


def test_a_closing_of_another_state_is_refused(venue: Venue) -> None:
    with pytest.raises(EnvironmentFailure, match="not the one that the journal"):
        venue.apply(records.close_entry(bytes(32), 0, remainder=True))


def test_the_same_records_give_the_same_state_and_a_snapshot_stands_for_them(venue: Venue) -> None:
    maker, taker = Trader(1), Trader(2)
    for price in (600_000, 600_010, 600_020):
        venue.place(maker, 0, 1000, price, ask=True, ClientOrderIndex=price)
    venue.place(taker, 0, 1500, 600_010, ask=False)
    venue.apply(records.close_entry(venue.state.engine.digest(), 0, remainder=False))
    middle, dumped = venue.state.engine.snapshot(), venue.state.dump()
    n = len(venue.log)
    venue.now += 5000
    venue.apply(*price_entries(venue.now, {0: 600_100, 1: 300_010}))
    venue.place(taker, 0, 900, 600_020, ask=False)
    venue.apply(records.close_entry(venue.state.engine.digest(), 0, remainder=True))
    venue.apply(records.proven_entry(1, 0))

    again = Venue()
    for record in venue.log:
        again.state.apply(record)
    restored = VenueState(again.state.venue, Engine(again.state.engine.config), again.state.max_operations)
    restored.engine.restore(middle)
    restored.load(dumped)
    for record in venue.log[n:]:
        restored.apply(record)
    for other in (again.state, restored):
        assert other.engine.digest() == venue.state.engine.digest()
        assert other.dump() == venue.state.dump()
