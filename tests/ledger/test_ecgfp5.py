"""The curve: the signer's keys, the published generator, the group law, decoding and what it refuses."""

from __future__ import annotations

import random

import pytest

from l2forge.ledger import ecgfp5, fp5
from l2forge.ledger.ecgfp5 import GENERATOR, ORDER, InvalidPoint
from l2forge.stark.field import P
from tests.ledger.signed_messages import KEYS

# elliottech/poseidon_crypto, curve/ecgfp5/weierstrass_point.go: the generator with x shifted by 2/3.
WEIERSTRASS_X = (
    *(11712523173042564207, 14090224426659529053, 13197813503519687414),
    *(16280770174934269299, 15998333998318935536),
)
WEIERSTRASS_Y = (
    *(14639054205878357578, 17426078571020221072, 2548978194165003307),
    *(8663895577921260088, 9793640284382595140),
)


def random_point(rng: random.Random) -> ecgfp5.Point:
    return ecgfp5.multiply(rng.randrange(1, ORDER), GENERATOR)


def test_the_generator_is_the_published_one() -> None:
    shift = fp5.divide(ecgfp5.A, fp5.element(3))
    assert (fp5.add(GENERATOR[0], shift), GENERATOR[1]) == (WEIERSTRASS_X, WEIERSTRASS_Y)
    assert ecgfp5.encode(GENERATOR) == fp5.element(4)
    assert ecgfp5.is_on_curve(GENERATOR)


def test_the_order() -> None:
    assert ecgfp5.multiply(ORDER - 1, GENERATOR) == ecgfp5.negate(GENERATOR)
    assert ecgfp5.add(ecgfp5.multiply(ORDER - 1, GENERATOR), GENERATOR) is None


@pytest.mark.parametrize("secret", KEYS)
def test_the_signers_keys(secret: int) -> None:
    point = ecgfp5.multiply(secret, GENERATOR)
    assert ecgfp5.encode(point) == KEYS[secret]
    assert ecgfp5.decode(KEYS[secret]) == point


def test_group_law() -> None:
    rng = random.Random(5)
    a, b, c = (random_point(rng) for _ in range(3))
    assert ecgfp5.is_on_curve(ecgfp5.add(a, b))
    assert ecgfp5.add(a, b) == ecgfp5.add(b, a)
    assert ecgfp5.add(ecgfp5.add(a, b), c) == ecgfp5.add(a, ecgfp5.add(b, c))
    assert ecgfp5.add(a, a) == ecgfp5.double(a)
    assert ecgfp5.add(a, ecgfp5.negate(a)) is None
    assert ecgfp5.add(a, None) == ecgfp5.add(None, a) == a
    assert ecgfp5.multiply(ORDER + 3, a) == ecgfp5.add(ecgfp5.double(a), a)


def test_the_neutral_element_is_encoded_as_zero() -> None:
    assert ecgfp5.encode(None) == fp5.ZERO
    assert ecgfp5.decode(fp5.ZERO) is None


def test_decoding_takes_half_of_all_numbers_and_gives_back_what_was_encoded() -> None:
    rng = random.Random(6)
    refused = 0
    for _ in range(40):
        w = tuple(rng.randrange(P) for _ in range(5))
        try:
            point = ecgfp5.decode(w)
        except InvalidPoint:
            refused += 1
            continue
        assert point is not None
        assert ecgfp5.is_on_curve(point) and ecgfp5.encode(point) == w
    assert 8 < refused < 32


@pytest.mark.parametrize("place", range(5))
def test_decoding_refuses_a_number_that_is_not_canonical(place: int) -> None:
    w = list(fp5.element(4))
    w[place] += P
    with pytest.raises(InvalidPoint, match="below p"):
        ecgfp5.decode(w)


def test_decoding_refuses_another_length() -> None:
    with pytest.raises(InvalidPoint):
        ecgfp5.decode((4, 0, 0, 0))


def test_points_outside_of_the_subgroup_are_not_of_the_group() -> None:
    published = (fp5.divide(ecgfp5.B, GENERATOR[0]), fp5.ZERO)
    published = (published[0], fp5.scale(published[0], 4))
    assert not ecgfp5.is_on_curve(published)  # on the curve, but its x is a non-square
    assert not ecgfp5.is_on_curve((fp5.ZERO, fp5.ZERO))  # of order two
