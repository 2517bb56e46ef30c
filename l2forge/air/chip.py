"""How constraints are written: a `Chip` names its columns and states on a `Builder` what holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from l2forge.air.columns import Column, Columns
from l2forge.air.graph import Expr, Graph, Kind

PeriodicValues: TypeAlias = Mapping[str, Sequence[int]]
PreprocessedValues: TypeAlias = Mapping[str, "Sequence[int] | np.ndarray[Any, Any]"]

MAX_LOG_HEIGHT = 24
"""Tallest table by default: 2^24 rows at blow-up 16 keep every domain below the field's 2-adicity 2^32."""


class Chip:
    """A table of an AIR, written once.

    A chip sets `name` and `columns`; perhaps `periodic` (values over one period, a power of two),
    `preprocessed` (fixed columns, which also fix the height), and the bounds of its log-height; and defines
    `constrain`. Convention for padding: a chip whose rows are not all used has one column of type `real`
    (boolean, and 0 on all rows after the first 0), and its interactions and publications carry it, or a
    boolean that implies it, as multiplicity, so that padding rows are zero on every bus.
    """

    name: str
    columns: Columns
    periodic: PeriodicValues = MappingProxyType({})
    preprocessed: PreprocessedValues = MappingProxyType({})
    min_log_height: int = 1
    max_log_height: int = MAX_LOG_HEIGHT
    optional: bool = False
    """Whether a proof may leave the table out. Soundness: what a table enforces of public values is not
    enforced when it is absent, so only a table that is nothing but looked up or empty may be optional."""

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        """State the constraints on the builder `b`: see `Builder`."""


class Row:
    """The expressions of one row of a chip: `row.price`, `row.state[3]`, or `row["price"]`.

    Preprocessed columns are read by their names in the same way.
    """

    def __init__(self, chip: Chip, graph: Graph, offset: int) -> None:
        def read(column: Column) -> Expr:
            return graph.leaf(Kind.MAIN, column.index, offset)

        self._values: dict[str, Expr | tuple[Expr, ...]] = {}
        for name, group in chip.columns.groups.items():
            self._values[name] = tuple(map(read, group)) if isinstance(group, tuple) else read(group)
        for index, name in enumerate(chip.preprocessed):
            self._values[name] = graph.leaf(Kind.PREPROCESSED, index, offset)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"the row has no column {name!r}") from None
