"""Words: the integers that units compare, multiply and divide, as four 16-bit limbs with one look-up each.

    word = l0 + l1·2^16 + l2·2^32 + l3·2^46,  0 ≤ l < 2^16

The top limb overlaps the third one by two bits, so that four look-ups, and none of a scaled limb, bound a
word by

    WORD_BOUND = 2^62 + 2^48 − 2^46 = 1 + Σ (2^16 − 1)·weight.

Every integer below it has limbs, and some have several: limbs are nobody's value, only the word is.
Soundness: 2·WORD_BOUND < p. So a word's field element says which integer it is, and if x, y and y − x are
words, then x ≤ y. A range of all 63 bits would not do: of x = 2^63 − 1 and y = 4, y − x mod p is below 2^63.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l2forge.air.graph import Expr
from l2forge.stark.field import U64Array

LIMB_SHIFTS = (0, 16, 32, 46)
"""Weights of the limbs, as powers of two."""


def word(limbs: Sequence[Expr]) -> Expr:
    """Σ l_k·2^(shift k) of the first limbs."""
    total = limbs[0]
    for limb, shift in zip(limbs[1:], LIMB_SHIFTS[1:], strict=False):
        total = total + limb * (1 << shift)
    return total


def split_words(values: U64Array) -> U64Array:
    """Limbs (4, n) of words (n,); of a value out of bounds the limbs are too, and range16 names it."""
    top = np.minimum(values >> np.uint64(LIMB_SHIFTS[3]), np.uint64(0xFFFF))
    rest = values - (top << np.uint64(LIMB_SHIFTS[3]))
    mask = np.uint64(0xFFFF)
    return np.stack([rest & mask, (rest >> np.uint64(16)) & mask, rest >> np.uint64(32), top])
