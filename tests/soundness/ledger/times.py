"""Cheats with the time between two words of a market, and with the integrals over it: premium and funding."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.ledger import layout
from l2forge.ledger.layout import Kind
from l2forge.ledger.machine.isa import Hint
from l2forge.ledger.state import State
from tests.soundness.ledger.cheat import ASSERTION, Cheat, changed, market_words
from tests.soundness.ledger.cheater import FLIPPED, Lie, with_words
from tests.soundness.ledger.scene import NOW, PRICES, address, after, clock, fill, scene

SPAN = 1 << 31
"""Milliseconds of premium that one fill may add."""


def times() -> Iterator[Cheat]:
    """What a market remembers lies ahead, or nowhere."""
    s = scene()
    tick = {"op": "tick", "market": 0}
    fresh = clock(3_000), *s.reports(PRICES[0], NOW + 3_000)
    ahead = NOW + 10_000
    for name, word, label in (
        ("tick before the last one", "INDEX_TIME", "time of the tick"),
        ("funding before the last one", "FUNDING_TIME", "time of funding"),
    ):
        state = market_words(**{word: ahead})
        yield Cheat(name, (*fresh, changed(tick, "tick_0")), label, state=state, alone=False)
    yield Cheat(
        "first price by sources that have said nothing",
        (changed(tick, "first_tick_0"),),
        "time is after the first reports",
        state=_unpriced,
        alone=False,
    )


def _unpriced() -> State:
    """A market without reports, so early that reports of time 0 would be fresh."""
    sources = {layout.source(k) + word: 0 for k in range(4) for word in range(2)}
    words = {layout.INDEX: 0, layout.INDEX_TIME: 0, **sources}
    changes = {address(Kind.MARKET, 0, offset): word for offset, word in words.items()}
    return with_words(after()(), {**changes, address(Kind.VENUE, 0, layout.NOW): 5_000})


def premium() -> Iterator[Cheat]:
    """The integral of (last fill − index) over time."""
    s = scene()
    trade = s.order(1, 0), s.order(3, 0, ask=True), fill((1, 0), (3, 0))
    dear = PRICES[0] + 1_000
    yield Cheat(
        "fill before the last one",
        trade,
        "time of the premium",
        state=market_words(PREMIUM_TIME=NOW + 1),
    )
    yield Cheat(
        "premium of a month at once",
        trade,
        "span of the premium",
        state=market_words(PREMIUM_TIME=NOW - SPAN - 1),
    )
    yield Cheat(
        "premium beyond its bound",
        trade,
        "integral of the premium",
        state=market_words(PREMIUM_TIME=NOW - 10, PREMIUM_SUM=(1 << 61) - 1, LAST_PRICE=dear),
    )
    yield Cheat(
        "premium that is forgotten",
        trade,
        "last fill",
        ASSERTION,
        market_words(PREMIUM_TIME=NOW - 10, LAST_PRICE=dear),
        (Lie("fill_0", "last fill", 0, hint=Hint.INVERSE),),
    )
    funded = clock(1_000), {"op": "funding", "market": 0}
    for name, label in (
        ("premium of the other sign", "sign of the premium"),
        ("funding index of the other sign", "sign of the funding index"),
    ):
        yield Cheat(
            name,
            funded,
            label,
            state=market_words(PREMIUM_SUM=10, LAST_PRICE=dear, FUNDING_RATE=10**10),
            lies=(Lie("funding_0", label, FLIPPED, hint=Hint.AT_LEAST),),
        )


def owed() -> Iterator[Cheat]:
    """Funding that a position owes."""
    s = scene()
    held = after(s.order(1, 0), s.order(3, 0, ask=True), fill((1, 0), (3, 0)))
    index = address(Kind.MARKET, 0, layout.FUNDING_INDEX)
    yield Cheat(
        "funding paid the other way",
        (s.order(1, 1, ask=True), s.order(3, 1), fill((3, 1), (1, 1))),
        "sign of funding",
        state=lambda: with_words(held(), {index: 10**9}),
        lies=(Lie("fill_0", "sign of funding", FLIPPED, hint=Hint.AT_LEAST),),
        alone=False,
    )
