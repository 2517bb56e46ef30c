"""The public values of a statement: scalars that constraints use, and lists that tables publish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from l2forge.stark.field import U64Array
from l2forge.stark.keccak import keccak256


@dataclass(frozen=True)
class PublicValues:
    """Public scalars in the AIR's order, and each public list as an array of shape (length, width), uint64.

    Nothing is promised of the values: the verifier checks them in its step 3.
    """

    scalars: tuple[int, ...] = ()
    lists: tuple[U64Array, ...] = field(default=(), compare=False)

    @classmethod
    def of(
        cls, scalars: Iterable[int] = (), lists: Iterable[Sequence[Sequence[int]] | U64Array] = ()
    ) -> PublicValues:
        """From Python integers; a list is a sequence of tuples of equal length."""
        arrays = (np.array(entries, np.uint64) for entries in lists)
        return cls(tuple(scalars), tuple(a if a.size else np.zeros((0, 0), np.uint64) for a in arrays))

    def encode(self) -> bytes:
        """What T3 of docs/protocol.md absorbs. Scalars must be below 2^64."""
        parts = [len(self.scalars).to_bytes(4, "big")]
        parts += [scalar.to_bytes(8, "big") for scalar in self.scalars]
        for entries in self.lists:
            parts += [len(entries).to_bytes(4, "big"), keccak256(elements_to_bytes(entries))]
        return b"".join(parts)


def elements_to_bytes(elements: U64Array) -> bytes:
    """Field elements, in the array's order, as 8 bytes big-endian each."""
    return np.ascontiguousarray(elements).astype(">u8").tobytes()
