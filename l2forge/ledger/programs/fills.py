"""FILL: two orders trade. The program of each market and variant states every rule of a fill."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from l2forge.engine.config import MarketConfig
from l2forge.ledger.layout import (
    ACCOUNT_BITS,
    CASH,
    CLEARING,
    EXPIRY,
    FEE_POOL,
    FILLED,
    FLAGS,
    FLOOR,
    FRESH_UNTIL,
    FUNDING_HIGH,
    FUNDING_INDEX,
    FUNDING_LOW,
    INDEX,
    INSURANCE,
    INTEREST_LIMIT,
    KEY_BITS,
    LIMIT_PRICE,
    NOW,
    OPEN_INTEREST,
    ORDER_MARKET,
    ORDER_NONCE,
    SIZE,
    SLOT_BITS,
    Kind,
    position,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.machine.isa import Hint
from l2forge.ledger.programs.premium import note_fill
from l2forge.ledger.programs.values import (
    Bucket,
    Holding,
    Prices,
    add_position,
    fee,
    funding_owed,
    holding,
    require_cash_bound,
    require_ratio,
    value_positions,
)
from l2forge.stark.field import P


@dataclass(frozen=True)
class Variant:
    """Which rule each side ends a fill by, and whether the price is fresh.

    A side ends at or above initial margin, or (shrinks) with a smaller position and a ratio that is not
    worse.
    While the price is stale the taker's position must shrink in any case.
    """

    maker_shrinks: bool = False
    taker_shrinks: bool = False
    stale: bool = False

    @property
    def name(self) -> str:
        """The program's name without the market."""
        flags = (
            (self.maker_shrinks, "_maker_shrinks"),
            (self.taker_shrinks, "_taker_shrinks"),
            (self.stale, "_stale"),
        )
        return "fill" + "".join(word for flag, word in flags if flag)


VARIANTS = tuple(
    Variant(maker, taker, stale)
    for stale in (False, True)
    for maker in (False, True)
    for taker in (False, True)
)


@cache
def fill_programs(market: int) -> tuple[str, ...]:
    """The programs of a fill in a market, in the order in which they are tried."""
    return tuple(f"{variant.name}_{market}" for variant in VARIANTS)


@dataclass(frozen=True)
class Side:
    """One order of the fill, and its account."""

    account: Value
    """The index."""
    leaf: Value
    """The account's leaf."""
    ask: Value
    post_only: Value
    rests: Value
    """1 unless the order is immediate."""
    reduce_only: Value


@dataclass(frozen=True)
class Traded:
    """A side after the fill."""

    before: Holding
    after: Holding
    cash: Value
    """After the fill."""
    gain: Value
    """Change of cash plus change of the position's value at the index: new equity − old equity."""


