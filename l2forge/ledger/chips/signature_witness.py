"""The traces of the tables `signature` and `multiples`, in numba.

Every step is taken by all signatures of a tile together, so that its slopes share one inversion. Soundness
does not rest on this module: what it gets wrong, the constraints refuse.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.air.errors import TraceError
from l2forge.ledger.chips.hash_requests import HashRequests
from l2forge.ledger.chips.hashes import FRESH, MESSAGE_TAG, NEXT_TWO
from l2forge.ledger.chips.multiples import GENERATOR_NUMBER, Multiples
from l2forge.ledger.chips.multiples_witness import entries_of, multiples_trace
from l2forge.ledger.chips.signature import (
    ALL_ONES,
    CUTS,
    DIGEST,
    ENCODING,
    HALF_BITS,
    HINT,
    NUMBER,
    Signatures,
)
from l2forge.ledger.chips.signature_points import N_MULTIPLES, N_WINDOWS, START, WINDOW_BITS
from l2forge.ledger.chips.slopes import add_by_chord, double_by_root, double_by_tangent, invert1
from l2forge.ledger.curve.signatures import reduce
from l2forge.ledger.ecgfp5 import ORDER
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import P, U64Array, add, inv, mul, neg, sub
from l2forge.stark.parallel import run_blocks
from l2forge.stark.poseidon2 import hash_many

TILE = 64
"""Signatures that share inversions; their cells of eight rows, 270 KB, stay in the second-level cache."""

_NAMES = Signatures.columns.names
_TANGENT, _ROOT, _TANGENTS, _KEY_CHORD, _KEY_X, _BASE_CHORD, _BASE_X, _BITS, _LIMBS = (
    _NAMES.index(f"{name}[0]")
    for name in (
        *("tangent", "root", "tangents", "key_chord", "key_x"),
        *("base_chord", "base_x", "bits", "limbs"),
    )
)
_INVERSE, _KEY, _BASE_DIGIT, _HALF, _HIGH, _IS_REAL = (
    _NAMES.index(name) for name in ("inverse", "key", "base_digit", "half", "high", "is_real")
)
_CUT_IN = np.array(
    [max([m for m, (row, _) in CUTS.items() if row == i], default=0) for i in range(N_WINDOWS)]
)
_IS_ALIGNED = np.array(
    [any(row == i and not below for row, below in CUTS.values()) for i in range(N_WINDOWS)]
)
_COMPLETE = np.array([0, *(CUTS[2 * k][0] for k in range(1, DEGREE))])
"""The cut in each window, 0 where there is none; whether it is on the window's lower end; the window, coming
down, from which on limb k is complete."""
_START = np.array(START, np.uint64)
_ALL_ONES = np.uint64(ALL_ONES)
_LIMB_BITS = 2 * HALF_BITS


@njit(nogil=True, cache=True)
def _gather(
    trace: U64Array,
    column: int,
    rows: NDArray[np.int64],
    entries: U64Array,
    chosen: NDArray[np.int64],
    points: U64Array,
    picked: U64Array,
    gaps: U64Array,
) -> None:
    """picked ← entries[chosen], their x into the trace, gaps ← gaps·(difference of x in coefficient 0)."""
    for i in range(len(rows)):
        for k in range(5):
            trace[column + k, rows[i]] = picked[i, 0, k] = entries[chosen[i], 0, k]
            picked[i, 1, k] = entries[chosen[i], 1, k]
        gaps[i] = mul(gaps[i], sub(points[i, 0, 0], picked[i, 0, 0]))


@njit(nogil=True, cache=True)
def _put_all(trace: U64Array, column: int, rows: NDArray[np.int64], values: U64Array) -> None:
    for k in range(5):
        for i in range(len(rows)):
            trace[column + k, rows[i]] = values[i, k]


@njit(nogil=True, cache=True)
def _fill_chains(
    trace: U64Array,
    digits: NDArray[np.int64],
    entries: U64Array,
    start: U64Array,
    failed: U64Array,
    chosen: NDArray[np.int64],
    span: tuple[int, int],
) -> None:
    """Slopes, entries and inverses of signatures chosen[i] for span[0] ≤ i < span[1].

    digits (2, n, 64) are the rows of `entries` (rows, 2, 5) that each window adds; failed[k] is set where
    signature k meets an exception.
    """
    all_points, all_picked = np.empty((TILE, 2, 5), np.uint64), np.empty((TILE, 2, 5), np.uint64)
    all_slopes, all_roots = np.empty((TILE, 5), np.uint64), np.empty((TILE, 5), np.uint64)
    scratch, all_gaps = np.empty((TILE, 5), np.uint64), np.empty(TILE, np.uint64)
    for tile in range(span[0], span[1], TILE):
        n = min(TILE, span[1] - tile)
        points, picked, slopes = all_points[:n], all_picked[:n], all_slopes[:n]
        roots, gaps = all_roots[:n], all_gaps[:n]
        points[:] = start
        own = chosen[tile : tile + n]
        for window in range(N_WINDOWS - 1, -1, -1):
            rows = N_WINDOWS * own + window
            gaps[:] = np.uint64(1)
            bad = -1
            for side in range(2):
                chord, x = (_KEY_CHORD, _KEY_X) if side == 0 else (_BASE_CHORD, _BASE_X)
                _gather(trace, x, rows, entries, digits[side][own, window], points, picked, gaps)
                if bad < 0:
                    bad = add_by_chord(points, picked, slopes, scratch)
                _put_all(trace, chord, rows, slopes)
            if bad < 0:
                bad = invert1(gaps, scratch.reshape(-1))
            if bad < 0:
                bad = double_by_root(points, slopes, roots, scratch)
            if bad >= 0:
                failed[own[bad]] = np.uint64(1)
                return
            _put_all(trace, _TANGENT, rows, slopes)
            _put_all(trace, _ROOT, rows, roots)
            for i in range(n):
                trace[_INVERSE, rows[i]] = gaps[i]
            for k in range(4 if window else 0):
                double_by_tangent(points, slopes, scratch)
                _put_all(trace, _TANGENTS + 5 * k, rows, slopes)


def _digits(limbs: U64Array) -> NDArray[np.int64]:
    """The 64 windows of five bits of numbers given as five 64-bit limbs: (n, 5) → (n, 64)."""
    digits = np.empty((len(limbs), N_WINDOWS), np.int64)
    for i in range(N_WINDOWS):
        k, shift = divmod(WINDOW_BITS * i, _LIMB_BITS)
        word = limbs[:, k] >> np.uint64(shift)
        if shift + WINDOW_BITS > _LIMB_BITS:
            word = word | limbs[:, k + 1] << np.uint64(_LIMB_BITS - shift)
        digits[:, i] = word & np.uint64(N_MULTIPLES - 1)
    return digits


@njit(nogil=True, cache=True)
def _hint(limb: np.uint64) -> np.uint64:
    """1/(2³² − 1 − high half), and 0 where there is none."""
    return inv(sub(_ALL_ONES, limb >> np.uint64(HALF_BITS)))


@njit(nogil=True, cache=True)
def _fill_challenges(trace: U64Array, challenges: U64Array, span: tuple[int, int]) -> None:
    """`bits`, `half`, `high`, `limbs` and the hints of signatures span[0] … span[1] − 1, whose challenges
    (n, 5) are canonical limbs."""
    hints = np.empty(DEGREE, np.uint64)
    for i in range(span[0], span[1]):
        for k in range(DEGREE):
            hints[k] = _hint(challenges[i, k])
        high = np.uint64(0)
        for window in range(N_WINDOWS - 1, -1, -1):
            row, cut = N_WINDOWS * i + window, _CUT_IN[window]
            if cut % 2:
                high = challenges[i, cut // 2] >> np.uint64(HALF_BITS)
            m, shift = divmod(WINDOW_BITS * window, HALF_BITS)
            half = challenges[i, m // 2] >> np.uint64(HALF_BITS * (m % 2)) & _ALL_ONES
            trace[_HIGH, row] = high
            trace[_HALF, row] = np.uint64(0) if cut and _IS_ALIGNED[window] else half >> np.uint64(shift)
            for k in range(WINDOW_BITS):
                n, place = divmod(WINDOW_BITS * window + k, _LIMB_BITS)
                trace[_BITS + k, row] = challenges[i, n] >> np.uint64(place) & np.uint64(1)
            for k in range(1, DEGREE):
                trace[_LIMBS + k - 1, row] = challenges[i, k] if window <= _COMPLETE[k] else hints[k]
        trace[_TANGENTS + HINT, N_WINDOWS * i] = hints[0]


def _require(public_keys: U64Array, digests: U64Array, s: U64Array, e: U64Array) -> None:
    """Raise TraceError unless there are signatures, all (n, 5), with s < n and other elements below p."""
    if {a.shape for a in (public_keys, digests, s, e)} != {(len(s), DEGREE)} or not len(s):
        raise TraceError("keys, digests, s and e need one shape (n, 5), n ≥ 1")
    for name, values in (("key", public_keys), ("digest", digests), ("challenge", e)):
        if (values >= np.uint64(P)).any():
            raise TraceError(f"a {name} has an element that is not below p")
    for k, limbs in enumerate(s.tolist()):
        if sum(limb << (_LIMB_BITS * i) for i, limb in enumerate(limbs)) >= ORDER:
            raise TraceError(f"s of signature {k} is not below the group's order")


def signature_trace(
    public_keys: U64Array,
    digests: U64Array,
    s: U64Array,
    e: U64Array,
    hashes: HashRequests,
    *,
    refuse_invalid: bool = True,
) -> tuple[U64Array, U64Array]:
    """The traces of `signature` and `multiples` for n ≥ 1 signatures (s, e) of digests h under public keys w.

    All four are uint64 arrays (n, 5), s and e in little-endian 64-bit limbs. The 2n permutations of their
    hashes are added to `hashes`. Blocks are in the signatures' order, padded to a power of two; keys are
    numbered from 1, in the order of their limbs.

    The circuit works with the number of the hash itself, below 2³²⁰, which a signature holds modulo n: e, or
    e + n or e + 2n. Which one, only R tells. So R is computed with e, and the chains of the signatures whose
    hash is another number are computed again with that one: they end in the same R.

    Raises TraceError for numbers out of their range, a key that is none, s·G + e·P = 0, and a signature that
    is not valid; that one has its block with `refuse_invalid` off, and its R another hash, as the bus shows.
    """
    _require(public_keys, digests, s, e)
    n = len(s)
    distinct, numbers = np.unique(public_keys, axis=0, return_inverse=True)
    numbers = numbers.reshape(-1) + 1
    multiples = multiples_trace(distinct)
    points = entries_of(multiples).reshape(-1, 2, DEGREE)
    blocks = np.zeros((len(_NAMES), 1 << (n - 1).bit_length(), N_WINDOWS), np.uint64)
    s_digits = _digits(s)
    base = s_digits + N_MULTIPLES * GENERATOR_NUMBER
    first_multiple = N_MULTIPLES * numbers[:, None]
    _chains(blocks, np.stack([_digits(e) + first_multiple, base]), points, np.arange(n))
    challenges, longer = _unreduced(blocks[:, :n, 0], digests, e, refuse_invalid=refuse_invalid)
    entries = np.stack([_digits(challenges) + first_multiple, base])
    _chains(blocks, entries, points, longer)
    blocks[_KEY, :n] = numbers[:, None]
    blocks[_BASE_DIGIT, :n] = s_digits
    flat = blocks.reshape(len(_NAMES), -1)
    run_blocks(lambda first, last: _fill_challenges(flat, challenges, (first, last)), n)
    frame = blocks[_TANGENTS:, :n, 0]
    frame[ENCODING], frame[DIGEST] = public_keys.T, digests.T
    frame[NUMBER] = _ask_hashes(hashes, blocks[:, :n, 0], digests) + 2 * np.arange(n)
    blocks[:, n:] = blocks[:, :1]
    blocks[_IS_REAL, :n] = 1
    _count(multiples, entries, numbers)
    return flat, multiples


def _unreduced(
    first_rows: U64Array, digests: U64Array, e: U64Array, *, refuse_invalid: bool
) -> tuple[U64Array, NDArray[np.int64]]:
    """The number of each signature's hash, and which signatures hold another number than that."""
    found = np.ascontiguousarray(
        hash_many(np.concatenate([_commitments(first_rows), digests], axis=1).T, DEGREE).T
    )
    reduced = found.copy()
    _reduce_rows(reduced)
    differs = (found != e).any(axis=1)
    invalid = differs & (reduced != e).any(axis=1)
    if refuse_invalid and invalid.any():
        raise TraceError(
            f"signature {int(np.argmax(invalid))} is not valid, so there is no proof of it",
            remedy="refuse such a signature when it arrives",
        )
    longer = np.flatnonzero(differs & ~invalid)
    challenges = e.copy()
    challenges[longer] = found[longer]
    return challenges, longer


