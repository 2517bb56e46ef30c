"""Account rows: positions, the list of an account's orders, lots held in resting orders."""

from __future__ import annotations

from l2forge.engine.codes import ASK, AUCTION, ORDER_TYPE_MASK, ORDER_TYPE_SHIFT, REDUCE_ONLY
from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    A_N_ORDERS,
    A_OPEN,
    A_ORDERS,
    ACCOUNT_WORDS,
    H_ACCOUNT_WORDS,
    H_ACCOUNTS_AT,
    H_ACCOUNTS_USED,
    H_DEFAULT_ISOLATED,
    H_N_ACCOUNTS,
    H_N_MARKETS,
    H_ORDERS_AT,
    LOW32,
    O_ACCOUNT_LINKS,
    O_OWNER,
    ORDER_WORDS,
    P_ASKS,
    P_BIDS,
    P_MODE,
    POSITION_WORDS,
)
from l2forge.rules.jit import Words


@kernel
def account_at(s: Words, account: int) -> int:
    """Offset of an account's row."""
    return s[H_ACCOUNTS_AT] + account * s[H_ACCOUNT_WORDS]


@kernel
def position_at(s: Words, account: int, m: int) -> int:
    """Offset of an account's position in market number m."""
    return s[H_ACCOUNTS_AT] + account * s[H_ACCOUNT_WORDS] + ACCOUNT_WORDS + m * POSITION_WORDS


@kernel
def is_open(s: Words, account: int) -> bool:
    """Whether the account exists."""
    if account < 0 or account >= s[H_N_ACCOUNTS]:
        return False
    return s[account_at(s, account) + A_OPEN] != 0


@kernel
def open_account(s: Words, account: int) -> None:
    """Make an account with the venue's default margin mode; 0 ≤ account < capacity."""
    row = account_at(s, account)
    s[row + A_OPEN] = 1
    if account >= s[H_ACCOUNTS_USED]:
        s[H_ACCOUNTS_USED] = account + 1
    if s[H_DEFAULT_ISOLATED]:
        for m in range(s[H_N_MARKETS]):
            s[row + ACCOUNT_WORDS + m * POSITION_WORDS + P_MODE] = 1


@kernel
def is_parked(flags: int) -> bool:
    """Whether an order with these flags waits beside the book (trigger or maker auction)."""
    return (flags >> ORDER_TYPE_SHIFT) & ORDER_TYPE_MASK >= 2 or flags & AUCTION != 0


@kernel
def hold_lots(s: Words, owner: int, lots: int) -> None:
    """Add to the lots an account holds in resting orders that could grow its position (owner: O_OWNER
    word).
    """
    flags = owner & 0xFFFF
    if flags & REDUCE_ONLY or is_parked(flags):
        return
    p = position_at(s, owner >> 32, (owner >> 16) & 0xFF)
    s[p + (P_ASKS if flags & ASK else P_BIDS)] += lots


@kernel
def link_account(s: Words, slot: int) -> None:
    """Put an order at the head of its owner's list."""
    orders = s[H_ORDERS_AT]
    o = orders + slot * ORDER_WORDS
    row = account_at(s, s[o + O_OWNER] >> 32)
    head = s[row + A_ORDERS]
    s[o + O_ACCOUNT_LINKS] = head << 32
    if head != 0:
        s[orders + head * ORDER_WORDS + O_ACCOUNT_LINKS] |= slot
    s[row + A_ORDERS] = slot
    s[row + A_N_ORDERS] += 1


@kernel
def unlink_account(s: Words, slot: int) -> None:
    """Take an order off its owner's list."""
    orders = s[H_ORDERS_AT]
    o = orders + slot * ORDER_WORDS
    row = account_at(s, s[o + O_OWNER] >> 32)
    links = s[o + O_ACCOUNT_LINKS]
    following = links >> 32
    previous = links & LOW32
    after = orders + following * ORDER_WORDS + O_ACCOUNT_LINKS  # slot 0 is nobody's, as in leave_level
    s[after] = (s[after] >> 32 << 32) | previous
    before = orders + previous * ORDER_WORDS + O_ACCOUNT_LINKS
    s[before] = (s[before] & LOW32) | (following << 32)
    s[row + A_ORDERS] = following if previous == 0 else s[row + A_ORDERS]
    s[row + A_N_ORDERS] -= 1
