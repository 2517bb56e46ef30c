"""Prices: signed reports per source, and the tick that makes them the index."""

from __future__ import annotations

from l2forge.engine.codes import (
    EV_PRICE,
    OK,
    R_NOT_DUE,
    R_OLD_REPORT,
    R_RANGE,
    R_STEP,
    R_TOO_FEW_REPORTS,
)
from l2forge.engine.curve import has_room_for_curve, set_curve
from l2forge.engine.events import emit
from l2forge.engine.funding import accrue_funding, set_open_interest_limit
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    C_ACCOUNT,
    C_AUX,
    C_MARKET,
    C_MARKET_AT,
    C_PRICE,
    C_TIME,
    H_LOG_PRICE,
    H_VALUE_LIMIT,
    M_AGGREGATE,
    M_BAND,
    M_BAND_HIGH,
    M_BAND_LOW,
    M_DEVIATION,
    M_FRESH_UNTIL,
    M_FUNDING_TIME,
    M_HEARTBEAT,
    M_INDEX,
    M_INDEX_TIME,
    M_MAX_AGE,
    M_MIN_SOURCES,
    M_N_SOURCES,
    M_OPEN_INTEREST,
    M_PREMIUM_TIME,
    M_QUOTE,
    M_RATE_SINCE,
    M_REPORTS_AT,
    M_STEP_FRACTION,
    M_STEP_PER,
    M_TRIM,
    M_TWAP,
    M_TWAP_WINDOW,
    S_PRICE,
    S_TIME,
    S_WEIGHT,
    SOURCE_WORDS,
)
from l2forge.engine.risk import scan_risk
from l2forge.rules.arith import product_exceeds
from l2forge.rules.jit import LOT_VALUE_LIMIT, Words
from l2forge.rules.oracle import MAX_REPORTS, aggregate, sort_reports
from l2forge.rules.prices import TWAP_SCALE_LOG, band_high, band_low, deviates, step_is_allowed, twap_after


@kernel
def oracle_report(s: Words) -> int:
    """ORACLE_REPORT: a source's newer price. Zero, negative and out-of-range prices never enter."""
    market = s[C_MARKET_AT]
    source = s[C_ACCOUNT]
    price = s[C_PRICE]
    if source >= s[market + M_N_SOURCES] or price <= 0 or price >= 1 << s[H_LOG_PRICE]:
        return R_RANGE
    if price * s[market + M_QUOTE] >= LOT_VALUE_LIMIT or s[C_AUX] < 0 or s[C_AUX] > s[C_TIME]:
        return R_RANGE
    row = s[market + M_REPORTS_AT] + source * SOURCE_WORDS
    if s[row + S_PRICE] != 0 and s[C_AUX] <= s[row + S_TIME]:
        return R_OLD_REPORT
    if s[C_TIME] - s[C_AUX] > s[market + M_MAX_AGE]:
        return R_OLD_REPORT
    s[row + S_PRICE] = price
    s[row + S_TIME] = s[C_AUX]
    return OK


@kernel
def _aggregated(s: Words, market: int) -> int:
    """The aggregate of the fresh reports; 0 when they are too few."""
    reports = s[market + M_REPORTS_AT]
    prices = reports + s[market + M_N_SOURCES] * SOURCE_WORDS
    weights = prices + MAX_REPORTS
    n = 0
    for i in range(s[market + M_N_SOURCES]):
        row = reports + i * SOURCE_WORDS
        if s[row + S_PRICE] != 0 and s[C_TIME] - s[row + S_TIME] <= s[market + M_MAX_AGE]:
            s[prices + n] = s[row + S_PRICE]
            s[weights + n] = s[row + S_WEIGHT]
            n += 1
    if n < s[market + M_MIN_SOURCES]:
        return 0
    sort_reports(s, prices, weights, n)
    return aggregate(s, prices, weights, n, s[market + M_AGGREGATE], s[market + M_TRIM])


@kernel
def _fresh_until(s: Words, market: int) -> int:
    """Until when min_sources of a tick's reports are fresh: the min_sources-th newest time plus max_age.

    Set by ticks alone: a report that no tick has used says nothing about the index (decision 10).
    """
    reports = s[market + M_REPORTS_AT]
    best = -1
    for i in range(s[market + M_N_SOURCES]):
        row = reports + i * SOURCE_WORDS
        n_as_new = 0
        for j in range(s[market + M_N_SOURCES]):
            other = reports + j * SOURCE_WORDS
            if s[other + S_PRICE] != 0 and s[other + S_TIME] >= s[row + S_TIME]:
                n_as_new += 1
        if s[row + S_PRICE] != 0 and n_as_new >= s[market + M_MIN_SOURCES]:
            best = max(best, s[row + S_TIME] + s[market + M_MAX_AGE])
    return best


@kernel
def _check_tick(s: Words, market: int, price: int, twap: int) -> int:
    """Whether the aggregated price may become the index: due, within the step, and within the value bound."""
    last = s[market + M_INDEX]
    elapsed = s[C_TIME] - s[market + M_INDEX_TIME]
    if last != 0:
        if elapsed < s[market + M_HEARTBEAT] and not deviates(last, price, s[market + M_DEVIATION]):
            return R_NOT_DUE
        fraction = s[market + M_STEP_FRACTION]
        if fraction != 0 and not step_is_allowed(last, price, fraction, s[market + M_STEP_PER], elapsed):
            return R_STEP
    top = max(price, (twap >> TWAP_SCALE_LOG) + 1) * s[market + M_QUOTE]
    if product_exceeds(s[market + M_OPEN_INTEREST], top, s[H_VALUE_LIMIT]):
        return R_STEP
    return OK if has_room_for_curve(s, market, price) else R_RANGE


@kernel
def oracle_tick(s: Words) -> int:
    """ORACLE_TICK: fresh reports become the index, and everything that depends on it follows.

    Funding accrues at the old price up to now, the TWAP takes the old price for the time it was in force, the
    curve is set or recentered, open-interest limits move, and accounts below maintenance enter the queue.
    """
    market = s[C_MARKET_AT]
    m = s[C_MARKET]
    now = s[C_TIME]
    price = _aggregated(s, market)
    if price == 0:
        return R_TOO_FEW_REPORTS
    first = s[market + M_INDEX] == 0
    twap = price << TWAP_SCALE_LOG
    if not first:
        elapsed = now - s[market + M_INDEX_TIME]
        twap = twap_after(s[market + M_TWAP], s[market + M_INDEX], elapsed, s[market + M_TWAP_WINDOW])
    reason = _check_tick(s, market, price, twap)
    if reason != OK:
        return reason
    accrue_funding(s, market, m)
    if first:
        s[market + M_FUNDING_TIME] = now
        s[market + M_RATE_SINCE] = now
        s[market + M_PREMIUM_TIME] = now
    s[market + M_TWAP] = twap
    s[market + M_INDEX] = price
    s[market + M_INDEX_TIME] = now
    s[market + M_FRESH_UNTIL] = _fresh_until(s, market)
    s[market + M_BAND_LOW] = band_low(price, s[market + M_BAND])
    s[market + M_BAND_HIGH] = band_high(price, s[market + M_BAND])
    set_curve(s, market, m, first)
    set_open_interest_limit(s, market)
    emit(s, EV_PRICE, 0, 0, price, twap)
    scan_risk(s, m)
    return OK
