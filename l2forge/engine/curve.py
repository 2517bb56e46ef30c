"""The curve: what it asks and pays, how much of it an order may take, recentering, LP shares.

The pool is account 0: its positions are minus those of all traders against it. Only the reserves (constant
product) or the pool's exposure at the index (oracle pool) decide prices.
"""

from __future__ import annotations

from l2forge.engine.accounts import account_at, position_at
from l2forge.engine.codes import (
    ASK,
    CONSTANT_PRODUCT,
    EV_BALANCE,
    EV_RECENTERED,
    NO_CURVE,
    OK,
    ORACLE_POOL,
    POOL_ACCOUNT,
    R_ACCOUNT_UNKNOWN,
    R_BACKING,
    R_BALANCE,
    R_EXPOSURE,
    R_LIMIT_PRICE,
    R_MARGIN,
    R_NOT_SUPPORTED,
    R_RANGE,
    R_REDUCE_ONLY,
    R_SLIPPAGE,
    R_STALE,
    REDUCE_ONLY,
)
from l2forge.engine.events import emit, emit_amount
from l2forge.engine.funding import pool_exposure
from l2forge.engine.funds import add_cash, fits_cash, has_spare, is_user
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    A_CASH,
    A_SHARES,
    C_ACCOUNT,
    C_FLAGS,
    C_MARKET,
    C_SIZE,
    E_AMOUNT,
    H_CURVE,
    H_FEE_POOL,
    H_MAX_SLIPPAGE,
    H_RECENTER,
    H_SHARES,
    M_DEPTH,
    M_INDEX,
    M_MAX_EXPOSURE,
    M_QUOTE,
    M_RESERVE_LOTS,
    M_RESERVE_QUOTE,
    P_SIZE,
)
from l2forge.engine.match import note_fill
from l2forge.engine.risk import bucket_equity, bucket_is_fresh, cross_totals, lot_value
from l2forge.engine.settle import reducible_lots, settle_fill
from l2forge.rules import constant_product as cp
from l2forge.rules import oracle_pool as op
from l2forge.rules.arith import mul_rate_floor
from l2forge.rules.constant_product import RESERVE_LOTS_LIMIT, RESERVE_QUOTE_LIMIT
from l2forge.rules.jit import DEPOSIT_LIMIT, Words

_buy_constant = cp.cost_of_buying
_sell_constant = cp.proceeds_of_selling
_lots_constant = cp.lots_to_price
_slips_constant = cp.slips_too_far
_buy_pool = op.cost_of_buying
_sell_pool = op.proceeds_of_selling
_lots_pool = op.lots_to_price
_slips_pool = op.slips_too_far
_marginal_pool = op.marginal_value
_is_far = cp.is_far
_unwind_value = cp.unwind_value
_recentered_lots = cp.recentered_lots
_minted_shares = op.minted_shares
_burned_amount = op.burned_amount


@kernel
def curve_notional(s: Words, market: int, lots: int, buys: bool) -> int:
    """Collateral units for `lots` on the curve, rounded for the pool; the lots were checked to be there."""
    if s[H_CURVE] == CONSTANT_PRODUCT:
        x = s[market + M_RESERVE_LOTS]
        y = s[market + M_RESERVE_QUOTE]
        return _buy_constant(x, y, lots) if buys else _sell_constant(x, y, lots)
    exposure = pool_exposure(s, market, s[C_MARKET])
    value = lot_value(s, market)
    depth = s[market + M_DEPTH]
    return _buy_pool(value, lots, exposure, depth) if buys else _sell_pool(value, lots, exposure, depth)


@kernel
def room_on_curve(s: Words, market: int, buys: bool) -> int:
    """Lots that exposure and reserves allow on this side: traders' net stays within max_exposure at the
    index.
    """
    pool = s[position_at(s, POOL_ACCOUNT, s[C_MARKET]) + P_SIZE]
    cap = s[market + M_MAX_EXPOSURE] // lot_value(s, market)
    room = max(0, cap + pool if buys else cap - pool)
    if s[H_CURVE] == CONSTANT_PRODUCT:
        x = s[market + M_RESERVE_LOTS]
        room = min(room, x - 1 if buys else RESERVE_LOTS_LIMIT - 1 - x)
    return room


@kernel
def backing_is_spent(s: Words) -> bool:
    """Whether the pool's equity is used up: then it only takes trades that reduce the trader's position."""
    return bucket_equity(s, POOL_ACCOUNT, s[C_MARKET]) <= 0


@kernel
def _within_slippage(s: Words, market: int, target: int, buys: bool) -> int:
    """The lot value `target`, or the edge of max_slippage around the marginal value when that is nearer."""
    if s[H_CURVE] == CONSTANT_PRODUCT:
        marginal = s[market + M_RESERVE_QUOTE] // s[market + M_RESERVE_LOTS]
    else:
        exposure = pool_exposure(s, market, s[C_MARKET])
        marginal = _marginal_pool(lot_value(s, market), exposure, s[market + M_DEPTH])
    allowance = mul_rate_floor(marginal, s[H_MAX_SLIPPAGE])
    return min(target, marginal + allowance) if buys else max(target, marginal - allowance)


