"""Cheats with trades."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.batches import KEY
from l2forge.ledger import layout
from l2forge.ledger.layout import Kind
from l2forge.ledger.machine.isa import Hint, Unit
from l2forge.ledger.state import State
from tests.soundness.ledger.cheat import (
    QUOTIENT,
    Cheat,
    changed,
)
from tests.soundness.ledger.cheater import FLIPPED, Lie, with_words
from tests.soundness.ledger.scene import PRICES, address, after, clock, fill, scene


def fills() -> Iterator[Cheat]:
    """Trades against the rules of margin, fees and open interest."""
    s = scene()
    trade = fill((5, 0), (3, 0), 2_000)
    sides = s.order(5, 0, size=2_000), s.order(3, 0, ask=True, size=2_000)
    yield Cheat("maker below initial margin", (*sides, trade), "initial margin")
    turned = fill((3, 0), (5, 0), 2_000)
    yield Cheat("taker below initial margin", (*sides, turned), "initial margin")
    shrinks = changed(trade, "fill_maker_shrinks_0")
    yield Cheat(
        "position that grows where it must shrink",
        (*sides, shrinks),
        "reduce-only does not grow",
        alone=False,
    )
    yield Cheat(
        "worse ratio of equity to maintenance",
        tuple(worse_ratio(800)[1]),
        "equity over maintenance not worse",
        state=worse_ratio(800)[0],
    )
    small = s.order(1, 0), s.order(3, 0, ask=True)
    yield Cheat("fill at a stale price", (*small, clock(10_001), fill((1, 0), (3, 0))), "price is fresh")
    stale = changed(fill((1, 0), (3, 0)), "fill_stale_0")
    yield Cheat(
        "position opened at a stale price", (*small, clock(10_001), stale), "reduce-only keeps the side"
    )
    yield Cheat(
        "fill of −1 lots, mod p",
        (*small, changed(fill((1, 0), (3, 0)), lots=-1)),
        "lots are positive",
        alone=False,
    )
    yield Cheat("fill of 0 lots", (*small, changed(fill((1, 0), (3, 0)), lots=0)), "lots are positive")
    free = s.order(1, 0), changed(s.order(3, 0, ask=True), price=0)
    yield Cheat("fill at the price 0", (*free, changed(fill((1, 0), (3, 0)), price=0)), "price is positive")
    limit = address(Kind.MARKET, 0, layout.INTEREST_LIMIT)
    yield Cheat(
        "open interest above its limit",
        (*small, fill((1, 0), (3, 0))),
        "open interest within its limit",
        state=lambda: with_words(after()(), {limit: 99}),
    )
    yield Cheat(
        "market without a price",
        (*small, fill((1, 0), (3, 0))),
        "the market has a price",
        state=lambda: with_words(after()(), {address(Kind.MARKET, 0, layout.INDEX): 0}),
    )
    pair = *small, fill((1, 0), (3, 0))
    due = 100 * PRICES[0] * 4 // 10_000
    for name, value in (("above", due + 1), ("below", due - 1)):
        yield Cheat(
            f"fee {name} the schedule",
            pair,
            "fee",
            QUOTIENT,
            lies=(Lie("fill_0", "fee", value, Unit.MULDIV),),
        )
    yield Cheat(
        "notional below price times lots",
        pair,
        "notional",
        QUOTIENT,
        lies=(Lie("fill_0", "notional", 0, Unit.MULDIV),),
    )
    yield Cheat(
        "position of the other sign",
        pair,
        "sign of a position",
        lies=(Lie("fill_0", "sign of a position", FLIPPED, hint=Hint.AT_LEAST, which=1),),
        alone=False,
    )
    yield Cheat(
        "tier below the position's", pair, "tier", lies=(Lie("fill_0", "tier", 1, hint=Hint.AT_LEAST),)
    )
    key = (1 << layout.KEY_BITS) + KEY
    yield Cheat(
        "slot of another key",
        pair,
        "slot",
        lies=(Lie("fill_0", "account index", key + 1, hint=Hint.BITS),),
        alone=False,
    )
    yield Cheat(
        "slot of another account",
        pair,
        "key index",
        lies=(Lie("fill_0", "account index", 2, hint=Hint.BITS, which=1),),
    )


def worse_ratio(lots: int) -> tuple[Callable[[], State], Sequence[Any]]:
    """A side that is under water closes some of 1600 lots at a price that is worse for it than the index."""
    s = scene()
    opened = after(
        s.order(5, 0, size=1_600), s.order(3, 0, ask=True, size=1_600), fill((5, 0), (3, 0), 1_600)
    )
    cash = address(Kind.ACCOUNT, 5, layout.CASH)

    def state() -> State:
        before = opened()
        return with_words(before, {cash: before.read(cash) - 40_000_000})

    sides = (
        s.order(3, 1, size=lots, price=500_000),
        s.order(5, 1, ask=True, size=lots, price=500_000, rests=False),
    )
    trade = changed(fill((3, 1), (5, 1), lots, price=500_000), "fill_taker_shrinks_0")
    return state, (*sides, trade)