def fill(number: int, markets: dict[int, MarketConfig], variant: Variant) -> Program:
    """The program for market `number`."""
    market = markets[number]
    names = ("maker_order", "taker_order", "price", "lots")
    p = Program(f"{variant.name}_{number}", names)
    price, lots = p.input("price"), p.input("lots")
    p.require_positive(lots - 1, "lots are positive")
    p.require_positive(price - 1, "price is positive")
    venue = p.leaf(Kind.VENUE, 0)
    leaves = {k: p.leaf(Kind.MARKET, k) for k in markets}
    own = leaves[number]
    now = p.read(venue, NOW)
    maker = _order(p, "maker_order", number, now, price, lots)
    taker = _order(p, "taker_order", number, now, price, lots)
    p.require_equal(maker.ask + taker.ask, 1, "one side buys, the other sells")
    p.require_equal(maker.rests, 1, "the maker's order may rest")
    p.require_equal(taker.post_only, 0, "a post-only order does not take")
    p.require_nonzero(maker.account - taker.account, "no self-trade")
    if not variant.stale:
        p.require_at_least(p.read(own, FRESH_UNTIL), now, "price is fresh")

    notional = p.floor(p.fresh(price * market.quote), lots, 1, "notional")
    prices = Prices({k: p.read(leaf, INDEX) for k, leaf in leaves.items()},
                    {k: p.read(leaf, FUNDING_INDEX) for k, leaf in leaves.items()})  # fmt: skip
    p.require_positive(prices.price[number] - 1, "the market has a price")
    taker_fee, maker_fee = fee(p, notional, market.taker_e12), fee(p, notional, market.maker_e12)
    change = p.fresh(lots * (1 - 2 * taker.ask))
    paid = p.fresh(notional * (1 - 2 * taker.ask))
    at = (p, number, market, prices)
    taken, taker_owed = _trade(*at, taker, change, -paid - taker_fee)
    made, maker_owed = _trade(*at, maker, -change, paid - maker_fee)
    for side, traded, shrinks, must in (
        (taker, taken, variant.taker_shrinks, variant.taker_shrinks or variant.stale),
        (maker, made, variant.maker_shrinks, variant.maker_shrinks),
    ):
        _require_shrinks(p, traded, None if must else side.reduce_only)
        _require_margin(p, number, markets, prices, side, traded, shrinks)

    collected = p.fresh(taker_fee + maker_fee)
    p.change(venue, FEE_POOL, collected)
    _open_interest(p, venue, own, prices.funding[number], taken, made, p.fresh(taker_owed + maker_owed))
    note_fill(p, own, prices.price[number], price, now, stale=variant.stale)
    return p


def _order(p: Program, name: str, number: int, now: Value, price: Value, lots: Value) -> Side:
    """The order in its slot: open, of this market, not expired, not dead, its limit kept; lots are taken
    off.
    """
    index = p.input(name)
    key = p.advice(Hint.BITS, index, k=SLOT_BITS + ((ACCOUNT_BITS + KEY_BITS) << 6))
    account = p.advice(Hint.BITS, index, k=SLOT_BITS + KEY_BITS + (ACCOUNT_BITS << 6))
    p.require_below(account, 1 << ACCOUNT_BITS, "account index")
    p.require_below(key - account * (1 << KEY_BITS), 1 << KEY_BITS, "key index")
    p.require_below(index - key * (1 << SLOT_BITS), 1 << SLOT_BITS, "slot")
    leaf, key_leaf = p.leaf(Kind.ORDER, index), p.leaf(Kind.KEY, key)
    nonce = p.read(leaf, ORDER_NONCE)
    p.require_positive(nonce - p.read(key_leaf, FLOOR) - 1, "order not cancelled")
    filled = p.fresh(p.read(leaf, FILLED) + lots)
    p.write(leaf, FILLED, filled)
    p.require_positive(p.read(leaf, SIZE) - filled, "size within the order's remainder")
    p.require_positive(p.read(leaf, EXPIRY) - now - 1, "order not expired")
    p.require_equal(p.read(leaf, ORDER_MARKET), number, "order is of this market")
    flags = p.read(leaf, FLAGS)
    ask, rests, post_only, reduce_only, kind = (p.bit(flags, k) for k in range(5))
    known = p.fresh(ask + 2 * rests)
    more = p.fresh(4 * post_only + 8 * reduce_only)
    p.require_zero(p.fresh(flags - known - more) - 16 * kind, "flags of the order")
    distance = p.fresh(price - p.read(leaf, LIMIT_PRICE))
    p.require_positive(distance * (2 * ask - 1), "price within the order's limit")
    resting = p.fresh(rests + post_only)
    return Side(account, p.leaf(Kind.ACCOUNT, account), ask, post_only, resting, reduce_only)


