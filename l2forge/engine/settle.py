"""What a fill does to two accounts: checks first, then cash, positions, fees, funding and open interest."""

from __future__ import annotations

from l2forge.engine.accounts import account_at, position_at
from l2forge.engine.codes import OK, POOL_ACCOUNT, R_MARGIN, R_OPEN_INTEREST
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    A_VOLUME_EPOCH,
    A_VOLUME_LAST,
    A_VOLUME_NOW,
    C_FORCED,
    C_MAKER_FEE,
    C_MARKET,
    C_MARKET_AT,
    C_TAKER_FEE,
    C_TIME,
    H_FEE_POOL,
    H_FEE_TIERS_AT,
    H_INSURANCE,
    H_N_AT_RISK,
    H_N_FEE_TIERS,
    M_FUNDING_CLEARING,
    M_FUNDING_HIGH,
    M_FUNDING_INDEX,
    M_FUNDING_LOW,
    M_MAKER_FEE,
    M_OI_LIMIT,
    M_OPEN_INTEREST,
    M_TAKER_FEE,
    P_COST,
    P_FUNDING,
    P_SIZE,
)
from l2forge.engine.risk import bucket_cash_at, fill_leaves_enough, review_risk
from l2forge.rules.arith import mul_div_floor
from l2forge.rules.fees import fee, sliding_volume
from l2forge.rules.jit import Words
from l2forge.rules.margin import funding_owed

MAKER_FAILS = 1 << 16
"""Added to the reason when it is the maker's side that cannot be filled."""

INTO_BOOK = 1
TAKEOVER = 2
"""Values of C_FORCED: how a liquidation closes the position."""

VOLUME_WINDOW_MS = 30 * 86_400_000
FEE_TIER_WORDS = 3  # volume from, maker e12, taker e12


@kernel
def growth_of_longs(size: int, lots: int) -> int:
    """How much the sum of long positions grows when a position of `size` changes by `lots`."""
    return max(size + lots, 0) - max(size, 0)


@kernel
def fee_rate(s: Words, account: int, base_rate: int, column: int) -> int:
    """The account's rate: the market's, or that of its 30-day volume tier when that is lower.

    column 1 maker, 2 taker. Tiers rise by volume.
    """
    if s[H_N_FEE_TIERS] == 0:
        return base_rate
    row = account_at(s, account)
    epoch = s[C_TIME] // VOLUME_WINDOW_MS
    elapsed = s[C_TIME] % VOLUME_WINDOW_MS
    behind = epoch - s[row + A_VOLUME_EPOCH]
    volume = 0
    if behind == 0:
        volume = sliding_volume(s[row + A_VOLUME_LAST], s[row + A_VOLUME_NOW], elapsed, VOLUME_WINDOW_MS)
    elif behind == 1:
        volume = sliding_volume(s[row + A_VOLUME_NOW], 0, elapsed, VOLUME_WINDOW_MS)
    rate = base_rate
    for i in range(s[H_N_FEE_TIERS]):
        tier = s[H_FEE_TIERS_AT] + i * FEE_TIER_WORDS
        if volume >= s[tier]:
            rate = min(base_rate, s[tier + column])
    return rate


@kernel
def add_volume(s: Words, account: int, notional: int) -> None:
    """Count a fill towards the account's 30-day volume; saturates at 2^59."""
    if s[H_N_FEE_TIERS] == 0:
        return
    row = account_at(s, account)
    epoch = s[C_TIME] // VOLUME_WINDOW_MS
    behind = epoch - s[row + A_VOLUME_EPOCH]
    if behind != 0:
        s[row + A_VOLUME_LAST] = s[row + A_VOLUME_NOW] if behind == 1 else 0
        s[row + A_VOLUME_NOW] = 0
        s[row + A_VOLUME_EPOCH] = epoch
    s[row + A_VOLUME_NOW] = min(1 << 59, s[row + A_VOLUME_NOW] + notional)


@kernel
def settle_funding(s: Words, market: int, account: int, m: int) -> None:
    """Move what the position owes to the market's clearing balance; equity does not change."""
    p = position_at(s, account, m)
    owed = funding_owed(s[p + P_SIZE], s[market + M_FUNDING_INDEX], s[p + P_FUNDING])
    s[bucket_cash_at(s, account, m)] -= owed
    s[market + M_FUNDING_CLEARING] += owed
    s[p + P_FUNDING] = s[market + M_FUNDING_INDEX]


