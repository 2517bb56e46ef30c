"""Warnings about what trading costs and how prices are made: fees, funding, order limits, the curve."""

from __future__ import annotations

import math
from collections.abc import Iterator

from l2forge.spec.models.markets import Market, MarketAmm
from l2forge.spec.models.trading import Amm, AmmMatching
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.case import Case, Check, KeyPath, Warnings
from l2forge.spec.warnings.model import deviation, money, plausible_gap, reaction_time, seconds, share
from l2forge.spec.warnings.words import amount, percent, span
from l2forge.units import Rate


def fee_schedules(case: Case) -> Iterator[tuple[KeyPath, str, Rate, Rate]]:
    """(key path, where, maker, taker) of the base fees, of each tier and of each market's own fees."""
    fees = case.spec.fees
    maker = fees.maker if fees.maker is not None else Rate(0)
    yield ("fees", "taker"), "", maker, fees.taker
    for index, tier in enumerate(fees.tiers):
        tier_maker = tier.maker if tier.maker is not None else maker
        yield ("fees", "tiers", index, "taker"), f" from {tier.volume.text()} on", tier_maker, tier.taker
    for index, market in enumerate(case.spec.markets):
        if market.fees is not None:
            own_maker = market.fees.maker if market.fees.maker is not None else maker
            own_taker = market.fees.taker if market.fees.taker is not None else fees.taker
            yield ("markets", index, "fees"), f" in {market.symbol}", own_maker, own_taker


def rebate_eats_fees(case: Case) -> Warnings:
    """What a rebate leaves of the taker fee pays for proofs, insurance and the company."""
    for path, where, maker, taker in fee_schedules(case):
        if maker < 0 and share(taker) > 0 and -maker * 2 > taker:
            kept = share(taker) + share(maker)
            yield case.warn(
                "rebate-eats-fees",
                path,
                f"of a taker fee of {percent(share(taker))}{where} the rebate leaves {percent(kept)}:"
                f" referrals and"
                " L1 costs come out of less than half of it",
                "halve the rebate, or raise the taker fee",
            )


def trading_is_free(case: Case) -> Warnings:
    """Where a trade with oneself costs nothing, volume, prices and funding can be made up."""
    for path, where, maker, taker in fee_schedules(case):
        if maker + taker <= 0:
            yield case.warn(
                "free-wash-trades",
                path,
                f"maker and taker together pay {percent(share(maker) + share(taker))}{where}: trading with"
                f" oneself is"
                " free, and the funding premium follows from fills",
                'charge something, such as taker = "1bps"',
            )


def funding_too_strong(case: Case) -> Warnings:
    """An hour of funding should not liquidate a position that the price left alone."""
    for path, market, _ in case.markets():
        hourly = share(market.funding.cap) * 3600 / seconds(market.funding.interval)
        maintenance = share(market.margin_tiers[0].maintenance)
        if hourly >= maintenance:
            yield case.warn(
                "funding-cap-strong",
                (*path, "funding", "cap"),
                f"at the cap a position in {market.symbol} pays {percent(hourly)} in an hour, no less than"
                f" its"
                f" maintenance margin of {percent(maintenance)}: funding alone can liquidate it",
                f"limit the cap to {percent(maintenance / 4)} an hour",
            )


def funding_too_weak(case: Case) -> Warnings:
    """A cap that is too small lets the price drift away from the index for good."""
    for path, market, _ in case.markets():
        daily = share(market.funding.cap) * 86_400 / seconds(market.funding.interval)
        if daily < c.MIN_FUNDING_PER_DAY.value:
            yield case.warn(
                "funding-cap-weak",
                (*path, "funding", "cap"),
                f"at most {percent(daily)} a day is due in {market.symbol}: too little to pull a standing"
                f" premium"
                " back to the index",
                f"allow at least {percent(c.MIN_FUNDING_PER_DAY.value)} a day",
            )


def funding_is_deaf(case: Case) -> Warnings:
    """Within ±clamp of interest the rate does not follow the premium."""
    for path, market, _ in case.markets():
        clamp = share(market.funding.clamp)
        if clamp >= 0.01:
            yield case.warn(
                "funding-clamp-wide",
                (*path, "funding", "clamp"),
                f"a premium of up to {percent(clamp)} leaves the rate of {market.symbol} at its interest:"
                f" funding"
                " ignores most of what it is for",
                'write about "5bps"',
            )


def order_too_large(case: Case) -> Warnings:
    """One order should not be able to fill a market's whole room."""
    for path, market, _ in case.markets():
        largest, cap = money(market.max_order), money(market.open_interest_cap)
        if largest > 0.25 * cap:
            yield case.warn(
                "order-near-open-interest-cap",
                (*path, "max_order"),
                f"one order may take {percent(largest / cap)} of the open-interest cap of {market.symbol}"
                f" ({amount(cap)}): a single account can crowd everyone else out",
                f"write at most {amount(0.1 * cap)}",
            )


def band_too_narrow(case: Case) -> Warnings:
    """Orders must stay possible while the market moves and the index follows."""
    for path, market, oracle in case.markets():
        band = share(market.price_band)
        usual = 5 * deviation(case.volatility(market, oracle), reaction_time(oracle))
        need = max(usual, share(case.spec.liquidation.penalty))
        if band < need:
            yield case.warn(
                "price-band-narrow",
                (*path, "price_band"),
                f"orders in {market.symbol} are refused {percent(band)} from the index, but five deviations"
                f" over"
                f" {span(reaction_time(oracle))} are {percent(usual)} and a liquidation may trade"
                f" {percent(share(case.spec.liquidation.penalty))} away: quotes and liquidations would be"
                f" refused in"
                " a fast market",
                f"write at least {percent(2 * need)}",
            )


