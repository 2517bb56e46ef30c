"""Threads over independent blocks: kernels release the GIL, so results never depend on the thread count."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise

_n_threads = 0


def n_threads() -> int:
    """The number of worker threads: what `set_n_threads` said, else the CPUs this process may use."""
    return _n_threads or len(os.sched_getaffinity(0))


def set_n_threads(n: int) -> None:
    """Use `n` threads from now on; 0 means one per available CPU."""
    global _n_threads
    if n < 0:
        raise ValueError(f"the number of threads must be at least 0, not {n}")
    _n_threads = n


@lru_cache(maxsize=4)
def _pool(n: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n, thread_name_prefix="l2forge-kernel")


def run_blocks(kernel: Callable[[int, int], object], n_items: int, *, granule: int = 1) -> None:
    """Call `kernel(start, stop)` over disjoint ranges that cover `range(n_items)`.

    Ranges begin at multiples of `granule`. About four ranges per thread even out unequal speeds. The kernel
    must write only what belongs to its range, so the result is the same for any number of threads. The first
    exception of a range is raised here after all ranges ended.
    """
    threads = n_threads()
    n_granules = -(-n_items // granule)
    if threads == 1 or n_granules <= 1:
        if n_items:
            kernel(0, n_items)
        return
    n_blocks = min(n_granules, 4 * threads)
    cuts = [min(n_items, granule * (n_granules * k // n_blocks)) for k in range(n_blocks + 1)]
    futures = [_pool(threads).submit(kernel, a, b) for a, b in pairwise(cuts)]
    errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None:
            raise error
