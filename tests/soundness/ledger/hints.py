"""Cheats with a value that the prover chose falsely: bits, signs, inverses and quotients."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.ledger import layout
from l2forge.ledger.machine.isa import Hint, Unit
from tests.soundness.ledger.cheat import ASSERTION, QUOTIENT, RANGE, Cheat, changed, market_words
from tests.soundness.ledger.cheater import FLIPPED, Lie
from tests.soundness.ledger.fills import worse_ratio
from tests.soundness.ledger.scene import NOW, PRICES, clock, fill, owner, scene

TAKER = 5
"""Where a taker's bits begin: after the maker's ask, rests, post-only, reduce-only and kind."""
RESTS, POST_ONLY, REDUCE_ONLY = 1, 2, 3


def _bit(which: int, value: int) -> Lie:
    return Lie("fill_0", "bit", value, hint=Hint.BITS, which=which)


def flags() -> Iterator[Cheat]:
    """An order's flags are what was signed, bit by bit."""
    s = scene()
    bid, ask, trade = s.order(1, 0), s.order(3, 0, ask=True), fill((1, 0), (3, 0))
    yield Cheat(
        "bid that sells", (bid, s.order(3, 0), trade), "flags of the order", ASSERTION, lies=(_bit(TAKER, 1),)
    )
    yield Cheat(
        "reduce-only order that forgets it",
        (bid, s.order(3, 0, ask=True, ReduceOnly=1), trade),
        "flags of the order",
        ASSERTION,
        lies=(_bit(TAKER + REDUCE_ONLY, 0),),
    )
    yield Cheat(
        "post-only order that rests twice instead",
        (bid, s.order(3, 0, ask=True, TimeInForce=2), trade),
        "bit",
        ASSERTION,
        lies=(_bit(TAKER + RESTS, 2), _bit(TAKER + POST_ONLY, 0)),
    )
    yield Cheat(
        "open interest that grows twice over its room",
        (bid, ask, trade),
        "open interest",
        ASSERTION,
        market_words(INTEREST_LIMIT=99),
        (Lie("fill_0", "open interest", 2, hint=Hint.AT_LEAST),),
    )
    yield Cheat(
        "funding's clearing taken while positions are open",
        (bid, ask, trade),
        "open interest is zero",
        ASSERTION,
        market_words(CLEARING=7),
        (Lie("fill_0", "open interest is zero", 0, hint=Hint.INVERSE),),
    )


def identities() -> Iterator[Cheat]:
    """Who acts, and in which slot."""
    s = scene()
    deposit = {"op": "deposit", "account": 1, "owner": owner(3), "amount": 5}
    yield Cheat(
        "account taken over as a new one",
        (deposit,),
        "new account",
        ASSERTION,
        lies=(Lie("deposit", "new account", 0, hint=Hint.INVERSE),),
    )
    yield Cheat(
        "report of no source with a source's key",
        (changed(s.report(0, PRICES[0], NOW), source=-1),),
        "source",
        ASSERTION,
        lies=(Lie("report_0", "source", 0, hint=Hint.INVERSE),),
    )
    yield Cheat(
        "nonce in a slot of the next key",
        (s.order(1, 1 << layout.SLOT_BITS),),
        "slot of the nonce",
        lies=(Lie("order", "slot of the nonce", 1 << layout.SLOT_BITS, hint=Hint.BITS),),
    )


def margins() -> Iterator[Cheat]:
    """Margin and the ratio of a position that shrinks."""
    s = scene()
    large = s.order(5, 0, size=2_000), s.order(3, 0, ask=True, size=2_000), fill((5, 0), (3, 0), 2_000)
    maker = 2
    yield Cheat(
        "margin of 0",
        large,
        "margin",
        QUOTIENT,
        lies=(Lie("fill_0", "margin", 0, Unit.MULDIV, which=maker),),
    )
    carry = Lie("fill_taker_shrinks_0", "ratio", 2, Unit.MULDIV, which=2)
    state, worse = worse_ratio(800)
    yield Cheat("worse ratio by a false carry", tuple(worse), "ratio", QUOTIENT, state, (carry,))
    state, closed = worse_ratio(1_600)
    yield Cheat(
        "position that closes under water",
        tuple(closed),
        "equity with nothing left to maintain",
        RANGE,
        state,
        (carry,),
        alone=False,
    )
    yield Cheat(
        "debt that counts as equity",
        tuple(worse),
        "sign of equity",
        state=state,
        lies=(Lie("fill_taker_shrinks_0", "sign of equity", FLIPPED, hint=Hint.AT_LEAST),),
        alone=False,
    )


def prices() -> Iterator[Cheat]:
    """Steps, limits and funding that are not what they are computed from."""
    s = scene()
    later, at, tick = clock(20_000), NOW + 20_000, {"op": "tick", "market": 0}
    far = later, *s.reports(PRICES[0] * 13 // 10, at), tick
    near = PRICES[0] * 7 // 10
    yield Cheat(
        "step with too large an allowance",
        far,
        "step of the price",
        QUOTIENT,
        lies=(Lie("tick_0", "step of the price", 1 << 50, Unit.MULDIV),),
    )
    yield Cheat(
        "step down that counts as less than none",
        (later, *s.reports(near, at), tick),
        "sign of the step",
        lies=(Lie("tick_0", "sign of the step", FLIPPED, hint=Hint.AT_LEAST),),
    )
    funded = clock(1_000), {"op": "funding", "market": 0}
    far_apart = market_words(OPEN_INTEREST=1 << 30, FUNDING_HIGH=1 << 50, FUNDING_RATE=4 * 10**10)
    for name, label, value in (
        ("funding that moves beyond its bound", "bound of funding", 1 << 40),
        ("open-interest limit that forgets funding", "spread of funding", 0),
        ("open-interest limit beyond the spec's", "open-interest limit", 1 << 39),
        ("premium of another integral", "premium", 0),
    ):
        lie = Lie("funding_0", label, value, Unit.MULDIV)
        yield Cheat(name, funded, label, QUOTIENT, far_apart, (lie,))
