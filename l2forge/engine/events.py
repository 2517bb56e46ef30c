"""Writing events: fixed rows after the state, read out by the caller after each batch."""

from __future__ import annotations

from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    C_MARKET,
    C_N_EVENTS,
    C_TIME,
    E_ACCOUNT,
    E_AMOUNT,
    E_FEE,
    E_ID,
    E_KIND,
    E_OTHER_ACCOUNT,
    E_OTHER_FEE,
    E_OTHER_ID,
    E_PRICE,
    E_SEQUENCE,
    E_SIZE,
    E_TIME,
    EVENT_WORDS,
    H_EVENTS_AT,
    H_SEQUENCE,
)
from l2forge.rules.jit import Words


@kernel
def emit(s: Words, kind: int, account: int, order_id: int, price: int, size: int) -> int:
    """Append an event with its first fields, the others zero; returns its offset.

    `kind` may carry flags (from bit 16) and a reason (from bit 32).
    """
    n = s[C_N_EVENTS]
    s[C_N_EVENTS] = n + 1
    at = s[H_EVENTS_AT] + n * EVENT_WORDS
    s[at + E_KIND] = kind | (s[C_MARKET] << 8)
    s[at + E_SEQUENCE] = s[H_SEQUENCE]
    s[at + E_ACCOUNT] = account
    s[at + E_ID] = order_id
    s[at + E_PRICE] = price
    s[at + E_SIZE] = size
    s[at + E_OTHER_ACCOUNT] = 0
    s[at + E_OTHER_ID] = 0
    s[at + E_FEE] = 0
    s[at + E_OTHER_FEE] = 0
    s[at + E_AMOUNT] = 0
    s[at + E_TIME] = s[C_TIME]
    return at


@kernel
def emit_order(s: Words, kind: int, reason: int, flags: int, order_row: int, price: int) -> int:
    """Append what became of an order: its remaining lots, owner and id read from its row."""
    # O_LOTS, O_ID, O_OWNER are the first three words of the row
    word = kind | (flags << 16) | (reason << 32)
    return emit(s, word, s[order_row + 2] >> 32, s[order_row + 1], price, s[order_row])


@kernel
def emit_amount(s: Words, kind: int, account: int, other_account: int, amount: int) -> int:
    """Append a movement of cash."""
    at = emit(s, kind, account, 0, 0, 0)
    s[at + E_OTHER_ACCOUNT] = other_account
    s[at + E_AMOUNT] = amount
    return at
