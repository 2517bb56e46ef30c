"""What the engine is built from: whole numbers only, in the units of the state.

Prices in ticks, sizes in lots, money in collateral units, rates in 10^-12, times in milliseconds.
`from_spec` reads a spec's models; whatever produces the same numbers makes the same engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from l2forge.engine import codes
from l2forge.errors import InputError
from l2forge.rules.constant_product import RESERVE_QUOTE_LIMIT
from l2forge.rules.jit import DEPOSIT_LIMIT, RATE_SCALE, VALUE_LIMIT
from l2forge.rules.oracle import MAX_REPORTS, MEDIAN, TRIMMED_MEAN, WEIGHTED_MEDIAN
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle

MODELS = {"order_book": codes.BOOK, "amm": codes.AMM, "hybrid": codes.HYBRID}
CURVES = {"constant_product": codes.CONSTANT_PRODUCT, "oracle_pool": codes.ORACLE_POOL}
SELF_TRADE = {
    "expire_maker": codes.EXPIRE_MAKER,
    "expire_taker": codes.EXPIRE_TAKER,
    "expire_both": codes.EXPIRE_BOTH,
}
AGGREGATES = {"median": MEDIAN, "trimmed_mean": TRIMMED_MEAN, "weighted_median": WEIGHTED_MEDIAN}
MAX_QUOTE = 1 << 26


@dataclass(frozen=True)
class Tier:
    """A margin tier: marginal rates up to a notional; None in the last one."""

    up_to: int | None
    initial_e12: int
    maintenance_e12: int


@dataclass(frozen=True)
class FeeTier:
    """Fees from a 30-day volume on."""

    volume: int
    maker_e12: int
    taker_e12: int


@dataclass(frozen=True)
class OracleConfig:
    """How reports become a price."""

    weights: tuple[int, ...] = (1,)
    aggregate: int = MEDIAN
    trim: int = 0
    min_sources: int = 1
    heartbeat_ms: int = 5_000
    deviation_e12: int = RATE_SCALE // 1000
    max_age_ms: int = 15_000
    step_fraction_e12: int = RATE_SCALE // 20
    step_per_ms: int = 15_000
    twap_ms: int = 60_000
    halt_when_stale: bool = False


@dataclass(frozen=True)
class MarketConfig:
    """One market."""

    id: int = 0
    quote: int = 1
    min_order: int = 1
    max_order: int = 10**13
    band_e12: int = RATE_SCALE // 10
    open_interest_cap: int = 5 * 10**13
    maker_e12: int = 0
    taker_e12: int = 0
    tiers: tuple[Tier, ...] = (Tier(None, RATE_SCALE // 10, 6 * RATE_SCALE // 100),)
    funding_interval_ms: int = 3_600_000
    interest_e12: int = 0
    clamp_e12: int = 5 * 10**8
    cap_e12: int = 4 * 10**10
    depth: int = 0
    max_exposure: int = 0
    scaled_margin: tuple[int, int] | None = None
    """Open interest (collateral units at the index) between which initial margin grows to 100%."""
    oracle: OracleConfig = field(default_factory=OracleConfig)


@dataclass(frozen=True)
class Capacity:
    """How much the state has room for; the array's size follows."""

    accounts: int = 1 << 12
    orders: int = 1 << 14
    pages: int = 256
    log_price: int = 28
    event_rows: int = 1 << 14


