"""The binary command: eight int64 words, and how to write them from Python.

| word | field | |
|---|---|---|
| 0 | op | kind (8 bits), market (8), flags (16), zero (32) |
| 1 | account | who sends it; for an oracle report the source |
| 2 | id | the order's id, 1 ≤ id < 2^62 |
| 3 | price | ticks |
| 4 | size | lots, collateral units or shares, by kind |
| 5 | aux | trigger price, other account, fund, … by kind |
| 6 | expiry | milliseconds, 0: none |
| 7 | time | milliseconds, the venue's clock; never runs back |
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2forge.engine import codes

COMMAND_WORDS = 8

COMMAND = np.dtype(
    [
        ("kind", "u1"),
        ("market", "u1"),
        ("flags", "<u2"),
        ("zero", "<u4"),
        ("account", "<i8"),
        ("id", "<i8"),
        ("price", "<i8"),
        ("size", "<i8"),
        ("aux", "<i8"),
        ("expiry", "<i8"),
        ("time", "<i8"),
    ]
)
"""The same 64 bytes with names: `rows.view(COMMAND)`."""

Commands = NDArray[np.int64]


def order_flags(
    *,
    ask: bool,
    order_type: int = codes.LIMIT,
    time_in_force: int = codes.GOOD_TILL_TIME,
    reduce_only: bool = False,
) -> int:
    """The flags of an order command."""
    flags = int(ask) | order_type << codes.ORDER_TYPE_SHIFT | time_in_force << codes.TIME_IN_FORCE_SHIFT
    return flags | (codes.REDUCE_ONLY if reduce_only else 0)


def command(kind: int, time: int, *, market: int = 0, flags: int = 0, **fields: int) -> tuple[int, ...]:
    """One command as a tuple of eight integers; fields: account, id, price, size, aux, expiry."""
    names = ("account", "id", "price", "size", "aux", "expiry")
    unknown = fields.keys() - set(names)
    if unknown:
        raise TypeError(f"unknown command fields: {sorted(unknown)}")
    op = kind | market << 8 | flags << 16
    return (op, *(fields.get(name, 0) for name in names), time)


def batch(rows: list[tuple[int, ...]]) -> Commands:
    """Commands as the array that the engine takes."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), COMMAND_WORDS)
