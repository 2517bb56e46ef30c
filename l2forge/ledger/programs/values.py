"""Margin, funding and fees as gates: the formulas of `l2forge.rules`, in the same integers."""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.engine.config import MarketConfig
from l2forge.ledger.layout import CASH, FUNDING_INDEX, INDEX, TWAP, Kind, position
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.rules.jit import CASH_LIMIT, FUNDING_SCALE, RATE_SCALE
from l2forge.rules.margin import next_deduction
from l2forge.rules.prices import TWAP_SCALE_LOG

INITIAL, MAINTENANCE = "initial", "maintenance"
RATIO_LOG = 60


@dataclass(frozen=True)
class Prices:
    """The prices and funding indices that positions are valued at, by market number."""

    price: dict[int, Value]
    funding: dict[int, Value]


@dataclass(frozen=True)
class Holding:
    """A position: signed size, |size|, and 1 where it is negative."""

    size: Value
    lots: Value
    short: Value


def minimum(p: Program, x: Value | int, y: Value | int) -> Value:
    """The smaller of two values, which differ by less than 2^62."""
    x, y = p.value(x), p.value(y)
    return p.fresh(p.select(p.at_least(x, y), y, x))


def clamped(p: Program, x: Value, low: Value | int, high: Value | int) -> Value:
    """The value of [low, high] nearest to x; rules.arith.clamp."""
    above = p.fresh(p.select(p.at_least(x, low), x, low))
    return minimum(p, above, high)


def market_leaf(p: Program, market: int) -> Value:
    """The address of a market's leaf."""
    return p.leaf(Kind.MARKET, market)


def read_prices(p: Program, leaves: dict[int, Value], *, at_twap: bool = False) -> Prices:
    """Index prices, or averages in whole ticks, and funding indices of all markets."""
    price: dict[int, Value] = {}
    for number, leaf in leaves.items():
        if at_twap:
            price[number] = p.floor(p.read(leaf, TWAP), 1, 1 << TWAP_SCALE_LOG, "average price")
        else:
            price[number] = p.read(leaf, INDEX)
    return Prices(price, {number: p.read(leaf, FUNDING_INDEX) for number, leaf in leaves.items()})


def holding(p: Program, size: Value) -> Holding:
    """A position with its sign; sizes are below 2^49."""
    lots, short = p.absolute(size, "sign of a position")
    return Holding(size, lots, p.fresh(short))


def funding_owed(p: Program, held: Holding, now: Value, settled: Value) -> Value:
    """⌈size·Δindex/10^6⌉, negative when the position receives: rules.margin.funding_owed."""
    distance, fell = p.absolute(now - settled, "sign of funding")
    fell = p.fresh(fell)
    pays = p.fresh(1 - held.short - fell + 2 * (held.short * fell))
    amount = p.ceil_if(pays, held.lots, distance, FUNDING_SCALE, "funding owed")
    return p.fresh(amount * (pays * 2 - 1))


def fee(p: Program, notional: Value, rate_e12: int) -> Value:
    """⌈notional·rate⌉, or −⌊notional·|rate|⌋ of a rebate: rules.fees.fee."""
    if rate_e12 == 0:
        return p.value(0)
    if rate_e12 > 0:
        return p.ceil(notional, rate_e12, RATE_SCALE, "fee")
    return -p.floor(notional, -rate_e12, RATE_SCALE, "rebate")


def tier_rows(market: MarketConfig, which: str) -> list[tuple[int, int, int]]:
    """(bound below, rate, deduction) of each tier: rules.margin."""
    rows: list[tuple[int, int, int]] = []
    below, deduction, before = 0, 0, 0
    for tier in market.tiers:
        rate = tier.initial_e12 if which == INITIAL else tier.maintenance_e12
        if rows:
            deduction = int(next_deduction(deduction, below, before, rate))
        rows.append((below, rate, deduction))
        below, before = tier.up_to or 0, rate
    return rows


def tiered_margin(p: Program, market: MarketConfig, notional: Value, above: list[Value], which: str) -> Value:
    """⌈rate·notional⌉ − deduction of the tier that holds the notional: rules.margin.tiered_margin."""
    rows = tier_rows(market, which)
    rate, deduction = p.value(rows[0][1]), p.value(rows[0][2])
    for bit, (_, low, less), (_, high, more) in zip(above, rows, rows[1:], strict=False):
        rate, deduction = rate + bit * (high - low), deduction + bit * (more - less)
    if not above:
        return p.ceil(notional, rows[0][1], RATE_SCALE, "margin") - rows[0][2]
    return p.ceil(notional, p.fresh(rate), RATE_SCALE, "margin") - deduction


