"""How a rule is declared, and the scales and bounds that all rules share.

A rule is a pure function of integers. `@rule` compiles it with numba; the same body runs as plain Python
through `.py_func`, or everywhere when NUMBA_DISABLE_JIT=1 is set. Bodies therefore never rely on wrapping:
every intermediate value fits 63 bits within the stated bounds, in both worlds.
"""

from __future__ import annotations

from numba import njit

RATE_SCALE = 10**12
"""Rates are integers of 10^-12 (`_e12`); 100% is 10^12."""

FUNDING_SCALE = 10**6
"""The funding index is in 10^-6 collateral units per lot (`_e6`)."""

PRICE_LIMIT = 1 << 30
"""Prices in ticks are in [1, 2^30)."""

LOTS_LIMIT = 1 << 40
"""Sizes in lots are in (-2^40, 2^40)."""

LOT_VALUE_LIMIT = 1 << 42
"""price·quote of any accepted price is below 2^42 collateral units per lot."""

CASH_LIMIT = 1 << 60
"""Any cash balance is in (-2^60, 2^60); all deposits together stay below 2^58."""

DEPOSIT_LIMIT = 1 << 58

VALUE_LIMIT = 1 << 60
"""Notional values of one account summed over all markets, and funding owed likewise, stay below 2^60."""


def rule(function):  # type: ignore[no-untyped-def]
    """Compile a pure integer function; `.py_func` keeps the plain body as its own oracle."""
    return njit(cache=True, nogil=True, error_model="numpy")(function)