def band_beyond_margin(case: Case) -> Warnings:
    """A single fill at the band's edge moves a margin from one account to another."""
    for path, market, _ in case.markets():
        band, initial = share(market.price_band), share(market.margin_tiers[0].initial)
        if band > 2 * initial:
            yield case.warn(
                "price-band-wide",
                (*path, "price_band"),
                f"a fill may stand {percent(band)} from the index in {market.symbol}, {band / initial:.1f}"
                f" times the"
                f" initial margin of {percent(initial)}: one mistyped or stolen order hands over the whole"
                f" account",
                f"write at most {percent(initial)}",
            )


def amm_too_shallow(case: Case) -> Warnings:
    """Liquidating a part of the open interest must not move the curve by more than the margin covers."""
    for path, market, curve, amm in _curves(case):
        allowed = share(case.spec.hybrid.amm_max_share) if case.spec.hybrid else 1.0
        part = c.OPEN_INTEREST_AT_RISK.value * allowed * money(market.open_interest_cap)
        move = curve_move(amm, part, money(curve.depth))
        maintenance = share(market.margin_tiers[0].maintenance)
        if move > maintenance:
            yield case.warn(
                "amm-too-shallow",
                (*path, "amm", "depth"),
                f"closing {amount(part)} ({percent(part / money(market.open_interest_cap))} of the"
                f" open-interest cap)"
                f" against a depth of {amount(money(curve.depth))} moves the price of {market.symbol} by"
                f" {percent(move)}; maintenance margin covers {percent(maintenance)}",
                f"write depth = {amount(part * 2 / maintenance)} or more, or lower open_interest_cap",
            )


def order_beyond_slippage(case: Case) -> Warnings:
    """An order that the curve can never fill within max_slippage only disappoints."""
    if not isinstance(case.spec.matching, AmmMatching):
        return
    for path, market, curve, amm in _curves(case):
        fillable = share(amm.max_slippage) * money(curve.depth) * (2 if amm.curve == "oracle_pool" else 1)
        if money(market.max_order) > fillable:
            yield case.warn(
                "order-beyond-slippage",
                (*path, "max_order"),
                f"an order of {amount(money(market.max_order))} would slip further than"
                f" {percent(share(amm.max_slippage))} in {market.symbol}: the curve fills about"
                f" {amount(fillable)}"
                " within it",
                f"write at most {amount(fillable)}, or deepen the curve",
            )


def backing_small(case: Case) -> Warnings:
    """The pool must be able to pay traders after a bad day against it."""
    loss, parts = 0.0, []
    for _, market, curve, _amm in _curves(case):
        _, _, oracle = next(item for item in case.markets() if item[1] is market)
        move = c.DAILY_MULTIPLE.value * deviation(case.volatility(market, oracle), c.DAY_S)
        loss += move * money(curve.max_net_exposure)
        parts.append(f"{percent(move)} of {amount(money(curve.max_net_exposure))} in {market.symbol}")
    if case.spec.amm and loss > money(case.spec.amm.backing):
        yield case.warn(
            "backing-small",
            ("amm", "backing"),
            f"{amount(money(case.spec.amm.backing))} would not pay traders after a day of three deviations"
            f" with every"
            f" curve at its max_net_exposure: {amount(loss)} ({'; '.join(parts)}); then only reducing trades"
            f" are left",
            f"put in {amount(loss)}, or lower max_net_exposure",
        )


def recenter_inside_noise(case: Case) -> Warnings:
    """A curve that is recentred at every wiggle spends the fee pool."""
    if case.spec.amm is None or case.spec.amm.recenter is None:
        return
    edge = share(case.spec.amm.recenter)
    for _, market, oracle in case.markets():
        noise = plausible_gap(case.volatility(market, oracle), 60.0) / c.GAP_MULTIPLE.value * 3
        if edge < noise:
            yield case.warn(
                "recenter-too-eager",
                ("amm", "recenter"),
                f"{percent(edge)} is within three deviations of {market.symbol} in a minute"
                f" ({percent(noise)}): the"
                " fee pool would pay for recentring all day",
                f"write at least {percent(4 * noise)}",
            )


def curve_move(amm: Amm, quote: float, depth: float) -> float:
    """Relative move of the price when `quote` is traded: (1 + q/D)² − 1 on x·y = k, q/D on an oracle pool."""
    ratio = quote / depth
    return ratio if amm.curve == "oracle_pool" else math.expm1(2 * math.log1p(ratio))


def _curves(case: Case) -> Iterator[tuple[KeyPath, Market, MarketAmm, Amm]]:
    amm = case.spec.amm
    for path, market, _ in case.markets():
        if amm is not None and market.amm is not None:
            yield path, market, market.amm, amm


CHECKS: tuple[Check, ...] = (
    rebate_eats_fees,
    trading_is_free,
    funding_too_strong,
    funding_too_weak,
    funding_is_deaf,
    order_too_large,
    band_too_narrow,
    band_beyond_margin,
    amm_too_shallow,
    order_beyond_slippage,
    backing_small,
    recenter_inside_noise,
)
