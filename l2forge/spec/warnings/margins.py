"""Warnings about margin, liquidation and insurance."""

from __future__ import annotations

from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.case import Case, Check, Warnings
from l2forge.spec.warnings.model import (
    index_gap,
    liquidation_time,
    money,
    plausible_gap,
    reaction_time,
    seconds,
    share,
    yearly_gap,
)
from l2forge.spec.warnings.words import amount, percent, span


def maintenance_below_gap(case: Case) -> Warnings:
    """An account at maintenance margin should survive the move that happens before anyone can act."""
    for path, market, oracle in case.markets():
        gap, wait = index_gap(case.volatility(market, oracle), oracle)
        for tier, margins in enumerate(market.margin_tiers):
            maintenance = share(margins.maintenance)
            if maintenance < gap:
                yield case.warn(
                    "maintenance-below-gap",
                    (*path, "margin_tiers", tier, "maintenance"),
                    f"{percent(maintenance)} is less than the price of {market.symbol} can plausibly move,"
                    f" {percent(gap)}, in the {span(wait)} until a liquidation can start (max_age + heartbeat"
                    f" +"
                    f" twap, and what max_step holds back; {c.GAP_MULTIPLE.value:.0f} deviations at"
                    f" {percent(case.volatility(market, oracle))} a year)",
                    f"raise it to {percent(gap)} or more, or make the oracle faster",
                )


def liquidation_too_slow(case: Case) -> Warnings:
    """The average slice of a liquidation, penalty paid, should still be covered by the margin."""
    rules = case.spec.liquidation
    last = liquidation_time(rules.max_fraction, rules.step_interval)
    for _, market, oracle in case.markets():
        first = reaction_time(oracle)
        gap = plausible_gap(case.volatility(market, oracle), first + last / 2)
        need = gap + share(rules.penalty)
        maintenance = share(market.margin_tiers[0].maintenance)
        if last > 0 and plausible_gap(case.volatility(market, oracle), first) < maintenance < need:
            yield case.warn(
                "liquidation-too-slow",
                ("liquidation", "step_interval"),
                f"steps of {percent(share(rules.max_fraction))} take {span(last)} more, in which"
                f" {market.symbol}"
                f" can plausibly move; with the penalty an account needs {percent(need)}, and maintenance is"
                f" {percent(maintenance)}",
                "raise max_fraction, shorten step_interval, or raise maintenance",
            )


def penalty_above_maintenance(case: Case) -> Warnings:
    """A penalty that exceeds what the account has left is paid by the insurance fund."""
    penalty = share(case.spec.liquidation.penalty)
    for _, market, _oracle in case.markets():
        maintenance = share(market.margin_tiers[0].maintenance)
        if penalty > maintenance:
            yield case.warn(
                "penalty-above-maintenance",
                ("liquidation", "penalty"),
                f"{percent(penalty)} is more than the {percent(maintenance)} that an account in"
                f" {market.symbol}"
                " has left when its liquidation starts: the insurance fund would pay the difference each"
                " time",
                f"write at most half of it, {percent(maintenance / 2)}",
            )


def no_room_above_maintenance(case: Case) -> Warnings:
    """A position opened at full leverage should not be liquidated by the next minute's noise."""
    for path, market, oracle in case.markets():
        first = market.margin_tiers[0]
        room = share(first.initial) - share(first.maintenance) - share(case.spec.fees.taker)
        noise = (
            plausible_gap(case.volatility(market, oracle), reaction_time(oracle)) / c.GAP_MULTIPLE.value * 3
        )
        if room < noise:
            yield case.warn(
                "initial-near-maintenance",
                (*path, "margin_tiers", 0, "initial"),
                f"only {percent(max(room, 0.0))} lies between a position at full leverage, its fee paid, and"
                f" its liquidation; three deviations of {market.symbol} over one reaction time are"
                f" {percent(noise)}",
                "raise initial margin or lower maintenance margin",
            )


def insurance_small(case: Case) -> Warnings:
    """The fund should survive the largest move of a year without deleveraging winners."""
    fund = money(case.spec.insurance.initial)
    loss, parts = 0.0, []
    for _, market, oracle in case.markets():
        move = yearly_gap(case.volatility(market, oracle), reaction_time(oracle))
        short = max(0.0, move - share(market.margin_tiers[0].maintenance))
        part = c.OPEN_INTEREST_AT_RISK.value * money(market.open_interest_cap) * short
        if part > 0:
            loss += part
            parts.append(f"{market.symbol} {percent(move)}")
    if loss > fund:
        yield case.warn(
            "insurance-small",
            ("insurance", "initial"),
            f"{amount(fund)} would not cover {amount(loss)}, the estimate for one move of the size that a"
            f" year is"
            f" expected to bring ({', '.join(parts)}) with {percent(c.OPEN_INTEREST_AT_RISK.value)} of the"
            " open-interest caps at its liquidation price: winners would be deleveraged",
            f"put in {amount(loss)}, raise maintenance, or lower the open-interest caps",
        )


