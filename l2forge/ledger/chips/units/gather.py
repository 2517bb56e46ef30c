"""The table of the units that take a run of values elsewhere: hashes, signatures, public lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.errors import TraceError
from l2forge.air.graph import Expr
from l2forge.ledger.chips.cpu import CALL_BUS, VALUE_BUS
from l2forge.ledger.chips.units.rows import calls_of, empty_trace
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import P, U64Array

HASH_INPUT_BUS, HASH_OUTPUT_BUS, SIGNATURE_BUS = "hash_input", "hash_output5", "signature"
REQUEST_WIDTH, PAYOUT_WIDTH, DIGEST_WIDTH, BLOCK = 12, 6, 5, 8
OPERAND_DISTANCES = {Unit.SIGNED: (10, 9), Unit.REQUEST: (12, 11)}
"""Where operands a and b of these units are: they are the first two values of the run, not read again."""


class Gather(Chip):
    """DIGEST, SIGNED, REQUEST, PAYOUT, the four ABSORBs: one of three flags, none on unused rows, and a code.

    | flag | code | unit | x | goes to |
    |---|---|---|---|---|
    | digest | 0 | 6 | V[t+1 … t+5] | hash_output5 of permutation a |
    | absorb | 0 … 3 | 16 + code | x_k = V[t−1−k], k < 8 | hash_input of permutation c, chain = code |
    | other | 0 | 7 SIGNED | h = V[t−10 … t−6], w = V[t−5 … t−1] | signature (w, h) |
    | other | 1 | 8 REQUEST | V[t−12 … t−1] | list requests |
    | other | 2 | 9 PAYOUT | V[t−6 … t−1] | list payouts |

    1. The flags are boolean.
    2. The code is one of its flag's: then the unit 6·digest + 16·absorb + 7·other + code says flag and code.
    3. A used row takes its call (unit, t, a, b, c), and reads its x on `value`: x_k is V[t − 1 − k], in a
       DIGEST V[t + 1 + k]. The first two values of SIGNED and of REQUEST are a and b, operands of their call.
    Soundness: two flags in a row would take a call twice, and each is made once. So by 1 and 2 every
    multiplicity below is 0 or 1. What is not read (x8 of an ABSORB) goes nowhere. A list's tuples come in the
    order of the rows, which is the prover's choice: each tuple says what it is about.
    """

    name = "gather"
    optional = True
    columns = Columns(
        digest="bool", absorb="bool", other="bool", code="field", t="field",
        a="field", b="field", c="field", x="field[10]",
    )  # fmt: skip

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        digest, absorb, other, code = row.digest, row.absorb, row.other, row.code
        is_used = digest + absorb + other
        b.enforce("digest_has_code_0", digest * code)
        b.enforce("absorb_has_code_0_to_3", absorb * code * (code - 1) * (code - 2) * (code - 3))
        b.enforce("other_has_code_0_to_2", other * code * (code - 1) * (code - 2))
        half = pow(2, -1, P)
        signed, payout = other * (code - 1) * (code - 2) * half, other * code * (code - 1) * half
        request = other * code * (2 - code)
        unit = int(Unit.DIGEST) * digest + int(Unit.ABSORB) * absorb + int(Unit.SIGNED) * other + code
        b.receive(CALL_BUS, [unit, row.t, row.a, row.b, row.c], is_used)
        readers = [is_used] * 5 + [absorb + other] + [absorb + signed + request] * 2 + [request] * 2
        for k, (x, reader) in enumerate(zip(row.x, readers, strict=True)):
            place = row.t - (1 + k) + (digest * (2 + 2 * k) if k < DIGEST_WIDTH else 0)
            b.send(VALUE_BUS, [place, x], reader)
        self._deliver(b, row, signed, request, payout)

    def _deliver(self, b: Any, row: Row, signed: Expr, request: Expr, payout: Expr) -> None:
        """Where the values go; the last one of a run is x0."""
        back = row.x[::-1]
        b.send(HASH_INPUT_BUS, [row.c, row.code, 0, *back[-BLOCK:]], row.absorb)
        b.send(HASH_OUTPUT_BUS, [row.a, *row.x[:DIGEST_WIDTH]], row.digest)
        b.send(SIGNATURE_BUS, [*back[-5:], row.a, row.b, *back[-8:-5]], signed)
        for when in (request, payout):
            b.known_bool(when)
        b.publish("requests", when=request, values=[row.a, row.b, *back])
        b.publish("payouts", when=payout, values=back[-PAYOUT_WIDTH:])


@dataclass(frozen=True)
class _Kind:
    """How rows of a unit are filled."""

    unit: Unit
    flag: int
    """Its column."""
    code: int
    n_read: int
    step: int = -1
    """Where the next value is."""


_KINDS = (
    _Kind(Unit.DIGEST, 0, 0, DIGEST_WIDTH, 1),
    *(_Kind(Unit(Unit.ABSORB + code), 1, code, BLOCK) for code in range(4)),
    _Kind(Unit.SIGNED, 2, 0, 8),
    _Kind(Unit.REQUEST, 2, 1, 10),
    _Kind(Unit.PAYOUT, 2, 2, PAYOUT_WIDTH),
)


def fill_gather(run: Run) -> U64Array | None:
    """The trace of a run, None if it has no such call; its reads are counted in the run.

    Raises TraceError where operands of SIGNED or REQUEST are not the first two values of their run.
    """
    n = sum(len(calls_of(run, kind.unit)) for kind in _KINDS)
    if not n:
        return None
    trace, start = empty_trace(Gather.columns, n), 0
    for kind in _KINDS:
        t = calls_of(run, kind.unit)
        _require_operands(run, kind.unit, t)
        rows = trace[:, start : start + len(t)]
        rows[kind.flag], rows[3], rows[4] = 1, kind.code, t
        rows[5:8] = run.a[t], run.b[t], run.values[t]
        for k in range(kind.n_read):
            rows[8 + k] = run.read(t + kind.step * (k + 1))
        start += len(t)
    return trace


def _require_operands(run: Run, unit: Unit, t: NDArray[np.int64]) -> None:
    for operand, distance in zip((run.a, run.b), OPERAND_DISTANCES.get(unit, ()), strict=False):
        if not np.array_equal(operand[t], run.values[t - distance]):
            raise TraceError(
                f"an operand of {unit.name} is not the value {distance} before it",
                remedy=f"give {unit.name} operands at the distances {OPERAND_DISTANCES[unit]}",
            )


def published(run: Run) -> tuple[U64Array, U64Array]:
    """The public lists of a run, requests (n, 12) and payouts (m, 6), in the order of its calls."""

    requests, payouts = calls_of(run, Unit.REQUEST), calls_of(run, Unit.PAYOUT)
    return _before(run, requests, REQUEST_WIDTH), _before(run, payouts, PAYOUT_WIDTH)


def _before(run: Run, t: NDArray[np.int64], width: int) -> U64Array:
    values: U64Array = run.values[t[:, None] + np.arange(-width, 0)]
    return values
