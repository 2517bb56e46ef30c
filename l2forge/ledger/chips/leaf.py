"""The table of touched leaves: a row for each block of 8 words, before and after the batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.ledger.chips.hashes import LEAF_TAG, absorb, digest4
from l2forge.ledger.chips.tree_labels import (
    BASE_LEVEL,
    KEYS_LEVEL,
    NODE,
    ORDERS_LEVEL,
    VENUE_SHIFT,
    WORDS,
    keys_label,
    orders_label,
)
from l2forge.ledger.layout import BLOCK, KIND_SHIFT, SLOT_BITS, Kind
from l2forge.ledger.state.state import ROOT_WORDS, Shape

MEMORY, LEAVES = "memory", "leaves"
PUBLISHED = (Kind.ACCOUNT, Kind.MARKET, Kind.VENUE)
TOUCHED = ROOT_WORDS.start
"""In the block that holds a nested root, `last` of this word says whether the nested tree is touched."""


class Leaves(Chip):
    """A row for each block of each touched leaf; a leaf's blocks stand one below the other.

    1. A first row is of one kind; a row of no kind is padding. `is_first` and `was_empty` are 0 on padding.
    2. The table begins with a first row or padding. A real row that is not first continues the leaf of the
       row before: same kind (so none has two), same `was_empty`, address 8 more, number 1 more. `place` is
       the leaf's position in its tree on its first row, then the number of the block, 1, 2, …; where the next
       row does not continue, or there is none, the block is the last of its kind.
    3. Words: `initial` and `final` are put on and taken from the bus `memory` at `address` + k, times 0 and
       `last`. Words 4 … 7 of the first block of an account or a key, its nested root, are no words of memory.
    4. Digests: the sponge over the blocks before has the permutations `number`, `number` + 1, …, that over
       the blocks after follows it. Each begins with the tag 8 + kind, and the first row's `old` and `new` are
       what comes out of their last ones. The leaf puts its node on the bus `node`: see `tree_labels`.
    5. Nested root: where `last[4]` is 1 the root's tuple is taken from the bus `node`, with the label that
       belongs to the leaf; where it is 0 the root is the same before and after. `last[5]` … `last[7]` are 0.
    6. A leaf that `was_empty` has no sponge before: its old digest is 0, its old words are 0, among them the
       root of its empty nested tree.
    7. Every block of an account, a market or the venue is published: (address, final words).

    `old`, `new` and `tag` are 0 where a row is not first.

    Soundness: why a leaf appears once, and at its own address, is said at `Nodes`. A leaf cannot be cut or
    drawn out: a sponge takes the block of each row in turn, as numbers rise by 1 and permutations after the
    first continue the one before; the digest is that of permutation `number` + B − 1 of the first row, for
    the kind's number B of blocks; and by rule 2 there are exactly B rows (a block past the last never has the
    last one's number again). Kinds cannot alias: a kind's level leads to a tree of its own sort; market and
    venue share one, but only the venue stands at place 0: the words that every batch names there are its own,
    and a market's row at place 0 would have an address that no program names, and take the venue's place.
    """

    name = "leaves"
    columns = Columns(
        account="bool",
        key="bool",
        order="bool",
        market="bool",
        venue="bool",
        is_first="bool",
        was_empty="bool",
        address="field",
        place="field",
        number="field",
        tag="field",
        old=f"field[{BLOCK // 2}]",
        new=f"field[{BLOCK // 2}]",
        initial=f"field[{BLOCK}]",
        final=f"field[{BLOCK}]",
        last=f"field[{BLOCK}]",
    )

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        is_real, holds_root = _is_real(row), row.is_first * (row.account + row.key)
        b.enforce("first_has_one_kind", row.is_first * (1 - is_real))
        b.enforce("empty_is_real", row.was_empty * (1 - is_real))
        b.enforce("tag_of_kind", row.tag - row.is_first * _by_kind(row, {k: LEAF_TAG + k for k in Kind}))
        b.enforce("venue_is_at_0", row.venue * row.place)
        self._sequence(b, row, next)
        self._emptiness(b, row)
        self._nested_root(b, row, holds_root)
        self._memory(b, row, holds_root)
        self._digests(b, row)
        published = reduce(add, [row[kind.name.lower()] for kind in PUBLISHED])
        b.known_bool(published)
        b.publish(LEAVES, when=published, values=(row.address, *row.final))

    def _sequence(self, b: Any, row: Row, next: Row) -> None:
        """The blocks of a leaf follow each other, from the first to the last."""
        goes_on = _is_real(next) - next.is_first
        block = (1 - row.is_first) * row.place
        missing = _by_kind(row, {k: self.shape.blocks(k) - 1 for k in Kind}) - block * _is_real(row)
        b.enforce_first("begins_with_a_leaf", _is_real(row) - row.is_first)
        # Kinds are boolean, so that this sum says which of them are 1.
        bits = {kind: 1 << kind for kind in Kind}
        b.enforce("kind_is_kept", goes_on * (_by_kind(next, bits) - _by_kind(row, bits)))
        b.enforce("emptiness_is_kept", goes_on * (next.was_empty - row.was_empty))
        b.enforce("address_rises", goes_on * (next.address - row.address - BLOCK))
        b.enforce("number_rises", goes_on * (next.number - row.number - 1))
        b.enforce("block_rises", goes_on * (next.place - block - 1))
        b.enforce("leaf_is_whole", (1 - goes_on) * missing)
        b.enforce_last("last_leaf_is_whole", missing)

    def _emptiness(self, b: Any, row: Row) -> None:
        """A leaf that was never touched had words 0 and digest 0."""
        for k, x in enumerate(row.initial):
            b.enforce(f"empty_word[{k}]", row.was_empty * x)
        for k, x in enumerate(row.old):
            b.enforce(f"empty_digest[{k}]", row.was_empty * x)

    def _nested_root(self, b: Any, row: Row, holds_root: Expr) -> None:
        """A nested root is that of its tree where that is touched, else it stays."""
        words = range(*ROOT_WORDS.indices(BLOCK))
        touched = row.last[TOUCHED]
        b.enforce("touched_is_boolean", holds_root * touched * (touched - 1))
        for k in words:
            if k != TOUCHED:
                b.enforce(f"unused_time[{k}]", holds_root * row.last[k])
            b.enforce(f"root_is_kept[{k}]", holds_root * (1 - touched) * (row.final[k] - row.initial[k]))
        # An account's place is its number; a key's address is 2·2^60 + 2^8·(index of its leaf).
        of_key = (row.address - (Kind.KEY << KIND_SHIFT)) * (1 << SLOT_BITS)
        label = row.account * (row.place * (keys_label(1) - keys_label(0)) + keys_label(0))
        label = label + row.key * (of_key + orders_label(0))
        level = row.account * KEYS_LEVEL + row.key * ORDERS_LEVEL
        roots = (*row.initial[ROOT_WORDS], *row.final[ROOT_WORDS])
        b.receive(NODE, [label, level, 0, *roots], holds_root * touched)

    def _memory(self, b: Any, row: Row, holds_root: Expr) -> None:
        for k in range(BLOCK):
            is_word = _is_real(row)
            if k in range(*ROOT_WORDS.indices(BLOCK)):
                is_word = is_word - holds_root
            b.send(MEMORY, [row.address + k, 0, row.initial[k]], is_word)
            b.receive(MEMORY, [row.address + k, row.last[k], row.final[k]], is_word)

    def _digests(self, b: Any, row: Row) -> None:
        """The sponges over the blocks before and after; the leaf's node."""
        n_blocks = _by_kind(row, {kind: self.shape.blocks(kind) for kind in Kind})
        is_real, new_number = _is_real(row), row.number + n_blocks
        absorb(b, row.number, 1 - row.is_first, row.tag, row.initial, is_real - row.was_empty)
        absorb(b, new_number, 1 - row.is_first, row.tag, row.final, is_real)
        digest4(b, new_number - 1, row.old, row.is_first * (1 - row.was_empty))
        digest4(b, new_number + n_blocks - 1, row.new, row.is_first)
        label = row.address - row.place * WORDS + row.venue * VENUE_SHIFT
        level = _by_kind(row, BASE_LEVEL)
        b.send(NODE, [label, level, row.place, *row.old, *row.new], row.is_first)
        for side in ("old", "new"):
            for k, x in enumerate(row[side]):
                b.enforce(f"{side}_stands_first[{k}]", (1 - row.is_first) * x)


def _is_real(row: Row) -> Expr:
    """1 on the rows of leaves."""
    return _by_kind(row, dict.fromkeys(Kind, 1))


def _by_kind(row: Row, values: dict[Kind, int]) -> Expr:
    """The value of the row's kind; 0 on padding rows."""
    terms: Sequence[Expr] = [row[kind.name.lower()] * value for kind, value in values.items()]
    return reduce(add, terms)
