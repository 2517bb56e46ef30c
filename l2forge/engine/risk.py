"""Margin of an account's bucket: the cross bucket, or one isolated position."""

from __future__ import annotations

from l2forge.engine.accounts import account_at, position_at
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    A_CASH,
    ACCOUNT_WORDS,
    C_TIME,
    H_ACCOUNT_WORDS,
    H_ACCOUNTS_USED,
    H_MARKETS_AT,
    H_N_AT_RISK,
    H_N_MARKETS,
    H_VALUE_LIMIT,
    M_FRESH_UNTIL,
    M_FUNDING_INDEX,
    M_INDEX,
    M_OI_LOWER,
    M_OI_UPPER,
    M_OPEN_INTEREST,
    M_QUOTE,
    M_TIERS_AT,
    M_TWAP,
    MARKET_WORDS,
    P_ASKS,
    P_AT_RISK,
    P_BIDS,
    P_CASH,
    P_FUNDING,
    P_LEAST_RATE,
    P_MODE,
    P_RISK_BASE,
    P_RISK_TIME,
    P_SIZE,
    POSITION_WORDS,
)
from l2forge.rules.arith import product_exceeds
from l2forge.rules.jit import CASH_LIMIT, Words
from l2forge.rules.liquidation import is_liquidatable
from l2forge.rules.margin import (
    INITIAL,
    equity,
    fill_is_allowed,
    funding_owed,
    initial_margin,
    maintenance_margin,
    position_value,
    scaled_rate_e12,
)
from l2forge.rules.prices import TWAP_SCALE_LOG


@kernel
def market_at(s: Words, m: int) -> int:
    """Offset of market number m."""
    return s[H_MARKETS_AT] + m * MARKET_WORDS


@kernel
def lot_value(s: Words, market: int) -> int:
    """Collateral units of one lot at the index."""
    return s[market + M_INDEX] * s[market + M_QUOTE]


@kernel
def least_rate(s: Words, market: int, p: int) -> int:
    """Initial rate below which this position's margin may not be: the account's choice, and open
    interest's.
    """
    rate = s[p + P_LEAST_RATE]
    if s[market + M_OI_UPPER] == 0:
        return rate
    interest = s[market + M_OPEN_INTEREST] * lot_value(s, market)
    base = s[s[market + M_TIERS_AT] + INITIAL]
    return max(rate, scaled_rate_e12(base, interest, s[market + M_OI_LOWER], s[market + M_OI_UPPER]))


@kernel
def bucket_cash_at(s: Words, account: int, m: int) -> int:
    """Offset of the cash word that backs the account's position in market m."""
    p = position_at(s, account, m)
    return p + P_CASH if s[p + P_MODE] else account_at(s, account) + A_CASH


@kernel
def _totals(s: Words, row: int, m: int, isolated: int, at_twap: bool) -> tuple[int, int, int]:
    """(value less funding owed, initial margin, maintenance margin) of the cross positions, or of one."""
    first = m if isolated else 0
    last = m + 1 if isolated else s[H_N_MARKETS]
    value = 0
    owed = 0
    initial = 0
    maintenance = 0
    for j in range(first, last):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        size = s[p + P_SIZE]
        if size == 0 or s[p + P_MODE] != isolated:
            continue
        market = market_at(s, j)
        price = s[market + M_TWAP] >> TWAP_SCALE_LOG if at_twap else s[market + M_INDEX]
        worth = position_value(size, price, s[market + M_QUOTE])
        value += worth
        owed += funding_owed(size, s[market + M_FUNDING_INDEX], s[p + P_FUNDING])
        tiers = s[market + M_TIERS_AT]
        initial += initial_margin(abs(worth), s, tiers, least_rate(s, market, p))
        maintenance += maintenance_margin(abs(worth), s, tiers)
    return value - owed, initial, maintenance


@kernel
def bucket_totals(s: Words, account: int, m: int, at_twap: bool) -> tuple[int, int, int]:
    """(equity, initial margin, maintenance margin) of the bucket that holds market m."""
    row = account_at(s, account)
    p = row + ACCOUNT_WORDS + m * POSITION_WORDS
    isolated = s[p + P_MODE]
    value, initial, maintenance = _totals(s, row, m, isolated, at_twap)
    return equity(s[p + P_CASH if isolated else row + A_CASH], value), initial, maintenance


