"""Kill witnesses of the Poseidon2 chips: permutations that go wrong at one place and right from there on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np

from l2forge.air.chips.poseidon2 import HALF, N_COLUMNS, N_PARTIAL, WIDTH
from l2forge.air.chips.poseidon2_rows import HALF_PARTIAL
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import _external_layer_ints
from l2forge.stark.poseidon2_constants import EXTERNAL_CONSTANTS, INTERNAL_CONSTANTS, INTERNAL_DIAGONAL
from l2forge.stark.public import PublicValues
from tests.soundness.statements import (
    Statement,
    compression_statement,
    compressions,
    merkle_statement,
    poseidon2_statement,
    trace_of,
)

Fault = tuple[str, int]
"""The value after which step is 1 too large, and which element of it: ("full3", 7), ("partial5", 0)."""


class Rounds:
    """The permutation in Python integers, step by step, with a fault; `values` holds what each step made."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault, self.values = fault, dict[str, list[int]]()

    def keep(self, name: str, values: list[int]) -> list[int]:
        """Record a step's values, with the fault if it is there."""
        if self.fault and self.fault[0] == name:
            values = [(v + (k == self.fault[1])) % P for k, v in enumerate(values)]
        self.values[name] = values
        return values

    def full(self, state: list[int], r: int) -> list[int]:
        """Full round r."""
        powers = [pow(x + c, 7, P) for x, c in zip(state, EXTERNAL_CONSTANTS[r], strict=True)]
        return self.keep(f"full{r}", _external_layer_ints(powers))

    def partial(self, state: list[int], r: int) -> list[int]:
        """Partial round r; its recorded value is the sum after the S-box, from which element 0 follows."""
        after = pow(state[0] + INTERNAL_CONSTANTS[r], 7, P)
        (total,) = self.keep(f"partial{r}", [(after + sum(state[1:])) % P])
        state = [(total - sum(state[1:])) % P, *state[1:]]
        return [(d * x + total) % P for d, x in zip(INTERNAL_DIAGONAL, state, strict=True)]

    def permute(self, state: list[int]) -> None:
        """All rounds; "first" is the state after the first layer, "middle" and "last_middle" between rows."""
        state = self.keep("first", _external_layer_ints(state))
        for r in range(HALF):
            state = self.full(state, r)
            if r == HALF - 2:
                state = self.keep("row1", state)
        for r in range(N_PARTIAL):
            state = self.partial(state, r)
            if r == HALF_PARTIAL - 1:
                state = self.keep("row2", state)
                state = self.keep("row2a", state)
        for r in range(HALF, 2 * HALF):
            state = self.full(state, r)
            if r == HALF:
                state = self.keep("row3", state)


def one_row(fault: Fault) -> list[int]:
    """The 130 columns of a faulty permutation of (1, 2, …, 12)."""
    rounds = Rounds(fault)
    rounds.permute(list(range(1, 13)))
    full = [rounds.values[f"full{r}"] for r in range(2 * HALF)]
    totals = [rounds.values[f"partial{r}"][0] for r in range(N_PARTIAL)]
    return [*range(1, 13), *chain(*full[:HALF]), *totals, *chain(*full[HALF:])]


def four_rows(fault: Fault | None) -> U64Array:
    """The 48 state columns of a faulty permutation of zeros over four rows: (48, 4)."""
    rounds = Rounds(fault)
    rounds.permute([0] * WIDTH)
    v = rounds.values
    totals = [v[f"partial{r}"][0] for r in range(N_PARTIAL)]
    rows = [
        [v["first"], v["full0"], v["full1"], v["full2"]],
        [v["row1"], v["full3"], [0] * WIDTH, [*totals[:HALF_PARTIAL], 0]],
        [v["row2"], v["row2a"], v["full4"], [*totals[HALF_PARTIAL:], 0]],
        [v["row3"], v["full5"], v["full6"], v["full7"]],
    ]
    return np.array([list(chain(*row)) for row in rows], np.uint64).T


def table_with(fault: Fault) -> Statement:
    """The table of permutations with a faulty one in row 1, which is not published."""
    air, traces, public = poseidon2_statement()
    trace_of(traces, air, "poseidon2")[:N_COLUMNS, 1] = np.array(one_row(fault), np.uint64)
    return air, traces, public


