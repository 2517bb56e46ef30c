"""What traders get: leverage and its cost, prices and who controls them, liquidation."""

from __future__ import annotations

import math
from fractions import Fraction

from l2forge.compile.explain.facts import Fact, Scalar, Section
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Funding, Market
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.warnings.model import (
    index_gap,
    money,
    reaction_time,
    seconds,
    share,
    volatility,
    yearly_gap,
)
from l2forge.spec.warnings.prices import origin, sources_to_move
from l2forge.spec.warnings.words import amount, percent, span

PREMIUM = Fraction(20, 10_000)


def initial_margin(market: Market, notional: Fraction) -> Fraction:
    """Initial margin of a position: tiers are marginal, each rate applies to the notional within its tier."""
    total, floor = Fraction(0), Fraction(0)
    for tier in market.margin_tiers:
        ceiling = tier.up_to.fraction if tier.up_to is not None else notional
        part = min(notional, ceiling) - floor
        if part <= 0:
            break
        total += part * tier.initial.fraction
        floor = ceiling
    return total


def scaled_rate(market: Market, interest: Fraction) -> Fraction:
    """Least initial rate at an open interest: the first tier's, growing to 1 where the spec says so."""
    base, grows = market.margin_tiers[0].initial.fraction, market.open_interest_margin
    if grows is None:
        return base
    lower, upper = grows.lower.fraction, grows.upper.fraction
    part = (min(max(interest, lower), upper) - lower) / (upper - lower)
    return base + (1 - base) * part


def capital(spec: Spec) -> Section:
    """The section about leverage and what it costs."""
    facts = []
    for market in spec.markets:
        facts += [_leverage(market), *_growing_margin(market), _funding(market)]
    facts += [
        Fact("modes", "margin modes", _modes(spec), list(spec.margin.modes)),
        _round_trip(spec),
    ]
    return Section("capital", "Capital efficiency", tuple(facts))


def _leverage(market: Market) -> Fact:
    first, cap = market.margin_tiers[0], market.open_interest_cap.fraction
    best = 1 / first.initial.fraction
    worst = cap / max(initial_margin(market, cap), cap * scaled_rate(market, cap))
    distance = (first.initial.fraction - first.maintenance.fraction) / (1 - first.maintenance.fraction)
    value: dict[str, Scalar] = {
        "max_leverage": float(best),
        "worst_leverage": float(worst),
        "liquidation_distance": float(distance),
    }
    where = f" up to {amount(money(first.up_to))}" if first.up_to is not None else ""
    shrinking = (
        f", {float(worst):.3g}x for a position of the whole open-interest cap" if worst != best else ""
    )
    text = (
        f"{float(best):.3g}x{where}{shrinking}; a long at {float(best):.3g}x is liquidatable"
        f" after a fall of {percent(float(distance))}"
    )
    return Fact(f"leverage.{market.symbol}", market.symbol, text, value, "", "formula")


def _growing_margin(market: Market) -> list[Fact]:
    grows = market.open_interest_margin
    if grows is None:
        return []
    lower, upper = money(grows.lower), money(grows.upper)
    at_cap = float(scaled_rate(market, market.open_interest_cap.fraction))
    text = (
        f"grows with open interest: the tiers' up to {amount(lower)}, 100% from {amount(upper)} on,"
        f" {percent(at_cap)} at the open-interest cap; what is opened and what is withdrawn needs it,"
        " liquidation does not look at it"
    )
    value: dict[str, Scalar] = {"lower": lower, "upper": upper, "at_cap": at_cap}
    label = f"{market.symbol}: initial margin"
    return [Fact(f"open_interest_margin.{market.symbol}", label, text, value, "", "formula")]


def funding_rate(funding: Funding, premium: Fraction) -> Fraction:
    """Rate per interval: premium + clamp(interest − premium, ±clamp), within ±cap."""
    clamp, cap = funding.clamp.fraction, funding.cap.fraction
    rate = premium + max(-clamp, min(clamp, funding.interest.fraction - premium))
    return max(-cap, min(cap, rate))


def _funding(market: Market) -> Fact:
    per_day = 86_400 / market.funding.interval.seconds
    at_rest, at_premium = (
        float(funding_rate(market.funding, premium) * per_day) for premium in (Fraction(0), PREMIUM)
    )
    most = float(market.funding.cap.fraction * per_day)
    text = (
        f"longs pay {percent(at_rest)} a day without a premium, {percent(at_premium)} at a premium of"
        f" {percent(float(PREMIUM))}, at most {percent(most)}"
    )
    value: dict[str, Scalar] = {"at_rest": at_rest, "at_premium": at_premium, "at_most": most}
    return Fact(f"funding.{market.symbol}", f"{market.symbol}: funding", text, value, "per day", "formula")


def _modes(spec: Spec) -> str:
    if spec.margin.modes == ["cross"]:
        return "cross only: positions of an account stand behind each other, gains carry losses"
    if spec.margin.modes == ["isolated"]:
        return (
            "isolated only: each position has its own margin; capital in one market does not help in another"
        )
    return f"cross and isolated, chosen per market; {spec.margin.modes[0]} by default"


