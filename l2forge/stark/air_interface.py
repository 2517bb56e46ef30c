"""What prover and verifier need to know of an AIR; `l2forge.air` compiles such AIRs.

This layer stands below the language, so it names only what it uses: numbers of columns, masks, bounds and
four computations. docs/protocol.md, section 2, says what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from l2forge.stark.claims import Claims, Point
from l2forge.stark.ext import Ext
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues


class AirTable(Protocol):
    """The shape of one table."""

    @property
    def name(self) -> str:
        """The table's name."""

    @property
    def optional(self) -> bool:
        """Whether a proof may do without the table."""

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

    def composition_at(
        self,
        z: Ext,
        log_heights: Sequence[int],
        points: Sequence[Point | None],
        claims: Claims,
        gamma: Ext,
    ) -> Ext:
        """Horner in γ over all constraints of the present tables at z: C ← C·γ + constraint."""


class InteractionColumns(Protocol):
    """A table's interaction columns with what they claim."""

    @property
    def columns(self) -> U64Array:
        """(3·n_interaction, height), natural order: three base columns for each."""

    @property
    def sum(self) -> Ext | None:
        """S, or None for a table without interactions."""

    @property
    def fingerprints(self) -> Mapping[int, Ext]:
        """F of each list that the table publishes, by the list's index."""


@dataclass(frozen=True)
class CosetColumns:
    """A table's columns on shift·⟨ω⟩, bit-reversed, of which the first 2^(log_height + log_expansion) rows
    are the points of the coset of that order; a missing matrix is None."""

    main: U64Array
    preprocessed: U64Array | None
    interaction: U64Array | None
    log_height: int
    log_expansion: int
    shift: int


class Arithmetization(Protocol):
    """What a prover computes with an AIR's constraints."""

    @property
    def air(self) -> Air:
        """The AIR."""

    def check(self, traces: Sequence[U64Array | None], public: PublicValues) -> None:
        """Raise, naming constraint, row and values, unless the main traces (None: absent) satisfy the AIR."""

    def interaction(self, table: int, main: U64Array, claims: Claims) -> InteractionColumns:
        """The interaction columns of a main trace (n_main, height) for the challenges of `claims`."""

    def expansions(self, table: int) -> Sequence[int]:
        """The parts into which the table's constraints are divided, by log_expansion: the quotient of a part
        has degree below 2^(log_height + log_expansion). At most log2 of the AIR's n_chunks."""

    def composition(
        self, table: int, columns: CosetColumns, claims: Claims, weights: Sequence[Ext]
    ) -> U64Array:
        """Σ_k weights[k]·constraint_k over the constraints of the part columns.log_expansion, on the coset:
        (3, 2^(log_height + log_expansion)), bit-reversed."""
