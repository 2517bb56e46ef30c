"""Speed of the arithmetic and hash kernels, per core: `python -m benchmarks.kernels [--json] [--cold]`.

Figures are medians of repeated runs, in millions a second of one thread's processor time, on data that fits
the caches unless said otherwise. With --cold the kernels are also compiled from nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
from numba import njit

from l2forge.stark import ext, field_array, keccak, merkle, ntt, ntt_kernels, parallel, poseidon2
from l2forge.stark.field import P, U64Array

RUNS = 15
TARGETS = {"ntt_mbutterflies_per_s": 400, "keccak_mperm_per_s": 8, "goldilocks_mmul_per_s": 1000}
_WARM_START = "from l2forge.stark.warm import warm; warm()"


def rate(run: Callable[[], object], n_items: int) -> float:
    """Millions of items a second: the median over RUNS of n_items by processor time, after one run more."""
    run()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return n_items / statistics.median(times) / 1e6


def matrix(n_columns: int, n_rows: int) -> U64Array:
    """Random field elements, the same ones in every run."""
    return np.random.default_rng(1).integers(0, P, (n_columns, n_rows), dtype=np.uint64)


@njit(nogil=True)
def _repeat_mul(a: U64Array, b: U64Array, out: U64Array, times: int) -> None:
    for _ in range(times):
        field_array._mul(a, b, out)


@njit(nogil=True)
def _repeat_ext_mul(a: U64Array, b: U64Array, out: U64Array, times: int) -> None:
    for _ in range(times):
        ext._mul(a, b, out)


@njit(nogil=True)
def _repeat_keccak(times: int) -> U64Array:
    states = np.zeros(keccak.N_STATE_WORDS, np.uint64)
    for _ in range(times):
        keccak.keccak_f(states)
    return states


@njit(nogil=True)
def _repeat_transform(column: U64Array, twiddles: U64Array, times: int) -> None:
    tile = np.zeros((ntt_kernels.MAX_TAIL, ntt_kernels.LANES), np.uint64)
    for _ in range(times):
        ntt_kernels.transform(column, twiddles, tile)


def arithmetic() -> dict[str, float]:
    """Products in the field and the extension, inverses."""
    a, b = matrix(2, 1024)
    out = np.empty(1024, np.uint64)
    x, y, out_ext = matrix(9, 1024).reshape(3, 3, 1024)
    many = matrix(1, 1 << 16)
    return {
        "goldilocks_mmul_per_s": rate(lambda: _repeat_mul(a, b, out, 2000), 2000 * 1024),
        "ext_mmul_per_s": rate(lambda: _repeat_ext_mul(x, y, out_ext, 200), 200 << 10),
        "inverse_m_per_s": rate(lambda: field_array.batch_inverse(many), 1 << 16),
    }


def transforms() -> dict[str, float]:
    """Butterflies: one column in each cache, and whole extensions of a matrix with their memory traffic."""
    rates = {}
    for log_n, key in ((11, "ntt_mbutterflies_per_s"), (16, "ntt_l2_mbutterflies_per_s")):
        column, twiddles = matrix(1, 1 << log_n)[0], ntt.twiddles(log_n)
        times = 1 << (18 - log_n)
        rates[key] = rate(lambda c=column, w=twiddles, t=times: _repeat_transform(c, w, t), log_n << 17)
    for log_n in (16, 20):
        values = matrix(4 if log_n == 16 else 1, 1 << log_n)
        n_butterflies = len(values) * 8 * (log_n << (log_n - 1))
        coefficients = ntt.intt(values)
        rates[f"lde_2^{log_n}_mbutterflies_per_s"] = rate(
            lambda c=coefficients: ntt.coset_lde_of_coefficients_brev(c, 3), n_butterflies
        )
    return rates


def hashes() -> dict[str, float]:
    """Permutations, and leaves and nodes of trees as permutations a second."""
    leaves, children = matrix(50, 1 << 14), keccak.hash_rows([matrix(1, 1 << 15)], 25)
    states = matrix(12, 1 << 13)
    return {
        "keccak_mperm_per_s": rate(lambda: _repeat_keccak(1000), 1000 * keccak.LANES),
        "leaf_mperm_per_s": rate(lambda: keccak.hash_rows([leaves], 25), 3 << 14),
        "node_mhash_per_s": rate(lambda: keccak.hash_rows([], 25, children), 1 << 14),
        "merkle_mleaf_per_s": rate(lambda: merkle.MerkleTree([leaves[:16]], 25), 1 << 14),
        "poseidon2_mperm_per_s": rate(lambda: poseidon2.permute_many(states), 1 << 13),
    }


def start_seconds(cache_dir: str | None) -> float:
    """Seconds until a new process has all kernels ready, from numba's usual cache or an empty one."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache_dir} if cache_dir else dict(os.environ)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _WARM_START], env=environment, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure on one thread and print."""
    parser = argparse.ArgumentParser(description="Speed of the arithmetic and hash kernels, per core.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--cold", action="store_true", help="also compile all kernels from nothing")
    arguments = parser.parse_args()
    parallel.set_n_threads(1)
    figures = {**arithmetic(), **transforms(), **hashes()}
    start_seconds(None)
    figures["warm_start_s"] = statistics.median(start_seconds(None) for _ in range(3))
    if arguments.cold:
        with tempfile.TemporaryDirectory() as directory:
            figures["cold_compile_s"] = start_seconds(directory)
    for name, value in figures.items():
        print(f"{name:32} {value:10.2f}" + (f"  (at least {TARGETS[name]})" if name in TARGETS else ""))
    if arguments.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
