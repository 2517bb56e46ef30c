"""What designs are compared by: numbers out of a record, each with its unit and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from l2forge.compare.flow import form
from l2forge.compare.flow.form import MONEY_SCALE, Flow
from l2forge.compare.record import Record, Take
from l2forge.compare.translate import account_of
from l2forge.compare.venue import Venue
from l2forge.engine import codes

MARKOUT_MS = 60_000
"""Makers' fills are marked at what the asset is worth this much later."""

BUCKETS = (("small", 0, 1_000), ("medium", 1_000, 10_000), ("large", 10_000, 60_000), ("block", 60_000, None))
"""Sizes of takers' orders in whole collateral, from and below."""

LOW, HIGH, NEITHER = -1, 1, 0


@dataclass(frozen=True)
class Measure:
    """Name, unit, which way is better, and what it says."""

    name: str
    unit: str
    better: int
    about: str


def _slippage_measures() -> Iterable[Measure]:
    for bucket, low, high in BUCKETS:
        sizes = f"{low:,} to {high:,}" if high else f"{low:,} and more"
        for part in (50, 95, 99):
            about = f"slippage against the mid at arrival, orders of {sizes}, percentile {part}, fees apart"
            yield Measure(f"slippage_{bucket}_p{part}", "bps", LOW, about)


MEASURES: tuple[Measure, ...] = (
    *_slippage_measures(),
    Measure("taker_cost", "bps", LOW, "slippage and fees of takers, weighted by what was filled"),
    Measure("filled_share", "%", HIGH, "of what takers wanted, what they got"),
    Measure("spread", "bps", LOW, "between best bid and ask, weighted by time"),
    Measure("quoted_share", "%", HIGH, "of the time, with both sides quoted"),
    Measure("depth_10bps", "money", HIGH, "tradable within ±10 bps of the mid, mean of sides and time"),
    Measure("depth_50bps", "money", HIGH, "tradable within ±50 bps of the mid, mean of sides and time"),
    Measure("volume", "money", HIGH, "traded"),
    Measure("venue_fees", "money", NEITHER, "paid to the fee pool, rebates off"),
    Measure("maker_profit", "money", HIGH, "of makers on the book: fees + markout + inventory + funding"),
    Measure("maker_fees", "money", HIGH, "rebates of makers less fees that they paid"),
    Measure("maker_markout", "money", HIGH, "makers' fills marked at what the asset is worth 60 s later"),
    Measure("maker_funding", "money", NEITHER, "funding, penalties and haircuts of makers, net"),
    Measure("lp_profit", "money", HIGH, "of the curve's pool: markout + inventory + funding"),
    Measure("lp_markout", "money", HIGH, "the pool's fills marked at what the asset is worth 60 s later"),
    Measure("lp_funding", "money", NEITHER, "funding and haircuts of the pool, net"),
    Measure("liquidated", "money", LOW, "notional of positions closed by liquidation"),
    Measure("bad_debt", "money", LOW, "owed by bankrupt accounts: paid by insurance, or by nobody"),
    Measure("insurance_drawdown", "money", LOW, "from the insurance fund's start to its least"),
    Measure("deleveraged", "money", LOW, "notional taken from counterparties by deleveraging"),
    Measure(
        "attacker_profit", "money", LOW, "of the flow's attackers inside the venue, cost of sources apart"
    ),
    Measure("index_error", "bps", LOW, "largest distance of the index from what the asset is worth"),
    Measure("refused_orders", "%", LOW, "of users' orders, refused with a reason"),
)
_PROVIDERS = [m.name for m in MEASURES if m.name.startswith(("maker_", "lp_"))]
MEASURE = {measure.name: measure for measure in MEASURES}

Values = dict[str, float | None]
"""By measure; None where a run says nothing about it (no fill of that size, no pool, no attacker)."""


def measure(record: Record, venue: Venue, flow: Flow) -> Values:
    """All measures of one run."""
    return {
        **_takers(record, venue),
        **_liquidity(record, venue),
        **_providers(record, venue, flow),
        **_risk(record, venue, flow),
    }


def slippage_bps(take: Take, quote: int) -> float | None:
    """How much worse than the mid at arrival a take was filled; None without fill or mid."""
    if take.lots == 0 or not take.arrival_mid:
        return None
    price = take.amount / (take.lots * quote)
    sign = 1 if take.side == form.BUY else -1
    return sign * (price / take.arrival_mid - 1) * 10_000


