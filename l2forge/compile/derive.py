"""Phase derive: from the spec's exact values with units to the integers of `constants.py`.

Every conversion is exact or refused by `resolve` beforehand; the only rounding is that of margin deductions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from l2forge.compile import constants
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Funding, MarginTier, Market
from l2forge.spec.models.oracles import Oracle
from l2forge.units import Amount, Rate, power_of_ten

E9 = 10**9


def derive_constants(spec: Spec) -> constants.Venue:
    """The venue in integers. The spec has passed `resolve`: every value fits its width exactly."""
    oracle_index = {oracle.id: index for index, oracle in enumerate(spec.oracles)}
    matching = spec.matching
    return constants.Venue(
        name=spec.venue.name,
        chain_id=spec.venue.chain_id,
        collateral=spec.venue.collateral.symbol,
        decimals=spec.venue.collateral.decimals,
        matching=matching.model,
        self_trade_prevention=getattr(matching, "self_trade_prevention", None),
        max_open_orders=getattr(matching, "max_open_orders", 0),
        margin_modes=tuple(spec.margin.modes),
        liquidation=_liquidation(spec),
        insurance_units=_units(spec, spec.insurance.initial),
        amm=_amm(spec),
        markets=tuple(_market(spec, market, oracle_index[market.oracle]) for market in spec.markets),
        oracles=tuple(_oracle(oracle) for oracle in spec.oracles),
        settlement=_settlement(spec),
    )


def e9(rate: Rate) -> int:
    """The rate times 10^9; exact, or ValueError (which `resolve` has ruled out)."""
    value, rest = divmod(rate.e12, 1000)
    if rest:
        raise ValueError(f"{rate.text()} is finer than 10^-9")
    return value


def _units(spec: Spec, amount: Amount) -> int:
    return amount.units(spec.venue.collateral.decimals)


def quote_per_tick_lot(spec: Spec, market: Market) -> int:
    """Units of collateral that one lot gains when the price rises by one tick: tick · lot · 10^decimals."""
    value = market.tick_size.fraction * market.lot_size.fraction * 10**spec.venue.collateral.decimals
    if value.denominator != 1 or value == 0:
        raise ValueError(f"{market.symbol}: one tick of one lot is {value} units")
    return int(value)


def margin_tiers(spec: Spec, tiers: Sequence[MarginTier]) -> tuple[constants.MarginTier, ...]:
    """Tiers with the deductions that make margin continuous.

    deduction_0 = 0, deduction_i = deduction_{i−1} + (rate_i − rate_{i−1}) · up_to_{i−1}; kept exact while
    summing, rounded down at the end.
    """
    result = []
    initial, maintenance = Fraction(0), Fraction(0)
    before: MarginTier | None = None
    for tier in tiers:
        if before is not None and before.up_to is not None:
            boundary = _units(spec, before.up_to)
            initial += (tier.initial.fraction - before.initial.fraction) * boundary
            maintenance += (tier.maintenance.fraction - before.maintenance.fraction) * boundary
        result.append(
            constants.MarginTier(
                up_to_units=None if tier.up_to is None else _units(spec, tier.up_to),
                initial_e9=e9(tier.initial),
                initial_deduction_units=floor(initial),
                maintenance_e9=e9(tier.maintenance),
                maintenance_deduction_units=floor(maintenance),
            )
        )
        before = tier
    return tuple(result)


def _market(spec: Spec, market: Market, oracle: int) -> constants.Market:
    return constants.Market(
        id=market.id,
        symbol=market.symbol,
        price_decimals=-(power_of_ten(market.tick_size) or 0),
        size_decimals=-(power_of_ten(market.lot_size) or 0),
        quote_per_tick_lot=quote_per_tick_lot(spec, market),
        oracle=oracle,
        min_order_units=_units(spec, market.min_order),
        max_order_units=_units(spec, market.max_order),
        price_band_e9=e9(market.price_band),
        open_interest_cap_units=_units(spec, market.open_interest_cap),
        tiers=margin_tiers(spec, market.margin_tiers),
        open_interest_margin=_open_interest_margin(spec, market),
        funding=_funding(market.funding),
        curve=_curve(spec, market),
        fees=_fees(spec, market),
    )


def _open_interest_margin(spec: Spec, market: Market) -> constants.OpenInterestMargin | None:
    grows = market.open_interest_margin
    if grows is None:
        return None
    return constants.OpenInterestMargin(_units(spec, grows.lower), _units(spec, grows.upper))


def _funding(funding: Funding) -> constants.Funding:
    return constants.Funding(
        interval_ms=funding.interval.ms,
        interest_e12=funding.interest.e12,
        clamp_e12=funding.clamp.e12,
        cap_e12=funding.cap.e12,
    )


def _curve(spec: Spec, market: Market) -> constants.Curve | None:
    if market.amm is None:
        return None
    return constants.Curve(
        depth_units=_units(spec, market.amm.depth),
        max_net_exposure_units=_units(spec, market.amm.max_net_exposure),
    )


def _fees(spec: Spec, market: Market) -> tuple[constants.FeeTier, ...]:
    """The fee schedule of a market; its own fees replace those of every tier."""
    own_maker = market.fees.maker if market.fees else None
    own_taker = market.fees.taker if market.fees else None

    def tier(volume_units: int, maker: Rate | None, taker: Rate) -> constants.FeeTier:
        maker = maker if own_maker is None else own_maker
        taker = taker if own_taker is None else own_taker
        return constants.FeeTier(volume_units, e9(maker or Rate(0)), e9(taker))

    first = tier(0, spec.fees.maker, spec.fees.taker)
    unit = 10**spec.venue.collateral.decimals
    # rounded up: the first whole unit at which the volume is reached
    return (first, *(tier(ceil(t.volume.fraction * unit), t.maker, t.taker) for t in spec.fees.tiers))


def _oracle(oracle: Oracle) -> constants.Oracle:
    return constants.Oracle(
        id=oracle.id,
        aggregate=oracle.aggregate,
        trim=oracle.trim or 0,
        weights=tuple(source.weight or 1 for source in oracle.sources),
        min_sources=oracle.min_sources,
        heartbeat_ms=oracle.heartbeat.ms,
        deviation_e9=e9(oracle.deviation),
        max_age_ms=oracle.max_age.ms,
        max_step_e9=e9(oracle.max_step.fraction),
        max_step_per_ms=oracle.max_step.per.ms,
        twap_ms=oracle.twap.ms,
        halts_when_stale=oracle.on_stale == "halt",
    )


def _liquidation(spec: Spec) -> constants.Liquidation:
    rules = spec.liquidation
    return constants.Liquidation(
        third_party=rules.third_party,
        max_fraction_e9=e9(rules.max_fraction),
        step_interval_ms=rules.step_interval.ms,
        close_below_units=_units(spec, rules.close_below),
        penalty_e9=e9(rules.penalty),
        liquidator_share_e9=e9(rules.liquidator_share),
        deleverage=rules.deleverage,
    )


def _amm(spec: Spec) -> constants.Amm | None:
    if spec.amm is None:
        return None
    return constants.Amm(
        curve=spec.amm.curve,
        max_slippage_e9=e9(spec.amm.max_slippage),
        recenter_e9=None if spec.amm.recenter is None else e9(spec.amm.recenter),
        backing_units=_units(spec, spec.amm.backing),
        maker_auction_ms=spec.hybrid.maker_auction.ms if spec.hybrid else 0,
        max_share_e9=e9(spec.hybrid.amm_max_share) if spec.hybrid else E9,
    )


def _settlement(spec: Spec) -> constants.Settlement:
    settlement, limit = spec.settlement, spec.withdrawals.rate_limit
    optimistic = settlement if settlement.mode == "optimistic" else None
    validium = settlement if settlement.data_availability == "validium" else None
    stages = spec.rollout.stages if spec.rollout else []
    return constants.Settlement(
        mode=settlement.mode,
        data_availability=settlement.data_availability,
        challenge_window_ms=optimistic.challenge_window.ms if optimistic else 0,
        bond_units=_units(spec, optimistic.bond) if optimistic else 0,
        response_deadline_ms=optimistic.response_deadline.ms if optimistic else 0,
        committee=tuple(party_text(member) for member in validium.committee) if validium else (),
        threshold=validium.threshold if validium else 0,
        confirmations=settlement.confirmations,
        forced_grace_ms=spec.withdrawals.forced_grace.ms,
        withdrawal_limit_e9=None if limit is None else e9(limit.fraction),
        withdrawal_window_ms=0 if limit is None else limit.window.ms,
        stages=tuple((stage.after.ms, _units(spec, stage.total_deposits)) for stage in stages),
        timelock_ms=spec.governance.timelock.ms,
    )


def party_text(party: object) -> str:
    """A party as "dev:N" or its address; never the place of its key."""
    dev, address = getattr(party, "dev", None), getattr(party, "address", None)
    return f"dev:{dev}" if address is None else str(address)