@kernel
def cross_totals(s: Words, account: int, at_twap: bool) -> tuple[int, int, int]:
    """(equity, initial margin, maintenance margin) of the cross bucket."""
    row = account_at(s, account)
    value, initial, maintenance = _totals(s, row, 0, 0, at_twap)
    return equity(s[row + A_CASH], value), initial, maintenance


@kernel
def _after_fill(s: Words, row: int, m: int, isolated: int, lots: int) -> tuple[int, int]:
    """(value less funding owed, initial margin) of the bucket if market m's size changed by `lots`."""
    first = m if isolated else 0
    last = m + 1 if isolated else s[H_N_MARKETS]
    value = 0
    initial = 0
    for j in range(first, last):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        size = s[p + P_SIZE]
        after = size + lots if j == m else size
        if (size == 0 and after == 0) or s[p + P_MODE] != isolated:
            continue
        market = market_at(s, j)
        worth = position_value(after, s[market + M_INDEX], s[market + M_QUOTE])
        value += worth - funding_owed(size, s[market + M_FUNDING_INDEX], s[p + P_FUNDING])
        initial += initial_margin(abs(worth), s, s[market + M_TIERS_AT], least_rate(s, market, p))
    return value, initial


@kernel
def bucket_equity(s: Words, account: int, m: int) -> int:
    """Equity of the bucket that holds market m, at the index."""
    row = account_at(s, account)
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    first = m if isolated else 0
    last = m + 1 if isolated else s[H_N_MARKETS]
    total = s[bucket_cash_at(s, account, m)]
    for j in range(first, last):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        size = s[p + P_SIZE]
        if size != 0 and s[p + P_MODE] == isolated:
            market = market_at(s, j)
            total += position_value(size, s[market + M_INDEX], s[market + M_QUOTE])
            total -= funding_owed(size, s[market + M_FUNDING_INDEX], s[p + P_FUNDING])
    return total


@kernel
def fill_leaves_enough(s: Words, account: int, m: int, lots: int, cash_change: int) -> bool:
    """Whether the account may take `lots` (signed) for `cash_change` (fees included); changes nothing.

    The open-interest limit was checked before, so the new size times the lot's value is below VALUE_LIMIT.
    """
    row = account_at(s, account)
    cash = s[bucket_cash_at(s, account, m)] + cash_change
    if abs(cash) >= CASH_LIMIT:
        return False
    p = row + ACCOUNT_WORDS + m * POSITION_WORDS
    value, new_initial = _after_fill(s, row, m, s[p + P_MODE], lots)
    new_equity = equity(cash, value)
    if new_equity >= new_initial:
        return True
    size = s[p + P_SIZE]
    new_size = size + lots
    if abs(new_size) >= abs(size) or (new_size != 0 and (new_size > 0) != (size > 0)):
        return False
    market = market_at(s, m)
    tiers = s[market + M_TIERS_AT]
    lot = lot_value(s, market)
    old_equity, _, old_maintenance = bucket_totals(s, account, m, False)
    released = maintenance_margin(abs(size) * lot, s, tiers) - maintenance_margin(
        abs(new_size) * lot, s, tiers
    )
    new_maintenance = old_maintenance - released
    return fill_is_allowed(new_equity, new_initial, True, old_equity, old_maintenance, new_maintenance)


@kernel
def order_reduces(s: Words, p: int, is_ask: bool, lots: int) -> bool:
    """Whether the order, with the account's others on its side, can only shrink the position at p."""
    size = s[p + P_SIZE]
    if is_ask:
        return s[p + P_ASKS] + lots <= size
    return s[p + P_BIDS] + lots <= -size


@kernel
def orders_leave_enough(s: Words, account: int, m: int, bids: int, asks: int) -> bool:
    """Whether equity covers the initial margin if the worse side of each market's resting orders filled.

    `bids` and `asks` are lots added to market m. Prices are the index's; changes nothing.
    """
    row = account_at(s, account)
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    total = bucket_equity(s, account, m)
    first = m if isolated else 0
    last = m + 1 if isolated else s[H_N_MARKETS]
    required = 0
    for j in range(first, last):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        if s[p + P_MODE] != isolated:
            continue
        long = s[p + P_SIZE] + s[p + P_BIDS]
        short = s[p + P_ASKS] - s[p + P_SIZE]
        if j == m:
            long += bids
            short += asks
        exposure = max(long, short)
        if exposure <= 0:
            continue
        market = market_at(s, j)
        value = lot_value(s, market)
        if product_exceeds(exposure, value, s[H_VALUE_LIMIT]):
            return False
        required += initial_margin(exposure * value, s, s[market + M_TIERS_AT], least_rate(s, market, p))
    return total >= required