def two_half_publications() -> Statement:
    """`shown` = 2 and 1/2: the fingerprint's factors (2ρ^w − 1)(ρ^w/2 + 1/2) are monic, so that two tuples
    that the table does not hold have it: v + (0 … 0, 1/2) and v + u/2 − (0 … 0, 1/2)."""
    air, traces, public = poseidon2_statement()
    trace = trace_of(traces, air, "poseidon2")
    half = pow(2, -1, P)
    trace[N_COLUMNS] = np.array([2, 0, 0, half], np.uint64)
    v, u = ([int(x) for x in entry] for entry in public.lists[0])
    unit = [0] * (len(v) - 1) + [half]
    first = [(x + e) % P for x, e in zip(v, unit, strict=True)]
    second = [(x + y * half - e) % P for x, y, e in zip(v, u, unit, strict=True)]
    return air, traces, PublicValues((), (np.array([first, second], np.uint64),))


def unused_row(fault: Fault) -> Statement:
    """The compressions with a faulty permutation in the row that is not used."""
    air, traces, public = compression_statement()
    trace_of(traces, air, "poseidon2")[:N_COLUMNS, 3] = np.array(one_row(fault), np.uint64)
    return air, traces, public


def capacity_in_use(place: int) -> Statement:
    """A permutation with a 1 in its capacity that is looked up as a compression."""
    inputs = [[k] * 8 + [0] * 4 for k in range(4)]
    inputs[1][8 + place] = 1
    return compressions(inputs, (1, 1, 1, 0), (1, 1, 1, 0))


def asked(*real: int) -> Callable[[], Statement]:
    """The compressions with these flags of the asker, each row answered as often as it asks."""
    return lambda: compressions([[k] * 8 + [0] * 4 for k in range(4)], real, real)


SPARE = slice(24, 28)
"""Rows of the permutation table's seventh permutation, which the path does not use."""


def unused_permutation(fault: Fault) -> Statement:
    """The Merkle example with a faulty permutation of zeros that nothing looks up."""
    air, traces, public = merkle_statement()
    trace_of(traces, air, "permutation")[: 4 * WIDTH, SPARE] = four_rows(fault)
    return air, traces, public


def _changed(change: Callable[[U64Array, U64Array], None]) -> Callable[[], Statement]:
    """The Merkle example after `change(path, permutation)`."""

    def make() -> Statement:
        air, traces, public = merkle_statement()
        change(trace_of(traces, air, "path"), trace_of(traces, air, "permutation"))
        return air, traces, public

    return make


def _number_all_from_1(path: U64Array, permutation: U64Array) -> None:
    permutation[4 * WIDTH] += np.uint64(1)
    path[-2:] += np.uint64(1)  # old_hash and new_hash


def _skip_a_number(path: U64Array, permutation: U64Array) -> None:
    permutation[4 * WIDTH, 28:] += np.uint64(1)


def _count_in_the_middle(path: U64Array, permutation: U64Array) -> None:
    permutation[4 * WIDTH + 1, 25] = 5


def _unused_total(path: U64Array, permutation: U64Array) -> None:
    permutation[3 * WIDTH + HALF_PARTIAL, 25] = 1


def faults_of_one_row() -> list[tuple[str, Fault]]:
    """Constraint of the permutation → the fault that breaks it alone."""
    faults = [(f"full{r}[{k}]", (f"full{r}", k)) for r in range(2 * HALF) for k in range(WIDTH)]
    return faults + [(f"partial{r}", (f"partial{r}", 0)) for r in range(N_PARTIAL)]


def kills_of_compression() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for compressions and who asks for them."""
    for name, fault in faults_of_one_row():
        yield f"poseidon2/{name}", lambda fault=fault: unused_row(fault)  # type: ignore[misc]
    for k in range(4):
        yield f"poseidon2/capacity_is_zero[{k}]", lambda k=k: capacity_in_use(k)  # type: ignore[misc]
    yield "asker/is_real/boolean", asked(1, 1, 2, 0)
    yield "asker/is_real/monotone", asked(1, 0, 1, 0)


def kills_of_one_row() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for permutations in one row."""
    for name, fault in faults_of_one_row():
        yield f"poseidon2/{name}", lambda fault=fault: table_with(fault)  # type: ignore[misc]
    yield "poseidon2/shown/boolean", two_half_publications


def kills_of_four_rows() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for permutations over four rows."""
    faults = [(f"partial{r}", (f"partial{r}", 0)) for r in range(HALF_PARTIAL)]
    for group, step in (("a", "full0"), ("b", "full1"), ("c", "full2"), ("s", "row1")):
        faults += [(f"{group}[{k}]", (step, k)) for k in range(WIDTH)]
    for name, fault in faults:
        yield f"permutation/{name}", lambda fault=fault: unused_permutation(fault)  # type: ignore[misc]
    yield "permutation/unused_total", _changed(_unused_total)
    yield "permutation/number_starts_at_0", _changed(_number_all_from_1)
    yield "permutation/number_rises", _changed(_skip_a_number)
    yield "permutation/count_is_kept", _changed(_count_in_the_middle)
