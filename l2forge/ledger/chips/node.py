"""The table of tree nodes above touched leaves: a row each, before and after the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.ledger.chips.hashes import FRESH, NODE_TAG, absorb, digest4
from l2forge.ledger.chips.tree_labels import ACCOUNTS, BASE_LEVEL, GLOBALS, NODE, ROOT_LEVEL
from l2forge.ledger.layout import Kind
from l2forge.stark.poseidon2 import DIGEST

PUBLIC = tuple(f"{side}_root[{k}]" for side in ("old", "new") for k in range(DIGEST))
"""Public scalars of the AIR: the state's root before and after."""


class Nodes(Chip):
    """A row for each inner node above touched leaves, with its two children, before and after.

    1. The first row is the root of the state: label ACCOUNTS, level 21, index 0; its digests are the public
       scalars. It is the only one with `is_root`.
    2. A row takes its child from the bus `node` where `left` or `right` says so: label of the row, level
       one lower, index 2i or 2i + 1. The right child of the root is globals: (GLOBALS, 3·2^32 + 20, 0). A
       child that is not taken is the same before and after. A row that takes none is padding: if it were a
       node, an empty subtree could get the hash of empty children, and the state a root that its leaves do
       not tell.
    3. Each real row's digests are the hashes of its children, tag 3: permutation `number` before, and the
       next one after. Where `was_empty`, the node and its children had digest 0, and nothing was hashed.
    4. Each real row but the root puts (label, level, index, old, new) on the bus.

    Soundness. *Names* are triples (label, level, index). Leaves and nodes put tuples on the bus `node` 0 or 1
    times, nodes and nested roots (`Leaves`, 5) take them 0 or 1 times: fewer than p in all, so the bus
    balances over the integers, and every tuple that is put is taken.
    a. Up: who takes a node's tuple puts one of the level above, or is the state's root or a leaf with a
       nested root. A way up has fewer than 2^24 steps, and those last takers take levels 20 (accounts), 2^32
       + 8 (keys), 2·2^32 + 16 (orders), 3·2^32 + 20 (globals). So from the level where leaves of a sort begin
       it leads to the root of a tree of this sort, exactly depth steps above, and along it the label is one.
    b. Down: no name is taken twice. For the two below the state's root this is rule 1. If a tree's root name
       is taken once, then it is put once, by one row, which takes names 2i and 2i + 1; and so on: rows of
       different names have children of different names. Indices rise from 0 by doubling, so that those of
       level k below the root are the integers 0 … 2^k − 1.
    c. Hence each account and each global appears once. An account takes one root name, made from its place,
       an integer below 2^20; so each key tree has one root name taken once, and each key appears once; then
       so does each order.
    d. A leaf's address is label + 2^8·place (the venue's is fixed), its place below 2^depth: an address of
       its own sort, and of no other leaf.
    e. Digests are a function of children (rule 3; 0 is no hash of anything that a prover knows), so the old
       root fixes all old digests of the touched names, and the new root is that of the tree where they, and
       no others, are replaced: collisions of Poseidon2 aside. Sponges of nodes, messages and leaves of each
       kind begin with different tags.
    """

    name = "nodes"
    columns = Columns(
        is_root="field",
        was_empty="bool",
        left="bool",
        right="bool",
        label="field",
        level="field",
        index="field",
        number="field",
        old=f"field[{DIGEST}]",
        new=f"field[{DIGEST}]",
        left_old=f"field[{DIGEST}]",
        left_new=f"field[{DIGEST}]",
        right_old=f"field[{DIGEST}]",
        right_new=f"field[{DIGEST}]",
    )

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        self._root(b, row, next)
        for side in ("left", "right"):
            for k in range(DIGEST):
                change = row[f"{side}_new"][k] - row[f"{side}_old"][k]
                b.enforce(f"untouched_{side}_stays[{k}]", (1 - row[side]) * change)
        self._children(b, row)
        b.enforce("empty_is_real", row.was_empty * (1 - _is_real(row)))
        for name in ("old", "left_old", "right_old"):
            for k, x in enumerate(row[name]):
                b.enforce(f"empty_{name}[{k}]", row.was_empty * x)
        self._hash(b, row, "old", row.number, _is_real(row) - row.was_empty)
        self._hash(b, row, "new", row.number + 1, _is_real(row))

    @staticmethod
    def _hash(b: Any, row: Row, side: str, number: Expr, when: Expr) -> None:
        children = [*row[f"left_{side}"], *row[f"right_{side}"]]
        absorb(b, number, FRESH, NODE_TAG, children, when)
        digest4(b, number, row[side], when)

    def _root(self, b: Any, row: Row, next: Row) -> None:
        """The first row is the state's root; all others are sent to their parents."""
        b.enforce_first("first_is_root", row.is_root - 1)
        b.enforce("others_are_not", next.is_root)
        b.enforce_first("root_is_real", _is_real(row) - 1)
        for name, value in (("label", ACCOUNTS), ("level", ROOT_LEVEL), ("index", 0)):
            b.enforce_first(f"root_{name}", row[name] - value)
        for side in ("old", "new"):
            for k in range(DIGEST):
                b.enforce_first(f"{side}_root_is_public[{k}]", row[side][k] - b.public(f"{side}_root[{k}]"))
        b.send(NODE, _node(row.label, row.level, row.index, row, ""), _is_real(row) - row.is_root)

    def _children(self, b: Any, row: Row) -> None:
        """Below the state's root, the right half is a tree of its own."""
        level, index = row.level - 1, row.index * 2
        b.receive(NODE, _node(row.label, level, index, row, "left_"), row.left)
        label = row.label + row.is_root * (GLOBALS - ACCOUNTS)
        level = level + row.is_root * BASE_LEVEL[Kind.VENUE]
        b.receive(NODE, _node(label, level, index + 1 - row.is_root, row, "right_"), row.right)


def _is_real(row: Row) -> Expr:
    """1 where a child is taken."""
    taken: Expr = row.left + row.right - row.left * row.right
    return taken


def _node(label: Expr, level: Expr, index: Expr, row: Row, which: str) -> Sequence[Expr]:
    return [label, level, index, *row[f"{which}old"], *row[f"{which}new"]]
