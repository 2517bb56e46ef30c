"""Words against plain integers: limbs, the bound, and what a comparison by ranges means."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l2forge.ledger.chips.units.words import LIMB_SHIFTS, split_words
from l2forge.ledger.machine.isa import WORD_BOUND
from l2forge.stark.field import P

words = st.one_of(st.integers(0, WORD_BOUND - 1), st.integers(0, 1 << 20), st.integers(0, 1 << 20).map(
    lambda x: WORD_BOUND - 1 - x))  # fmt: skip


def joined(limbs: list[int]) -> int:
    """The word of four limbs."""
    return sum(limb << shift for limb, shift in zip(limbs, LIMB_SHIFTS, strict=True))


def test_the_bound_is_what_four_limbs_reach() -> None:
    assert joined([0xFFFF] * 4) + 1 == WORD_BOUND
    assert WORD_BOUND > 1 << 62 and 2 * WORD_BOUND < P


@given(st.lists(words, min_size=1, max_size=20))
def test_every_integer_below_the_bound_has_limbs(values: list[int]) -> None:
    limbs = split_words(np.array(values, np.uint64))
    assert limbs.max() < 1 << 16
    assert [joined(column) for column in limbs.T.tolist()] == values


@given(st.integers(WORD_BOUND, P - 1))
def test_no_other_element_has_limbs(value: int) -> None:
    limbs = split_words(np.array([value], np.uint64))[:, 0].tolist()
    assert max(limbs) >= 1 << 16
    assert joined(limbs) == value


@given(words, words)
def test_a_difference_in_range_means_order(x: int, y: int) -> None:
    assert ((y - x) % P < WORD_BOUND) == (x <= y)


def test_a_range_of_63_bits_would_not_compare() -> None:
    assert (4 - (2**63 - 1)) % P < 2**63
