"""Compiling the prover's kernels ahead of time, by proving a statement that uses all of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.compile import compile_air
from l2forge.air.compiled import CompiledAir
from l2forge.air.proving import prove, verify
from l2forge.stark.params import ProofParameters
from l2forge.stark.public import PublicValues
from l2forge.stark.stopwatch import Progress

ROWS = 8


class _Counter(Chip):
    """n = 0, 1, 2 …; every n is sent and taken back, shown rows are published."""

    name = "counter"
    columns = Columns(n="field", half="field", shown="bool")
    periodic = {"parity": (0, 1)}  # noqa: RUF012 - as the language's users write it
    preprocessed = {"index": range(ROWS)}  # noqa: RUF012

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce("step", next.n - row.n - 1)
        b.enforce("index", row.n - row["index"])
        b.enforce("half", row.n - 2 * row.half - b.periodic("parity"))
        b.enforce_first("start", row.n - b.public("start"))
        b.enforce("degree", row.n**9 - row["index"] ** 9)
        b.send("loop", [row.n, row.half])
        b.receive("loop", [row.n, row.half])
        b.publish("shown", when=row.shown, values=[row.n])


def warm_air() -> CompiledAir:
    """A small AIR with every kind of column and constraint."""
    return compile_air("warm", [_Counter()], public=["start"])


def warm_kernels(progress: Progress | None = None) -> None:
    """Prove and verify a small statement, so that every kernel is compiled and in the cache.

    `progress` is told each phase of the proof when it ends. With a warm cache this takes about a second.
    """
    n = np.arange(ROWS, dtype=np.uint64)
    trace = np.stack([n, n // np.uint64(2), n % np.uint64(2)])
    public = PublicValues.of([0], [[(i,) for i in range(1, ROWS, 2)]])
    params = ProofParameters(log_blowup=3, n_queries=4, grinding_bits=1, log_final=2, node_bytes=25)
    air = warm_air()
    proof = prove(air, [trace], public, params, progress=progress)
    verify(air, public, proof.data, params, security_bits=0)
