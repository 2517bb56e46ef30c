"""The layout of a proof: which trees, openings and layers it has, from the AIR, the heights, the parameters.

Everything here is a function of public facts, so that a proof carries no sizes of its own
(docs/protocol.md, sections 4, 5 and 8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from l2forge.stark.air_interface import Air, AirTable
from l2forge.stark.params import EXTENSION_DEGREE, LOG_FOLD, TWO_ADICITY, ProofParameters, ProofShape
from l2forge.stark.steps import Step

ABSENT = -1
ABSENT_BYTE = 0xFF
ELEMENT_BYTES = 8
EXT_BYTES = ELEMENT_BYTES * EXTENSION_DEGREE
NONCE_BYTES = 8

PREPROCESSED, MAIN, INTERACTION, QUOTIENT = "preprocessed", "main", "interaction", "quotient"
TREE_STEPS = {
    PREPROCESSED: Step.MAIN_OPENING,
    MAIN: Step.MAIN_OPENING,
    INTERACTION: Step.INTERACTION_OPENING,
    QUOTIENT: Step.QUOTIENT_OPENING,
}


@dataclass(frozen=True, slots=True)
class Term:
    """One base column's part in DEEP: coefficient `limb` of the function opened at these indices."""

    at_z: int
    at_next: int | None
    limb: int


@dataclass(frozen=True, slots=True)
class Group:
    """The matrices of one height in a tree: a row is their rows one after the other."""

    log_rows: int
    terms: tuple[Term, ...]

    @property
    def width(self) -> int:
        """Base columns of a row."""
        return len(self.terms)


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """One Merkle tree over matrices of different heights, tallest group first."""

    name: str
    groups: tuple[Group, ...]

    @property
    def log_leaves(self) -> int:
        """log2 of the number of leaves: the rows of the tallest group."""
        return self.groups[0].log_rows

    @property
    def step(self) -> Step:
        """The verifier's step that opens this tree."""
        return TREE_STEPS[self.name]


@dataclass(frozen=True, slots=True)
class Opening:
    """A function opened at z, and at zω_n when `next_index` is not None."""

    tree: str
    table: int
    """index of the table; ABSENT for the quotient"""
    column: int
    is_ext: bool


@dataclass(frozen=True)
class ProofLayout:
    """The sizes and orders of a proof of `air` under `params` with these heights (ABSENT for no table)."""

    air: Air = field(repr=False)
    params: ProofParameters
    log_heights: tuple[int, ...]

    @cached_property
    def present(self) -> tuple[int, ...]:
        """Indices of the tables that are present."""
        return tuple(i for i, h in enumerate(self.log_heights) if h != ABSENT)

    @cached_property
    def log_height(self) -> int:
        """H."""
        return max(self.log_heights)

    @property
    def log_domain(self) -> int:
        """log2 N."""
        return self.log_height + self.params.log_blowup

    @property
    def summed(self) -> tuple[int, ...]:
        """Indices of the present tables that have a sum."""
        return tuple(i for i in self.present if self.air.tables[i].has_sum)

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """The functions opened at z, in order."""
        listed = [
            Opening(tree, i, column, tree == INTERACTION)
            for tree in (PREPROCESSED, MAIN, INTERACTION)
            for i in self.present
            for column in range(n_columns(self.air.tables[i], tree))
        ]
        listed += [Opening(QUOTIENT, ABSENT, k, True) for k in range(self.air.n_chunks)]
        return tuple(listed)

    @cached_property
    def next_openings(self) -> tuple[int, ...]:
        """Indices into `openings` of the functions that are opened at zω_n too, in order."""
        return tuple(
            j
            for j, opening in enumerate(self.openings)
            if opening.tree != QUOTIENT
            and opening.column in mask(self.air.tables[opening.table], opening.tree)
        )

    @property
    def n_openings(self) -> int:
        """A + M."""
        return len(self.openings) + len(self.next_openings)

    @cached_property
    def trees(self) -> tuple[TreeLayout, ...]:
        """The trees that have a column, in the order preprocessed, main, interaction, quotient."""
        layouts = [TreeLayout(name, self._groups(name)) for name in TREE_STEPS]
        return tuple(layout for layout in layouts if layout.groups)

    def _groups(self, tree: str) -> tuple[Group, ...]:
        next_index = {j: len(self.openings) + k for k, j in enumerate(self.next_openings)}
        by_height: dict[int, list[Term]] = {}
        for j, opening in enumerate(self.openings):
            if opening.tree != tree:
                continue
            height = self.log_height if tree == QUOTIENT else self.log_heights[opening.table]
            limbs = range(EXTENSION_DEGREE if opening.is_ext else 1)
            terms = [Term(j, next_index.get(j), limb) for limb in limbs]
            by_height.setdefault(height + self.params.log_blowup, []).extend(terms)
        return tuple(Group(h, tuple(by_height[h])) for h in sorted(by_height, reverse=True))

    def has_tree(self, name: str) -> bool:
        """Whether the proof has the tree of this name."""
        return any(tree.name == name for tree in self.trees)

    @property
    def n_layers(self) -> int:
        """FRI layers."""
        return self.params.n_layers(self.log_height)

    def log_leaves(self, layer: int) -> int:
        """log2 of the leaves of a FRI layer: N/8^(l+1)."""
        return self.log_domain - LOG_FOLD * (layer + 1)

    @property
    def n_final(self) -> int:
        """Final coefficients."""
        return 1 << self.params.log_final_size(self.log_height)

    @property
    def head_bytes(self) -> int:
        """Bytes of the proof's head: everything before the query openings."""
        n_roots = 2 + self.has_tree(INTERACTION) + self.n_layers
        n_elements = len(self.summed) + len(self.air.lists) + self.n_openings + self.n_final
        fixed = len(self.air.tables) + NONCE_BYTES
        return fixed + n_roots * self.params.node_bytes + n_elements * EXT_BYTES

    def shape(self, n_list_elements: int) -> ProofShape:
        """What the security of a proof of this layout depends on."""
        present = [(self.air.tables[i], 1 << self.log_heights[i]) for i in self.present]
        return ProofShape(
            log_height=self.log_height,
            n_functions=self.n_openings,
            n_constraints=sum(len(table.constraints) for table, _ in present),
            max_degree=self.air.max_degree,
            n_lookups=sum(len(table.interactions) * height for table, height in present),
            lookup_width=max((bus.width for bus in self.air.buses), default=0),
            n_list_elements=n_list_elements,
        )