def _round_trip(spec: Spec) -> Fact:
    market, taker = spec.markets[0], share(spec.fees.taker)
    best = 1 / market.margin_tiers[0].initial.fraction
    cost = 2 * taker * float(best)
    text = (
        f"{percent(2 * taker)} of notional as taker both ways, {percent(cost)} of the margin at"
        f" {float(best):.3g}x in {market.symbol}"
    )
    return Fact("round_trip", "in and out again", text, 2 * taker, "of notional", "formula")


def prices(spec: Spec) -> Section:
    """The section about oracles."""
    facts: list[Fact] = []
    for oracle in spec.oracles:
        facts += _oracle(spec, oracle)
    note = "A lie needs the keys of so many sources, and the others late; every report's signature is proven."
    return Section("prices", "Prices, and what moving them takes", tuple(facts), (note,))


def _oracle(spec: Spec, oracle: Oracle) -> list[Fact]:
    n, needed = len(oracle.sources), sources_to_move(oracle)
    speed = share(oracle.max_step.fraction) / seconds(oracle.max_step.per)
    origins = len({origin(source) for source in oracle.sources})
    facts = [
        Fact(
            f"{oracle.id}.control",
            f"{oracle.id}: control",
            f"{oracle.aggregate} of {n} sources ({origins} origins), {oracle.min_sources} fresh ones needed:"
            f" {needed} lying"
            " together can set it",
            needed,
            "sources",
            "formula",
        ),
        Fact(
            f"{oracle.id}.speed",
            f"{oracle.id}: fastest move",
            f"{percent(share(oracle.max_step.fraction))} per {span(seconds(oracle.max_step.per))}, whoever"
            f" lies:"
            f" {percent(min(1.0, speed * 60))} in a minute",
            speed * 60,
            "per minute",
            "formula",
        ),
    ]
    return facts + [_attack(market, oracle) for market in spec.markets if market.oracle == oracle.id]


def _attack(market: Market, oracle: Oracle) -> Fact:
    wait = time_to_liquidate(market, oracle)
    gap, within = index_gap(volatility(market, oracle), oracle)
    text = (
        f"a position at full leverage is liquidatable after {span(wait)} of lies at the earliest (spot and"
        f" average both"
        f" have to follow); without lies, a plausible gap is {percent(gap)} in {span(within)}"
    )
    return Fact(
        f"{oracle.id}.attack.{market.symbol}",
        f"{market.symbol}: liquidating by lies",
        text,
        wait,
        "s",
        "formula",
    )


def time_to_liquidate(market: Market, oracle: Oracle) -> float:
    """Seconds until an index at full speed brings spot and average to a fresh position's liquidation.

    The index falls at v = max_step per second; the distance is d = (initial − maintenance)/(1 − maintenance).
    The average over w of a linear fall is v·t²/2w up to t = w, then v·(t − w/2).
    """
    first = market.margin_tiers[0]
    distance = share(first.initial) - share(first.maintenance)
    distance /= 1 - share(first.maintenance)
    speed = share(oracle.max_step.fraction) / seconds(oracle.max_step.per)
    window = seconds(oracle.twap)
    within = math.sqrt(2 * window * distance / speed)
    return within if within <= window else distance / speed + window / 2


def liquidation(spec: Spec) -> Section:
    """The section about liquidation and what happens when it fails."""
    rules = spec.liquidation
    penalty, part = share(rules.penalty), share(rules.liquidator_share)
    steps = math.ceil(1 / rules.max_fraction.fraction)
    facts = [
        Fact(
            "who",
            "who may liquidate",
            "anyone; the operator's keeper competes" if rules.third_party else "only the operator's keeper",
            rules.third_party,
        ),
        Fact(
            "how",
            "how fast",
            f"{percent(share(rules.max_fraction))} a step, a step each {span(seconds(rules.step_interval))}:"
            f" a whole position in"
            f" {steps} steps; below {amount(money(rules.close_below))} at once",
            steps,
            "steps",
        ),
        Fact(
            "penalty",
            "penalty",
            f"{percent(penalty)} of the notional: {percent(penalty * part)} to the liquidator,"
            f" {percent(penalty * (1 - part))}"
            " to the insurance fund",
            penalty,
            "of notional",
        ),
        Fact(
            "waterfall",
            "below zero",
            f"insurance fund ({amount(money(spec.insurance.initial))} at launch), then deleveraging:"
            f" {_deleverage(spec)}",
            money(spec.insurance.initial),
            spec.venue.collateral.symbol,
        ),
        *(_worst_move(spec, market) for market in spec.markets),
    ]
    return Section("liquidation", "Liquidation", tuple(facts))


def _deleverage(spec: Spec) -> str:
    if spec.liquidation.deleverage == "queue":
        return "the most profitable and most leveraged positions of the other side first"
    return "all positions of the other side in proportion"


def _worst_move(spec: Spec, market: Market) -> Fact:
    oracle = next(oracle for oracle in spec.oracles if oracle.id == market.oracle)
    move = yearly_gap(volatility(market, oracle), reaction_time(oracle))
    maintenance = share(market.margin_tiers[0].maintenance)
    verdict = (
        "within maintenance margin"
        if move <= maintenance
        else f"maintenance covers {percent(maintenance)} of it"
    )
    text = f"about {percent(move)} in {span(reaction_time(oracle))}, once a year by the model: {verdict}"
    return Fact(f"yearly.{market.symbol}", f"{market.symbol}: largest move", text, move, "", "estimate")
