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

LANES = 16
_GROUPS = 4
"""Groups of LANES rows that are gathered at once, so that columns are read in runs of several cache lines."""
_TILE = 1024
"""Rows that are joined at a time when several matrices share a level."""
RATE_BYTES = 136
_RATE_WORDS = RATE_BYTES // 8
_HALF = 25 * LANES
"""Words of one set of states; the array holds two, between which the rounds alternate."""
_THETA = 2 * _HALF
N_STATE_WORDS = _THETA + 5 * LANES
"""Words of the array that `keccak_f` works on: both sets of states and theta's five words a lane."""

_0, _8, _16, _32, _64 = (np.uint64(n) for n in (0, 8, 16, 32, 64))
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
def _theta(s: U64Array, i: int, d: int) -> None:
    """Store what theta adds to the five columns of the state at i, to d, d + LANES, …"""
    c0 = _column_parity(s, i)
    c1 = _column_parity(s, i + LANES)
    c2 = _column_parity(s, i + 2 * LANES)
    c3 = _column_parity(s, i + 3 * LANES)
    c4 = _column_parity(s, i + 4 * LANES)
    s[d] = c4 ^ _rotate(c1, 1)
    s[d + LANES] = c0 ^ _rotate(c2, 1)
    s[d + 2 * LANES] = c1 ^ _rotate(c3, 1)
    s[d + 3 * LANES] = c2 ^ _rotate(c4, 1)
    s[d + 4 * LANES] = c3 ^ _rotate(c0, 1)


@njit(inline="always")
def _rho_pi_chi(s: U64Array, i: int, d: int, o: int, constant: np.uint64) -> None:
    """The rest of a round for the state at i, with theta's words at d; the next state goes to o, o + LANES, …

    The numbers are FIPS 202's rotation offsets; word x + 5y moves to column y of row 2x + 3y.
    """
    d0, d1, d2, d3, d4 = s[d], s[d + LANES], s[d + 2 * LANES], s[d + 3 * LANES], s[d + 4 * LANES]
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

    The array has N_STATE_WORDS words, those after the first 25·LANES being scratch: one flat array with
    constant offsets, for only then does LLVM see that the stores of a round do not touch what it still loads.
    Theta has its own loop: short bodies let the processor work on several lanes' chains at once.
    """
    for r in range(0, 24, 2):
        for lane in range(LANES):
            _theta(states, lane, lane + _THETA)
        constant = _ROUND_CONSTANTS[r]
        for lane in range(LANES):
            _rho_pi_chi(states, lane, lane + _THETA, lane + _HALF, constant)
        for lane in range(LANES):
            _theta(states, lane + _HALF, lane + _THETA)
        constant = _ROUND_CONSTANTS[r + 1]
        for lane in range(LANES):
            _rho_pi_chi(states, lane + _HALF, lane + _THETA, lane, constant)


@njit(inline="always")
def byte_swap(word: np.uint64) -> np.uint64:
    """The word with its eight bytes in opposite order."""
    word = ((word >> _8) & _BYTES_EVEN) | ((word & _BYTES_EVEN) << _8)
    word = ((word >> _16) & _HALVES_EVEN) | ((word & _HALVES_EVEN) << _16)
    return (word >> _32) | (word << _32)


@njit(nogil=True, cache=True)
def _put_words(message: U64Array, byte_offset: int, words: U64Array) -> None:
    """Append little-endian words, one per row, at a byte offset of messages (groups, words, LANES).

    What is appended may end in zeros that the next call overwrites; the part word before the offset is kept.
    """
    shift = np.uint64(8 * (byte_offset & 7))
    w = byte_offset >> 3
    for start in range(0, words.size, LANES):
        source = words[start : start + LANES]
        target = message[start // LANES, w]
        if shift == _0:
            for lane in range(source.size):
                target[lane] = source[lane]
            continue
        following = message[start // LANES, w + 1]
        for lane in range(source.size):
            target[lane] |= source[lane] << shift
            following[lane] = source[lane] >> (_64 - shift)


@njit(nogil=True, cache=True)
def _put_columns(message: U64Array, byte_offset: int, columns: U64Array, first: int, count: int) -> None:
    """Write the rows first … first + count − 1 into messages, big-endian values, from a byte offset on; what
    is there before the offset in its word is kept, as in `_put_words`."""
    shift = np.uint64(8 * (byte_offset & 7))
    flat, n_words = message.reshape(-1), message.shape[1]
    for c in range(columns.shape[0]):
        values = columns[c, first : first + count]
        for start in range(0, count, LANES):
            n = min(LANES, count - start)
            at = ((start // LANES) * n_words + (byte_offset >> 3) + c) * LANES
            source, target = values[start : start + n], flat[at : at + n]
            if shift == _0:
                for lane in range(n):
                    target[lane] = byte_swap(source[lane])
                continue
            following = flat[at + LANES : at + LANES + n]
            for lane in range(n):
                value = byte_swap(source[lane])
                target[lane] |= value << shift
                following[lane] = value >> (_64 - shift)


@njit(nogil=True, cache=True)
def _put_children(message: U64Array, node_bytes: int, children: U64Array, first: int, count: int) -> None:
    """Write the digests of children 2·row and 2·row + 1, node_bytes bytes each, at the messages' start."""
    words = np.empty(count, np.uint64)
    for k in range(8):
        side, word = k >> 2, k & 3
        source = children[word][2 * first + side :]
        for row in range(count):
            words[row] = source[2 * row]
        _put_words(message, side * node_bytes + 8 * word, words)