def _takers(record: Record, venue: Venue) -> Values:
    values: Values = {}
    takes = [take for take in record.takes if take.role == form.TAKER]
    slips = [(take, slippage_bps(take, venue.quote)) for take in takes]
    for bucket, low, high in BUCKETS:
        sample = [
            slip
            for take, slip in slips
            if slip is not None
            and take.money >= low * MONEY_SCALE
            and (high is None or take.money < high * MONEY_SCALE)
        ]
        for part in (50, 95, 99):
            values[f"slippage_{bucket}_p{part}"] = float(np.percentile(sample, part)) if sample else None
    filled = sum(take.amount for take in takes)
    wanted = sum(venue.units(take.money) for take in takes)
    costs = sum(slip / 10_000 * take.amount + take.fees for take, slip in slips if slip is not None)
    values["taker_cost"] = costs / filled * 10_000 if filled else None
    values["filled_share"] = min(100.0, filled / wanted * 100) if wanted else None
    return values


def _liquidity(record: Record, venue: Venue) -> Values:
    samples = [sample for sample in record.samples if sample.index]
    spreads = [
        max(0.0, (s.ask - s.bid) / ((s.ask + s.bid) / 2) * 10_000)
        for s in samples
        if s.bid is not None and s.ask is not None
    ]
    n = max(1, len(samples))
    makers = [trade for trade in record.trades if trade.is_maker]
    return {
        "spread": float(np.mean(spreads)) if spreads else None,
        "quoted_share": len(spreads) / n * 100,
        "depth_10bps": venue.dollars(sum(s.depth_10 for s in samples) / n),
        "depth_50bps": venue.dollars(sum(s.depth_50 for s in samples) / n),
        "volume": venue.dollars(sum(abs(trade.paid) for trade in makers)),
        "venue_fees": venue.dollars(sum(trade.fee for trade in record.trades)),
    }


def _providers(record: Record, venue: Venue, flow: Flow) -> Values:
    makers = {
        account_of(actor): venue.units(who.deposit)
        for actor, who in enumerate(flow.actors)
        if who.role == form.MAKER
    }
    later = _truth_after(record, MARKOUT_MS)
    values: Values = {}
    if makers and venue.model != codes.AMM:
        profit = sum(
            record.equity[a] + record.withdrawn[a] + record.shares_bought[a] - put
            for a, put in makers.items()
        )
        values |= _parts("maker", record, venue, set(makers), profit, later)
    if venue.curve:
        bought = sum(record.shares_bought.values())
        profit = record.equity[0] - venue.engine.config.backing - bought
        values |= _parts("lp", record, venue, {0}, profit, later)
    return {name: values.get(name) for name in _PROVIDERS}


def _parts(
    prefix: str, record: Record, venue: Venue, accounts: set[int], profit: int, later: Callable[[int], int]
) -> Values:
    """Profit = −fees + markout + inventory after it + the rest, which is funding and penalties.

    Markout of a trade of q lots for p units: q·truth(t + 60 s)·quote − p; inventory: q·(last index − truth).
    """
    trades = [trade for trade in record.trades if trade.account in accounts]
    end = venue.index
    markout = sum(trade.lots * later(trade.time) * venue.quote - trade.paid for trade in trades)
    inventory = sum(trade.lots * (end - later(trade.time)) * venue.quote for trade in trades)
    fees = -sum(trade.fee for trade in trades)
    return {
        f"{prefix}_profit": venue.dollars(profit),
        f"{prefix}_fees": venue.dollars(fees),
        f"{prefix}_markout": venue.dollars(markout),
        f"{prefix}_funding": venue.dollars(profit - fees - markout - inventory),
    }


def _truth_after(record: Record, delay: int) -> Callable[[int], int]:
    """What the asset is worth `delay` after a time, in ticks; at the end its last worth."""
    times = np.array([sample.time for sample in record.samples])
    truths = [sample.truth for sample in record.samples]

    def after(time: int) -> int:
        return truths[min(len(truths) - 1, int(np.searchsorted(times, time + delay)))]

    return after


def _risk(record: Record, venue: Venue, flow: Flow) -> Values:
    attackers = {
        account_of(actor): venue.units(who.deposit)
        for actor, who in enumerate(flow.actors)
        if who.role == form.ATTACKER
    }
    gain = sum(record.equity[a] + record.withdrawn[a] - put for a, put in attackers.items())
    errors = [abs(s.index / s.truth - 1) * 10_000 for s in record.samples if s.index]
    return {
        "liquidated": venue.dollars(record.liquidated),
        "bad_debt": venue.dollars(record.insurance_paid + record.owed),
        "insurance_drawdown": venue.dollars(record.insurance_start - record.insurance_least),
        "deleveraged": venue.dollars(record.deleveraged),
        "attacker_profit": venue.dollars(gain) if attackers else None,
        "index_error": max(errors) if errors else None,
        "refused_orders": sum(record.refused.values()) / record.orders * 100 if record.orders else None,
    }