@kernel
def below_maintenance(s: Words, account: int, m: int) -> bool:
    """Whether the bucket of market m is below maintenance at the index and at the TWAP."""
    spot, _, spot_maintenance = bucket_totals(s, account, m, False)
    if spot >= spot_maintenance:
        return False
    slow, _, slow_maintenance = bucket_totals(s, account, m, True)
    return is_liquidatable(spot, spot_maintenance, slow, slow_maintenance)


@kernel
def _is_healthy(s: Words, account: int, m: int) -> bool:
    """Whether the bucket of market m is at or above maintenance at the index: the scan's common case."""
    row = account_at(s, account)
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    first = m if isolated else 0
    last = m + 1 if isolated else s[H_N_MARKETS]
    left = s[bucket_cash_at(s, account, m)]
    for j in range(first, last):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        size = s[p + P_SIZE]
        if size != 0 and s[p + P_MODE] == isolated:
            market = market_at(s, j)
            worth = position_value(size, s[market + M_INDEX], s[market + M_QUOTE])
            left += worth - funding_owed(size, s[market + M_FUNDING_INDEX], s[p + P_FUNDING])
            left -= maintenance_margin(abs(worth), s, s[market + M_TIERS_AT])
    return left >= 0


@kernel
def mark_risk(s: Words, account: int, m: int) -> None:
    """Put the bucket's positions into the liquidation queue, or take them out, as its margin says."""
    row = account_at(s, account)
    risky = 1 if below_maintenance(s, account, m) else 0
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    for j in range(s[H_N_MARKETS]):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        if s[p + P_MODE] != isolated or (isolated and j != m):
            continue
        wanted = risky if s[p + P_SIZE] != 0 else 0
        if s[p + P_AT_RISK] != wanted:
            s[H_N_AT_RISK] += wanted - s[p + P_AT_RISK]
            s[p + P_AT_RISK] = wanted
            s[p + P_RISK_BASE] = abs(s[p + P_SIZE]) * wanted
            s[p + P_RISK_TIME] = -wanted


@kernel
def review_risk(s: Words, account: int) -> None:
    """mark_risk for the account's buckets that are in the queue: after its cash or positions changed."""
    row = account_at(s, account)
    for j in range(s[H_N_MARKETS]):
        if s[row + ACCOUNT_WORDS + j * POSITION_WORDS + P_AT_RISK]:
            mark_risk(s, account, j)


@kernel
def scan_risk(s: Words, m: int) -> None:
    """mark_risk for every account with a position in market m: after its index or funding moved."""
    stride = s[H_ACCOUNT_WORDS]
    p = position_at(s, 0, m)
    for account in range(1, s[H_ACCOUNTS_USED]):
        p += stride
        if s[p + P_SIZE] != 0 and (s[p + P_AT_RISK] != 0 or not _is_healthy(s, account, m)):
            mark_risk(s, account, m)


@kernel
def bucket_is_fresh(s: Words, account: int, m: int) -> bool:
    """Whether every market with a position in the bucket of market m has a fresh price."""
    row = account_at(s, account)
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    for j in range(s[H_N_MARKETS]):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        if s[p + P_SIZE] == 0 or s[p + P_MODE] != isolated or (isolated and j != m):
            continue
        if s[C_TIME] > s[market_at(s, j) + M_FRESH_UNTIL]:
            return False
    return True


@kernel
def bucket_is_flat(s: Words, account: int, m: int) -> bool:
    """Whether the bucket of market m has no position left."""
    row = account_at(s, account)
    isolated = s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE]
    if isolated:
        return s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_SIZE] == 0
    for j in range(s[H_N_MARKETS]):
        p = row + ACCOUNT_WORDS + j * POSITION_WORDS
        if s[p + P_SIZE] != 0 and s[p + P_MODE] == 0:
            return False
    return True
