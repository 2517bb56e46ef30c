"""Laying out a new venue's state: one int64 array with its configuration written in."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

from l2forge.engine import codes
from l2forge.engine import layout as at
from l2forge.engine.config import EngineConfig, MarketConfig, value_limit
from l2forge.engine.levels import directory_words
from l2forge.rules.margin import TIER_WORDS, next_deduction
from l2forge.rules.oracle import MAX_REPORTS

State = NDArray[np.int64]
_LINE = 8  # words of a cache line


class _Layout:
    """Hands out offsets, each on a cache line."""

    def __init__(self) -> None:
        self.used = at.HEADER_WORDS

    def take(self, words: int) -> int:
        start = -(-self.used // _LINE) * _LINE
        self.used = start + words
        return start


def _zeros(n: int) -> State:
    """n zero words on a page boundary, so that an order lies on one cache line and not on two, in huge pages
    where the system has them: a book touches more small pages than the processor remembers.
    """
    memory = mmap.mmap(-1, n * 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.int64)


def new_state(config: EngineConfig) -> State:
    """A venue before its first command. Untouched parts of the array cost no memory until they are used."""
    capacity = config.capacity
    n_markets = max(market.id for market in config.markets) + 1
    layout = _Layout()
    markets = layout.take(n_markets * at.MARKET_WORDS)
    tables = [layout.take(_table_words(market)) for market in config.markets]
    fee_tiers = layout.take(3 * len(config.fee_tiers))
    n_ids = 1 << (2 * capacity.orders - 1).bit_length()
    ids = layout.take(n_ids)
    n_directory = directory_words(capacity.log_price)
    directories = [layout.take(n_directory) for _ in config.markets]
    account_words = at.ACCOUNT_WORDS + n_markets * at.POSITION_WORDS
    accounts = layout.take(capacity.accounts * account_words)
    orders = layout.take((capacity.orders + 1) * at.ORDER_WORDS)
    pages = layout.take((capacity.pages + 1) * at.PAGE_WORDS)
    events = layout.take(0)
    reserve = max(codes.MAX_EVENTS, config.max_open_orders + 64)
    event_rows = max(capacity.event_rows, 2 * reserve)
    s = _zeros(events + event_rows * at.EVENT_WORDS)
    for word, value in {
        at.H_MAGIC: at.MAGIC,
        at.H_N_MARKETS: n_markets,
        at.H_N_ACCOUNTS: capacity.accounts,
        at.H_N_ORDERS: capacity.orders,
        at.H_N_PAGES: capacity.pages,
        at.H_LOG_PRICE: capacity.log_price,
        at.H_EVENT_ROWS: event_rows,
        at.H_EVENT_RESERVE: reserve,
        at.H_MARKETS_AT: markets,
        at.H_IDS_AT: ids,
        at.H_IDS_MASK: n_ids - 1,
        at.H_ACCOUNTS_AT: accounts,
        at.H_ACCOUNT_WORDS: account_words,
        at.H_ORDERS_AT: orders,
        at.H_PAGES_AT: pages,
        at.H_EVENTS_AT: events,
        at.H_FEE_TIERS_AT: fee_tiers,
        at.H_VALUE_LIMIT: value_limit(len(config.markets)),
    }.items():
        s[word] = value
    _write_venue(s, config)
    for tier, row in zip(
        config.fee_tiers, range(fee_tiers, fee_tiers + 3 * len(config.fee_tiers), 3), strict=True
    ):
        s[row : row + 3] = (tier.volume, tier.maker_e12, tier.taker_e12)
    for market, table, directory in zip(config.markets, tables, directories, strict=True):
        _write_market(s, market, table, directory)
    return s


def _table_words(market: MarketConfig) -> int:
    return TIER_WORDS * len(market.tiers) + at.SOURCE_WORDS * len(market.oracle.weights) + 2 * MAX_REPORTS


def _write_venue(s: State, config: EngineConfig) -> None:
    for word, value in {
        at.H_MODEL: config.model,
        at.H_ACCOUNTING: int(config.accounting),
        at.H_SELF_TRADE: config.self_trade,
        at.H_MAX_OPEN_ORDERS: config.max_open_orders,
        at.H_THIRD_PARTY: int(config.third_party),
        at.H_MAX_FRACTION: config.max_fraction_e12,
        at.H_STEP_INTERVAL: config.step_interval_ms,
        at.H_CLOSE_BELOW: config.close_below,
        at.H_PENALTY: config.penalty_e12,
        at.H_LIQUIDATOR_SHARE: config.liquidator_share_e12,
        at.H_PRO_RATA: int(config.pro_rata),
        at.H_MAX_LAG: config.max_lag_ms,
        at.H_CURVE: config.curve,
        at.H_MAX_SLIPPAGE: config.max_slippage_e12,
        at.H_RECENTER: config.recenter_e12,
        at.H_MAKER_AUCTION: config.maker_auction_ms,
        at.H_AMM_MAX_SHARE: config.amm_max_share_e12,
        at.H_N_FEE_TIERS: len(config.fee_tiers),
        at.H_CROSS_ALLOWED: int(config.cross),
        at.H_ISOLATED_ALLOWED: int(config.isolated),
        at.H_DEFAULT_ISOLATED: int(config.default_isolated),
        at.H_INSURANCE: config.insurance,
        at.H_DEPOSITS: config.insurance + config.backing,
    }.items():
        s[word] = value
    if config.curve != codes.NO_CURVE:
        s[s[at.H_ACCOUNTS_AT] + at.A_OPEN] = 1
        s[s[at.H_ACCOUNTS_AT] + at.A_CASH] = config.backing
        s[at.H_ACCOUNTS_USED] = 1
        if config.curve == codes.ORACLE_POOL:
            s[s[at.H_ACCOUNTS_AT] + at.A_SHARES] = config.backing
            s[at.H_SHARES] = config.backing


def _write_market(s: State, market: MarketConfig, table: int, directory: int) -> None:
    row = int(s[at.H_MARKETS_AT]) + market.id * at.MARKET_WORDS
    oracle = market.oracle
    reports = table + TIER_WORDS * len(market.tiers)
    lower, upper = market.scaled_margin or (0, 0)
    for word, value in {
        at.M_OPEN: 1,
        at.M_QUOTE: market.quote,
        at.M_MIN_ORDER: market.min_order,
        at.M_MAX_ORDER: market.max_order,
        at.M_BAND: market.band_e12,
        at.M_OI_CAP: market.open_interest_cap,
        at.M_MAKER_FEE: market.maker_e12,
        at.M_TAKER_FEE: market.taker_e12,
        at.M_FUNDING_INTERVAL: market.funding_interval_ms,
        at.M_INTEREST: market.interest_e12,
        at.M_CLAMP: market.clamp_e12,
        at.M_CAP: market.cap_e12,
        at.M_DEPTH: market.depth,
        at.M_MAX_EXPOSURE: market.max_exposure,
        at.M_OI_LOWER: lower,
        at.M_OI_UPPER: upper,
        at.M_TIERS_AT: table,
        at.M_REPORTS_AT: reports,
        at.M_AGGREGATE: oracle.aggregate,
        at.M_TRIM: oracle.trim,
        at.M_MIN_SOURCES: oracle.min_sources,
        at.M_N_SOURCES: len(oracle.weights),
        at.M_HEARTBEAT: oracle.heartbeat_ms,
        at.M_DEVIATION: oracle.deviation_e12,
        at.M_MAX_AGE: oracle.max_age_ms,
        at.M_STEP_FRACTION: oracle.step_fraction_e12,
        at.M_STEP_PER: oracle.step_per_ms,
        at.M_TWAP_WINDOW: oracle.twap_ms,
        at.M_HALT_WHEN_STALE: int(oracle.halt_when_stale),
        at.M_DIRECTORY_AT: directory,
        at.M_BEST_ASK: at.PRICE_NONE,
    }.items():
        s[row + word] = value
    for i, weight in enumerate(oracle.weights):
        s[reports + i * at.SOURCE_WORDS + at.S_WEIGHT] = weight
    _write_tiers(s, market, table)


def _write_tiers(s: State, market: MarketConfig, table: int) -> None:
    """The tier table of rules/margin.py, deductions accumulated so that tiers join."""
    deductions = [0, 0]
    for i, tier in enumerate(market.tiers):
        rates = (tier.initial_e12, tier.maintenance_e12)
        up_to = 1 << 62 if tier.up_to is None else tier.up_to
        s[table : table + TIER_WORDS] = (up_to, rates[0], deductions[0], rates[1], deductions[1])
        table += TIER_WORDS
        if tier.up_to is not None:
            above = market.tiers[i + 1]
            next_rates = (above.initial_e12, above.maintenance_e12)
            deductions = [
                next_deduction(d, tier.up_to, rate, next_rate)
                for d, rate, next_rate in zip(deductions, rates, next_rates, strict=True)
            ]
