"""A small AIR that uses everything: tables of different heights, a bus, lists, periodic and fixed columns.

`steps` walks x ↦ x·k + y over its rows, adds a periodic constant, publishes marked rows and sends every row's
y to `small`, a fixed table that counts look-ups. `powers` has degree 9. All tables may be absent.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.proving import AirArithmetic
from l2forge.stark.field import P, U64Array
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.verifier import Verifier

PERIOD = (3, 1, 4, 1)
LOG_SMALL = 3


class Steps(Chip):
    """x' = x·k + y + period, y looked up in `small`; marked rows are published."""

    name = "steps"
    optional = True
    columns = Columns(x="field", y="field", k="field", mark="bool")
    periodic = {"period": PERIOD}  # noqa: RUF012 - as the language's users write it
    min_log_height = 2

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce("walk", next.x - (row.x * row.k + row.y + b.periodic("period")))
        b.enforce("same_k", next.k - row.k)
        b.enforce_first("start", row.x - b.public("start"))
        b.enforce_last("end", row.x - b.public("end"))
        b.send("small", [row.y])
        b.publish("marked", when=row.mark, values=[row.x, row.y])


class Small(Chip):
    """The values 0 … 7, each with the number of its look-ups."""

    name = "small"
    optional = True
    columns = Columns(n="field")
    preprocessed = {"value": range(1 << LOG_SMALL)}  # noqa: RUF012

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.receive("small", [row.value], row.n)


class Powers(Chip):
    """w = v^9 on every row, and rows may be of height 1."""

    name = "powers"
    optional = True
    columns = Columns(v="field", w="field")
    min_log_height = 0

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce("ninth", row.w - row.v**9)


class Idle(Chip):
    """Sends and takes back; publishes a list that is empty when the table is absent."""

    name = "idle"
    optional = True
    columns = Columns(v="field", flag="bool")
    min_log_height = 0

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.send("loop", [row.v, row.v * row.v])
        b.receive("loop", [row.v, row.v * row.v])
        b.publish("idle", when=row.flag, values=[row.v])


@cache
def toy_air() -> CompiledAir:
    """The AIR of all four chips."""
    return compile_air("toy", [Steps(), Small(), Powers(), Idle()], public=["start", "end"])


Statement = tuple[list["U64Array | None"], PublicValues]


def toy_statement(log_steps: int = 4, log_powers: int = 2, log_idle: int = -1, seed: int = 1) -> Statement:
    """Satisfying traces of these heights (−1: absent; a negative log_steps leaves `small` unused)."""
    rng = np.random.default_rng(seed)
    traces: list[U64Array | None] = [None, np.zeros((1, 1 << LOG_SMALL), np.uint64), None, None]
    marked, start, end = np.zeros((0, 0), np.uint64), 0, 0
    if log_steps >= 0:
        steps = _steps(1 << log_steps, rng)
        counts = np.bincount(steps[1].astype(np.int64), minlength=1 << LOG_SMALL)
        traces[0], traces[1] = steps, counts.astype(np.uint64).reshape(1, -1)
        marked = np.ascontiguousarray(steps[:2, steps[3] == 1].T)
        start, end = int(steps[0, 0]), int(steps[0, -1])
    if log_powers >= 0:
        values = [int(v) for v in rng.integers(0, P, 1 << log_powers, dtype=np.uint64)]
        traces[2] = np.array([values, [pow(v, 9, P) for v in values]], np.uint64)
    idle = np.zeros((0, 0), np.uint64)
    if log_idle >= 0:
        flags = np.arange(1 << log_idle, dtype=np.uint64) % np.uint64(2)
        values_ = rng.integers(0, P, 1 << log_idle, dtype=np.uint64)
        traces[3] = np.stack([values_, flags])
        idle = values_[flags == 1].reshape(-1, 1)
    return traces, PublicValues((start, end), (marked, idle))


def _steps(n: int, rng: np.random.Generator) -> U64Array:
    k, x = int(rng.integers(1, P, dtype=np.uint64)), int(rng.integers(0, P, dtype=np.uint64))
    rows = []
    for i in range(n):
        y = int(rng.integers(0, 1 << LOG_SMALL))
        rows.append((x, y, k, int(rng.integers(0, 2))))
        x = (x * k + y + PERIOD[i % len(PERIOD)]) % P
    return np.array(rows, np.uint64).T.copy()


def small_parameters(log_final: int = 3, n_queries: int = 12) -> ProofParameters:
    """Parameters for quick tests, far below 100 bits."""
    return ProofParameters(
        log_blowup=4, n_queries=n_queries, grinding_bits=6, log_final=log_final, node_bytes=20
    )


def prove_toy(
    traces: list[U64Array | None],
    public: PublicValues,
    params: ProofParameters,
    prover_class: type[Prover] = Prover,
) -> tuple[Prover, bytes]:
    """A prover that has proven the statement, and the proof's bytes."""
    prover = prover_class(AirArithmetic(toy_air()), params)
    return prover, prover.prove(traces, public).data


def toy_verifier(params: ProofParameters, security_bits: int = 10) -> Verifier:
    """A verifier that is content with a low level."""
    return Verifier(toy_air(), params, security_bits=security_bits, max_log_height=12)
