"""Cheats with numbers beyond their bounds: fields of messages, cash, and what open interest is worth."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.batches import KEY
from l2forge.engine.config import value_limit
from l2forge.ledger import layout
from l2forge.ledger.layout import Kind
from l2forge.ledger.state import State
from l2forge.rules.jit import CASH_LIMIT
from l2forge.stark.field import P
from tests.soundness.ledger.cheat import ASSERTION, Cheat, changed
from tests.soundness.ledger.cheater import with_words
from tests.soundness.ledger.scene import NOW, PRICES, address, after, clock, fill, owner, scene


def fields() -> Iterator[Cheat]:
    """Fields that no client's number is, each signed as it is."""
    s = scene()
    bid = s.order(1, 0)
    yield Cheat("order of 2^48 lots", (changed(bid, size=1 << 48),), "order size")
    yield Cheat("order of −1 lots, mod p", (changed(bid, size=-1),), "order size")
    yield Cheat("order at a price of 2^32", (changed(bid, price=1 << 32),), "order price")
    yield Cheat("order that ends beyond all times", (changed(bid, order_expiry=1 << 48),), "order expiry")
    yield Cheat("side that is neither", (changed(bid, is_ask=2),), "side", ASSERTION)
    kind = changed(s.order(1, 0, rests=False), type=2)
    yield Cheat("kind of order that there is not", (kind,), "limit or market order", ASSERTION)
    yield Cheat("reduce-only twice", (changed(bid, reduce_only=2),), "reduce-only flag", ASSERTION)
    yield Cheat("nonce of 2^48", (changed(bid, nonce=1 << 48),), "nonce")
    yield Cheat("message for all time", (changed(bid, expired_at=1 << 48),), "expiry of the message")
    half = (5 - 1) * pow(1 << 32, -1, P)
    yield Cheat(
        "withdrawal of 5, with a high half that wraps",
        (changed(s.withdraw(1, 0, 5), amount_low=1, amount_high=half),),
        "amount, high half",
    )
    report = changed(s.report(0, PRICES[0], NOW), timestamp=1 << 48)
    yield Cheat("report beyond all times", (report,), "time of the report", alone=False)
    placed = after(s.order(1, 0), s.order(2, 0))
    cancel = s.cancel(1, 1, 1, [1, KEY, 0])
    yield Cheat(
        "cancel of another account's order by a key that wraps",
        (changed(cancel, order_key=KEY + (1 << layout.KEY_BITS)),),
        "key of the order",
        state=placed,
    )
    yield Cheat(
        "cancel of another account's order by a slot that wraps",
        (changed(cancel, order_slot=1 << (layout.SLOT_BITS + layout.KEY_BITS)),),
        "slot of the order",
        state=placed,
    )


def words() -> Iterator[Cheat]:
    """State that is at its bound, and what would lead beyond it."""
    s = scene()
    deposit = {"op": "deposit", "account": 3, "owner": owner(3), "amount": 1}
    cash = address(Kind.ACCOUNT, 3, layout.CASH)

    def rich() -> State:
        return with_words(after()(), {cash: CASH_LIMIT - 1})

    yield Cheat("deposit that fills cash over", (deposit,), "cash within its bound", state=rich)
    trade = s.order(1, 0), s.order(3, 0, ask=True), fill((1, 0), (3, 0))
    yield Cheat("fill that fills cash over", trade, "cash within its bound", state=rich)
    at = NOW + 3_000
    dearer = clock(3_000), *s.reports(PRICES[0] * 101 // 100, at), {"op": "tick", "market": 0}
    full = value_limit(len(PRICES)) // PRICES[0]
    yield Cheat(
        "price that open interest has no room for",
        dearer,
        "open interest at this price",
        state=lambda: with_words(after()(), {address(Kind.MARKET, 0, layout.OPEN_INTEREST): full}),
    )
