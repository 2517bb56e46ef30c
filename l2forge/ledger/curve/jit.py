"""How a kernel of the curve is declared: compiled once, and anew when any source it is made of changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parents[2]
_SOURCES = [
    *sorted((_PACKAGE / "ledger" / "curve").glob("*.py")),
    _PACKAGE / "ledger" / "ecgfp5.py",
    _PACKAGE / "ledger" / "fp5.py",
    _PACKAGE / "stark" / "poseidon2_constants.py",
]
_STAMP = (hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest(), 0)


def _compiled(function: Function, **options: Any) -> Function:
    """numba's cache looks at the function's own file only; the stamp of all sources takes its place."""
    options |= {"nogil": True, "cache": True, "no_cfunc_wrapper": True}
    dispatcher: Function = njit(**options)(function)
    cache_file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _STAMP
    return dispatcher


def kernel(function: Function) -> Function:
    """A kernel that only kernels call; without the wrapper for Python, half of the time to compile it."""
    return _compiled(function, no_cpython_wrapper=True)


def entry(function: Function) -> Function:
    """A kernel that Python calls."""
    return _compiled(function)
