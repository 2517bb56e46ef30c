"""The table that range types look their limbs up in: a counter from 0 to 2^16 − 1."""

from __future__ import annotations

from typing import Any

from l2forge.air.builder import RANGE_BUS
from l2forge.air.chip import Chip, Row
from l2forge.air.columns import LIMB_BITS, Columns


class Range16(Chip):
    """All 16-bit values, once each, with the number of times that each is looked up.

    1. The counter is 0 on the first row and rises by 1.
    2. It is 2^16 − 1 on the last row, so the table has 2^16 rows and holds every value once.
    Soundness: `count` is free. A value outside the table would need its number of look-ups to be 0 mod p,
    and there are fewer than p look-ups.
    """

    name = "range16"
    columns = Columns(value="field", count="field")
    optional = True

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.enforce_first("value_starts_at_0", row.value)
        b.enforce("value_rises_by_1", next.value - row.value - 1)
        b.enforce_last("value_ends_at_65535", row.value - (2**LIMB_BITS - 1))
        b.receive(RANGE_BUS, [row.value], row.count)