def _trade(
    p: Program, number: int, market: MarketConfig, prices: Prices, side: Side, lots: Value, cash_change: Value
) -> tuple[Traded, Value]:
    """Settle funding, then move cash and position; returns the side and what funding it owed.

    Bounds: |cash| < 2^60 before; notional, fee and funding owed are below 2^62 + 2^48 each, so what the range
    of the new cash sees is below 2^60 + 3·(2^62 + 2^48) < p − 2^60: nothing wraps into it.
    """
    before = holding(p, p.read(side.leaf, position(number)))
    since = p.write(side.leaf, position(number) + 1, prices.funding[number])
    owed = funding_owed(p, before, prices.funding[number], since)
    change = p.fresh(cash_change)
    cash = p.change(side.leaf, CASH, p.fresh(change - owed))
    require_cash_bound(p, cash)
    after = holding(p, p.fresh(before.size + lots))
    p.write(side.leaf, position(number), after.size)
    gain = p.fresh(change + p.fresh(lots * prices.price[number] * market.quote))
    return Traded(before, after, cash, gain), owed


def _require_shrinks(p: Program, traded: Traded, when: Value | None) -> None:
    """The position keeps its sign, or closes, and does not grow; always, or when the flag is 1."""
    sign = p.fresh(1 - 2 * traded.before.short)
    left = p.fresh(traded.after.size * sign)
    shrunk = traded.before.lots - left
    if when is not None:
        left, shrunk = left * when, p.fresh(shrunk) * when
    p.require_positive(left, "reduce-only keeps the side")
    p.require_positive(shrunk, "reduce-only does not grow")


def _require_margin(
    p: Program,
    number: int,
    markets: dict[int, MarketConfig],
    prices: Prices,
    side: Side,
    traded: Traded,
    shrinks: bool,
) -> None:
    """fill_is_allowed: initial margin; or, of a position that shrinks, equity/maintenance not worse."""
    bucket = value_positions(p, markets, prices, side.leaf, {number: traded.after}, maintenance=shrinks)
    equity = p.fresh(traded.cash + bucket.value)
    if not shrinks:
        p.require_at_least(equity, bucket.initial, "initial margin")
        return
    market, price = markets[number], prices.price[number]
    zero = p.value(0)
    then, now = Bucket(zero, zero, zero), Bucket(zero, zero, zero)
    add_position(p, then, market, price, traded.before, maintenance=True)
    add_position(p, now, market, price, traded.after, maintenance=True)
    old_margin = p.fresh(p.fresh(bucket.maintenance - now.maintenance) + then.maintenance)
    require_ratio(p, equity, bucket.maintenance, p.fresh(equity - traded.gain), old_margin)


def _open_interest(
    p: Program, venue: Value, market: Value, funding: Value, taken: Traded, made: Traded, owed: Value
) -> None:
    """Open interest grows within its limit; at zero, what funding's rounding left goes to the insurance fund.

    Sizes sum to the same before and after, so growth of longs = (Σ|after| − Σ|before|)/2. Soundness: `grows`
    is the prover's; 1 asks for room, 0 for growth ≤ 0: either way open interest is within its limit or does
    not grow. Every |size| is at most open interest: this is what bounds size·price·quote by 2^56.
    """
    after = p.fresh(taken.after.lots + made.after.lots)
    growth = p.fresh((after - p.fresh(taken.before.lots + made.before.lots)) * pow(2, -1, P))
    interest = p.change(market, OPEN_INTEREST, growth)
    grows = p.advice(Hint.AT_LEAST, growth, 1)
    p.require_bool(grows, "open interest")
    room = p.fresh(p.read(market, INTEREST_LIMIT) - interest)
    shrinks = p.fresh(grows * growth - growth)
    p.require_positive(grows * room + shrinks, "open interest within its limit")
    clearing = p.fresh(p.read(market, CLEARING) + owed)
    closed = p.is_zero(interest, "open interest is zero")
    dust = p.fresh(clearing * closed)
    p.write(market, CLEARING, p.fresh(clearing - dust))
    p.change(venue, INSURANCE, dust)
    for offset in (FUNDING_LOW, FUNDING_HIGH):
        word = p.read(market, offset)
        p.write(market, offset, p.fresh(closed * p.fresh(funding - word) + word))
