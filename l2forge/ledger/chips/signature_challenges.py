"""The hash of a signature as it leaves the sponge, before it is reduced to the scalar e.

A signature holds e = H(enc(R) ‖ h) mod n; the circuit works with the number of the five elements of the hash
itself, below 2³²⁰, which is e, e + n or e + 2n. Which one, only R tells.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from l2forge.air.errors import TraceError
from l2forge.ledger.curve import extension as f
from l2forge.ledger.curve import group, windows
from l2forge.ledger.curve.signatures import reduce
from l2forge.ledger.curve.sponge import absorb
from l2forge.ledger.curve.windows import LIMBS, MAX_DIGITS, N_ODD, comb_of_generator
from l2forge.ledger.fp5 import DEGREE
from l2forge.stark.field import U64Array
from l2forge.stark.parallel import run_blocks
from l2forge.stark.poseidon2 import WIDTH


@njit(nogil=True, cache=True)
def _hash_range(
    signatures: tuple[U64Array, U64Array, U64Array, U64Array],
    comb: U64Array,
    challenges: U64Array,
    valid: NDArray[np.bool_],
    first: int,
    last: int,
) -> None:
    """H(enc(s·G + e·P) ‖ h) for first ≤ i < last, and whether it is e modulo n."""
    keys, digests, s, e = signatures
    digits, odd = np.empty(MAX_DIGITS, np.int8), np.empty((N_ODD, 4, DEGREE), np.uint64)
    inputs, state = np.empty(2 * DEGREE, np.uint64), np.empty(WIDTH, np.uint64)
    for i in range(first, last):
        found, key = group.decode(f.load(keys[i]))
        r = windows.add_comb(windows.multiply(key, e[i].copy(), digits, odd), s[i], comb)
        f.store(inputs[:DEGREE], group.encode(r))
        inputs[DEGREE:] = digests[i]
        absorb(inputs, state)
        challenges[i] = state[:LIMBS]
        reduce(state[:LIMBS])
        valid[i] = found and not f.is_zero(r[2]) and np.all(state[:LIMBS] == e[i])


def signature_challenges(public_keys: U64Array, digests: U64Array, s: U64Array, e: U64Array) -> U64Array:
    """The five elements of each signature's hash, for canonical keys, digests, and s, e < n: all (n, 5).

    Raises TraceError for the first signature that is not valid.
    """
    # copies, since a kernel is compiled anew for arrays that are read-only or strided
    keys, digests, s, e = (np.array(a, np.uint64, order="C") for a in (public_keys, digests, s, e))
    n = len(keys)
    challenges, valid = np.empty((n, DEGREE), np.uint64), np.zeros(n, np.bool_)
    comb = comb_of_generator()
    run_blocks(lambda a, b: _hash_range((keys, digests, s, e), comb, challenges, valid, a, b), n)
    if not valid.all():
        raise TraceError(
            f"signature {int(np.argmin(valid))} is not valid, so there is no proof of it",
            remedy="refuse such a signature when it arrives",
        )
    return challenges
