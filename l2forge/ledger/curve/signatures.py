"""Kernels for Schnorr signatures: a batch is checked signature by signature, by as many threads as there are.

A row of signatures is s ‖ e, ten little-endian words, both below n. It is valid for public key w and hash h,
both canonical, when H(enc(s·G + e·P) ‖ h), read as an integer of five words, equals e modulo n.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve import group, windows
from l2forge.ledger.curve.group import NEUTRAL, Point
from l2forge.ledger.curve.sponge import absorb
from l2forge.ledger.curve.windows import LIMBS, MAX_DIGITS, N_ODD
from l2forge.ledger.ecgfp5 import ORDER
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import WIDTH

SIGNATURE_WORDS = 2 * LIMBS

_ORDER = np.array([(ORDER >> (64 * k)) & ((1 << 64) - 1) for k in range(LIMBS)], np.uint64)
_0 = np.uint64(0)
_1 = np.uint64(1)


@njit(nogil=True, cache=True)
def is_reduced(scalar: U64Array) -> bool:
    """Whether five words are an integer below n."""
    for k in range(LIMBS - 1, -1, -1):
        if scalar[k] != _ORDER[k]:
            return bool(scalar[k] < _ORDER[k])
    return False


@njit(nogil=True, cache=True)
def reduce(scalar: U64Array) -> None:
    """Five words modulo n, in place: n is above 2³¹⁸, so that at most three subtractions do it."""
    while not is_reduced(scalar):
        borrow = _0
        for k in range(LIMBS):
            before, taken = scalar[k], _ORDER[k]
            scalar[k] = before - taken - borrow
            borrow = _1 if before < taken or (before == taken and borrow) else _0


@njit(nogil=True, cache=True)
def challenge(point: Point, digest: U64Array, state: U64Array) -> U64Array:
    """H(enc(R) ‖ h) mod n as five words, a view into the 12 words of scratch `state`."""
    inputs = np.empty(2 * DEGREE, np.uint64)
    f.store(inputs[:DEGREE], group.encode(point))
    inputs[DEGREE:] = digest
    absorb(inputs, state)
    e = state[:LIMBS]
    reduce(e)
    return e


@njit(nogil=True, cache=True)
def _is_valid(
    key: U64Array,
    digest: U64Array,
    signature: U64Array,
    comb: U64Array,
    digits: NDArray[np.int8],
    odd: U64Array,
    state: U64Array,
) -> bool:
    s, e = signature[:LIMBS], signature[LIMBS:]
    if not (is_reduced(s) and is_reduced(e) and f.is_canonical(key) and f.is_canonical(digest)):
        return False
    found, p = group.decode(f.load(key))
    if not found:
        return False
    r = windows.multiply(p, e.copy(), digits, odd)
    r = windows.add_comb(r, s, comb)
    if f.is_zero(r[2]):  # the circuit's point of a signature is never the neutral element
        return False
    expected = challenge(r, digest, state)
    return bool(np.all(expected == e))


@njit(nogil=True, cache=True)
def verify_range(
    keys: U64Array,
    digests: U64Array,
    signatures: U64Array,
    comb: U64Array,
    valid: NDArray[np.bool_],
    start: int,
    stop: int,
) -> None:
    """valid[i] for start ≤ i < stop; rows of 5, 5 and 10 words."""
    digits = np.empty(MAX_DIGITS, np.int8)
    odd = np.empty((N_ODD, 4, DEGREE), np.uint64)
    state = np.empty(WIDTH, np.uint64)
    for i in range(start, stop):
        valid[i] = _is_valid(keys[i], digests[i], signatures[i], comb, digits, odd, state)


@njit(nogil=True, cache=True)
def generator_multiple(scalar: U64Array, comb: U64Array, encoded: U64Array) -> None:
    """enc(scalar·G) for a scalar below n."""
    f.store(encoded, group.encode(windows.add_comb(NEUTRAL, scalar, comb)))


@njit(nogil=True, cache=True)
def commit(scalar: U64Array, digest: U64Array, comb: U64Array, e: U64Array) -> None:
    """e = H(enc(k·G) ‖ h) mod n for the nonce k, below n."""
    state = np.empty(WIDTH, np.uint64)
    e[:] = challenge(windows.add_comb(NEUTRAL, scalar, comb), digest, state)
