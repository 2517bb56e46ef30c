"""Sections and keys that a selector in another section requires or refuses; fees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from l2forge.spec.checks.registry import Finding, Site, check, healthy
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.models.spec import Spec
from l2forge.spec.models.trading import Amm, Fees

_NEEDS = {"amm": ("amm", "hybrid"), "hybrid": ("hybrid",)}


@check(
    "missing-section",
    wrong='[matching]\nmodel = "amm"\n# and no [amm]',
    right='[matching]\nmodel = "amm"\n\n[amm]\ncurve = "constant_product"\nmax_slippage = "5%"\n'
    'recenter = "5%"\nbacking = "250000"',
)
def section_is_missing(at: Site, spec: Spec) -> Iterator[Finding]:
    """The matching model needs a section that is not there.

    1. `amm` and `hybrid` need [amm], and [markets.amm] in every market: the curve has no default depth.
    2. `hybrid` needs [hybrid]: how makers and the curve share the flow.
    """
    model = spec.matching.model
    for section, models in _NEEDS.items():
        if model in models and getattr(spec, section) is None:
            message = f'model "{model}" needs the section [{section}]'
            yield at.at("matching", "model", message=message, remedy=f"add [{section}]")
    if model in _NEEDS["amm"]:
        for index, amm in healthy(spec.markets, lambda market: market.amm):
            if amm is None:
                message = f'model "{model}" needs [markets.amm] in market {index}'
                remedy = "add depth and max_net_exposure to that market"
                yield at.at("matching", "model", message=message, remedy=remedy)


@check(
    "forbidden-section",
    wrong='[matching]\nmodel = "order_book"\n\n[amm]\n# ...',
    right='[matching]\nmodel = "hybrid"   # if a curve is wanted beside the book',
)
def section_is_forbidden(at: Site, spec: Spec) -> Iterator[Finding]:
    """A section is there that the matching model refuses.

    It would have no effect, and a reader of the spec would believe that it had.
    1. [amm] and [markets.amm] belong to `amm` and `hybrid`.
    2. [hybrid] belongs to `hybrid`.
    """
    model = spec.matching.model
    for section, models in _NEEDS.items():
        if model not in models and getattr(spec, section) is not None:
            message = f'[{section}] is refused with model "{model}"'
            remedy = f"remove it, or set model to {' or '.join(map(_quoted, models))}"
            yield at.at(section, message=message, remedy=remedy, at_key=True)
    if model not in _NEEDS["amm"]:
        for index, amm in healthy(spec.markets, lambda market: market.amm):
            if amm is not None:
                message = f'[markets.amm] is refused with model "{model}"'
                yield at.at("markets", index, "amm", message=message, remedy="remove it", at_key=True)


@check(
    "maker-fee-missing",
    wrong='[matching]\nmodel = "order_book"\n\n[fees]\ntaker = "4bps"',
    right='[fees]\nmaker = "0bps"\ntaker = "4bps"',
)
def maker_fee_is_missing(at: Site, spec: Spec) -> Iterator[Finding]:
    """A venue with resting orders states what they pay.

    With `order_book` and `hybrid`, [fees] and each of its tiers has `maker`; "0bps" is a fee as well.
    """
    if spec.matching.model == "amm":
        return
    lacking = [("[fees]", spec.fees.maker)]
    lacking += [(f"fee tier {i}", maker) for i, maker in healthy(spec.fees.tiers, lambda tier: tier.maker)]
    for where, maker in lacking:
        if maker is None:
            message = f'model "{spec.matching.model}" needs `maker` in {where}'
            yield at.at("matching", "model", message=message, remedy='write maker = "0bps" or another fee')


@check(
    "maker-fee-refused",
    wrong='[matching]\nmodel = "amm"\n\n[fees]\nmaker = "1bps"',
    right='[fees]\ntaker = "5bps"',
)
def maker_fee_is_refused(at: Site, spec: Spec) -> Iterator[Finding]:
    """Without resting orders nobody is a maker.

    With `amm`, neither [fees] nor its tiers nor a market's own fees have `maker`.
    """
    if spec.matching.model != "amm":
        return
    paths: list[tuple[str | int, ...]] = []
    if spec.fees.maker is not None:
        paths.append(("fees", "maker"))
    for index, maker in healthy(spec.fees.tiers, lambda tier: tier.maker):
        if maker is not None:
            paths.append(("fees", "tiers", index, "maker"))
    for index, fees in healthy(spec.markets, lambda market: market.fees):
        if fees is not None and fees.maker is not None:
            paths.append(("markets", index, "fees", "maker"))
    for path in paths:
        message = '`maker` is refused with model "amm", which has no resting orders'
        yield at.at(*path, message=message, remedy="remove it", at_key=True)


@check(
    "recenter-missing",
    each="amm",
    wrong='[amm]\ncurve = "constant_product"',
    right='[amm]\ncurve = "constant_product"\nrecenter = "5%"',
)
def recenter_is_missing(at: Site, amm: Amm) -> Iterator[Finding]:
    """A curve of virtual reserves says when it is moved back to the oracle's price.

    Without it the curve's price leaves the market's for good after a one-sided flow.
    """
    if amm.curve == "constant_product" and amm.recenter is None:
        message = 'curve "constant_product" needs `recenter`'
        yield at.finding("curve", message=message, remedy='write recenter = "5%"')


@check(
    "rebate-above-taker-fee",
    wrong='maker = "-5bps"\ntaker = "4bps"',
    right='maker = "-0.5bps"\ntaker = "4bps"',
)
def rebate_is_paid_by_the_taker(at: Site, spec: Spec) -> Iterator[Finding]:
    """A rebate is at most the taker fee of the same trade.

    Otherwise every trade costs the venue money, and two accounts of one person can drain the fee pool.
    1. In [fees]. 2. In each fee tier. 3. In each market with its own fees, those of [fees] where it has none.
    """
    fees = spec.fees
    if fees.maker is not None and -fees.maker > fees.taker:
        yield _rebate(at, "fees", "maker", taker=fees.taker.text())
    for index, (maker, taker) in healthy(fees.tiers, lambda tier: (tier.maker, tier.taker)):
        if maker is not None and -maker > taker:
            yield _rebate(at, "fees", "tiers", index, "maker", taker=taker.text())
    for index, own in healthy(spec.markets, lambda market: market.fees):
        yield from _market_rebate(at, index, fees, own)


def _market_rebate(at: Site, index: int, fees: Fees, own: object) -> Iterator[Finding]:
    own_maker, own_taker = getattr(own, "maker", None), getattr(own, "taker", None)
    maker = fees.maker if own_maker is None else own_maker
    taker = fees.taker if own_taker is None else own_taker
    if (own_maker, own_taker) != (None, None) and maker is not None and -maker > taker:
        where = ("fees", "maker") if own_maker is None else ("markets", index, "fees", "maker")
        yield _rebate(at, *where, taker=f"{taker.text()} in market {index}")


def _rebate(at: Site, *path: str | int, taker: str) -> Finding:
    message = f"this rebate is above the taker fee of {taker}"
    return at.at(*path, message=message, remedy="write a rebate of at most the taker fee")


@check(
    "fee-tiers-not-rising",
    each="fees",
    wrong='tiers = [\n  { volume = "5000000", maker = "0bps", taker = "3bps" },\n'
    '  { volume = "1000000", maker = "0bps", taker = "2bps" },\n]',
    right='tiers = [\n  { volume = "1000000", maker = "0bps", taker = "3bps" },\n'
    '  { volume = "5000000", maker = "0bps", taker = "2bps" },\n]',
)
def fee_tiers_rise(at: Site, fees: Fees) -> Iterator[Finding]:
    """Fee tiers stand in the order of rising volume, each volume once.

    An account's tier is the last one that its volume over 30 days has reached.
    """
    volumes = list(healthy(fees.tiers, lambda tier: tier.volume))
    for (_, before), (index, volume) in pairwise(volumes):
        if volume <= before:
            message = f"the volume {volume.text()} is not above the {before.text()} of the tier before"
            yield at.finding("tiers", index, "volume", message=message, remedy="order the tiers by volume")


@check(
    "aggregate-key-missing",
    each="oracles.*",
    wrong='aggregate = "trimmed_mean"',
    right='aggregate = "trimmed_mean"\ntrim = 1',
)
def aggregate_needs_keys(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """The way of aggregating needs a key that is not there.

    1. `trimmed_mean` needs `trim`: how many reports are cut from each end.
    2. `weighted_median` needs `weight` in every source.
    """
    if oracle.aggregate == "trimmed_mean" and oracle.trim is None:
        message = 'aggregate "trimmed_mean" needs `trim`'
        yield at.finding("aggregate", message=message, remedy="write trim = 1")
    if oracle.aggregate == "weighted_median":
        for index, weight in healthy(oracle.sources, lambda source: source.weight):
            if weight is None:
                message = f'aggregate "weighted_median" needs `weight` in source {index}'
                yield at.finding("aggregate", message=message, remedy="write weight = 1 in that source")


@check(
    "aggregate-key-refused",
    each="oracles.*",
    wrong='aggregate = "median"\ntrim = 1',
    right='aggregate = "trimmed_mean"\ntrim = 1',
)
def aggregate_refuses_keys(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """A key is there that the way of aggregating does not use.

    1. `trim` belongs to `trimmed_mean`.
    2. `weight` in a source belongs to `weighted_median`.
    """
    refused = f'is refused with aggregate "{oracle.aggregate}"'
    if oracle.aggregate != "trimmed_mean" and oracle.trim is not None:
        yield at.finding("trim", message=f"`trim` {refused}", remedy="remove it", at_key=True)
    if oracle.aggregate != "weighted_median":
        for index, weight in healthy(oracle.sources, lambda source: source.weight):
            if weight is not None:
                message = f"`weight` {refused}"
                yield at.finding("sources", index, "weight", message=message, remedy="remove it", at_key=True)


def _quoted(word: str) -> str:
    return f'"{word}"'


def uses_curve(spec: Spec, market: Market) -> bool:
    """Whether a market trades against a curve."""
    return spec.matching.model in _NEEDS["amm"] and market.amm is not None