@dataclass(frozen=True)
class EngineConfig:
    """One venue."""

    markets: tuple[MarketConfig, ...] = (MarketConfig(),)
    model: int = codes.BOOK
    accounting: bool = True
    """False: a bare book, orders and fills without accounts."""
    self_trade: int = codes.EXPIRE_MAKER
    max_open_orders: int = 256
    curve: int = codes.NO_CURVE
    max_slippage_e12: int = RATE_SCALE // 20
    recenter_e12: int = 0
    backing: int = 0
    maker_auction_ms: int = 0
    amm_max_share_e12: int = RATE_SCALE
    fee_tiers: tuple[FeeTier, ...] = ()
    cross: bool = True
    isolated: bool = True
    default_isolated: bool = False
    third_party: bool = True
    max_fraction_e12: int = RATE_SCALE // 5
    step_interval_ms: int = 10_000
    close_below: int = 10**9
    penalty_e12: int = RATE_SCALE // 100
    liquidator_share_e12: int = RATE_SCALE // 2
    pro_rata: bool = False
    insurance: int = 0
    max_lag_ms: int = 0
    capacity: Capacity = field(default_factory=Capacity)

    def __post_init__(self) -> None:
        """Refuse what the rules' bounds do not cover."""
        for market in self.markets:
            _check_market(market, value_limit(len(self.markets)), self.curve)
        ids = [market.id for market in self.markets]
        _require(
            len(set(ids)) == len(ids) and min(ids) >= 0 and max(ids) < 255, "market ids are distinct, 0..254"
        )
        _require(18 <= self.capacity.log_price <= 30, "log_price is from 18 to 30")
        _require(self.insurance + self.backing < DEPOSIT_LIMIT, "insurance and backing stay below 2^58 units")
        _require(1 <= self.max_open_orders <= 65_535, "max_open_orders is from 1 to 65535")
        _require(
            (self.model == codes.BOOK) == (self.curve == codes.NO_CURVE), "a curve goes with amm and hybrid"
        )


def value_limit(n_markets: int) -> int:
    """Most that one market's open interest, or funding owed over it, may be worth: all markets stay below
    2^60.
    """
    return min(1 << 56, VALUE_LIMIT >> max(1, n_markets - 1).bit_length())


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise InputError(
            f"the engine's bounds: {rule}", remedy="choose coarser decimals, ticks or lots, or less"
        )


def _check_market(market: MarketConfig, limit: int, curve: int) -> None:
    """Bounds of one market's numbers."""
    _require(1 <= market.quote < MAX_QUOTE, f"tick × lot of market {market.id} is from 1 to 2^26 − 1 units")
    _require(
        0 < market.open_interest_cap <= limit,
        f"open interest cap of market {market.id} at most {limit} units",
    )
    _require(0 < market.max_order <= limit, f"max_order of market {market.id} at most {limit} units")
    _require(
        1 <= len(market.tiers) <= 16 and market.tiers[-1].up_to is None, "1 to 16 tiers, the last unbounded"
    )
    if market.scaled_margin is not None:
        lower, upper = market.scaled_margin
        _require(0 <= lower < upper < 1 << 56, f"scaled margin of market {market.id} from 0 to below 2^56")
    _require(market.maker_e12 + market.taker_e12 >= 0, "a rebate is at most the taker fee")
    _require(1_000 <= market.funding_interval_ms < 1 << 32, "funding interval from 1 s to 49 days")
    oracle = market.oracle
    _require(1 <= len(oracle.weights) <= MAX_REPORTS, f"1 to {MAX_REPORTS} oracle sources")
    _require(1 <= oracle.min_sources <= len(oracle.weights), "min_sources at most the sources")
    _require(0 < oracle.twap_ms < 1 << 40 and 0 < oracle.step_per_ms < 1 << 31, "oracle windows in range")
    if curve != codes.NO_CURVE:
        _require(0 < market.depth < RESERVE_QUOTE_LIMIT >> 1, f"depth of market {market.id} below 2^55 units")
        _require(
            0 < market.max_exposure <= market.depth, f"max_net_exposure of market {market.id} at most depth"
        )


def _oracle_from_spec(oracle: Oracle) -> OracleConfig:
    return OracleConfig(
        weights=tuple(source.weight or 1 for source in oracle.sources),
        aggregate=AGGREGATES[oracle.aggregate],
        trim=oracle.trim or 0,
        min_sources=oracle.min_sources,
        heartbeat_ms=oracle.heartbeat.ms,
        deviation_e12=oracle.deviation.e12,
        max_age_ms=oracle.max_age.ms,
        step_fraction_e12=oracle.max_step.fraction.e12,
        step_per_ms=oracle.max_step.per.ms,
        twap_ms=oracle.twap.ms,
        halt_when_stale=oracle.on_stale == "halt",
    )


