"""Order slots and the map from order ids to slots."""

from __future__ import annotations

from l2forge.engine.jit import kernel
from l2forge.engine.layout import (
    H_FREE_ORDER,
    H_IDS_AT,
    H_IDS_MASK,
    H_N_ORDERS,
    H_ORDERS_AT,
    H_ORDERS_LIVE,
    H_ORDERS_USED,
    LOW32,
    O_ID,
    ORDER_WORDS,
)
from l2forge.rules.jit import Words

_LOW31 = (1 << 31) - 1


@kernel
def order_at(s: Words, slot: int) -> int:
    """Offset of an order's row."""
    return s[H_ORDERS_AT] + slot * ORDER_WORDS


@kernel
def has_free_order(s: Words) -> bool:
    """Whether an order slot is left."""
    return s[H_ORDERS_LIVE] < s[H_N_ORDERS]


@kernel
def take_order(s: Words) -> int:
    """A free order slot, ≥ 1; the caller has checked has_free_order."""
    slot = s[H_FREE_ORDER]
    if slot != 0:
        s[H_FREE_ORDER] = s[s[H_ORDERS_AT] + slot * ORDER_WORDS + O_ID]
    else:
        slot = s[H_ORDERS_USED] + 1
        s[H_ORDERS_USED] = slot
    s[H_ORDERS_LIVE] += 1
    return slot


@kernel
def free_order(s: Words, slot: int) -> None:
    """Return a slot to the free list."""
    s[s[H_ORDERS_AT] + slot * ORDER_WORDS + O_ID] = s[H_FREE_ORDER]
    s[H_FREE_ORDER] = slot
    s[H_ORDERS_LIVE] -= 1


@kernel
def hash_id(order_id: int) -> int:
    """31 bits of a 63-bit id, by two multiplications that stay below 2^63."""
    mixed = (order_id & _LOW31) * 0x4F1BBCDD + (order_id >> 31) * 0x2545F491
    return ((mixed >> 31) ^ mixed) & _LOW31


@kernel
def find_order(s: Words, order_id: int) -> int:
    """Slot of an order id, or 0. Entries are hash << 32 | slot, open addressing, linear probing."""
    at = s[H_IDS_AT]
    mask = s[H_IDS_MASK]
    orders = s[H_ORDERS_AT]
    hashed = hash_id(order_id)
    i = hashed & mask
    while True:
        entry = s[at + i]
        if entry == 0:
            return 0
        if entry >> 32 == hashed:
            slot = entry & LOW32
            if s[orders + slot * ORDER_WORDS + O_ID] == order_id:
                return slot
        i = (i + 1) & mask


@kernel
def remember_order(s: Words, order_id: int, slot: int) -> None:
    """Enter a new id. At most half of the entries are ever used, so probing ends."""
    at = s[H_IDS_AT]
    mask = s[H_IDS_MASK]
    hashed = hash_id(order_id)
    i = hashed & mask
    while s[at + i] != 0:
        i = (i + 1) & mask
    s[at + i] = (hashed << 32) | slot


@kernel
def forget_order(s: Words, order_id: int, slot: int) -> None:
    """Remove an id by shifting later entries of its run back: no tombstones, so probing never degrades."""
    at = s[H_IDS_AT]
    mask = s[H_IDS_MASK]
    hashed = hash_id(order_id)
    wanted = (hashed << 32) | slot
    i = hashed & mask
    while s[at + i] != wanted:
        i = (i + 1) & mask
    j = i
    while True:
        j = (j + 1) & mask
        entry = s[at + j]
        if entry == 0:
            break
        home = (entry >> 32) & mask
        if (j - home) & mask >= (j - i) & mask:
            s[at + i] = entry
            i = j
    s[at + i] = 0
