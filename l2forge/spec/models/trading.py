"""Tables about the venue and how it trades: [venue], [matching], [amm], [hybrid], [fees]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from l2forge.spec.models.base import Lenient, Table, When, select
from l2forge.spec.models.parties import Address, Party
from l2forge.spec.models.values import (
    AnyDuration,
    FeeRate,
    Name,
    PositiveAmount,
    PositiveShare,
    Share,
    SignedRate,
    Symbol,
)
from l2forge.units import Duration, Rate

MAX_FEE_TIERS = 16
MAX_CHAIN_ID = 2**32 - 1


class Collateral(Table):
    """The token that accounts hold and positions settle in."""

    symbol: Symbol = Field(description="what the token is called")
    decimals: int = Field(
        ge=0, le=8, description="decimal places on L2: an account's cash counts units of 10^-decimals"
    )
    address: Annotated[Address | None, When("on a chain that is not local")] = Field(
        default=None, description="the token on L1; a local chain gets a test token where it is absent"
    )


class Venue(Table):
    """What the venue is."""

    name: Name = Field(description="the venue's name")
    chain_id: int = Field(
        ge=1,
        le=MAX_CHAIN_ID,
        description="part of every signed message, so that none counts at another venue",
    )
    collateral: Collateral = Field(description="the token that accounts hold")


class _Resting(Table):
    self_trade_prevention: Literal["expire_maker", "expire_taker", "expire_both"] = Field(
        default="expire_maker", description="which order goes when an account would trade with itself"
    )
    max_open_orders: int = Field(default=256, ge=1, le=65_535, description="resting orders per account")


class OrderBookMatching(_Resting):
    """A central limit order book."""

    model: Literal["order_book"] = Field(description="the matching model")


class AmmMatching(Table):
    """A virtual automated market maker per market; no resting orders."""

    model: Literal["amm"] = Field(description="the matching model")


class HybridMatching(_Resting):
    """Resting orders and a curve; every fill takes the better price of the two."""

    model: Literal["hybrid"] = Field(description="the matching model")


Matching = Annotated[
    Annotated[OrderBookMatching, Tag("@order_book")]
    | Annotated[AmmMatching, Tag("@amm")]
    | Annotated[HybridMatching, Tag("@hybrid")],
    Discriminator(select("model"), custom_error_type="selector", custom_error_message="model"),
]


class Amm(Table):
    """The curve behind the markets of an `amm` or `hybrid` venue."""

    curve: Literal["constant_product", "oracle_pool"] = Field(
        description="virtual reserves, or the oracle's price plus impact"
    )
    max_slippage: PositiveShare = Field(description="per trade, from the price before it")
    recenter: Annotated[PositiveShare | None, When('required by curve "constant_product"')] = Field(
        default=None, description="a curve this far from the oracle is moved back, paid from the fee pool"
    )
    backing: PositiveAmount = Field(
        description="put in by the governor at launch, outside the rollout caps; pays traders' gains"
    )


class Hybrid(Table):
    """How makers and the curve share the flow."""

    maker_auction: AnyDuration = Field(
        default=Duration(0), description="time in which makers may improve on the curve before it fills"
    )
    amm_max_share: Share = Field(
        default=Rate.parse("100%"), description="of one order that the curve may fill"
    )


class FeeTier(Table):
    """Fees of accounts whose 30-day volume has reached `volume`."""

    volume: PositiveAmount = Field(description="from this volume over 30 days on")
    maker: Annotated[SignedRate | None, When('model "order_book" or "hybrid"')] = Field(
        default=None, description="fee of the resting side; negative: a rebate"
    )
    taker: FeeRate = Field(description="fee of the incoming side")


class Fees(Table):
    """Trading fees, of the notional."""

    maker: Annotated[SignedRate | None, When('model "order_book" or "hybrid"')] = Field(
        default=None, description="fee of the resting side; negative: a rebate"
    )
    taker: FeeRate = Field(description="fee of the incoming side")
    recipient: Party = Field(description="who may collect the fee pool")
    tiers: list[Annotated[FeeTier, Lenient]] = Field(
        default=[], max_length=MAX_FEE_TIERS, description="lower fees by 30-day volume"
    )
