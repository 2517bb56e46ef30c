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
    """DOC"""

    name = "nodes"
    columns = Columns(
        is_real="bool",
        is_root="field",
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
            b.enforce(f"{side}_is_real", row[side] * (1 - row.is_real))
            for k in range(DIGEST):
                change = row[f"{side}_new"][k] - row[f"{side}_old"][k]
                b.enforce(f"untouched_{side}_stays[{k}]", (1 - row[side]) * change)
        self._children(b, row)
        for side, number in (("old", row.number), ("new", row.number + 1)):
            absorb(b, number, FRESH, NODE_TAG, [*row[f"left_{side}"], *row[f"right_{side}"]], row.is_real)
            digest4(b, number, row[side], row.is_real)

    def _root(self, b: Any, row: Row, next: Row) -> None:
        """The first row is the state's root; all others are sent to their parents."""
        b.enforce_first("first_is_root", row.is_root - 1)
        b.enforce("others_are_not", next.is_root)
        for name, value in (("is_real", 1), ("label", ACCOUNTS), ("level", ROOT_LEVEL), ("index", 0)):
            b.enforce_first(f"root_{name}", row[name] - value)
        for side in ("old", "new"):
            for k in range(DIGEST):
                b.enforce_first(f"{side}_root_is_public[{k}]", row[side][k] - b.public(f"{side}_root[{k}]"))
        b.send(NODE, _node(row.label, row.level, row.index, row, ""), row.is_real - row.is_root)

    def _children(self, b: Any, row: Row) -> None:
        """Below the state's root, the right half is a tree of its own."""
        level, index = row.level - 1, row.index * 2
        b.receive(NODE, _node(row.label, level, index, row, "left_"), row.left)
        label = row.label + row.is_root * (GLOBALS - ACCOUNTS)
        level = level + row.is_root * BASE_LEVEL[Kind.VENUE]
        b.receive(NODE, _node(label, level, index + 1 - row.is_root, row, "right_"), row.right)


def _node(label: Expr, level: Expr, index: Expr, row: Row, which: str) -> Sequence[Expr]:
    return [label, level, index, *row[f"{which}old"], *row[f"{which}new"]]
