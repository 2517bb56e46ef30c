"""Keeping freed memory in a proving process.

A proof works in arrays of gigabytes. By default glibc gives each back to the kernel when it is freed, and the
next proof's first touch of every page faults again; under a hypervisor that takes seconds a gigabyte, as long
as the proof itself. A process that proves again and again keeps its pages instead.
"""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
"""Parameters of glibc's mallopt(3)."""


def keep_freed_memory() -> bool:
    """Reuse freed memory instead of returning it, from now on; False where the C library is not glibc.

    A `Prover` keeps its largest arrays itself; this keeps the rest.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_MAX, 0)) and bool(mallopt(_M_TRIM_THRESHOLD, -1))
