"""Named columns with range types, and the layout that they give a trace."""

from __future__ import annotations

import re
from dataclasses import dataclass

from l2forge.air.errors import AirError

LIMB_BITS = 16
"""Width of the limbs that range types are checked in, on the bus `range16`."""
MAX_RANGE_BITS = 63
"""Widest range type: every value below 2^63 has one representation by limbs mod p, 64 bits have two."""

_TYPE = re.compile(r"(field|bool|real|flag|([ui])([1-9][0-9]?))(?:\[([1-9][0-9]*)\])?")


@dataclass(frozen=True)
class ColumnType:
    """The type of a column.

    `field` is any element of F; `bool` is 0 or 1; `real` is the padding flag: boolean, and never 1 after a 0;
    `flag` is a padding flag that the chip's own constraints make so, and that gets none; `u<w>` is
    0 … 2^w − 1 and `i<w>` is −2^(w−1) … 2^(w−1) − 1, negative values as p − |v|.
    """

    name: str
    bits: int = 0
    """width of a range type, else 0"""
    is_signed: bool = False

    @property
    def n_limbs(self) -> int:
        """Limb columns that the range check adds: one for every 16 bits below the top limb."""
        return (self.bits - 1) // LIMB_BITS if self.bits else 0

    @property
    def offset(self) -> int:
        """What is added to a value before its limbs are taken: 2^(w−1) for a signed type."""
        return 1 << (self.bits - 1) if self.is_signed else 0


@dataclass(frozen=True)
class Column:
    """One column of a trace."""

    name: str
    index: int
    type: ColumnType
    limbs: tuple[int, ...] = ()
    """indices of the limb columns, least significant first"""


def parse_type(text: str) -> tuple[ColumnType, int | None]:
    """("u32[4]") → (the type u32, 4); the count is None for a single column."""
    match = _TYPE.fullmatch(text)
    if match is None:
        raise AirError(
            f"column type {text!r} is unknown",
            remedy="use field, bool, real, flag, u1 … u63 or i2 … i63, with [n] for an array",
        )
    name, sign, width, count = match.groups()
    bits = int(width) if sign else 0
    if bits > MAX_RANGE_BITS or (sign == "i" and bits < 2):
        raise AirError(
            f"column type {text!r}: a range has at most {MAX_RANGE_BITS} bits, so that no value has two "
            "representations mod p, and a signed one at least 2"
        )
    return ColumnType(name, bits, sign == "i"), int(count) if count else None


class Columns:
    """The columns of a chip, in the order they are named; limb columns follow them.

    Columns(price="u32", state="field[12]", is_real="real"): a row then has .price and .state[0 … 11].
    """

    def __init__(self, **types: str) -> None:
        self.columns: list[Column] = []
        self.groups: dict[str, Column | tuple[Column, ...]] = {}
        declared: list[tuple[str, ColumnType, int | None]] = [
            (name, *parse_type(text)) for name, text in types.items()
        ]
        n_declared = sum(count or 1 for _, _, count in declared)
        self._next_limb = n_declared
        limb_names: list[str] = []
        for name, type_, count in declared:
            names = [name] if count is None else [f"{name}[{k}]" for k in range(count)]
            members = tuple(self._declare(member, type_, limb_names) for member in names)
            self.groups[name] = members[0] if count is None else members
        self.names = tuple([c.name for c in self.columns] + limb_names)
        self.real = self._padding_flag()

    def _declare(self, name: str, type_: ColumnType, limb_names: list[str]) -> Column:
        limbs = tuple(range(self._next_limb, self._next_limb + type_.n_limbs))
        self._next_limb += len(limbs)
        limb_names += [f"{name}.limb{k}" for k in range(len(limbs))]
        column = Column(name, len(self.columns), type_, limbs)
        self.columns.append(column)
        return column

    def _padding_flag(self) -> Column | None:
        flags = [c for c in self.columns if c.type.name in ("real", "flag")]
        if len(flags) > 1:
            raise AirError(
                f"columns {flags[0].name} and {flags[1].name} are both padding flags",
                remedy="a chip has at most one column of type real or flag",
            )
        return flags[0] if flags else None

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """The index of the column `name` ("price", "state[3]", "price.limb0")."""
        try:
            return self.names.index(name)
        except ValueError:
            raise AirError(f"there is no column {name!r}") from None
