"""The search for the least nonce whose keccak with the transcript's state begins with zero bits."""

from __future__ import annotations

import numpy as np
from numba import njit

from l2forge.stark.field import U64Array
from l2forge.stark.keccak import LANES, N_STATE_WORDS, byte_swap, keccak_f
from l2forge.stark.parallel import run_blocks

_ROUND = 1 << 18
"""Nonces tried between two looks at whether one was found."""
_STATE_WORDS = 4
_PAD_FIRST = np.uint64(1)
_PAD_LAST = np.uint64(0x80 << 56)
_NONE = np.uint64(2**64 - 1)
_64 = np.uint64(64)


@njit(nogil=True, cache=True)
def _search(state: U64Array, first: np.uint64, n_bits: np.uint64, start: int, stop: int) -> np.uint64:
    """The least nonce first + i, start ≤ i < stop (multiples of LANES), or _NONE."""
    lanes = np.empty(N_STATE_WORDS, np.uint64)
    for i in range(start, stop, LANES):
        lanes[:] = 0
        for word in range(_STATE_WORDS):
            lanes[word * LANES : (word + 1) * LANES] = state[word]
        for lane in range(LANES):
            lanes[_STATE_WORDS * LANES + lane] = byte_swap(first + np.uint64(i + lane))
        lanes[5 * LANES : 6 * LANES] = _PAD_FIRST
        lanes[16 * LANES : 17 * LANES] = _PAD_LAST
        keccak_f(lanes)
        for lane in range(LANES):
            if byte_swap(lanes[lane]) >> (_64 - n_bits) == 0:
                return first + np.uint64(i + lane)
    return _NONE


def least_nonce(state: bytes, n_bits: int) -> int:
    """The least nonce for which keccak(state ‖ nonce) begins with n_bits ≤ 64 zero bits.

    The message is 40 bytes: one permutation. About 2^n_bits of them are tried, on all threads; rounds are
    searched whole, so the nonce is the least one for any number of threads.
    """
    if n_bits == 0:
        return 0
    words = np.frombuffer(state, "<u8").astype(np.uint64)
    first = 0
    while True:
        found: list[int] = []

        def look(start: int, stop: int, first: int = first, found: list[int] = found) -> None:
            nonce = int(_search(words, np.uint64(first), np.uint64(n_bits), start, stop))
            if nonce != int(_NONE):
                found.append(nonce)

        run_blocks(look, _ROUND, granule=LANES)
        if found:
            return min(found)
        first += _ROUND
