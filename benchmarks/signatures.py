"""Speed of signatures and message hashes on one core: `python -m benchmarks.signatures [--json]`.

A door checks a message by its hash and its signature. Figures are medians of repeated runs, per second of one
thread's processor time, over signatures of 64 different keys; with --json as one object. Ends with status 1
where a promise is broken: 5,000 checks a second.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from l2forge.ledger import messages, schnorr
from l2forge.stark import parallel
from l2forge.stark.field import U64Array

RUNS = 15
N_KEYS = 64
N_SIGNATURES = 512
N_HASHES = 16_384
MIN_CHECKS_PER_S = 5_000
CHAIN_ID = 88_001


def rate(run: Callable[[], object], n_items: int) -> float:
    """Items a second: n_items by the median processor time of RUNS, after one run more."""
    run()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return n_items / statistics.median(times)


def orders(n: int) -> tuple[U64Array, U64Array]:
    """Elements of n create-order messages, every second one with the attribute skip-nonce."""
    elements = np.zeros((n, 16), np.uint64)
    elements[:, :2] = CHAIN_ID, messages.table.CREATE_ORDER
    elements[:, 2:] = np.random.default_rng(2).integers(0, 1 << 40, (n, 14), dtype=np.uint64)
    attributes = np.zeros((n, 8), np.uint64)
    attributes[::2, :2] = messages.attributes.SKIP_NONCE, 1
    return elements, attributes


def measure() -> dict[str, float]:
    """The figures by their names."""
    elements, attributes = orders(N_HASHES)
    digests = messages.digest_rows(elements[:N_SIGNATURES], attributes[:N_SIGNATURES])
    rows = digests.tolist()
    secrets = [schnorr.secret_from_seed(bytes([k]) * 32) for k in range(N_KEYS)]
    made = [schnorr.sign(secrets[i % N_KEYS], row) for i, row in enumerate(rows)]
    keys = np.array([schnorr.public_key(secrets[i % N_KEYS]) for i in range(N_SIGNATURES)], np.uint64)
    signatures = np.array([list(signature) for signature in made], np.uint8)

    def check() -> None:
        if not schnorr.verify_batch(keys, digests, signatures).all():
            raise AssertionError("a signature made here is not valid")

    return {
        "signature_checks_per_s": rate(check, N_SIGNATURES),
        "signatures_made_per_s": rate(
            lambda: [schnorr.sign(secrets[i % N_KEYS], row) for i, row in enumerate(rows)], N_SIGNATURES
        ),
        "message_hashes_per_s": rate(lambda: messages.digest_rows(elements, attributes), N_HASHES),
    }


def main() -> int:
    """Measure, print, and say whether the promise holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signatures")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    options = parser.parse_args()
    parallel.set_n_threads(1)
    figures = measure()
    if options.json:
        print(json.dumps({name: round(value) for name, value in figures.items()}))
    else:
        for name, value in figures.items():
            print(f"{name:<24} {value:12,.0f}")
    return 0 if figures["signature_checks_per_s"] >= MIN_CHECKS_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
