"""Runs operations: the witness of the machine, at tens of nanoseconds an instruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, types
from numba.typed import Dict
from numpy.typing import NDArray

from l2forge.errors import CheckFailed
from l2forge.ledger.curve.extension import inverse1
from l2forge.ledger.curve.sponge import permute
from l2forge.ledger.curve.wide import add1 as add
from l2forge.ledger.curve.wide import mul1 as mul
from l2forge.ledger.machine.code import Code
from l2forge.ledger.machine.isa import SLOTS, WORD_BOUND, Hint, Unit
from l2forge.ledger.machine.run import Run
from l2forge.ledger.machine.wide import divide, is_at_least
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import WIDTH

DONE, FAILED, MISSING, FULL = 0, 1, 2, 3
"""How far a call of the kernel came: to the end; to a rule that does not hold; to a state word that is not
loaded; to the end of an array."""

_0, _1, _BOUND = np.uint64(0), np.uint64(1), np.uint64(WORD_BOUND)

# What the kernel keeps between calls.
OP, LINE, T, HASHES, ADDRESS, WRITES, FIRST_T, FIRST_HASH, CHOICE, REFUSED = range(10)

# Plain numbers for the kernel.
_READ, _WRITE, _RANGE, _MULDIV, _DIVREM = (
    int(u) for u in (Unit.READ, Unit.WRITE, Unit.RANGE, Unit.MULDIV, Unit.DIVREM)
)
_ABSORB, _TWO, _SIX = int(Unit.ABSORB), int(Unit.ABSORB_TWO), int(Unit.ABSORB_SIX)
_INPUT, _AT_LEAST, _INVERSE, _BITS = int(Hint.INPUT), int(Hint.AT_LEAST), int(Hint.INVERSE), int(Hint.BITS)
_DIVIDE, _REMAINDER = int(Hint.DIVIDE), int(Hint.REMAINDER)
_DIGEST, _RANKED = int(Hint.DIGEST), int(Hint.RANKED)


@njit(nogil=True, cache=True)
def _ranked(values, first, count, step, rank):  # type: ignore[no-untyped-def]
    """The value of the given rank among count values, `step` places apart."""
    for i in range(count):
        x = values[first + i * step]
        below = 0
        for j in range(count):
            y = values[first + j * step]
            if y < x or (y == x and j < i):
                below += 1
        if below == rank:
            return x
    return _0


@njit(nogil=True, cache=True)
def _hinted(hints, g, values, t, inputs, states):  # type: ignore[no-untyped-def]
    """The value that a hint finds; operands are distances from t."""
    kind, k = hints[0, g], hints[4, g]
    x, y, z = values[t - hints[1, g]], values[t - hints[2, g]], values[t - hints[3, g]]
    if kind == _INPUT:
        return inputs[k]
    if kind == _AT_LEAST:
        return _1 if is_at_least(x, y) else _0
    if kind == _INVERSE:
        return inverse1(x)
    if kind == _BITS:
        return (x >> np.uint64(k & 63)) & ((_1 << np.uint64(k >> 6)) - _1)
    if kind == _DIVIDE:
        return divide(x, y, z, values[t - (k - 2)] == _1)[0]
    if kind == _REMAINDER:
        return divide(x, y, z, values[t - (k - 2)] == _1)[1]
    if kind == _DIGEST:
        return states[np.int64(x), k]
    if kind == _RANKED:
        return _ranked(values, t - hints[2, g], k >> 8, k & 255, x)
    return _0


@njit(nogil=True, cache=True)
def _absorb(unit, number, values, t, states):  # type: ignore[no-untyped-def]
    """Compute permutation `number` from the block before t."""
    s = states[number]
    if unit == _ABSORB:
        s[:] = _0
    else:
        s[:] = states[number - 1]
    for k in range(2 if unit == _TWO else 6 if unit == _SIX else 8):
        s[k] = values[t - 8 + k]
    permute(s)


@njit(nogil=True, cache=True)
def _undo(memory, log, at):  # type: ignore[no-untyped-def]
    """Take back everything that the operation has done so far."""
    for k in range(at[WRITES] - 1, -1, -1):
        memory[log[0, k]] = log[1, k]
    at[WRITES] = at[LINE] = 0
    at[T], at[HASHES] = at[FIRST_T], at[FIRST_HASH]


@njit(inline="always")
def _step(code, g, t, own, machine):  # type: ignore[no-untyped-def]
    """Run instruction g at time t: DONE, FAILED or MISSING."""
    distances, gates, units, hints = code
    memory, (values, a, b), (unit_of, offset_of), states, at, log = machine
    unit, offset, qo = units[g] & 255, units[g] >> 8, gates[4, g]
    da, db = distances[0, g], distances[1, g]
    x = values[t - da] if da else _0
    y = values[t - db] if db else _0
    total = add(add(mul(gates[0, g], x), mul(gates[1, g], y)), gates[3, g])
    if gates[2, g] != _0:
        total = add(total, mul(gates[2, g], mul(x, y)))
    c = total if qo != _0 else _0
    failed = qo == _0 and total != _0
    if hints[0, g] != 0:
        c = _hinted(hints, g, values, t, own, states)
        failed = False
    if unit in (_READ, _WRITE):
        address = x + np.uint64(offset)
        if address not in memory:
            at[ADDRESS] = np.int64(address)
            return MISSING
        c = memory[address]
        if unit == _WRITE:
            log[0, at[WRITES]], log[1, at[WRITES]] = address, c
            at[WRITES] += 1
            memory[address] = y
    elif unit == _RANGE:
        failed = c >= _BOUND
    elif unit == _MULDIV:
        failed = x >= _BOUND or y >= _BOUND or c >= _BOUND
    elif unit == _DIVREM:
        failed = x >= _BOUND or x == _0 or y > _1 or c >= x
    elif unit >= _ABSORB:
        if unit == _ABSORB:
            c = np.uint64(at[HASHES])
        at[HASHES] += 1
        _absorb(unit, np.int64(c), values, t, states)
    values[t] = c
    a[t] = x if da else c
    b[t] = y if db else c
    unit_of[t], offset_of[t] = unit, offset
    return FAILED if failed else DONE


@njit(nogil=True, cache=True)
def _run(code, work, machine):  # type: ignore[no-untyped-def]
    """Run from where `at` stands; returns DONE, FAILED, MISSING or FULL.

    code: distances, gates, units, hints. work: starts and lengths of each operation's alternatives (−1 to the
    end), where its inputs begin, the inputs, and the alternatives chosen. machine: memory, (V, a, b), units
    and offsets by t, states of permutations, `at`, and the log of writes.
    Of an operation's alternatives the first one that holds is taken; `at` names the line at which the first
    one failed when none does.
    """
    starts, lengths, offsets, inputs, chosen = work
    memory, (values, _, _), _, states, at, log = machine
    while at[OP] < starts.shape[0]:
        op = at[OP]
        start, length = starts[op, at[CHOICE]], lengths[op, at[CHOICE]]
        if at[LINE] == 0:
            at[WRITES], at[FIRST_T], at[FIRST_HASH] = 0, at[T], at[HASHES]
        if at[FIRST_T] + length > values.shape[0] or at[HASHES] + length > states.shape[0]:
            return FULL
        own = inputs[offsets[op] :]
        status = DONE
        while at[LINE] < length and status == DONE:
            g, t = start + at[LINE], at[T]
            status = _step(code, g, t, own, machine)
            if status == MISSING:
                return MISSING
            at[LINE] += 1
            at[T] += 1
        if status == FAILED:
            if at[CHOICE] == 0:
                at[REFUSED] = start + at[LINE] - 1
            _undo(memory, log, at)
            at[CHOICE] += 1
            if at[CHOICE] == starts.shape[1] or starts[op, at[CHOICE]] < 0:
                at[CHOICE] = 0
                return FAILED
            continue
        chosen[op] = at[CHOICE]
        at[CHOICE] = at[LINE] = 0
        at[OP] += 1
    return DONE


@njit(nogil=True, cache=True)
def _put(memory, keys, values):  # type: ignore[no-untyped-def]
    """Set words."""
    for i in range(keys.size):
        memory[keys[i]] = values[i]


@njit(nogil=True, cache=True)
def _items(memory, keys, values):  # type: ignore[no-untyped-def]
    """All words."""
    for i, (key, value) in enumerate(memory.items()):
        keys[i], values[i] = key, value


def _grown(array: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A larger array of this shape with the same values in front."""
    larger = np.zeros(shape, array.dtype)
    larger[: array.shape[0], : array.shape[1]] = array
    return larger


