"""Cheats with orders and cancels."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.batches import KEY
from tests.soundness.ledger.cheat import (
    ASSERTION,
    Cheat,
    changed,
)
from tests.soundness.ledger.scene import NOW, PRICES, after, clock, fill, scene


def orders() -> Iterator[Cheat]:
    """Of one order: what it was not signed for."""
    s = scene()
    bid, ask = s.order(1, 0), s.order(3, 0, ask=True)
    both = (bid, ask)
    trade = fill((1, 0), (3, 0))
    placed = after(*both)

    yield Cheat("replayed order", (bid, bid), "nonce not used before")
    yield Cheat("replayed order after its fill", (bid,), "nonce not used before", state=after(*both, trade))
    yield Cheat("two orders of one identity", (bid, s.order(1, 0, price=1)), "nonce not used before")
    yield Cheat(
        "nonce of an earlier round of slots",
        (s.order(1, 0),),
        "nonce not used before",
        state=after(s.order(1, 1 << 16)),
    )
    yield Cheat(
        "order below its key's floor",
        (s.order(1, 3),),
        "nonce above the key's floor",
        state=after(s.cancel_all(1, 4)),
    )
    short = s.order(1, 0, OrderExpiry=NOW + 5)
    yield Cheat("expired order", (short, ask, clock(5), trade), "order not expired")
    at_once = s.order(3, 0, ask=True, rests=False, ExpiredAt=NOW + 5)
    yield Cheat(
        "immediate order, when its message has expired", (bid, at_once, clock(5), trade), "order not expired"
    )
    yield Cheat("overfilled order", (*both, fill((1, 0), (3, 0), 101)), "size within the order's remainder")
    large = s.order(3, 0, ask=True, size=1000)
    yield Cheat(
        "order filled twice over",
        (bid, large, fill((1, 0), (3, 0), 60), fill((1, 0), (3, 0), 41)),
        "size within the order's remainder",
    )
    yield Cheat("order that is nobody's", (ask, fill((2, 0), (3, 0))), "order not cancelled", alone=False)
    yield Cheat(
        "order of another market",
        (*both, {**trade, "market": 1, "price": PRICES[1]}),
        "order is of this market",
        ASSERTION,
        alone=False,
    )
    eth = s.order(1, 0, market=1)
    yield Cheat(
        "order for another market at a price that suits it",
        (eth, ask, trade),
        "order is of this market",
        ASSERTION,
    )
    yield Cheat("two bids", (bid, s.order(3, 0), trade), "one side buys, the other sells", ASSERTION)
    yield Cheat(
        "bid above its limit",
        (s.order(1, 0, price=PRICES[0] - 1), s.order(3, 0, ask=True, price=1), trade),
        "price within the order's limit",
    )
    yield Cheat(
        "ask below its limit",
        (bid, s.order(3, 0, ask=True, price=PRICES[0] + 1), trade),
        "price within the order's limit",
    )
    yield Cheat("cancelled order", (s.cancel_all(1, 1), trade), "order not cancelled", state=placed)
    by_client = s.cancel(1, 1, 1, [1, KEY, 0])
    yield Cheat(
        "singly cancelled order", (by_client, trade), "size within the order's remainder", state=placed
    )
    yield Cheat(
        "immediate order that rests",
        (s.order(1, 0, rests=False), ask, trade),
        "the maker's order may rest",
        ASSERTION,
    )
    post = s.order(3, 0, ask=True, TimeInForce=2)
    yield Cheat(
        "post-only order that takes", (bid, post, trade), "a post-only order does not take", ASSERTION
    )
    yield Cheat(
        "trade with oneself", (bid, s.order(1, 1, ask=True), fill((1, 0), (1, 1))), "no self-trade", ASSERTION
    )
    only = s.order(3, 0, ask=True, ReduceOnly=1)
    yield Cheat("reduce-only order that opens", (bid, only, trade), "reduce-only keeps the side")
    held = after(*both, trade)
    more = s.order(1, 1, ReduceOnly=1), s.order(3, 1, ask=True)
    yield Cheat(
        "reduce-only order that adds", (*more, fill((1, 1), (3, 1))), "reduce-only does not grow", state=held
    )
    resting_market = changed(s.order(1, 0, rests=False), type=1, time_in_force=1)
    yield Cheat("market order that rests", (resting_market,), "market orders are immediate", ASSERTION)
    yield Cheat(
        "time in force that there is not", (changed(bid, time_in_force=3),), "time in force", ASSERTION
    )


def cancels() -> Iterator[Cheat]:
    """Messages that name orders."""
    s = scene()
    placed = after(s.order(1, 0), s.order(1, 1, ClientOrderIndex=9), s.order(3, 0, ask=True))
    yield Cheat(
        "cancel that names another order",
        (s.cancel(1, 2, 9, [1, KEY, 0]),),
        "cancel names the order",
        ASSERTION,
        placed,
    )
    yield Cheat(
        "cancel by order index that names another order",
        (s.cancel(1, 2, (KEY << 48) + 1, [1, KEY, 0]),),
        "cancel names the order",
        ASSERTION,
        placed,
    )
    yield Cheat(
        "cancel in another market",
        (s.cancel(1, 2, 1, [1, KEY, 0], MarketIndex=1),),
        "cancel names the order's market",
        ASSERTION,
        placed,
    )
    yield Cheat(
        "cancel of nothing",
        (s.cancel(1, 2, (KEY << 48) - 1, [1, KEY, 7]),),
        "order in its slot",
        ASSERTION,
        placed,
    )
    yield Cheat(
        "expired cancel",
        (clock(5), s.cancel(1, 2, 1, [1, KEY, 0], ExpiredAt=NOW + 5)),
        "message not expired",
        state=placed,
    )
    yield Cheat(
        "expired cancel-all", (s.cancel_all(1, 2, ExpiredAt=NOW),), "message not expired", state=placed
    )
    old = s.cancel_all(1, 2)
    yield Cheat("replayed cancel-all", (old, old), "nonce above the key's floor", state=placed)
    attributes = s.order(2, 0, L2TxAttributes={"4": 1})
    yield Cheat(
        "attribute that changes what is owed",
        (changed(attributes, attribute0=1),),
        "attribute that is supported",
        ASSERTION,
    )
    yield Cheat(
        "no trade with the owner's other accounts",
        (changed(attributes, attribute0=7),),
        "attribute that is supported",
        ASSERTION,
    )