@kernel
def lots_on_curve(s: Words, market: int, price: int, most: int) -> int:
    """Lots, at most `most`, that the command's order can take with the marginal price no worse than
    `price`.
    """
    if s[H_CURVE] == NO_CURVE or most <= 0:
        return 0
    buys = s[C_FLAGS] & ASK == 0
    target = max(1, _within_slippage(s, market, price * s[market + M_QUOTE], buys))
    if s[H_CURVE] == CONSTANT_PRODUCT:
        lots = _lots_constant(s[market + M_RESERVE_LOTS], s[market + M_RESERVE_QUOTE], target, buys)
    else:
        exposure = pool_exposure(s, market, s[C_MARKET])
        lots = _lots_pool(lot_value(s, market), exposure, s[market + M_DEPTH], target, buys)
    lots = min(min(lots, most), room_on_curve(s, market, buys))
    if lots > 0 and backing_is_spent(s):
        lots = min(lots, reducible_lots(s, s[C_ACCOUNT], s[C_MARKET], not buys))
    if lots <= 0:
        return 0
    limit = price * s[market + M_QUOTE] * lots
    notional = curve_notional(s, market, lots, buys)
    return lots if (notional <= limit if buys else notional >= limit) else 0


@kernel
def take_from_curve(s: Words, market: int, lots: int) -> int:
    """Fill `lots` of the command's order on the curve; OK, or why nothing happened."""
    buys = s[C_FLAGS] & ASK == 0
    notional = curve_notional(s, market, lots, buys)
    verdict = settle_fill(s, POOL_ACCOUNT, s[C_ACCOUNT], lots if buys else -lots, notional)
    if verdict != OK:
        return verdict
    if s[H_CURVE] == CONSTANT_PRODUCT:
        s[market + M_RESERVE_LOTS] += -lots if buys else lots
        s[market + M_RESERVE_QUOTE] += notional if buys else -notional
    note_fill(s, POOL_ACCOUNT, 0, notional // (lots * s[market + M_QUOTE]), lots, notional)
    return OK


@kernel
def _slips(s: Words, market: int, lots: int, notional: int, buys: bool) -> int:
    """Whether the whole trade is further than max_slippage from the marginal price before it."""
    slippage = s[H_MAX_SLIPPAGE]
    if s[H_CURVE] == CONSTANT_PRODUCT:
        x = s[market + M_RESERVE_LOTS]
        return _slips_constant(x, s[market + M_RESERVE_QUOTE], lots, notional, slippage, buys)
    exposure = pool_exposure(s, market, s[C_MARKET])
    return _slips_pool(lot_value(s, market), lots, exposure, s[market + M_DEPTH], notional, slippage)


@kernel
def swap(s: Words, market: int, limit: int, lots: int) -> int:
    """The whole order on the curve, or nothing: OK or the reason.

    Exposure and reserves, backing, the order's limit on the average price, slippage, then the fill's own
    rules.
    """
    buys = s[C_FLAGS] & ASK == 0
    if s[C_FLAGS] & REDUCE_ONLY:
        lots = min(lots, reducible_lots(s, s[C_ACCOUNT], s[C_MARKET], not buys))
        if lots == 0:
            return R_REDUCE_ONLY
    if lots > room_on_curve(s, market, buys):
        return R_EXPOSURE
    if backing_is_spent(s) and lots > reducible_lots(s, s[C_ACCOUNT], s[C_MARKET], not buys):
        return R_BACKING
    notional = curve_notional(s, market, lots, buys)
    worst = limit * s[market + M_QUOTE] * lots
    if notional > worst if buys else notional < worst:
        return R_LIMIT_PRICE
    if _slips(s, market, lots, notional, buys):
        return R_SLIPPAGE
    if s[market + M_RESERVE_QUOTE] + notional >= RESERVE_QUOTE_LIMIT:
        return R_EXPOSURE
    verdict = take_from_curve(s, market, lots)
    return verdict & 0xFFFF


@kernel
def has_room_for_curve(s: Words, market: int, price: int) -> bool:
    """Whether the curve's reserves at this index stay within their bounds."""
    if s[H_CURVE] != CONSTANT_PRODUCT:
        return True
    quote = max(s[market + M_DEPTH], s[market + M_RESERVE_QUOTE])
    return _recentered_lots(quote, price * s[market + M_QUOTE]) < RESERVE_LOTS_LIMIT


@kernel
def set_curve(s: Words, market: int, m: int, first: int) -> None:
    """At the first index lay out the virtual reserves; later move a curve back that is too far from it.

    Recentering changes what traders' net position is worth on the curve; a gain of theirs is paid to the pool
    from the fee pool first, and where that does not suffice the curve stays.
    """
    if s[H_CURVE] != CONSTANT_PRODUCT:
        return
    value = lot_value(s, market)
    if first:
        s[market + M_RESERVE_QUOTE] = s[market + M_DEPTH]
        s[market + M_RESERVE_LOTS] = _recentered_lots(s[market + M_DEPTH], value)
        return
    x = s[market + M_RESERVE_LOTS]
    y = s[market + M_RESERVE_QUOTE]
    if s[H_RECENTER] == 0 or not _is_far(x, y, value, s[H_RECENTER]):
        return
    moved = _recentered_lots(y, value)
    traders = -s[position_at(s, POOL_ACCOUNT, m) + P_SIZE]
    if moved <= max(0, traders) or moved + max(0, -traders) >= RESERVE_LOTS_LIMIT:
        return
    cost = max(0, _unwind_value(moved, y, traders) - _unwind_value(x, y, traders))
    if cost > s[H_FEE_POOL]:
        return
    s[H_FEE_POOL] -= cost
    s[account_at(s, POOL_ACCOUNT) + A_CASH] += cost
    s[market + M_RESERVE_LOTS] = moved
    at = emit(s, EV_RECENTERED, 0, 0, s[market + M_INDEX], moved)
    s[at + E_AMOUNT] = cost


@kernel
def _check_shares(s: Words) -> int:
    """What minting and burning have in common."""
    if s[H_CURVE] != ORACLE_POOL:
        return R_NOT_SUPPORTED
    if not is_user(s, s[C_ACCOUNT]):
        return R_ACCOUNT_UNKNOWN
    if s[C_SIZE] <= 0 or s[C_SIZE] >= DEPOSIT_LIMIT >> 2:
        return R_RANGE
    if not bucket_is_fresh(s, POOL_ACCOUNT, s[C_MARKET]):
        return R_STALE
    spot, _, _ = cross_totals(s, POOL_ACCOUNT, False)
    slow, _, _ = cross_totals(s, POOL_ACCOUNT, True)
    if min(spot, slow) <= 0 or max(spot, slow) >= DEPOSIT_LIMIT >> 2:
        return R_BACKING
    return OK


@kernel
def _pool_equity(s: Words, burns: bool) -> int:
    """The pool's equity that shares are reckoned at: of index and TWAP the one that is worse for who acts."""
    spot, _, _ = cross_totals(s, POOL_ACCOUNT, False)
    slow, _, _ = cross_totals(s, POOL_ACCOUNT, True)
    return min(spot, slow) if burns else max(spot, slow)


@kernel
def mint_shares(s: Words) -> int:
    """MINT_SHARES: cash becomes part of the pool at its equity, the higher of index and TWAP; rounded for
    the pool.
    """
    reason = _check_shares(s)
    if reason != OK:
        return reason
    amount = s[C_SIZE]
    account = s[C_ACCOUNT]
    total = _pool_equity(s, False)
    if not has_spare(s, account, amount):
        return R_MARGIN
    if not fits_cash(s, account, -amount) or not fits_cash(s, POOL_ACCOUNT, amount):
        return R_RANGE
    if s[H_SHARES] > 4 * total:
        return R_BACKING  # a pool that lost three quarters takes no newcomers: shares stay in range
    shares = _minted_shares(amount, total, s[H_SHARES])
    if shares <= 0 or s[H_SHARES] + shares >= DEPOSIT_LIMIT:
        return R_RANGE
    s[account_at(s, account) + A_SHARES] += shares
    s[H_SHARES] += shares
    add_cash(s, account, -amount)
    s[account_at(s, POOL_ACCOUNT) + A_CASH] += amount
    emit_amount(s, EV_BALANCE, account, POOL_ACCOUNT, -amount)
    return OK


@kernel
def burn_shares(s: Words) -> int:
    """BURN_SHARES: shares become cash at the pool's equity, the lower of index and TWAP; what is left must
    cover the pool's initial margin at both.
    """
    reason = _check_shares(s)
    if reason != OK:
        return reason
    shares = s[C_SIZE]
    account = s[C_ACCOUNT]
    if shares > s[account_at(s, account) + A_SHARES]:
        return R_BALANCE
    amount = _burned_amount(shares, _pool_equity(s, True), s[H_SHARES])
    if not has_spare(s, POOL_ACCOUNT, amount):
        return R_BACKING
    if not fits_cash(s, account, amount) or not fits_cash(s, POOL_ACCOUNT, -amount):
        return R_RANGE
    s[account_at(s, account) + A_SHARES] -= shares
    s[H_SHARES] -= shares
    s[account_at(s, POOL_ACCOUNT) + A_CASH] -= amount
    add_cash(s, account, amount)
    emit_amount(s, EV_BALANCE, account, POOL_ACCOUNT, amount)
    return OK
