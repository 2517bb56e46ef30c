"""Commands that move cash or set an account's margin mode, and the venue's clock."""

from __future__ import annotations

from l2forge.engine.accounts import account_at, is_open, open_account, position_at
from l2forge.engine.codes import (
    EV_BALANCE,
    FUND_INSURANCE,
    ISOLATED,
    NO_CURVE,
    OK,
    POOL_ACCOUNT,
    R_ACCOUNT_UNKNOWN,
    R_BALANCE,
    R_MARGIN,
    R_NOT_DUE,
    R_NOT_SUPPORTED,
    R_POSITION_OPEN,
    R_RANGE,
)
from l2forge.engine.events import emit_amount
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    A_CASH,
    C_ACCOUNT,
    C_AUX,
    C_FLAGS,
    C_MARKET,
    C_SIZE,
    C_TIME,
    H_CROSS_ALLOWED,
    H_CURVE,
    H_DEPOSITS,
    H_FEE_POOL,
    H_INSURANCE,
    H_ISOLATED_ALLOWED,
    H_NOW,
    H_UNPROVEN_SINCE,
    H_WITHDRAWALS,
    P_ASKS,
    P_BIDS,
    P_CASH,
    P_LEAST_RATE,
    P_MODE,
    P_SIZE,
)
from l2forge.engine.risk import bucket_totals, cross_totals, review_risk
from l2forge.rules.jit import CASH_LIMIT, DEPOSIT_LIMIT, RATE_SCALE, Words
from l2forge.rules.margin import may_leave


@kernel
def is_user(s: Words, account: int) -> bool:
    """Whether the account exists and is not the curve's pool."""
    return account != POOL_ACCOUNT and is_open(s, account)


@kernel
def has_spare(s: Words, account: int, amount: int) -> bool:
    """Whether the cross bucket stays at or above initial margin without `amount`, at index and TWAP."""
    spot, spot_initial, _ = cross_totals(s, account, False)
    slow, slow_initial, _ = cross_totals(s, account, True)
    return may_leave(amount, spot, spot_initial, slow, slow_initial)


@kernel
def has_isolated_spare(s: Words, account: int, m: int, amount: int) -> bool:
    """has_spare of the isolated position in market m."""
    spot, spot_initial, _ = bucket_totals(s, account, m, False)
    slow, slow_initial, _ = bucket_totals(s, account, m, True)
    return may_leave(amount, spot, spot_initial, slow, slow_initial)


@kernel
def add_cash(s: Words, account: int, amount: int) -> None:
    """Change cross cash; the caller has checked CASH_LIMIT. An account at risk may leave the queue by it."""
    s[account_at(s, account) + A_CASH] += amount
    review_risk(s, account)


@kernel
def fits_cash(s: Words, account: int, amount: int) -> bool:
    """Whether cross cash stays within its bound."""
    return abs(s[account_at(s, account) + A_CASH] + amount) < CASH_LIMIT


@kernel
def deposit(s: Words) -> int:
    """DEPOSIT: collateral that arrived on L1; opens the account."""
    account = s[C_ACCOUNT]
    amount = s[C_SIZE]
    if account == POOL_ACCOUNT:
        return R_ACCOUNT_UNKNOWN
    if amount <= 0 or amount >= DEPOSIT_LIMIT or s[H_DEPOSITS] + amount >= DEPOSIT_LIMIT:
        return R_RANGE
    if not is_open(s, account):
        open_account(s, account)
    elif not fits_cash(s, account, amount):
        return R_RANGE
    s[H_DEPOSITS] += amount
    add_cash(s, account, amount)
    emit_amount(s, EV_BALANCE, account, 0, amount)
    return OK


@kernel
def withdraw(s: Words) -> int:
    """WITHDRAW: cross cash, as far as equity stays at or above initial margin at index and TWAP."""
    account = s[C_ACCOUNT]
    amount = s[C_SIZE]
    if not is_user(s, account):
        return R_ACCOUNT_UNKNOWN
    if amount <= 0 or amount >= DEPOSIT_LIMIT or not fits_cash(s, account, -amount):
        return R_RANGE
    if not has_spare(s, account, amount):
        return R_MARGIN
    s[H_WITHDRAWALS] += amount
    add_cash(s, account, -amount)
    emit_amount(s, EV_BALANCE, account, 0, -amount)
    return OK


@kernel
def transfer(s: Words) -> int:
    """TRANSFER: cross cash to another account, under the rule of a withdrawal."""
    account = s[C_ACCOUNT]
    other = s[C_AUX]
    amount = s[C_SIZE]
    if not is_user(s, account) or not is_user(s, other):
        return R_ACCOUNT_UNKNOWN
    if account == other or amount <= 0 or amount >= DEPOSIT_LIMIT:
        return R_RANGE
    if not fits_cash(s, account, -amount) or not fits_cash(s, other, amount):
        return R_RANGE
    if not has_spare(s, account, amount):
        return R_MARGIN
    add_cash(s, account, -amount)
    add_cash(s, other, amount)
    emit_amount(s, EV_BALANCE, account, other, -amount)
    return OK


