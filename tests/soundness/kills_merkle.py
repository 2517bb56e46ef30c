"""Kill witnesses of the Merkle path: paths that go wrong at one place and right from there on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from examples.merkle_update import Path
from l2forge.air.chips.poseidon2_rows import permutation_rows
from l2forge.air.witness import make_trace
from l2forge.stark.field import P
from l2forge.stark.poseidon2 import permute_ints
from l2forge.stark.public import PublicValues
from tests.soundness.statements import Statement, airs

Place = tuple[int, str, int]
"""(row, column, element)"""
ROWS = 4
LEAVES = {"old": [1, 2, 3, 4], "new": [5, 6, 7, 8]}
SIBLINGS = [[10 + k, 20 + k, 30 + k, 40 + k] for k in range(ROWS)]


def path_statement(
    real: Sequence[int] = (1, 1, 1, 0),
    bits: Sequence[int] = (1, 0, 1, 0),
    place: Place | None = None,
    public_change: Mapping[int, int] | None = None,
) -> Statement:
    """A path over four rows; 1 is added to the cell at `place` before what depends on it is computed, and the
    public values are those of the last row, with `public_change` (index → amount) added."""
    rows: list[dict[str, list[int]]] = []
    inputs: list[list[int]] = []
    state = {**LEAVES, "weight": [1], "index": [0]}

    def keep(row: dict[str, list[int]], name: str, values: Sequence[int]) -> list[int]:
        here = (len(rows), name)
        row[name] = [(v + (place is not None and place == (*here, k))) % P for k, v in enumerate(values)]
        return row[name]

    for is_real, bit, sibling in zip(real, bits, SIBLINGS, strict=True):
        row: dict[str, list[int]] = {"is_real": [is_real], "bit": [bit], "sibling": sibling}
        for side in ("old", "new"):
            node = keep(row, side, state[side])
            left = [(x + bit * (y - x)) % P for x, y in zip(node, sibling, strict=True)]
            block = [*left, *[(x + y - z) % P for x, y, z in zip(node, sibling, left, strict=True)]]
            parent, number = node, 0
            if is_real == 1:
                number = len(inputs)
                inputs.append([*block, 0, 0, 0, 0])
                parent = permute_ints(inputs[-1])[:4]
            row[f"{side}_hash"] = [number]
            state[side] = keep(row, f"{side}_parent", parent)
        weight, index = keep(row, "weight", state["weight"]), keep(row, "index", state["index"])
        state["weight"] = [weight[0] * (1 + is_real) % P]
        state["index"] = [(index[0] + is_real * bit * weight[0]) % P]
        rows.append(row)
    return _assemble(rows, inputs, state, public_change or {})


def _assemble(
    rows: Sequence[dict[str, list[int]]],
    inputs: Sequence[list[int]],
    state: Mapping[str, list[int]],
    public_change: Mapping[int, int],
) -> Statement:
    columns = {}
    for name, group in Path.columns.groups.items():
        by_element = [list(column) for column in zip(*(row[name] for row in rows), strict=True)]
        columns[name] = by_element if isinstance(group, tuple) else by_element[0]
    padded = np.zeros((12, 8), np.uint64)
    padded[:, : len(inputs)] = np.array(inputs, np.uint64).T
    counts = (np.arange(8) < len(inputs)).astype(np.uint64)
    public = [*LEAVES["old"], *LEAVES["new"], *state["old"], *state["new"], *state["index"], *state["weight"]]
    for index, amount in public_change.items():
        public[index] = (public[index] + amount) % P
    traces = [make_trace(Path.columns, 2, columns), permutation_rows(padded, counts)]
    return airs()["merkle_update"], list(traces), PublicValues(tuple(public), ())


def undone_level() -> Statement:
    """Rows with is_real 1 and −1 whose look-ups cancel: a level without a hash, in a tree of 0 leaves."""
    air, traces, public = path_statement(real=(1, 0, 0, 0), bits=(1, 0, 0, 0))
    path = traces[0]
    assert path is not None
    columns = Path.columns
    path[columns.index("is_real"), 1:3] = (1, P - 1)
    path[columns.index("sibling[0]") :][:4, 2] = path[columns.index("sibling[0]") :][:4, 1]
    path[columns.index("weight")] = (1, 2, 4, 0)
    return air, traces, PublicValues((*public.scalars[:-1], 0), ())


def kills_of_path() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for the chip `path`."""
    yield "path/is_real/boolean", undone_level
    yield "path/is_real/monotone", lambda: path_statement(real=(1, 0, 1, 0))
    yield "path/bit/boolean", lambda: path_statement(bits=(2, 0, 1, 0))
    places: dict[str, Place] = {
        "weight_starts_at_1": (0, "weight", 0),
        "index_starts_at_0": (0, "index", 0),
        "weight_doubles": (2, "weight", 0),
        "index_takes_bit": (2, "index", 0),
    }
    publics = {"index_is_public": 16, "weight_ends_at_leaves": 17}
    for s, side in enumerate(("old", "new")):
        for k in range(4):
            publics[f"{side}_starts_at_leaf[{k}]"] = 4 * s + k
            publics[f"{side}_ends_at_root[{k}]"] = 8 + 4 * s + k
            places[f"{side}_is_kept_by_padding[{k}]"] = (3, f"{side}_parent", k)
            places[f"{side}_continues[{k}]"] = (1, side, k)
    for name, place in places.items():
        yield f"path/{name}", lambda place=place: path_statement(place=place)  # type: ignore[misc]
    for name, index in publics.items():
        yield f"path/{name}", lambda index=index: path_statement(public_change={index: 1})  # type: ignore[misc]
