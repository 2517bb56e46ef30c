"""Funding: the premium's integral, the rate of the next interval, the index that accrues."""

from __future__ import annotations

from l2forge.engine.accounts import position_at
from l2forge.engine.codes import (
    AMM,
    CONSTANT_PRODUCT,
    EV_FUNDING,
    OK,
    POOL_ACCOUNT,
    R_NO_PRICE,
    R_NOT_DUE,
    R_STALE,
)
from l2forge.engine.events import emit
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    C_MARKET,
    C_MARKET_AT,
    C_TIME,
    E_AMOUNT,
    H_CURVE,
    H_MODEL,
    H_VALUE_LIMIT,
    M_CAP,
    M_CLAMP,
    M_DEPTH,
    M_FRESH_UNTIL,
    M_FUNDING_HIGH,
    M_FUNDING_INDEX,
    M_FUNDING_INTERVAL,
    M_FUNDING_LOW,
    M_FUNDING_RATE,
    M_FUNDING_TIME,
    M_INDEX,
    M_INTEREST,
    M_LAST_PRICE,
    M_OI_CAP,
    M_OI_LIMIT,
    M_OPEN_INTEREST,
    M_PREMIUM_SUM,
    M_PREMIUM_TIME,
    M_QUOTE,
    M_RATE_SINCE,
    M_RESERVE_LOTS,
    M_RESERVE_QUOTE,
    M_TWAP,
    P_SIZE,
)
from l2forge.engine.risk import lot_value, scan_risk
from l2forge.rules.funding import curve_premium_e12, funding_rate_e12, index_change_e6, premium_e12
from l2forge.rules.jit import FUNDING_SCALE, LOTS_LIMIT, Words
from l2forge.rules.oracle_pool import marginal_value
from l2forge.rules.prices import TWAP_SCALE_LOG

MIN_ACCRUAL_MS = 1_000
_INDEX_LIMIT = 1 << 61


@kernel
def advance_premium(s: Words, market: int, now: int) -> None:
    """Add (last fill − index)·time since the last change to the premium's integral."""
    elapsed = now - s[market + M_PREMIUM_TIME]
    if elapsed > 0:
        if s[market + M_LAST_PRICE] != 0 and s[market + M_INDEX] != 0:
            span = min(elapsed, 1 << 31)  # keeps the integral below 2^62 over any window
            total = s[market + M_PREMIUM_SUM] + (s[market + M_LAST_PRICE] - s[market + M_INDEX]) * span
            if abs(total) < _INDEX_LIMIT:
                s[market + M_PREMIUM_SUM] = total
        s[market + M_PREMIUM_TIME] = now


@kernel
def pool_exposure(s: Words, market: int, m: int) -> int:
    """Traders' net exposure to the curve at the index: −(the pool's lots)·lot value."""
    return -s[position_at(s, POOL_ACCOUNT, m) + P_SIZE] * lot_value(s, market)


@kernel
def _premium(s: Words, market: int, m: int, elapsed: int) -> int:
    """Premium of the interval that ends now: from fills, or in a venue without a book from the curve."""
    if s[H_MODEL] != AMM:
        return premium_e12(s[market + M_PREMIUM_SUM], s[market + M_INDEX], elapsed)
    value = lot_value(s, market)
    if s[H_CURVE] == CONSTANT_PRODUCT:
        return curve_premium_e12(s[market + M_RESERVE_QUOTE] // s[market + M_RESERVE_LOTS], value)
    return curve_premium_e12(marginal_value(value, pool_exposure(s, market, m), s[market + M_DEPTH]), value)


@kernel
def accrue_funding(s: Words, market: int, m: int) -> None:
    """Move the index by the current rate up to now; at the end of an interval set the next rate.

    The index stops (saturates) where funding over all of open interest could leave its bound.
    """
    now = s[C_TIME]
    if s[market + M_INDEX] == 0:
        return
    advance_premium(s, market, now)
    elapsed = now - s[market + M_FUNDING_TIME]
    if elapsed <= 0:
        return
    s[market + M_FUNDING_TIME] = now
    change = index_change_e6(
        s[market + M_FUNDING_RATE], lot_value(s, market), elapsed, s[market + M_FUNDING_INTERVAL]
    )
    moved = s[market + M_FUNDING_INDEX] + change
    low = min(s[market + M_FUNDING_LOW], moved)
    high = max(s[market + M_FUNDING_HIGH], moved)
    allowed = min(s[H_VALUE_LIMIT] // max(1, s[market + M_OPEN_INTEREST]), 1 << 40) * FUNDING_SCALE
    if abs(moved) < _INDEX_LIMIT and high - low <= allowed:
        s[market + M_FUNDING_INDEX] = moved
        s[market + M_FUNDING_LOW] = low if s[market + M_OPEN_INTEREST] != 0 else moved
        s[market + M_FUNDING_HIGH] = high if s[market + M_OPEN_INTEREST] != 0 else moved
    since = now - s[market + M_RATE_SINCE]
    if since >= s[market + M_FUNDING_INTERVAL]:
        premium = _premium(s, market, m, since)
        s[market + M_FUNDING_RATE] = funding_rate_e12(
            premium, s[market + M_INTEREST], s[market + M_CLAMP], s[market + M_CAP]
        )
        s[market + M_PREMIUM_SUM] = 0
        s[market + M_RATE_SINCE] = now
    at = emit(s, EV_FUNDING, 0, 0, s[market + M_FUNDING_RATE], 0)
    s[at + E_AMOUNT] = s[market + M_FUNDING_INDEX]


@kernel
def set_open_interest_limit(s: Words, market: int) -> None:
    """Lots that open interest may reach: the spec's cap at the index, and the bounds of value and funding."""
    value = lot_value(s, market)
    top = max(s[market + M_INDEX], (s[market + M_TWAP] >> TWAP_SCALE_LOG) + 1) * s[market + M_QUOTE]
    spread = (s[market + M_FUNDING_HIGH] - s[market + M_FUNDING_LOW]) // FUNDING_SCALE + 1
    bound = min(s[H_VALUE_LIMIT] // top, s[H_VALUE_LIMIT] // spread)
    s[market + M_OI_LIMIT] = min(min(bound, s[market + M_OI_CAP] // value), LOTS_LIMIT - 1)


@kernel
def check_funding(s: Words, market: int) -> int:
    """Whether funding may accrue now."""
    if s[market + M_INDEX] == 0:
        return R_NO_PRICE
    if s[C_TIME] > s[market + M_FRESH_UNTIL]:
        return R_STALE
    if s[C_TIME] - s[market + M_FUNDING_TIME] < MIN_ACCRUAL_MS:
        return R_NOT_DUE
    return OK


@kernel
def funding(s: Words) -> int:
    """FUNDING: accrue now. By anyone, at most once a second, never on a stale price."""
    market = s[C_MARKET_AT]
    reason = check_funding(s, market)
    if reason != OK:
        return reason
    accrue_funding(s, market, s[C_MARKET])
    set_open_interest_limit(s, market)
    scan_risk(s, s[C_MARKET])
    return OK