@kernel
def update_margin(s: Words) -> int:
    """UPDATE_MARGIN: cash into (+) or out of (−) an isolated position; the giving side keeps initial
    margin at index and TWAP.
    """
    account = s[C_ACCOUNT]
    amount = s[C_SIZE]
    if not is_user(s, account):
        return R_ACCOUNT_UNKNOWN
    p = position_at(s, account, s[C_MARKET])
    if not s[p + P_MODE]:
        return R_NOT_SUPPORTED
    if amount == 0 or abs(amount) >= DEPOSIT_LIMIT:
        return R_RANGE
    if not fits_cash(s, account, -amount) or abs(s[p + P_CASH] + amount) >= CASH_LIMIT:
        return R_RANGE
    if amount > 0 and not has_spare(s, account, amount):
        return R_MARGIN
    if amount < 0 and not has_isolated_spare(s, account, s[C_MARKET], -amount):
        return R_MARGIN
    s[p + P_CASH] += amount
    add_cash(s, account, -amount)
    emit_amount(s, EV_BALANCE, account, account, amount)
    return OK


@kernel
def update_leverage(s: Words) -> int:
    """UPDATE_LEVERAGE: the account's own initial margin rate (size, e12; 0: the market's) and margin mode.

    The mode changes only without position, resting orders and isolated cash. A higher rate must be covered.
    """
    account = s[C_ACCOUNT]
    rate = s[C_SIZE]
    if not is_user(s, account):
        return R_ACCOUNT_UNKNOWN
    if rate < 0 or rate > RATE_SCALE:
        return R_RANGE
    p = position_at(s, account, s[C_MARKET])
    mode = 1 if s[C_FLAGS] & ISOLATED else 0
    if not s[H_ISOLATED_ALLOWED if mode else H_CROSS_ALLOWED]:
        return R_NOT_SUPPORTED
    if mode != s[p + P_MODE] and (
        s[p + P_SIZE] != 0 or s[p + P_BIDS] != 0 or s[p + P_ASKS] != 0 or s[p + P_CASH] != 0
    ):
        return R_POSITION_OPEN
    before = s[p + P_LEAST_RATE]
    if rate > before and s[p + P_SIZE] != 0:
        s[p + P_LEAST_RATE] = rate
        total, initial, _ = bucket_totals(s, account, s[C_MARKET], False)
        if total < initial:
            s[p + P_LEAST_RATE] = before
            return R_MARGIN
    s[p + P_LEAST_RATE] = rate
    s[p + P_MODE] = mode
    return OK


@kernel
def fund(s: Words) -> int:
    """FUND: collateral put in by the governor, into the insurance fund or the pool's backing."""
    amount = s[C_SIZE]
    if amount <= 0 or amount >= DEPOSIT_LIMIT or s[H_DEPOSITS] + amount >= DEPOSIT_LIMIT:
        return R_RANGE
    if s[C_AUX] == FUND_INSURANCE:
        s[H_INSURANCE] += amount
    elif s[C_AUX] != 1 or s[H_CURVE] == NO_CURVE:
        return R_NOT_SUPPORTED
    elif not fits_cash(s, POOL_ACCOUNT, amount):
        return R_RANGE
    else:
        s[account_at(s, POOL_ACCOUNT) + A_CASH] += amount
    s[H_DEPOSITS] += amount
    emit_amount(s, EV_BALANCE, POOL_ACCOUNT, 0, amount)
    return OK


@kernel
def collect_fees(s: Words) -> int:
    """COLLECT_FEES: from the fee pool to the recipient's account."""
    account = s[C_ACCOUNT]
    amount = s[C_SIZE]
    if not is_user(s, account):
        return R_ACCOUNT_UNKNOWN
    if amount <= 0 or amount > s[H_FEE_POOL]:
        return R_BALANCE
    if not fits_cash(s, account, amount):
        return R_RANGE
    s[H_FEE_POOL] -= amount
    add_cash(s, account, amount)
    emit_amount(s, EV_BALANCE, account, 0, amount)
    return OK


@kernel
def proven(s: Words) -> int:
    """PROVEN: every operation up to time `aux` is proven; resets the age that max_lag limits."""
    if s[C_AUX] < 0 or s[C_AUX] > s[C_TIME]:
        return R_RANGE
    if s[H_UNPROVEN_SINCE] == 0 or s[C_AUX] < s[H_UNPROVEN_SINCE]:
        return R_NOT_DUE
    s[H_UNPROVEN_SINCE] = 0 if s[C_AUX] >= s[H_NOW] else s[C_AUX]
    return OK
