"""Tables about risk and markets: [margin], [liquidation], [insurance], [[markets]]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from l2forge.spec.models.base import Lenient, Table, When
from l2forge.spec.models.values import (
    AnyAmount,
    FeeRate,
    FundingInterval,
    Name,
    NonNegativeRate,
    PositiveAmount,
    PositiveDuration,
    PositiveShare,
    Share,
    SignedRate,
    Symbol,
)

MAX_MARKETS = 255
MAX_MARGIN_TIERS = 16

MarginMode = Literal["cross", "isolated"]


class Margin(Table):
    """How accounts may margin their positions."""

    modes: list[Annotated[MarginMode, Lenient]] = Field(
        default=["cross"],
        min_length=1,
        max_length=2,
        description="what accounts may choose, per market; the first is the default",
    )


class Liquidation(Table):
    """What happens to an account below maintenance margin."""

    third_party: bool = Field(
        default=True, description="anyone may liquidate, not only the operator's keeper"
    )
    max_fraction: PositiveShare = Field(
        description="of the position as it was when it fell below maintenance, per step"
    )
    step_interval: PositiveDuration = Field(description="a step at most every so often")
    close_below: AnyAmount = Field(description="a position smaller than this is closed whole")
    penalty: Share = Field(description="of the liquidated notional")
    liquidator_share: Share = Field(description="of the penalty; the rest feeds the insurance fund")
    deleverage: Literal["queue", "pro_rata"] = Field(
        default="queue", description="who pays when insurance is empty: ranked by profit × leverage, or all"
    )


class Insurance(Table):
    """The fund that pays when an account falls below zero."""

    initial: AnyAmount = Field(description="put in by the governor at launch, outside the rollout caps")


class MarginTier(Table):
    """Margin on the part of a position's notional between the tier before and `up_to`."""

    up_to: Annotated[PositiveAmount | None, When("every tier but the last")] = Field(
        default=None, description="position notional at the index price"
    )
    initial: PositiveShare = Field(description="initial margin; its inverse is the leverage")
    maintenance: PositiveShare = Field(description="maintenance margin; below it, liquidation begins")


class OpenInterestMargin(Table):
    """Least initial margin: the first tier's up to `lower`, growing in a line with open interest to 100%."""

    lower: AnyAmount = Field(
        description="open interest, counted as for open_interest_cap, up to which the tiers alone count"
    )
    upper: PositiveAmount = Field(description="open interest from which on initial margin is 100%")


class Funding(Table):
    """rate = premium + clamp(interest − premium, ±clamp), limited to ±cap; positive: longs pay."""

    interval: FundingInterval = Field(description="over which the rate is due; accrues continuously")
    interest: SignedRate = Field(description="per interval")
    clamp: NonNegativeRate = Field(description="of the difference between interest and premium")
    cap: PositiveShare = Field(description="of the rate per interval, either sign")


class MarketAmm(Table):
    """One market's curve."""

    depth: PositiveAmount = Field(description="virtual collateral on each side")
    max_net_exposure: PositiveAmount = Field(description="of the pool, at the oracle's price")


class MarketFees(Table):
    """One market's own fees, in place of those of [fees]."""

    maker: Annotated[SignedRate | None, When('model "order_book" or "hybrid"')] = Field(
        default=None, description="fee of the resting side; negative: a rebate"
    )
    taker: FeeRate | None = Field(default=None, description="fee of the incoming side")


class Market(Table):
    """One perpetual market."""

    id: int = Field(ge=0, le=MAX_MARKETS - 1, description="the wire's market index, never reused")
    symbol: Symbol = Field(description="what traders call it")
    tick_size: PositiveAmount = Field(description="price step; a power of ten, at most 1")
    lot_size: PositiveAmount = Field(description="size step; a power of ten, at most 1")
    oracle: Name = Field(description="the `id` of the oracle that gives its index price")
    min_order: AnyAmount = Field(description="smallest notional at the order's price")
    max_order: PositiveAmount = Field(description="largest notional at the order's price")
    price_band: PositiveShare = Field(description="an order further than this from the index is refused")
    open_interest_cap: PositiveAmount = Field(
        description="sum of long positions at the index price, resting orders not counted"
    )
    margin_tiers: list[Annotated[MarginTier, Lenient]] = Field(
        min_length=1, max_length=MAX_MARGIN_TIERS, description="margin by size, marginal as in income tax"
    )
    open_interest_margin: OpenInterestMargin | None = Field(
        default=None, description="initial margin that grows with the market's open interest"
    )
    funding: Funding = Field(description="what holds the price to the index")
    amm: Annotated[MarketAmm | None, When('model "amm" or "hybrid"')] = Field(
        default=None, description="its curve"
    )
    fees: MarketFees | None = Field(default=None, description="overrides of [fees]")