def _market_from_spec(spec: Spec, market: Market) -> MarketConfig:
    decimals = spec.venue.collateral.decimals
    fees = market.fees
    maker = fees.maker if fees and fees.maker is not None else spec.fees.maker
    taker = fees.taker if fees and fees.taker is not None else spec.fees.taker
    oracle = next(oracle for oracle in spec.oracles if oracle.id == market.oracle)
    grows = market.open_interest_margin
    quote = market.tick_size.fraction * market.lot_size.fraction * 10**decimals
    _require(
        quote.denominator == 1, f"tick × lot of market {market.id} is a whole number of collateral units"
    )
    return MarketConfig(
        id=market.id,
        quote=int(quote),
        min_order=market.min_order.units(decimals),
        max_order=market.max_order.units(decimals),
        band_e12=market.price_band.e12,
        open_interest_cap=market.open_interest_cap.units(decimals),
        maker_e12=maker.e12 if maker is not None else 0,
        taker_e12=taker.e12,
        tiers=tuple(
            Tier(tier.up_to.units(decimals) if tier.up_to else None, tier.initial.e12, tier.maintenance.e12)
            for tier in market.margin_tiers
        ),
        funding_interval_ms=market.funding.interval.ms,
        interest_e12=market.funding.interest.e12,
        clamp_e12=market.funding.clamp.e12,
        cap_e12=market.funding.cap.e12,
        scaled_margin=(grows.lower.units(decimals), grows.upper.units(decimals)) if grows else None,
        depth=market.amm.depth.units(decimals) if market.amm else 0,
        max_exposure=market.amm.max_net_exposure.units(decimals) if market.amm else 0,
        oracle=_oracle_from_spec(oracle),
    )


def _tiers_from_spec(spec: Spec) -> tuple[FeeTier, ...]:
    decimals = spec.venue.collateral.decimals
    base = spec.fees.maker.e12 if spec.fees.maker is not None else 0
    return tuple(
        FeeTier(
            tier.volume.units(decimals), tier.maker.e12 if tier.maker is not None else base, tier.taker.e12
        )
        for tier in spec.fees.tiers
    )


def from_spec(spec: Spec, capacity: Capacity | None = None) -> EngineConfig:
    """The engine's configuration for a validated spec."""
    decimals = spec.venue.collateral.decimals
    matching = spec.matching
    modes = spec.margin.modes
    amm = spec.amm
    return EngineConfig(
        markets=tuple(_market_from_spec(spec, market) for market in spec.markets),
        model=MODELS[matching.model],
        self_trade=SELF_TRADE[getattr(matching, "self_trade_prevention", "expire_maker")],
        max_open_orders=getattr(matching, "max_open_orders", 256),
        curve=CURVES[amm.curve] if amm else codes.NO_CURVE,
        max_slippage_e12=amm.max_slippage.e12 if amm else 0,
        recenter_e12=amm.recenter.e12 if amm and amm.recenter is not None else 0,
        backing=amm.backing.units(decimals) if amm else 0,
        maker_auction_ms=spec.hybrid.maker_auction.ms if spec.hybrid else 0,
        amm_max_share_e12=spec.hybrid.amm_max_share.e12 if spec.hybrid else RATE_SCALE,
        fee_tiers=_tiers_from_spec(spec),
        cross="cross" in modes,
        isolated="isolated" in modes,
        default_isolated=modes[0] == "isolated",
        third_party=spec.liquidation.third_party,
        max_fraction_e12=spec.liquidation.max_fraction.e12,
        step_interval_ms=spec.liquidation.step_interval.ms,
        close_below=spec.liquidation.close_below.units(decimals),
        penalty_e12=spec.liquidation.penalty.e12,
        liquidator_share_e12=spec.liquidation.liquidator_share.e12,
        pro_rata=spec.liquidation.deleverage == "pro_rata",
        insurance=spec.insurance.initial.units(decimals),
        max_lag_ms=spec.proof.max_lag.ms,
        capacity=capacity or Capacity(),
    )
