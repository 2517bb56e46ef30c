"""The AIR: a row for each level of the path, and a table of permutations over four rows each."""

from __future__ import annotations

from typing import Any

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.chips.poseidon2_rows import PermutationRows, send_permutation

DIGEST = 4
PUBLIC = (
    *(f"{name}[{k}]" for name in ("old_leaf", "new_leaf", "old_root", "new_root") for k in range(DIGEST)),
    "index",
    "leaves",
)


class Path(Chip):
    """The path of one leaf, from the leaf up; `old` and `new` are the node before and after.

    1. The first row starts with the old and the new leaf.
    2. On a real row, the parents are the hashes of the nodes with their common sibling, in the order that
       `bit` says (1: the node is the right child).
    3. On a padding row, the parents are the nodes. The next row starts with the parents.
    4. The last row's parents are the roots.
    5. `weight` doubles on each real row, from 1 up to the number of leaves; `index` gathers bit·weight.
    Soundness: at most 64 rows, so that `weight` ≤ 2^64 names one depth (2 has order 192 mod p).
    """

    name = "path"
    columns = Columns(
        is_real="real",
        bit="bool",
        weight="field",
        index="field",
        sibling="field[4]",
        old="field[4]",
        new="field[4]",
        old_parent="field[4]",
        new_parent="field[4]",
        old_hash="field",
        new_hash="field",
    )
    max_log_height = 6

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        for side, number in (("old", row.old_hash), ("new", row.new_hash)):
            self._follow(b, row, next, side)
            node, sibling = row[side], row.sibling
            left = [x + row.bit * (y - x) for x, y in zip(node, sibling, strict=True)]
            right = [x + y - z for x, y, z in zip(node, sibling, left, strict=True)]
            send_permutation(b, number, [*left, *right, 0, 0, 0, 0], row[f"{side}_parent"], row.is_real)
        b.enforce_first("weight_starts_at_1", row.weight - 1)
        b.enforce_first("index_starts_at_0", row.index)
        weight = row.weight * (1 + row.is_real)
        index = row.index + row.is_real * row.bit * row.weight
        b.enforce("weight_doubles", next.weight - weight)
        b.enforce("index_takes_bit", next.index - index)
        b.enforce_last("weight_ends_at_leaves", weight - b.public("leaves"))
        b.enforce_last("index_is_public", index - b.public("index"))

    def _follow(self, b: Any, row: Row, next: Row, side: str) -> None:
        for k in range(DIGEST):
            node, parent = row[side][k], row[f"{side}_parent"][k]
            b.enforce_first(f"{side}_starts_at_leaf[{k}]", node - b.public(f"{side}_leaf[{k}]"))
            b.enforce(f"{side}_is_kept_by_padding[{k}]", (1 - row.is_real) * (parent - node))
            b.enforce(f"{side}_continues[{k}]", next[side][k] - parent)
            b.enforce_last(f"{side}_ends_at_root[{k}]", parent - b.public(f"{side}_root[{k}]"))


def merkle_air() -> CompiledAir:
    """The AIR of the example."""
    return compile_air("merkle_update", [Path(), PermutationRows()], public=PUBLIC)
