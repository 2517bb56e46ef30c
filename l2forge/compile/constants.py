"""A venue in integers: what the engine computes with, the circuit constrains and the contracts hold.

Units and scales are in the names: `_units` counts 10^-decimals of the collateral, `_ticks` and `_lots` the
steps of a market, `_e9` and `_e12` fractions times 10^9 and 10^12, `_ms` milliseconds. A rate in e9 is below
2^32, one limb of the multiply/compare chip; only funding, whose rates per second are tiny, needs e12.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

PRICE_BITS: Final = 32  # price_ticks: unsigned
SIZE_BITS: Final = 40  # size_lots: signed, so a magnitude has 39
CASH_BITS: Final = 62  # any amount of units, so that the sum of two stays below 2^63 < p


@dataclass(frozen=True, slots=True)
class MarginTier:
    """One tier: margin(notional) = ceil(rate_e9 · notional / 10^9) − deduction, continuous over the tiers.

    Deductions are rounded down, so that margin is never below the exact value: against the account.
    """

    up_to_units: int | None  # None: no upper end
    initial_e9: int
    initial_deduction_units: int
    maintenance_e9: int
    maintenance_deduction_units: int


@dataclass(frozen=True, slots=True)
class OpenInterestMargin:
    """Initial margin is at least r · notional, r = b + (1 − b) · (interest − lower) / (upper − lower).

    b is the first tier's initial rate, interest the market's open interest in units at the index; r is b up
    to `lower` and 1 from `upper` on. Source: dYdX v4, open-interest margin fraction of a liquidity tier.
    """

    lower_units: int
    upper_units: int


@dataclass(frozen=True, slots=True)
class Funding:
    """rate = premium + clamp(interest − premium, ±clamp), within ±cap, per interval; positive: longs pay."""

    interval_ms: int
    interest_e12: int
    clamp_e12: int
    cap_e12: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A market's automated market maker."""

    depth_units: int
    max_net_exposure_units: int


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Fees from a 30-day volume on; the first tier of a market starts at zero. maker_e9 < 0: a rebate."""

    volume_units: int
    maker_e9: int
    taker_e9: int


@dataclass(frozen=True, slots=True)
class Market:
    """One market. notional_units = price_ticks · |size_lots| · quote_per_tick_lot."""

    id: int
    symbol: str
    price_decimals: int  # wire price 1 is 10^-price_decimals of the collateral
    size_decimals: int
    quote_per_tick_lot: int  # units; at least 1
    oracle: int  # index into Venue.oracles
    min_order_units: int
    max_order_units: int
    price_band_e9: int
    open_interest_cap_units: int
    tiers: tuple[MarginTier, ...]
    open_interest_margin: OpenInterestMargin | None
    funding: Funding
    curve: Curve | None
    fees: tuple[FeeTier, ...]


@dataclass(frozen=True, slots=True)
class Oracle:
    """One index price. Within Δt it moves at most max_step_e9 · Δt / max_step_per_ms."""

    id: str
    aggregate: str
    trim: int
    weights: tuple[int, ...]  # one per source, in the spec's order
    min_sources: int
    heartbeat_ms: int
    deviation_e9: int
    max_age_ms: int
    max_step_e9: int
    max_step_per_ms: int
    twap_ms: int
    halts_when_stale: bool


@dataclass(frozen=True, slots=True)
class Liquidation:
    """What happens below maintenance."""

    third_party: bool
    max_fraction_e9: int
    step_interval_ms: int
    close_below_units: int
    penalty_e9: int
    liquidator_share_e9: int
    deleverage: str


@dataclass(frozen=True, slots=True)
class Amm:
    """What the curves of all markets share."""

    curve: str
    max_slippage_e9: int
    recenter_e9: int | None
    backing_units: int
    maker_auction_ms: int
    max_share_e9: int  # of one order that the curve may fill


@dataclass(frozen=True, slots=True)
class Settlement:
    """The L1 side."""

    mode: str
    data_availability: str
    challenge_window_ms: int
    bond_units: int
    response_deadline_ms: int
    committee: tuple[str, ...]
    threshold: int
    confirmations: int
    forced_grace_ms: int
    withdrawal_limit_e9: int | None
    withdrawal_window_ms: int
    stages: tuple[tuple[int, int], ...]  # (after_ms, total_deposits_units)
    timelock_ms: int


@dataclass(frozen=True, slots=True)
class Venue:
    """Everything that the rules of a venue depend on."""

    name: str
    chain_id: int
    collateral: str
    decimals: int
    matching: str
    self_trade_prevention: str | None
    max_open_orders: int
    margin_modes: tuple[str, ...]
    liquidation: Liquidation
    insurance_units: int
    amm: Amm | None
    markets: tuple[Market, ...]
    oracles: tuple[Oracle, ...]
    settlement: Settlement

    def as_dict(self) -> dict[str, Any]:
        """The constants as nested dictionaries and lists, for JSON and for templates."""
        return asdict(self)
