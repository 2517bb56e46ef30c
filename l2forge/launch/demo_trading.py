"""The demo's steps on the venue: quotes, cancels, fills, positions, a withdrawal."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from l2forge.launch.demo_scene import Scene, require

NOTIONAL = 2_000
"""About what each order is worth, in collateral."""
SPREAD_E4 = 10
FAR_E4 = 100
"""Distance of quotes from the index price, and of the one that is cancelled, in 10⁻⁴."""
WITHDRAWAL = 1_000
PRICES_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Market:
    """What is needed of a market to trade in it: price in ticks, an order's size in lots."""

    id: int
    symbol: str
    price_decimals: int
    size_decimals: int
    index_ticks: int
    lots: int

    def ticks(self, off_e4: int) -> int:
        """A price off the index price."""
        return self.index_ticks * (10_000 + off_e4) // 10_000

    def price(self, ticks: int) -> str:
        """Ticks for a reader."""
        return f"{Decimal(ticks).scaleb(-self.price_decimals):,}"

    def size(self, lots: int) -> str:
        """Lots for a reader."""
        return f"{Decimal(lots).scaleb(-self.size_decimals)} {self.symbol.partition('-')[0]}"


def markets(scene: Scene) -> list[Market]:
    """The venue's markets, as it shows them."""
    found = []
    for each in scene.api.get("orderBookDetails")["order_book_details"]:
        index = Decimal(each["index_price"])
        lots = max(NOTIONAL / index, 2 * Decimal(each["min_base_amount"])).scaleb(each["size_decimals"])
        ticks = int(index.scaleb(each["price_decimals"]))
        found.append(
            Market(
                each["market_id"],
                each["symbol"],
                each["price_decimals"],
                each["size_decimals"],
                ticks,
                int(lots),
            )
        )
    return found


def quote(scene: Scene) -> None:
    """Prices come from signed reports, and the first trader quotes both sides of every market"""
    scene.wait(
        "prices", lambda: all(scene.api.get("venue/health")["prices_fresh"].values()), PRICES_TIMEOUT_S
    )
    maker = scene.traders[0]
    began, n_orders = time.monotonic(), 0
    for market in markets(scene):
        scene.say(f"{market.symbol}: index price {market.price(market.index_ticks)}")
        for client, off in ((1, SPREAD_E4), (2, -SPREAD_E4), (3, -FAR_E4)):
            number = 10 * market.id + client
            maker.order(market.id, market.lots, market.ticks(off), ask=off > 0, client=number)
            side = "sells" if off > 0 else "bids for"
            scene.say(
                f"  {maker.name} {side} {market.size(market.lots)} at {market.price(market.ticks(off))}"
            )
            n_orders += 1
    each_ms = (time.monotonic() - began) * 1000 / n_orders
    scene.say(
        f"{n_orders} signed orders rest; signed, sent, in the journal, answered in {each_ms:.0f} ms each"
    )
    scene.figures |= {"orders_resting": n_orders, "order_ms": round(each_ms, 1)}


def cancel(scene: Scene) -> None:
    """The far bids are cancelled"""
    maker = scene.traders[0]
    for market in markets(scene):
        maker.cancel(market.id, 10 * market.id + 3)
        book = scene.api.get("orderBookOrders", market_id=market.id, limit=10)
        require(
            (book["total_asks"], book["total_bids"]) == (1, 1),
            f"{market.symbol} has {book['total_asks']} asks and {book['total_bids']} bids, not 1 and 1",
        )
        scene.say(f"{market.symbol}: 1 ask, 1 bid are left")


def fill(scene: Scene) -> None:
    """The others trade with her: one buys, one sells"""
    _, buyer, seller = scene.traders
    n_fills = 0
    for market in markets(scene):
        half = market.lots // 2
        buyer.order(market.id, half, market.ticks(2 * SPREAD_E4), ask=False, client=101, rests=False)
        seller.order(market.id, half // 2, market.ticks(-2 * SPREAD_E4), ask=True, client=102, rests=False)
        trades = scene.api.get("recentTrades", market_id=market.id, limit=10)["trades"]
        require(len(trades) == 2, f"{market.symbol} has {len(trades)} trades, not 2")
        for trade in reversed(trades):
            scene.say(f"{market.symbol}: {trade['size']} traded at {trade['price']}")
        n_fills += len(trades)
        scene.traders[0].cancel(market.id, 10 * market.id + 1)
        scene.say(f"  {scene.traders[0].name} cancels what is left of her ask")
    scene.figures["fills"] = n_fills


def show_positions(scene: Scene) -> None:
    """Everyone sees positions and money"""
    held: dict[str, Decimal] = {}
    for trader in scene.traders:
        page = trader.page()
        value, free = Decimal(page["total_asset_value"]), Decimal(page["available_balance"])
        scene.say(f"{trader.name}: worth {value:,.2f}, of which {free:,.2f} are free")
        for each in page["positions"]:
            size = each["sign"] * Decimal(each["position"])
            if size:
                held[each["symbol"]] = held.get(each["symbol"], Decimal(0)) + size
                scene.say(
                    f"  {size:+} {each['symbol']} from {each['avg_entry_price']}, "
                    f"unrealized {each['unrealized_pnl']}"
                )
    require(len(held) == len(scene.venue.markets), "there is no position in some market")
    require(not any(held.values()), f"positions do not add up to nothing: {held}")
    scene.say("longs and shorts cancel out in every market")


def withdraw(scene: Scene) -> None:
    """The first trader signs a withdrawal"""
    trader = scene.traders[0]
    before = Decimal(trader.page()["collateral"])
    scene.withdrawn_units = WITHDRAWAL * 10**scene.decimals
    scene.withdrawal = trader.withdraw(scene.withdrawn_units)
    left = Decimal(trader.page()["collateral"])
    scene.say(f"{trader.name} withdraws {scene.money(scene.withdrawn_units)}; {left:,.2f} are left")
    require(before - left == WITHDRAWAL, f"the balance went from {before} to {left}")