def n_columns(table: AirTable, tree: str) -> int:
    """Functions of a table in a tree; an interaction column is one function over K."""
    columns = {
        PREPROCESSED: table.n_preprocessed,
        MAIN: table.n_main,
        INTERACTION: table.n_interaction,
    }
    return columns[tree]


def mask(table: AirTable, tree: str) -> tuple[int, ...]:
    """Columns of a table in a tree that some constraint reads on the next row."""
    masks = {
        PREPROCESSED: table.preprocessed_mask,
        MAIN: table.main_mask,
        INTERACTION: table.interaction_mask,
    }
    return masks[tree]


def encode_heights(log_heights: Sequence[int]) -> bytes:
    """One byte per table: log-height, or 0xff when absent (T2)."""
    return bytes(ABSENT_BYTE if h == ABSENT else h for h in log_heights)


def decode_heights(encoded: bytes) -> tuple[int, ...]:
    """Log-heights, ABSENT for an absent table, from their bytes."""
    return tuple(ABSENT if h == ABSENT_BYTE else h for h in encoded)


def height_problems(air: Air, log_blowup: int, log_heights: Sequence[int]) -> Iterator[str]:
    """What is wrong with these log-heights, one per table; nothing when a proof may have them (step 2)."""
    if len(log_heights) != len(air.tables):
        yield f"{len(log_heights)} heights for {len(air.tables)} tables"
        return
    if all(h == ABSENT for h in log_heights):
        yield "every table is absent"
    for table, h in zip(air.tables, log_heights, strict=True):
        if h == ABSENT and not table.optional:
            yield f"table {table.name} is absent, and the AIR requires it"
        if h != ABSENT and not table.min_log_height <= h <= table.max_log_height:
            bounds = f"2^{table.min_log_height} to 2^{table.max_log_height}"
            yield f"table {table.name} has 2^{h} rows, not {bounds}"
    if max(log_heights) + log_blowup > TWO_ADICITY:
        yield f"a domain of 2^{max(log_heights) + log_blowup} points exceeds 2^{TWO_ADICITY}"


def largest_shape(air: Air, log_blowup: int, max_log_height: int = TWO_ADICITY) -> ProofShape:
    """The shape of the largest proof: every table present, as high as it may be up to 2^max_log_height."""
    limit = min(max_log_height, TWO_ADICITY - log_blowup)
    log_heights = tuple(max(table.min_log_height, min(limit, table.max_log_height)) for table in air.tables)
    layout = ProofLayout(air, ProofParameters(log_blowup, 1, 0, TWO_ADICITY, 32), log_heights)
    elements = [entries.width << log_heights[entries.table] for entries in air.lists]
    return layout.shape(max(elements, default=0))