def liquidator_share_extreme(case: Case) -> Warnings:
    """Liquidators need a reason to come, the fund needs a part of each penalty."""
    rules = case.spec.liquidation
    part, penalty = share(rules.liquidator_share), share(rules.penalty)
    if rules.third_party and part * penalty < 0.0005:
        yield case.warn(
            "liquidator-unpaid",
            ("liquidation", "liquidator_share"),
            f"a third-party liquidator earns {percent(part * penalty)} of the notional, less than a usual"
            f" taker"
            " fee of 0.05%: only the operator's keeper will liquidate",
            "raise liquidator_share or the penalty",
        )
    if part == 1.0 and penalty > 0:
        yield case.warn(
            "insurance-unfed",
            ("liquidation", "liquidator_share"),
            "liquidators take the whole penalty, so that nothing refills the insurance fund after a loss",
            'leave it a part: "50%"',
        )


def only_operator_liquidates(case: Case) -> Warnings:
    """When only the keeper may liquidate, bad debt grows while the operator sleeps."""
    if not case.spec.liquidation.third_party:
        yield case.warn(
            "operator-only-liquidation",
            ("liquidation", "third_party"),
            "only the operator's keeper may liquidate: while it is down, accounts fall below zero unhindered",
            "write true",
        )


def remainder_untradable(case: Case) -> Warnings:
    """What a partial liquidation leaves must still be an order that the venue accepts."""
    close_below = money(case.spec.liquidation.close_below)
    for _, market, _oracle in case.markets():
        smallest = money(market.min_order)
        if close_below < smallest:
            yield case.warn(
                "close-below-min-order",
                ("liquidation", "close_below"),
                f"a partial liquidation may leave {amount(close_below)} in {market.symbol}, where an order is"
                f" at"
                f" least {amount(smallest)}: its owner could not close it",
                f"write at least {amount(smallest)}",
            )


def slow_refresh_of_steps(case: Case) -> Warnings:
    """A step that comes faster than prices do liquidates twice on one price."""
    interval = seconds(case.spec.liquidation.step_interval)
    slowest = max(seconds(oracle.heartbeat) for _, oracle in case.oracles())
    if case.spec.liquidation.max_fraction.fraction < 1 and interval < slowest:
        yield case.warn(
            "steps-faster-than-prices",
            ("liquidation", "step_interval"),
            f"a step each {span(interval)} comes before the next price, {span(slowest)} at the latest:"
            f" several"
            " steps would act on one and the same price",
            f"write at least {span(slowest)}",
        )


def growing_margin_idle(case: Case) -> Warnings:
    """Margin that grows with open interest should begin to grow below the open-interest cap."""
    for path, market, _oracle in case.markets():
        grows = market.open_interest_margin
        if grows is not None and grows.lower >= market.open_interest_cap:
            yield case.warn(
                "open-interest-margin-idle",
                (*path, "open_interest_margin", "lower"),
                f"open interest in {market.symbol} stays below open_interest_cap,"
                f" {amount(money(market.open_interest_cap))}: margin never begins to grow",
                f"write less than {amount(money(market.open_interest_cap))}, or remove the table",
            )


def growing_margin_steep(case: Case) -> Warnings:
    """One order should not raise everyone's initial margin by much."""
    for path, market, _oracle in case.markets():
        grows = market.open_interest_margin
        if grows is None:
            continue
        width = money(grows.upper) - money(grows.lower)
        raised = min(1.0, money(market.max_order) / width) * (1 - share(market.margin_tiers[0].initial))
        if raised > 0.1:
            yield case.warn(
                "open-interest-margin-steep",
                (*path, "open_interest_margin", "upper"),
                f"one order of max_order, {amount(money(market.max_order))}, raises initial margin in"
                f" {market.symbol} by {percent(raised)} of notional for everyone: others could neither open"
                " nor withdraw",
                f"write at least {amount(money(grows.lower) + 10 * money(market.max_order))}, or a smaller"
                " max_order",
            )


CHECKS: tuple[Check, ...] = (
    growing_margin_idle,
    growing_margin_steep,
    maintenance_below_gap,
    liquidation_too_slow,
    penalty_above_maintenance,
    no_room_above_maintenance,
    insurance_small,
    liquidator_share_extreme,
    only_operator_liquidates,
    remainder_untradable,
    slow_refresh_of_steps,
)
