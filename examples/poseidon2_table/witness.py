"""The witness: permutations of random inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l2forge.air.chips.poseidon2 import N_COLUMNS, WIDTH, fill_permutations
from l2forge.stark.field import P, U64Array


def poseidon2_witness(
    log_height: int, *, seed: int = 1, shown: Sequence[int] = (0, -1)
) -> tuple[list[U64Array | None], tuple[int, ...], list[U64Array]]:
    """Traces, public scalars and public lists for 2^log_height permutations of random inputs.

    `shown` are the rows that are published; negative ones count from the end.
    """
    rows = 1 << log_height
    inputs = np.random.default_rng(seed).integers(0, P, (WIDTH, rows), dtype=np.uint64)
    trace = np.zeros((N_COLUMNS + 1, rows), np.uint64)
    fill_permutations(inputs, trace)
    published = sorted({row % rows for row in shown})
    trace[N_COLUMNS, published] = 1
    output = trace[N_COLUMNS - WIDTH : N_COLUMNS]
    return [trace], (), [np.concatenate([inputs, output])[:, published].T.copy()]
