"""Read-write memory checked offline: what is read at an address is what was last written there.

Every access at time t takes the tuple (address, time of the last access, value found) from the memory bus and
puts (address, t, value left) on it; the last access lies before t by a range check. The table `Memory` puts
each address's first tuple on the bus, at time 0, and takes its last one. If the bus balances, then in the
order of time exactly one tuple of each address is on it, so each access finds what the one before left.
Source: Blum, Evans, Gemmell, Kannan, Naor, Checking the correctness of memories (1991), with LogUp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr


def access(
    b: Any,
    bus: str,
    *,
    address: Expr | int,
    time: Expr,
    gap: Expr,
    values: tuple[Sequence[Expr], Sequence[Expr]],
    multiplicity: Expr,
) -> None:
    """One access at `time` ≥ 1: values = (found, left), equal for a read.

    `gap` = time − 1 − (time of the last access) must be range-checked on the rows where `multiplicity`, a
    boolean, is 1. Soundness: times are below 2^32, so a gap that is too large names a time that no tuple has.
    """
    found, left = values
    b.receive(bus, [address, time - 1 - gap, *found], multiplicity)
    b.send(bus, [address, time, *left], multiplicity)


class Memory(Chip):
    """One row for each address that is used, in rising order.

    1. Addresses rise strictly on real rows: next − address − 1 is the range-checked `gap`. Both are below
       2^32, so that nothing wraps around, and no address has two rows, i.e. two timelines.
    2. Each real row sends (address, 0, initial) and receives (address, time, final).
    A subclass says in `bind` where initial values come from and where final ones go.
    """

    def __init__(self, name: str = "memory", bus: str = "memory", n_values: int = 1) -> None:
        self.name, self.bus = name, bus
        self.columns = Columns(
            is_real="real",
            address="u32",
            gap="u32",
            time="field",
            initial=f"field[{n_values}]",
            final=f"field[{n_values}]",
        )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce("addresses_rise", next.is_real * (next.address - row.address - 1 - row.gap))
        b.send(self.bus, [row.address, 0, *row.initial], row.is_real)
        b.receive(self.bus, [row.address, row.time, *row.final], row.is_real)
        self.bind(b, row, next)

    def bind(self, b: Any, row: Row, next: Row) -> None:
        """What initial and final values are."""