@kernel
def cost_after(size: int, cost: int, lots: int, paid: int) -> int:
    """Cost of the position after a change of `lots` for `paid` (both signed).

    Growing adds what was paid; shrinking leaves cost·(new size/size), cut towards zero; turning starts anew
    with the part of what was paid that opened the new side.
    """
    if size == 0 or (size > 0) == (lots > 0):
        return cost + paid
    new_size = size + lots
    if new_size == 0:
        return 0
    if (new_size > 0) == (size > 0):
        kept = mul_div_floor(abs(cost), abs(new_size), abs(size))
        return kept if cost >= 0 else -kept
    opened = mul_div_floor(abs(paid), abs(new_size), abs(lots))
    return opened if paid >= 0 else -opened


@kernel
def change_position(s: Words, account: int, lots: int, paid: int, fee_paid: int) -> None:
    """Apply one side: settle funding, move cash by −paid − fee, size by lots. All three may be negative."""
    m = s[C_MARKET]
    market = s[C_MARKET_AT]
    settle_funding(s, market, account, m)
    p = position_at(s, account, m)
    s[p + P_COST] = cost_after(s[p + P_SIZE], s[p + P_COST], lots, paid)
    s[p + P_SIZE] += lots
    s[bucket_cash_at(s, account, m)] -= paid + fee_paid
    s[H_FEE_POOL] += fee_paid


@kernel
def update_open_interest(s: Words, market: int, growth: int) -> None:
    """Change the sum of longs; when it reaches zero, what rounding left in clearing goes to the insurance
    fund.
    """
    s[market + M_OPEN_INTEREST] += growth
    if s[market + M_OPEN_INTEREST] == 0:
        s[H_INSURANCE] += s[market + M_FUNDING_CLEARING]
        s[market + M_FUNDING_CLEARING] = 0
        s[market + M_FUNDING_LOW] = s[market + M_FUNDING_INDEX]
        s[market + M_FUNDING_HIGH] = s[market + M_FUNDING_INDEX]


@kernel
def settle_fill(s: Words, maker: int, taker: int, lots: int, notional: int) -> int:
    """Exchange `lots` (signed, the taker's change) for `notional`; returns OK or why not.

    1. Open interest stays within its limit, unless it does not grow.
    2. Taker, then maker, end at or above initial margin or strictly better off (fill_is_allowed); the pool
       and an account in liquidation are exempt.
    3. Fees by rate; in a liquidation none for the taker and no rebate for the maker, in a takeover none at
       all; the pool neither pays nor gets any.
    Nothing changes unless the result is OK. Fees are left in C_MAKER_FEE and C_TAKER_FEE.
    """
    m = s[C_MARKET]
    market = s[C_MARKET_AT]
    maker_size = s[position_at(s, maker, m) + P_SIZE]
    taker_size = s[position_at(s, taker, m) + P_SIZE]
    growth = growth_of_longs(maker_size, -lots) + growth_of_longs(taker_size, lots)
    if growth > 0 and s[market + M_OPEN_INTEREST] + growth > s[market + M_OI_LIMIT]:
        return R_OPEN_INTEREST
    forced = s[C_FORCED]
    paid = notional if lots > 0 else -notional
    taker_fee = 0 if forced else fee(notional, fee_rate(s, taker, s[market + M_TAKER_FEE], 2))
    maker_fee = 0
    if maker != POOL_ACCOUNT and forced != TAKEOVER:
        maker_fee = fee(notional, fee_rate(s, maker, s[market + M_MAKER_FEE], 1))
        if forced:
            maker_fee = max(0, maker_fee)
    if not forced and not fill_leaves_enough(s, taker, m, lots, -paid - taker_fee):
        return R_MARGIN
    if maker != POOL_ACCOUNT and not fill_leaves_enough(s, maker, m, -lots, paid - maker_fee):
        return R_MARGIN | MAKER_FAILS
    change_position(s, taker, lots, paid, taker_fee)
    change_position(s, maker, -lots, -paid, maker_fee)
    update_open_interest(s, market, growth)
    add_volume(s, taker, notional)
    add_volume(s, maker, notional)
    s[C_TAKER_FEE] = taker_fee
    s[C_MAKER_FEE] = maker_fee
    if s[H_N_AT_RISK] != 0:
        review_risk(s, taker)
        review_risk(s, maker)
    return OK


@kernel
def reducible_lots(s: Words, account: int, m: int, is_ask: bool) -> int:
    """Lots that an order on this side can close of the account's position."""
    size = s[position_at(s, account, m) + P_SIZE]
    return max(0, size if is_ask else -size)
