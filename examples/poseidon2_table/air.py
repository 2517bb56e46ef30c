"""The AIR: one chip, no buses, one public list."""

from __future__ import annotations

from typing import Any

from l2forge.air import Chip, CompiledAir, Row, compile_air
from l2forge.air.chips.poseidon2 import Permutation


class PublishedPermutation(Permutation):
    """Permutations; those with `shown` = 1 are the public list, in row order."""

    def __init__(self) -> None:
        super().__init__(shown="bool")

    def use(self, b: Any, row: Row, next: Row) -> None:
        b.publish("permutations", when=row.shown, values=(*row.input, *self.output(row)))


def poseidon2_air() -> CompiledAir:
    """The AIR of the example."""
    chips: list[Chip] = [PublishedPermutation()]
    return compile_air("poseidon2_table", chips)
