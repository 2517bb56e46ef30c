"""What running programs leaves behind: everything that the tables of the machine are filled from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l2forge.ledger.machine.isa import Unit
from l2forge.stark.field import U64Array


@dataclass
class Run:
    """One execution of a list of operations; arrays are indexed by the number t of an instruction."""

    values: U64Array
    """V[t]."""
    a: U64Array
    """First operand's value."""
    b: U64Array
    """Second operand's value."""
    reads: NDArray[np.uint64]
    """How often V[t] is read so far; every table that reads values adds to it."""
    calls: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    """Unit number → the t of its calls, rising."""
    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Program row (pc) of each row of the cpu table."""
    offsets: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    """By t, of READ and WRITE: the word of the leaf; the address is a + offset."""

    def touched(self) -> U64Array:
        """Addresses of the state words that were read or written, rising."""
        t = np.concatenate([self.calls.get(unit, np.zeros(0, np.int64)) for unit in (Unit.READ, Unit.WRITE)])
        return np.unique(self.a[t] + self.offsets[t].astype(np.uint64))

    def read(self, t: NDArray[np.int64]) -> U64Array:
        """V[t] for distinct t, counted as read."""
        self.reads[t] += np.uint64(1)
        return self.values[t]