@njit(nogil=True, cache=True)
def _reduce_rows(numbers: U64Array) -> None:
    """Each row of five words modulo n."""
    for i in range(len(numbers)):
        reduce(numbers[i])


def _chains(
    blocks: U64Array, entries: NDArray[np.int64], points: U64Array, chosen: NDArray[np.int64]
) -> None:
    """The points' cells of the chosen signatures; TraceError for the first found that has an exception."""
    failed = np.zeros(entries.shape[1], np.uint64)
    trace = blocks.reshape(len(blocks), -1)
    run_blocks(
        lambda a, b: _fill_chains(trace, entries, points, _START, failed, chosen, (a, b)),
        len(chosen),
        granule=TILE,
    )
    if failed.any():
        raise TraceError(
            f"signature {int(np.argmax(failed))} has no proof: s·G + e·P = 0, or a sum meets a table's entry",
            remedy="refuse such a signature when it arrives",
        )


def _count(multiples: U64Array, entries: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
    """How often each multiple and each key is asked for; a key is answered on the first row of its block."""
    names = Multiples.columns.names
    multiples[names.index("count")] = np.bincount(entries.reshape(-1), minlength=multiples.shape[1])
    multiples[names.index("uses"), ::N_MULTIPLES] = np.bincount(
        numbers, minlength=multiples.shape[1] // N_MULTIPLES
    )


@njit(nogil=True, cache=True)
def _encode(tangents: U64Array, roots: U64Array, out: U64Array) -> None:
    """enc(R) = −(tangent + root): (5, n) → (n, 5)."""
    for i in range(len(out)):
        for k in range(5):
            out[i, k] = neg(add(tangents[k, i], roots[k, i]))


def _commitments(first_rows: U64Array) -> U64Array:
    """enc(R) of the first rows of blocks (columns, n): (n, 5)."""
    tangents, roots = (np.ascontiguousarray(first_rows[c:][:DEGREE]) for c in (_TANGENT, _ROOT))
    out = np.empty((first_rows.shape[1], DEGREE), np.uint64)
    _encode(tangents, roots, out)
    return out


def _ask_hashes(hashes: HashRequests, first_rows: U64Array, digests: U64Array) -> int:
    """Ask for the hash of (enc(R) ‖ h) of each signature, two permutations; the number of the first."""
    n = len(digests)
    blocks = np.zeros((2 * n, 8), np.uint64)
    blocks[0::2] = np.concatenate([_commitments(first_rows), digests[:, :3]], axis=1)
    blocks[1::2, :2] = digests[:, 3:]
    return hashes.add(blocks, [FRESH, NEXT_TWO] * n, MESSAGE_TAG, [0, DEGREE] * n)
