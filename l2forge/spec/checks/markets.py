"""Checks of markets: identity, steps, margin tiers, orders, funding, curve."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise
from operator import attrgetter

from l2forge.spec.checks.registry import Finding, Site, check, healthy, repeated
from l2forge.spec.models.markets import Funding, MarginTier, Market, OpenInterestMargin
from l2forge.spec.models.spec import Spec
from l2forge.units import power_of_ten


@check("duplicate-market-id", wrong="id = 0   # in two markets", right="id = 0   # and id = 1 in the other")
def market_ids_differ(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every market has an index of its own.

    `id` is the market's index in every signed message; with one index for two markets an order for one would
    count in the other.
    """
    for index, first, value in repeated(spec.markets, lambda market: market.id):
        message = f"market {first} has the id {value} already"
        yield at.at("markets", index, "id", message=message, remedy="write an id that no market ever had")


@check("duplicate-symbol", wrong='symbol = "BTC-USD"   # in two markets', right='symbol = "ETH-USD"')
def symbols_differ(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every market has a symbol of its own.

    Clients find markets by symbol.
    """
    for index, first, value in repeated(spec.markets, lambda market: market.symbol):
        message = f'market {first} has the symbol "{value}" already'
        yield at.at("markets", index, "symbol", message=message, remedy="write another symbol")


@check("not-power-of-ten", each="markets.*", wrong='tick_size = "0.25"', right='tick_size = "0.1"')
def steps_are_powers_of_ten(at: Site, market: Market) -> Iterator[Finding]:
    """Tick and lot are powers of ten, at most 1.

    Clients send prices and sizes as whole numbers of 10^-decimals, so that one tick and one lot are the last
    decimal place. A market for a very cheap asset trades thousands of it under a symbol such as 1000PEPE-USD.
    """
    for key, step in (("tick_size", market.tick_size), ("lot_size", market.lot_size)):
        power = power_of_ten(step)
        if power is None or power > 0:
            message = f"{step.text()} is not a power of ten of at most 1"
            yield at.finding(key, message=message, remedy='write "1", "0.1", "0.01", ...')


@check(
    "fractional-quote",
    each="markets.*",
    wrong='collateral = { symbol = "USDC", decimals = 6 }\ntick_size = "0.001"\nlot_size = "0.00001"',
    right='tick_size = "0.1"\nlot_size = "0.00001"   # one lot moved by one tick is 1 of 10^-6',
)
def quote_per_tick_lot_is_whole(at: Site, market: Market) -> Iterator[Finding]:
    """Tick × lot is a positive whole number of collateral units.

    quote_per_tick_lot = tick_size × lot_size × 10^decimals. Profit and loss of one lot over one tick is then
    exact, and no rounding can be milked.
    """
    tick, lot = power_of_ten(market.tick_size), power_of_ten(market.lot_size)
    decimals = at.spec.venue.collateral.decimals
    if tick is None or lot is None or tick + lot + decimals >= 0:
        return
    key = at.later("tick_size", "lot_size")
    message = f"tick × lot is 10^{tick + lot}, less than one unit of collateral (10^-{decimals})"
    remedy = f"make tick_size × lot_size at least 10^-{decimals}"
    yield at.at(*key, message=message, remedy=remedy)


@check("unknown-oracle", wrong='oracle = "bitcoin"   # and no oracle of this id', right='oracle = "btc"')
def oracles_exist(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every market refers to an oracle of the spec.

    `oracle` is the `id` of one of [[oracles]].
    """
    known = [name for _, name in healthy(spec.oracles, lambda oracle: oracle.id)]
    some_unread = len(known) < len(spec.oracles)
    for index, name in healthy(spec.markets, lambda market: market.oracle):
        if name not in known and not some_unread:
            close = get_close_matches(name, known, n=1)
            remedy = f'did you mean "{close[0]}"?' if close else f"write one of {', '.join(known)}"
            message = f'there is no oracle "{name}"'
            yield at.at("markets", index, "oracle", message=message, remedy=remedy)


@check(
    "maintenance-not-below-initial",
    each="markets.*.margin_tiers.*",
    wrong='initial = "10%"\nmaintenance = "12%"',
    right='initial = "10%"\nmaintenance = "6%"',
)
def maintenance_is_below_initial(at: Site, tier: MarginTier) -> Iterator[Finding]:
    """Maintenance margin is below initial margin.

    Otherwise a position could be liquidated in the moment in which it is opened.
    """
    if tier.maintenance >= tier.initial:
        message = f"maintenance {tier.maintenance.text()} is not below initial {tier.initial.text()}"
        yield at.finding("maintenance", message=message, remedy=f"write less than {tier.initial.text()}")


@check(
    "margin-tiers-not-rising",
    each="markets.*",
    wrong='[[markets.margin_tiers]]\nup_to = "1000000"\ninitial = "10%"\nmaintenance = "6%"\n'
    '[[markets.margin_tiers]]\ninitial = "5%"\nmaintenance = "3%"',
    right='[[markets.margin_tiers]]\nup_to = "1000000"\ninitial = "5%"\nmaintenance = "3%"\n'
    '[[markets.margin_tiers]]\ninitial = "10%"\nmaintenance = "6%"',
)
def margin_tiers_rise(at: Site, market: Market) -> Iterator[Finding]:
    """Margin tiers rise in size and in margin.

    A larger position is harder to close and never needs a smaller fraction of margin.
    1. `up_to` is above that of the tier before. 2. `initial` is above. 3. `maintenance` is not below.
    """
    tiers = market.margin_tiers
    for key, rises in (("up_to", True), ("initial", True), ("maintenance", False)):
        values = [pair for pair in healthy(tiers, attrgetter(key)) if pair[1] is not None]
        for (_, before), (index, value) in pairwise(values):
            if value < before or (rises and value == before):
                relation = "not above" if rises else "below"
                message = f"{key} {value.text()} is {relation} the {before.text()} of the tier before"
                yield at.finding("margin_tiers", index, key, message=message, remedy="let tiers rise")


@check(
    "margin-tier-end",
    each="markets.*",
    wrong='[[markets.margin_tiers]]\nup_to = "1000000"\ninitial = "10%"\nmaintenance = "6%"   # alone',
    right='[[markets.margin_tiers]]\ninitial = "10%"\nmaintenance = "6%"',
)
def only_the_last_tier_is_open(at: Site, market: Market) -> Iterator[Finding]:
    """Every margin tier but the last has `up_to`; the last has none.

    1. The last tier goes on without end, so that every size has its margin.
    2. A tier before it ends somewhere, or the next could never begin.
    """
    last = len(market.margin_tiers) - 1
    for index, up_to in healthy(market.margin_tiers, lambda tier: tier.up_to):
        if index == last and up_to is not None:
            remedy = "remove it, or add a tier without up_to after this one"
            yield at.finding(
                "margin_tiers", index, "up_to", message="the last tier has no end", remedy=remedy
            )
        if index != last and up_to is None:
            remedy = 'write up_to = "1000000" or another notional'
            message = "a tier before the last lacks `up_to`"
            yield at.finding("margin_tiers", index, message=message, remedy=remedy)


@check(
    "open-interest-margin-bounds",
    each="markets.*.open_interest_margin",
    wrong='[markets.open_interest_margin]\nlower = "20000000"\nupper = "10000000"',
    right='[markets.open_interest_margin]\nlower = "10000000"\nupper = "20000000"',
)
def margin_grows_over_some_interest(at: Site, bounds: OpenInterestMargin) -> Iterator[Finding]:
    """The open interest at which margin begins to grow is below that at which it is 100%.

    rate = initial + (1 − initial)·(open interest − lower)/(upper − lower): between two equal bounds one trade
    would turn the leverage of everyone else from full to none.
    """
    if bounds.lower >= bounds.upper:
        message = f"lower {bounds.lower.text()} is not below upper {bounds.upper.text()}"
        remedy = "write a smaller lower or a larger upper"
        yield at.at(*at.later("lower", "upper"), message=message, remedy=remedy)


@check(
    "order-bounds",
    each="markets.*",
    wrong='min_order = "1000"\nmax_order = "10"',
    right='min_order = "10"\nmax_order = "1000"',
)
def smallest_order_is_below_largest(at: Site, market: Market) -> Iterator[Finding]:
    """The smallest order is not above the largest.

    Otherwise no order at all is accepted.
    """
    if market.min_order > market.max_order:
        message = f"min_order {market.min_order.text()} is above max_order {market.max_order.text()}"
        yield at.at(*at.later("min_order", "max_order"), message=message, remedy="swap the two")


@check(
    "funding-cap",
    each="markets.*.funding",
    wrong='interest = "5%"\nclamp = "5bps"\ncap = "4%"',
    right='interest = "0.125bps"\nclamp = "5bps"\ncap = "4%"',
)
def funding_stays_below_its_cap(at: Site, funding: Funding) -> Iterator[Finding]:
    """Interest and clamp are within the cap of the funding rate.

    rate = premium + clamp(interest − premium, ±clamp), limited to ±cap.
    1. |interest| ≤ cap, or the rate stands at its cap when there is no premium.
    2. clamp ≤ cap, or the cap decides alone and the clamp says nothing.
    """
    for key, value in (("interest", abs(funding.interest)), ("clamp", funding.clamp)):
        if value > funding.cap:
            message = f"{key} is above the cap of {funding.cap.text()}"
            yield at.at(*at.later(key, "cap"), message=message, remedy="write a higher cap or a lower " + key)


@check(
    "exposure-above-depth",
    each="markets.*",
    wrong='[markets.amm]\ndepth = "1000000"\nmax_net_exposure = "2000000"',
    right='[markets.amm]\ndepth = "20000000"\nmax_net_exposure = "2000000"',
)
def exposure_is_within_the_curve(at: Site, market: Market) -> Iterator[Finding]:
    """A curve of virtual reserves is not exposed by more than its depth.

    x·y = k: to take on an exposure of the whole depth the price would already have moved without bound.
    """
    amm, curve = market.amm, at.spec.amm
    if amm is None or curve is None or curve.curve != "constant_product":
        return
    if amm.max_net_exposure > amm.depth:
        message = f"max_net_exposure is above the depth of {amm.depth.text()}"
        key = at.later(("amm", "depth"), ("amm", "max_net_exposure"))
        yield at.at(*key, message=message, remedy="write a deeper curve or a smaller exposure")
