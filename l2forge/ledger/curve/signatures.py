"""Kernels for Schnorr signatures: a batch is checked signature by signature, by as many threads as there are.

A row of signatures is s ‖ e, ten little-endian words, both below n. It is valid for public key w and hash h,
both canonical, when H(enc(s·G + e·P) ‖ h), read as an integer of five words, equals e modulo n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve import group, windows
from l2forge.ledger.curve.group import NEUTRAL, Point
from l2forge.ledger.curve.jit import entry, kernel
from l2forge.ledger.curve.sponge import absorb
from l2forge.ledger.curve.windows import LIMBS, MAX_DIGITS, N_ODD
from l2forge.ledger.ecgfp5 import ORDER
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import WIDTH

SCRATCH_WORDS = WIDTH + 2 * DEGREE

_ORDER = np.array([(ORDER >> (64 * k)) & ((1 << 64) - 1) for k in range(LIMBS)], np.uint64)
_0 = np.uint64(0)
_1 = np.uint64(1)


@kernel
def is_reduced(scalar: U64Array) -> bool:
    """Whether five words are an integer below n."""
    for k in range(LIMBS - 1, -1, -1):
        if scalar[k] != _ORDER[k]:
            return bool(scalar[k] < _ORDER[k])
    return False


@kernel
def reduce(scalar: U64Array) -> None:
    """Five words modulo n, in place: n is above 2³¹⁸, so that at most three subtractions do it."""
    while not is_reduced(scalar):
        borrow = _0
        for k in range(LIMBS):
            before, taken = scalar[k], _ORDER[k]
            scalar[k] = before - taken - borrow
            borrow = _1 if before < taken or (before == taken and borrow) else _0


@kernel
def challenge(point: Point, digest: U64Array, scratch: U64Array) -> None:
    """H(enc(R) ‖ h) mod n into the first five words of scratch, which has room for 12 and 10 words."""
    inputs = scratch[WIDTH:]
    f.store(inputs, group.encode(point))
    for k in range(DEGREE):
        inputs[DEGREE + k] = digest[k]
    absorb(inputs, scratch[:WIDTH])
    reduce(scratch)


@kernel
def _is_valid(
    key: U64Array,
    digest: U64Array,
    signature: U64Array,
    comb: U64Array,
    digits: NDArray[np.int8],
    odd: U64Array,
    scratch: U64Array,
) -> bool:
    s, e = signature[:LIMBS], signature[LIMBS:]
    if not (is_reduced(s) and is_reduced(e) and f.is_canonical(key) and f.is_canonical(digest)):
        return False
    found, p = group.decode(f.load(key))
    if not found:
        return False
    for k in range(LIMBS):
        scratch[k] = e[k]
    r = windows.multiply(p, scratch, digits, odd)
    r = windows.add_comb(r, s, comb)
    if f.is_zero(r[2]):  # the circuit's point of a signature is never the neutral element
        return False
    challenge(r, digest, scratch)
    difference = _0
    for k in range(LIMBS):
        difference |= scratch[k] ^ e[k]
    return bool(difference == _0)


@entry
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
    scratch = np.empty(SCRATCH_WORDS, np.uint64)
    for i in range(start, stop):
        valid[i] = _is_valid(keys[i], digests[i], signatures[i], comb, digits, odd, scratch)


@entry
def generator_multiple(scalar: U64Array, comb: U64Array, encoded: U64Array) -> None:
    """enc(scalar·G) for a scalar below n."""
    f.store(encoded, group.encode(windows.add_comb(NEUTRAL, scalar, comb)))


@entry
def commit(scalar: U64Array, digest: U64Array, comb: U64Array, scratch: U64Array) -> None:
    """e = H(enc(k·G) ‖ h) mod n for the nonce k, below n, into the first five words of scratch."""
    challenge(windows.add_comb(NEUTRAL, scalar, comb), digest, scratch)