class Halted(CheckFailed):
    """A rule that does not hold, by program, line and operation."""


@dataclass(frozen=True)
class Operation:
    """An operation to run: its programs, of which the first that holds is taken, and their common inputs."""

    programs: tuple[str, ...]
    inputs: tuple[int, ...] = ()


class Interpreter:
    """Runs operations one after the other on a state that is read through `load`.

    `load(address)` gives the addresses and values of the words of the leaf that holds the address, or None
    where there is no such leaf; each leaf is asked for once. `memory` has the words as they are now.
    """

    def __init__(
        self, code: Code, load: Callable[[int], Mapping[int, int] | None], capacity: int = 1 << 16
    ) -> None:
        self.code = code
        self._load = load
        self.memory: Any = Dict.empty(types.uint64, types.uint64)
        self._at = np.zeros(REFUSED + 1, np.int64)
        longest = SLOTS * max(routine.rows for routine in code.routines.values())
        self._log = np.zeros((2, longest), np.uint64)
        self._values = np.zeros((3, capacity), np.uint64)
        self._units = np.zeros((2, capacity), np.uint8)
        self.states: U64Array = np.zeros((capacity >> 2, WIDTH), np.uint64)
        self._rows: list[NDArray[np.int64]] = []

    @property
    def stopped_at(self) -> int:
        """The number of the operation that the last `run` did not get past."""
        return int(self._at[OP])

    def words(self) -> tuple[U64Array, U64Array]:
        """Addresses and values of all state words that were loaded, as they are now."""
        keys, values = np.empty((2, len(self.memory)), np.uint64)
        _items(self.memory, keys, values)
        return keys, values

    @property
    def hashes(self) -> int:
        """Permutations that programs asked for."""
        return int(self._at[HASHES])

    def put(self, addresses: U64Array, words: U64Array) -> None:
        """Set words that `load` would give."""
        _put(self.memory, addresses.reshape(-1), words.reshape(-1))

    def run(self, operations: Sequence[Operation]) -> None:
        """Run operations. Raises Halted at the first of which no alternative holds; those before it stay."""
        rows = self._alternatives(operations)
        flat = np.array([int(x) % P for o in operations for x in o.inputs] + [0], np.uint64)
        offsets = np.cumsum([0, *(len(o.inputs) for o in operations[:-1])], dtype=np.int64)
        chosen = np.zeros(len(operations), np.int64)
        self._reserve(int(self._at[T]) + SLOTS * int(rows[1].max(axis=1, initial=0).sum()))
        self._at[OP] = self._at[LINE] = self._at[CHOICE] = 0
        try:
            while (status := self._go(rows * SLOTS, offsets, flat, chosen)) != DONE:
                self._resume(status, operations)
        finally:
            done = np.arange(int(self._at[OP]))
            first, length = rows[:, done, chosen[done]]
            ends = np.cumsum(length)
            self._rows.append(np.arange(length.sum()) + np.repeat(first - (ends - length), length))

    def _alternatives(self, operations: Sequence[Operation]) -> NDArray[np.int64]:
        """First row and number of rows of each operation's programs: (2, operations, most programs), −1 at
        the end of shorter lists."""
        width = max((len(o.programs) for o in operations), default=1)
        rows = np.full((2, len(operations), width), -1, np.int64)
        places: dict[tuple[str, ...], NDArray[np.int64]] = {}
        for k, operation in enumerate(operations):
            names = operation.programs
            if names not in places:
                routines = [self.code.routines[name] for name in names]
                places[names] = np.array([[r.row for r in routines], [r.rows for r in routines]])
            rows[:, k, : len(names)] = places[names]
        return rows

    def _reserve(self, n: int) -> None:
        """Room for n instructions and a quarter as many permutations."""
        if n > self._values.shape[1]:
            n = 1 << (n - 1).bit_length()
            self._values = _grown(self._values, (3, n))
            self._units = _grown(self._units, (2, n))
            self.states = _grown(self.states, (n >> 2, WIDTH))

    def _go(self, places: Any, offsets: Any, flat: U64Array, chosen: Any) -> int:
        code = self.code
        arrays = code.distances, code.gates, code.units, code.hints
        values, units = tuple(self._values), tuple(self._units)
        machine = self.memory, values, units, self.states, self._at, self._log
        return int(_run(arrays, (places[0], places[1], offsets, flat, chosen), machine))

    def _resume(self, status: int, operations: Sequence[Operation]) -> None:
        if status == FULL:
            self._reserve(2 * self._values.shape[1])
            return
        operation = operations[self._at[OP]]
        if status == MISSING:
            address = int(self._at[ADDRESS]) % (1 << 64)
            words = self._load(address)
            if words is not None and address in words:
                keys = np.fromiter(words.keys(), np.uint64, len(words))
                self.put(keys, np.array([value % P for value in words.values()], np.uint64))
                return
            line = SLOTS * self.code.routines[operation.programs[self._at[CHOICE]]].row + int(self._at[LINE])
        else:
            line = int(self._at[REFUSED])
        names = self.code.routines[operation.programs[0]].inputs
        told = ", ".join(f"{key} {value}" for key, value in zip(names, operation.inputs, strict=True))
        raise Halted(
            f"operation {int(self._at[OP])} ({operation.programs[0]}: {told}) is refused by "
            f"{self.code.place(line)}",
            remedy="leave the operation out of the batch: it cannot be proven",
        )

    def finish(self) -> Run:
        """What was run, for the tables; value reads of the cpu table are counted."""
        n = int(self._at[T])
        values, a, b = (row[:n].copy() for row in self._values)
        rows = np.concatenate([np.zeros(0, np.int64), *self._rows])
        units, offsets = self._units[:, :n].copy()
        called = np.flatnonzero(units)
        calls = {u: called[units[called] == u] for u in np.flatnonzero(np.bincount(units[called])).tolist()}
        lines = (rows[:, None] * SLOTS + np.arange(SLOTS)).reshape(-1)
        t = np.arange(n)
        reads = np.zeros(n, np.int64)
        for distances in self.code.distances:
            reads += np.bincount(t - distances[lines], minlength=n)
        return Run(values, a, b, reads.astype(np.uint64), calls, rows, offsets)
