"""The engine as Python sees it: batches of commands in, results and events out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2forge.engine import layout as at
from l2forge.engine.commands import COMMAND_WORDS, Commands
from l2forge.engine.config import Capacity, EngineConfig, from_spec
from l2forge.engine.digest import state_digest
from l2forge.engine.due import MAX_DUE, N_KINDS, find_due
from l2forge.engine.machine import apply_batch
from l2forge.engine.state import new_state
from l2forge.errors import InputError
from l2forge.spec.models import Spec

_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


@dataclass(frozen=True)
class Outcome:
    """What a batch did: a reason per command (0: accepted) and the events in order (n × EVENT_WORDS)."""

    results: NDArray[np.int64]
    events: NDArray[np.int64]


class Engine:
    """One venue in memory. Not safe for use by several threads at once."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._state = new_state(config)
        self._n_state = int(self._state[at.H_EVENTS_AT])

    @classmethod
    def from_spec(cls, spec: Spec, capacity: Capacity | None = None) -> Engine:
        """The venue that a validated spec describes."""
        return cls(from_spec(spec, capacity))

    @property
    def state(self) -> NDArray[np.int64]:
        """The flat state (see layout.py), without the event rows. Read it, never write it."""
        return self._state[: self._n_state]

    @property
    def memory(self) -> Any:
        """What kernels run on: the array, or in a plain run a memoryview of it."""
        return self._state.data if _PLAIN else self._state

    def apply(self, commands: Commands, *, copy: bool = True) -> Outcome:
        """Apply a batch (n × 8 int64, see commands.py) in order.

        With copy=False the events may be a view that the next call overwrites.
        """
        rows = np.ascontiguousarray(commands, dtype=np.int64)
        if rows.size % COMMAND_WORDS:
            raise InputError(f"a command is {COMMAND_WORDS} words, got {rows.size}")
        n = rows.size // COMMAND_WORDS
        results = np.zeros(n, dtype=np.int64)
        flat: Any = rows.reshape(-1)
        out: Any = results
        if _PLAIN:
            flat, out = flat.data, out.data
        events = []
        done = 0
        while True:
            done = apply_batch(self.memory, flat, done, n, out)
            events.append(self._read_events(copy or done < n))
            if done == n:
                return Outcome(results, events[0] if len(events) == 1 else np.concatenate(events))

    def _read_events(self, copy: bool) -> NDArray[np.int64]:
        n = int(self._state[at.C_N_EVENTS])
        rows = self._state[self._n_state : self._n_state + n * at.EVENT_WORDS].reshape(n, at.EVENT_WORDS)
        return rows.copy() if copy else rows

    def due(self, time: int, *, liquidator: int = 0, limit: int = MAX_DUE) -> Commands:
        """The commands that a keeper is to send at `time` (see due.py), ready to be applied.

        At most `limit` of each kind. `liquidator` (0: none) gets the keeper's part of penalties and takes
        over what the market does not take. Applying them can make more due, and leave some refused that an
        earlier one has settled; once a call returns nothing, nothing is due.
        """
        if time < self._state[at.H_NOW]:
            raise InputError(f"the venue's clock stands at {self._state[at.H_NOW]} ms, past {time} ms")
        if limit < 1 or not 0 <= liquidator < self._state[at.H_N_ACCOUNTS]:
            raise InputError(f"no rows for liquidator {liquidator} and limit {limit}: out of range")
        rows = np.zeros((N_KINDS * limit, COMMAND_WORDS), dtype=np.int64)
        flat: Any = rows.reshape(-1)
        return rows[: find_due(self.memory, flat.data if _PLAIN else flat, time, liquidator, limit)]

    def digest(self) -> bytes:
        """32 bytes over the canonical contents: equal for equal venues, whatever their history of slots."""
        return state_digest(self.memory)

    def snapshot(self) -> NDArray[np.int64]:
        """A copy of the state."""
        return self.state.copy()

    def restore(self, snapshot: NDArray[np.int64]) -> None:
        """Return to a snapshot of an engine with the same configuration and capacity."""
        if snapshot.shape != (self._n_state,) or snapshot[at.H_MAGIC] != at.MAGIC:
            raise InputError("this is not a snapshot of an engine with the same configuration")
        self._state[: self._n_state] = snapshot
