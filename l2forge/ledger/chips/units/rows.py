"""Rows of unit tables: which calls they serve, how many there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2forge.air.columns import Columns
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.machine.run import Run
from l2forge.stark.field import U64Array


def calls_of(run: Run, unit: Unit) -> NDArray[np.int64]:
    """The rising t of the calls of a unit."""
    return run.calls.get(int(unit), np.zeros(0, np.int64))


def empty_trace(columns: Columns, n_rows: int) -> U64Array:
    """Zeros (columns, rows), rows the least power of two ≥ 2 that holds n_rows."""
    return np.zeros((len(columns), 1 << max(1, (n_rows - 1).bit_length())), np.uint64)