@njit(nogil=True, cache=True)
def _sponge(message: U64Array, states: U64Array) -> None:
    """Absorb the padded messages (words, LANES) of one group; the states' first words are the digests."""
    states[:_HALF] = 0
    block_words = message.reshape(-1, _RATE_WORDS * LANES)
    for b in range(block_words.shape[0]):
        block = block_words[b]
        for i in range(block.size):
            states[i] ^= block[i]
        keccak_f(states)


@njit(nogil=True, cache=True)
def _hash_rows(
    columns: U64Array, children: U64Array, node_bytes: int, out: U64Array, start: int, stop: int
) -> None:
    """out[:, i] = digest of (child 2i ‖ child 2i + 1 ‖ row i) for start ≤ i < stop; see `hash_rows`."""
    n_prefix_bytes = 2 * node_bytes if children.size else 0
    n_bytes = n_prefix_bytes + 8 * columns.shape[0]
    n_words = (n_bytes // RATE_BYTES + 1) * _RATE_WORDS
    message = np.empty((_GROUPS, n_words + _RATE_WORDS, LANES), np.uint64)
    states = np.empty(N_STATE_WORDS, np.uint64)
    for first in range(start, stop, _GROUPS * LANES):
        count = min(_GROUPS * LANES, stop - first)
        if children.size:
            _put_children(message, node_bytes, children, first, count)
        _put_columns(message, n_prefix_bytes, columns, first, count)
        for group in range(-(-count // LANES)):
            words = message[group, :n_words]
            words[-(-n_bytes // 8) :] = 0
            words[n_bytes >> 3] |= np.uint64(1) << np.uint64(8 * (n_bytes & 7))
            words[n_words - 1] |= _PAD_LAST
            _sponge(words, states)
            n_rows = min(LANES, count - group * LANES)
            for k in range(4):
                n_kept = min(8, max(0, node_bytes - 8 * k))
                mask = ~np.uint64(0) >> np.uint64(64 - 8 * n_kept) if n_kept else np.uint64(0)
                digest = out[k][first + group * LANES : first + group * LANES + n_rows]
                for lane in range(n_rows):
                    digest[lane] = states[k * LANES + lane] & mask


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
    if len(matrices) > 1:
        run_blocks(
            lambda a, b: _hash_joined(matrices, children, node_bytes, out, a, b), n_rows, granule=_TILE
        )
    else:
        columns = np.ascontiguousarray(matrices[0]) if matrices else np.empty((0, n_rows), np.uint64)
        granule = _GROUPS * LANES
        run_blocks(lambda a, b: _hash_rows(columns, children, node_bytes, out, a, b), n_rows, granule=granule)
    return out


def _hash_joined(
    matrices: Sequence[U64Array], children: U64Array, node_bytes: int, out: U64Array, start: int, stop: int
) -> None:
    """`_hash_rows` for several matrices, whose rows are joined a tile at a time, never all at once."""
    for first in range(start, stop, _TILE):
        last = min(first + _TILE, stop)
        columns = np.concatenate([matrix[:, first:last] for matrix in matrices])
        digests = np.empty((4, last - first), np.uint64)
        own_children = np.ascontiguousarray(children[:, 2 * first : 2 * last])
        _hash_rows(columns, own_children, node_bytes, digests, 0, last - first)
        out[:, first:last] = digests


def digest_bytes(digests: U64Array, index: int, node_bytes: int) -> bytes:
    """The node_bytes bytes of one digest of an array of shape (4, n)."""
    return np.ascontiguousarray(digests[:, index]).astype("<u8").tobytes()[:node_bytes]
