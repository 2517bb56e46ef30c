"""What prover and verifier need to know of an AIR; `l2forge.air` compiles such AIRs.

This layer stands below the language, so it names only what it uses: numbers of columns, masks, bounds and
four computations. docs/protocol.md, section 2, says what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from l2forge.stark.field import U64Array


class AirTable(Protocol):
    """The shape of one table."""

    @property
    def name(self) -> str:
        """The table's name."""

    @property
    def n_preprocessed(self) -> int:
        """Preprocessed columns, in F."""

    @property
    def preprocessed(self) -> U64Array | None:
        """(n_preprocessed, height) in natural order; fixes the height."""

    @property
    def n_main(self) -> int:
        """Main columns, in F."""

    @property
    def n_interaction(self) -> int:
        """Interaction columns, in K."""

    @property
    def has_sum(self) -> bool:
        """Whether the table has interactions, hence a claimed sum."""

    @property
    def preprocessed_mask(self) -> tuple[int, ...]:
        """Columns that a constraint reads on the next row, ascending; likewise the other two masks."""

    @property
    def main_mask(self) -> tuple[int, ...]:
        """See preprocessed_mask."""

    @property
    def interaction_mask(self) -> tuple[int, ...]:
        """See preprocessed_mask."""

    @property
    def min_log_height(self) -> int:
        """Least log2 of the height."""

    @property
    def max_log_height(self) -> int:
        """Greatest log2 of the height."""

    @property
    def constraints(self) -> Sequence[object]:
        """One entry per constraint."""

    @property
    def interactions(self) -> Sequence[object]:
        """One entry per interaction."""


class AirList(Protocol):
    """A public list: tuples of `width` elements, published by the table of index `table`."""

    @property
    def name(self) -> str:
        """The list's name."""

    @property
    def width(self) -> int:
        """Elements of one tuple."""

    @property
    def table(self) -> int:
        """Index of the publishing table."""


class AirBus(Protocol):
    """A bus: the width of its tuples."""

    @property
    def width(self) -> int:
        """Elements of one tuple."""


class Air(Protocol):
    """An AIR as the protocol sees it."""

    @property
    def hash(self) -> bytes:
        """AirHash, 32 bytes."""

    @property
    def tables(self) -> Sequence[AirTable]:
        """The tables in their fixed order."""

    @property
    def public(self) -> Sequence[str]:
        """Names of the public scalars."""

    @property
    def lists(self) -> Sequence[AirList]:
        """The public lists."""

    @property
    def buses(self) -> Sequence[AirBus]:
        """The buses."""

    @property
    def n_chunks(self) -> int:
        """c, the chunks of the quotient: a power of two."""

    @property
    def max_degree(self) -> int:
        """The maximal constraint degree."""