def tiers_above(p: Program, market: MarketConfig, notional: Value) -> list[Value]:
    """By tier but the last: 1 if the notional is above its bound."""
    return [p.at_least(notional, below + 1, "tier") for below, _, _ in tier_rows(market, INITIAL)[1:]]


@dataclass
class Bucket:
    """What an account's positions come to: value less funding owed, and margins."""

    value: Value
    initial: Value
    maintenance: Value


def value_positions(
    p: Program,
    markets: dict[int, MarketConfig],
    prices: Prices,
    account: Value,
    settled: dict[int, Holding],
    *,
    maintenance: bool = False,
) -> Bucket:
    """Sum over all markets; positions in `settled` owe no funding, the others are read from the state."""
    zero = p.value(0)
    bucket = Bucket(zero, zero, zero)
    for number, market in markets.items():
        owed: Value | int = 0
        if number in settled:
            held = settled[number]
        else:
            held = holding(p, p.read(account, position(number)))
            since = p.read(account, position(number) + 1)
            owed = funding_owed(p, held, prices.funding[number], since)
        add_position(p, bucket, market, prices.price[number], held, maintenance=maintenance)
        bucket.value = p.fresh(bucket.value - owed)
    return bucket


def add_position(
    p: Program, bucket: Bucket, market: MarketConfig, price: Value, held: Holding, *, maintenance: bool
) -> None:
    """Add size·price·quote and its margins; |size|·price·quote is below 2^60 by the open-interest limit."""
    bucket.value = p.fresh(bucket.value + p.fresh(held.size * price * market.quote))
    notional = p.fresh(held.lots * price * market.quote)
    above = tiers_above(p, market, notional)
    bucket.initial = p.fresh(bucket.initial + tiered_margin(p, market, notional, above, INITIAL))
    if maintenance:
        bucket.maintenance = p.fresh(
            bucket.maintenance + tiered_margin(p, market, notional, above, MAINTENANCE)
        )


def require_cash_bound(p: Program, cash: Value) -> None:
    """|cash| < 2^60."""
    p.require_below(cash + (CASH_LIMIT - 1), 2 * CASH_LIMIT - 1, "cash within its bound")


def require_spare(
    p: Program, markets: dict[int, MarketConfig], leaves: dict[int, Value], account: Value, cash: Value
) -> None:
    """Equity with this cash is at or above initial margin at the index and at the average: may_leave."""
    for at_twap in (False, True):
        prices = read_prices(p, leaves, at_twap=at_twap)
        bucket = value_positions(p, markets, prices, account, {})
        p.require_at_least(cash + bucket.value, bucket.initial, "initial margin of what stays")


def read_cash(p: Program, account: Value) -> Value:
    """The account's cash."""
    return p.read(account, CASH)


def require_ratio(
    p: Program, new_equity: Value, new_margin: Value, old_equity: Value, old_margin: Value
) -> None:
    """equity/maintenance is not worse: new_equity·old_margin ≥ old_equity·new_margin, for all below 2^61.

    Each product is split at 2^60: sign·(2^60·q + r). With Q = ±q ∓ q′ and R = ±r ∓ r′, |R| < 2^61, the
    difference 2^60·Q + R is not negative iff Q + ⌊R/2^60⌋ ≥ 0. Nothing left to maintain: equity ≥ 0.
    """
    unit = 1 << RATIO_LOG
    new_size, new_negative = p.absolute(new_equity, "sign of equity")
    old_size, old_negative = p.absolute(old_equity, "sign of equity")
    q, r = p.muldiv(new_size, old_margin, unit, label="ratio")
    q_old, r_old = p.muldiv(old_size, new_margin, unit, label="ratio")
    new_sign, old_sign = p.fresh(1 - 2 * new_negative), p.fresh(1 - 2 * old_negative)
    high = p.fresh(p.fresh(q * new_sign) - p.fresh(q_old * old_sign))
    low = p.fresh(p.fresh(r * new_sign) - p.fresh(r_old * old_sign))
    carry = p.floor(p.fresh(low + 2 * unit), 1, unit, "ratio")
    p.require_positive(high + carry - 2, "equity over maintenance not worse")
    p.require_positive(p.is_zero(new_margin) * new_equity, "equity with nothing left to maintain")
