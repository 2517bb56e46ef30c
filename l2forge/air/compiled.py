"""A compiled AIR: everything that prover, verifiers and emitters need, frozen; see docs/air.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from l2forge.air.errors import AirError
from l2forge.air.evaluate import composition
from l2forge.air.table import Bus, PublicList, Table
from l2forge.stark.claims import Claims, Point
from l2forge.stark.ext import Ext
from l2forge.stark.keccak import keccak256


@dataclass(frozen=True)
class CompiledAir:
    """An AIR. `listing` is canonical: equal listings are equal AIRs, and its keccak-256 is `AirHash`."""

    name: str
    tables: tuple[Table, ...]
    buses: tuple[Bus, ...]
    public: tuple[str, ...]
    """names of the public scalars, in order"""
    lists: tuple[PublicList, ...]
    max_degree: int
    listing: str = field(repr=False)

    @cached_property
    def hash(self) -> bytes:
        """AirHash: keccak-256 of the canonical listing, 32 bytes."""
        return keccak256(self.listing.encode())

    @property
    def n_chunks(self) -> int:
        """c: the least power of two that is at least the maximal constraint degree − 1."""
        return 1 << max(0, self.max_degree - 2).bit_length()

    @property
    def n_base_columns(self) -> int:
        """Opened base columns: preprocessed, main, three for each interaction column, 3c of the quotient."""
        tables = sum(t.n_preprocessed + t.n_main + 3 * t.n_interaction for t in self.tables)
        return tables + 3 * self.n_chunks

    def table(self, name: str) -> Table:
        """The table called `name`. Raises AirError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise AirError(f"the AIR {self.name} has no table {name!r}")

    def composition_at(
        self,
        z: Ext,
        log_heights: Sequence[int],
        points: Sequence[Point | None],
        claims: Claims,
        gamma: Ext,
    ) -> Ext:
        """The composition at z from the openings: see `evaluate.composition`."""
        return composition(self.tables, z, log_heights, points, claims, gamma)
