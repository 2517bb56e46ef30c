"""Rows found by 64-bit keys: open addressing with linear probes, and the rows in one growing array."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.stark.field import U64Array

I64Array: TypeAlias = NDArray[np.int64]

_FREE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)
"""2^64 divided by the golden ratio, odd: spreads consecutive keys (Knuth, The Art of Computer Programming 3,
section 6.4)."""
_MIN_LOG_SLOTS = 6


@njit(nogil=True, cache=True)
def _slot(slots: U64Array, log_slots: int, key: np.uint64) -> np.int64:
    """The slot that holds the key, or the free one where it belongs."""
    mask = (1 << log_slots) - 1
    slot = np.int64((key * _MULTIPLIER) >> np.uint64(64 - log_slots))
    while slots[slot] != key and slots[slot] != _FREE:
        slot = np.int64((slot + 1) & mask)
    return slot


@njit(nogil=True, cache=True)
def _find(slots: U64Array, rows: I64Array, log_slots: int, keys: U64Array, out: I64Array) -> None:
    for i in range(keys.size):
        slot = _slot(slots, log_slots, keys[i])
        out[i] = rows[slot] if slots[slot] == keys[i] else -1


@njit(nogil=True, cache=True)
def _insert(
    slots: U64Array, rows: I64Array, log_slots: int, keys: U64Array, first: int, out: I64Array
) -> int:
    """Give each new key the next row from `first` on; the number of rows afterwards."""
    for i in range(keys.size):
        slot = _slot(slots, log_slots, keys[i])
        if slots[slot] == _FREE:
            slots[slot] = keys[i]
            rows[slot] = first
            first += 1
        out[i] = rows[slot]
    return first


class Table:
    """Rows of `width` words by keys below 2^64 − 1."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._n = 0
        self._keys = np.zeros(1 << (_MIN_LOG_SLOTS - 1), np.uint64)
        self._data = np.zeros((1 << (_MIN_LOG_SLOTS - 1), width), np.uint64)
        self._set_slots(_MIN_LOG_SLOTS)

    def __len__(self) -> int:
        return self._n

    @property
    def keys(self) -> U64Array:
        """The keys in the order in which they came."""
        return self._keys[: self._n]

    @property
    def data(self) -> U64Array:
        """(n, width), rows in the order of `keys`."""
        return self._data[: self._n]

    def find(self, keys: U64Array) -> I64Array:
        """The row of each key, −1 where it has none."""
        out: I64Array = np.empty(len(keys), np.int64)
        _find(self._slots, self._rows, self._log_slots, np.ascontiguousarray(keys), out)
        return out

    def get(self, keys: U64Array, default: U64Array) -> U64Array:
        """The rows of the keys, (n, width); `default` where there is none."""
        rows = self.find(keys)
        return np.where((rows >= 0)[:, None], self._data[rows], default)

    def put(self, keys: U64Array, values: U64Array) -> None:
        """Write rows (n, width) of distinct keys."""
        self._reserve(self._n + len(keys))
        rows: I64Array = np.empty(len(keys), np.int64)
        keys = np.ascontiguousarray(keys)
        self._n = _insert(self._slots, self._rows, self._log_slots, keys, self._n, rows)
        self._keys[rows] = keys
        self._data[rows] = values

    def copy(self) -> Table:
        """An independent copy."""
        twin = Table(self.width)
        twin.put(self.keys.copy(), self.data)
        return twin

    def _set_slots(self, log_slots: int) -> None:
        self._log_slots = log_slots
        self._slots = np.full(1 << log_slots, _FREE)
        self._rows: I64Array = np.zeros(1 << log_slots, np.int64)

    def _reserve(self, n: int) -> None:
        """Room for n rows; at most half of the slots are taken."""
        if n > len(self._keys):
            room = 1 << (n - 1).bit_length()
            self._keys = np.concatenate([self.keys, np.zeros(room - self._n, np.uint64)])
            self._data = np.concatenate([self.data, np.zeros((room - self._n, self.width), np.uint64)])
            self._set_slots(room.bit_length())
            _insert(self._slots, self._rows, self._log_slots, self.keys, 0, np.empty(self._n, np.int64))
