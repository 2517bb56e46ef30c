"""keccak-f[1600] over many independent states at once, and keccak-256 of matrix rows and Merkle nodes.

`LANES` states are permuted together in structure-of-arrays form, so that every step is a vector operation
over neighbouring states. A digest of `node_bytes` bytes is kept as four little-endian words, the bytes from
node_bytes on being zero: arrays of digests have shape (4, n). Field elements enter a hash as 8 big-endian
bytes, the order in which the EVM reads calldata.

Source: FIPS 202 (keccak-f), with the original keccak padding 0x01 … 0x80, as the EVM's KECCAK256.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from eth_hash.auto import keccak as _library_keccak
from numba import njit

from l2forge.stark.field import U64Array
from l2forge.stark.parallel import run_blocks

LANES = 32
RATE_BYTES = 136
_RATE_WORDS = RATE_BYTES // 8
_HALF = 25 * LANES
"""Words of one set of states; the array holds two, between which the rounds alternate."""
_TILE_BYTES = 1 << 18

_8, _16, _32, _64 = (np.uint64(n) for n in (8, 16, 32, 64))
_BYTES_EVEN = np.uint64(0x00FF_00FF_00FF_00FF)
_HALVES_EVEN = np.uint64(0x0000_FFFF_0000_FFFF)
_PAD_LAST = np.uint64(0x80 << 56)


def keccak256(data: bytes) -> bytes:
    """keccak-256 of a byte string, by the library that web3 uses; the oracle of the kernels below."""
    return _library_keccak(data)


def _round_constants() -> U64Array:
    """The 24 iota constants, from the LFSR x⁸ + x⁶ + x⁵ + x⁴ + 1 of FIPS 202, 3.2.5."""
    constants = []
    lfsr = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (lfsr & 1) << ((1 << j) - 1)
            lfsr <<= 1
            lfsr ^= 0x171 if lfsr & 0x100 else 0
        constants.append(constant)
    return np.array(constants, np.uint64)


_ROUND_CONSTANTS = _round_constants()


@njit(inline="always")
def _rotate(word: Any, n_bits: int) -> Any:
    """word rotated left by 0 < n_bits < 64."""
    return (word << np.uint64(n_bits)) | (word >> np.uint64(64 - n_bits))


@njit(inline="always")
def _column_parity(s: U64Array, i: int) -> Any:
    """The parity of one column of the state: five words that lie five rows apart."""
    return s[i] ^ s[i + 5 * LANES] ^ s[i + 10 * LANES] ^ s[i + 15 * LANES] ^ s[i + 20 * LANES]


@njit(inline="always")
def _chi(
    s: U64Array, i: int, b0: np.uint64, b1: np.uint64, b2: np.uint64, b3: np.uint64, b4: np.uint64
) -> None:
    """Store one plane of the next state: b[x] ⊕ (¬b[x+1] ∧ b[x+2])."""
    s[i] = b0 ^ (~b1 & b2)
    s[i + LANES] = b1 ^ (~b2 & b3)
    s[i + 2 * LANES] = b2 ^ (~b3 & b4)
    s[i + 3 * LANES] = b3 ^ (~b4 & b0)
    s[i + 4 * LANES] = b4 ^ (~b0 & b1)


@njit(inline="always")
def _round(s: U64Array, i: int, o: int, constant: np.uint64) -> None:
    """One round for the state whose words lie at i, i + LANES, …; the next state goes to o, o + LANES, …

    The numbers are FIPS 202's rotation offsets; word x + 5y moves to column y of row 2x + 3y.
    """
    c0 = _column_parity(s, i)
    c1 = _column_parity(s, i + LANES)
    c2 = _column_parity(s, i + 2 * LANES)
    c3 = _column_parity(s, i + 3 * LANES)
    c4 = _column_parity(s, i + 4 * LANES)
    d0 = c4 ^ _rotate(c1, 1)
    d1 = c0 ^ _rotate(c2, 1)
    d2 = c1 ^ _rotate(c3, 1)
    d3 = c2 ^ _rotate(c4, 1)
    d4 = c3 ^ _rotate(c0, 1)
    _chi(
        s,
        o,
        s[i] ^ d0,
        _rotate(s[i + 6 * LANES] ^ d1, 44),
        _rotate(s[i + 12 * LANES] ^ d2, 43),
        _rotate(s[i + 18 * LANES] ^ d3, 21),
        _rotate(s[i + 24 * LANES] ^ d4, 14),
    )
    s[o] ^= constant
    _chi(
        s,
        o + 5 * LANES,
        _rotate(s[i + 3 * LANES] ^ d3, 28),
        _rotate(s[i + 9 * LANES] ^ d4, 20),
        _rotate(s[i + 10 * LANES] ^ d0, 3),
        _rotate(s[i + 16 * LANES] ^ d1, 45),
        _rotate(s[i + 22 * LANES] ^ d2, 61),
    )
    _chi(
        s,
        o + 10 * LANES,
        _rotate(s[i + LANES] ^ d1, 1),
        _rotate(s[i + 7 * LANES] ^ d2, 6),
        _rotate(s[i + 13 * LANES] ^ d3, 25),
        _rotate(s[i + 19 * LANES] ^ d4, 8),
        _rotate(s[i + 20 * LANES] ^ d0, 18),
    )
    _chi(
        s,
        o + 15 * LANES,
        _rotate(s[i + 4 * LANES] ^ d4, 27),
        _rotate(s[i + 5 * LANES] ^ d0, 36),
        _rotate(s[i + 11 * LANES] ^ d1, 10),
        _rotate(s[i + 17 * LANES] ^ d2, 15),
        _rotate(s[i + 23 * LANES] ^ d3, 56),
    )
    _chi(
        s,
        o + 20 * LANES,
        _rotate(s[i + 2 * LANES] ^ d2, 62),
        _rotate(s[i + 8 * LANES] ^ d3, 55),
        _rotate(s[i + 14 * LANES] ^ d4, 39),
        _rotate(s[i + 15 * LANES] ^ d0, 41),
        _rotate(s[i + 21 * LANES] ^ d1, 2),
    )


@njit(nogil=True, cache=True)
def keccak_f(states: U64Array) -> None:
    """Permute LANES states in place: word w of state l is states[w·LANES + l].

    The array has 2·25·LANES words, the second half being scratch: one flat array with constant offsets, for
    only then does LLVM see that the stores of a round do not touch what it still loads.
    """
    for r in range(0, 24, 2):
        constant = _ROUND_CONSTANTS[r]
        for lane in range(LANES):
            _round(states, lane, lane + _HALF, constant)
        constant = _ROUND_CONSTANTS[r + 1]
        for lane in range(LANES):
            _round(states, lane + _HALF, lane, constant)


@njit(inline="always")
def _byte_swap(word: np.uint64) -> np.uint64:
    """The word with its eight bytes in opposite order."""
    word = ((word >> _8) & _BYTES_EVEN) | ((word & _BYTES_EVEN) << _8)
    word = ((word >> _16) & _HALVES_EVEN) | ((word & _HALVES_EVEN) << _16)
    return (word >> _32) | (word << _32)


@njit(nogil=True, cache=True)
def _put(message: U64Array, byte_offset: int, words: U64Array) -> None:
    """Or little-endian words, one per lane, into the messages from a byte offset on."""
    shift = np.uint64(8 * (byte_offset & 7))
    target = message[byte_offset >> 3]
    for lane in range(words.size):
        target[lane] |= words[lane] << shift
    if shift:
        target = message[(byte_offset >> 3) + 1]
        for lane in range(words.size):
            target[lane] |= words[lane] >> (_64 - shift)


@njit(nogil=True, cache=True)
def _hash_rows(
    columns: U64Array, children: U64Array, node_bytes: int, out: U64Array, start: int, stop: int
) -> None:
    """out[:, i] = digest of (child 2i ‖ child 2i + 1 ‖ row i) for start ≤ i < stop; see `hash_rows`."""
    n_columns = columns.shape[0]
    prefix_bytes = 2 * node_bytes if children.size else 0
    n_bytes = prefix_bytes + 8 * n_columns
    n_blocks = n_bytes // RATE_BYTES + 1
    message = np.empty((n_blocks * _RATE_WORDS + 1, LANES), np.uint64)
    states = np.empty(2 * _HALF, np.uint64)
    words = np.zeros(LANES, np.uint64)
    for row in range(start, stop, LANES):
        count = min(LANES, stop - row)
        message[:] = 0
        if children.size:
            for k in range(8):
                source = children[k & 3]
                for lane in range(count):
                    words[lane] = source[2 * (row + lane) + (k >> 2)]
                _put(message, (k & 3) * 8 + (k >> 2) * node_bytes, words)
        for c in range(n_columns):
            values = columns[c][row : row + count]
            for lane in range(count):
                words[lane] = _byte_swap(values[lane])
            _put(message, prefix_bytes + 8 * c, words)
        message[n_bytes >> 3] |= np.uint64(1) << np.uint64(8 * (n_bytes & 7))
        message[n_blocks * _RATE_WORDS - 1] |= _PAD_LAST
        _absorb(message, n_blocks, states)
        for k in range(4):
            kept = min(8, max(0, node_bytes - 8 * k))
            mask = ~np.uint64(0) >> np.uint64(64 - 8 * kept) if kept else np.uint64(0)
            digest = out[k][row : row + count]
            for lane in range(count):
                digest[lane] = states[k * LANES + lane] & mask


@njit(nogil=True, cache=True)
def _absorb(message: U64Array, n_blocks: int, states: U64Array) -> None:
    """The sponge over n_blocks·17 words of message per lane; the states' first words are the digests."""
    states[:_HALF] = 0
    for block in range(n_blocks):
        for word in range(_RATE_WORDS):
            source = message[block * _RATE_WORDS + word]
            target = states[word * LANES : (word + 1) * LANES]
            for lane in range(LANES):
                target[lane] ^= source[lane]
        keccak_f(states)


