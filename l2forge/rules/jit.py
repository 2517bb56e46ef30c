"""How a rule is declared, and the scales and bounds that all rules share.

A rule is a pure function of integers. `@rule` compiles it with numba; the same body runs as plain Python
through `.py_func`, or everywhere when NUMBA_DISABLE_JIT=1 is set. Bodies therefore never rely on wrapping:
every intermediate value fits 63 bits within the stated bounds, in both worlds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


class Words(Protocol):
    """A run of int64 words: an array, in a compiled run a bare pointer to it, in a plain run its
    memoryview.
    """

    def __getitem__(self, index: int, /) -> int:
        """Read a word."""

    def __setitem__(self, index: int, value: int, /) -> None:
        """Write a word."""


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


def _sources_digest() -> str:
    """SHA-256 of the sources of rules and engine."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted([*package.glob("rules/*.py"), *package.glob("engine/*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


_STAMP = (_sources_digest(), 0)


def compiled(function: Kernel, **options: Any) -> Kernel:
    """njit with a cache that notices changes anywhere in rules and engine.

    numba's own cache compares the file of the function only; a kernel would keep the old body of a rule that
    it calls. The stamp of the whole takes the place of that file's.
    """
    options.setdefault("forceinline", False)  # unsaid, it is taken over from the function that calls this one
    dispatcher: Kernel = njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    cache_file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _STAMP
    return dispatcher


def rule(function: Kernel) -> Kernel:
    """Compile a pure integer function; `.py_func` keeps the plain body as its own oracle."""
    return compiled(function)