NO_CHILDREN = np.empty((4, 0), np.uint64)


def hash_rows(matrices: Sequence[U64Array], node_bytes: int, children: U64Array = NO_CHILDREN) -> U64Array:
    """Digests (4, n) of the rows of matrices (n_columns, n), joined to the digests of two children each.

    digest i = first node_bytes bytes of keccak-256(child[2i] ‖ child[2i+1] ‖ row i of every matrix in turn),
    each child node_bytes bytes, each value 8 big-endian bytes; children has shape (4, 2n), or (4, 0) for
    none. Without matrices this is a level of plain Merkle nodes.
    """
    if not 16 <= node_bytes <= 32:
        raise ValueError(f"a node keeps 16 to 32 bytes, not {node_bytes}")
    n_rows = matrices[0].shape[1] if matrices else children.shape[1] // 2
    if any(m.shape[1] != n_rows for m in matrices) or children.shape[1] not in (0, 2 * n_rows):
        raise ValueError("matrices and children of one level must have matching heights")
    out = np.empty((4, n_rows), np.uint64)
    if len(matrices) == 1:
        columns = np.ascontiguousarray(matrices[0])
    else:
        columns = np.empty((0, n_rows), np.uint64) if not matrices else np.concatenate(matrices)
    run_blocks(lambda a, b: _hash_rows(columns, children, node_bytes, out, a, b), n_rows, granule=LANES)
    return out


def digest_bytes(digests: U64Array, index: int, node_bytes: int) -> bytes:
    """The node_bytes bytes of one digest of an array of shape (4, n)."""
    return np.ascontiguousarray(digests[:, index]).astype("<u8").tobytes()[:node_bytes]
