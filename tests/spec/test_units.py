"""Units are exact: what is written is what is held, and what is printed reads back as the same value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2forge.units import (
    MAX_DURATION_MS,
    MAX_RATE_E12,
    MS_PER_UNIT,
    Amount,
    Duration,
    Rate,
    UnitError,
    power_of_ten,
)

UNIT_VALUES = {"%": Fraction(1, 100), "bps": Fraction(1, 10_000)}


def decimal_texts(places: int) -> st.SearchStrategy[str]:
    """Plain decimals with up to `places` digits after the point."""
    whole = st.integers(0, 10**5).map(str)
    decimals = st.text("0123456789", min_size=1, max_size=places).map(lambda digits: "." + digits)
    return st.builds(lambda left, right: left + right, whole, st.just("") | decimals)


@given(decimal_texts(10), st.sampled_from(["%", "bps"]), st.sampled_from(["", "-"]))
def test_a_rate_is_what_is_written(number: str, unit: str, sign: str) -> None:
    exact = Fraction(sign + number) * UNIT_VALUES[unit]
    if (exact * 10**12).denominator == 1:
        assert Rate.parse(sign + number + unit).fraction == exact
    else:
        with pytest.raises(UnitError, match="finer"):
            Rate.parse(sign + number + unit)


@given(decimal_texts(6), st.sampled_from(list(MS_PER_UNIT)))
def test_a_duration_is_what_is_written(number: str, unit: str) -> None:
    exact = Fraction(number) * MS_PER_UNIT[unit]
    if exact.denominator == 1 and exact <= MAX_DURATION_MS:
        assert Duration.parse(number + unit).ms == exact
    else:
        with pytest.raises(UnitError):
            Duration.parse(number + unit)


@given(st.integers(-MAX_RATE_E12, MAX_RATE_E12))
def test_a_rate_reads_back(e12: int) -> None:
    assert Rate.parse(Rate(e12).text()).e12 == e12


@given(st.integers(0, MAX_DURATION_MS))
def test_a_duration_reads_back(ms: int) -> None:
    assert Duration.parse(Duration(ms).text()).ms == ms


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1))
def test_an_amount_reads_back_and_counts_units_exactly(whole: int, decimals: int) -> None:
    amount = Amount.parse(f"{whole}.{decimals:018}")
    assert Amount.parse(amount.text()) == amount
    assert amount.units(18) == whole * 10**18 + decimals


@given(decimal_texts(6))
def test_equal_amounts_have_one_spelling(number: str) -> None:
    padded = number + ("00" if "." in number else ".00")
    assert Amount.parse("0" + padded).text() == Amount.parse(number).text()


@pytest.mark.parametrize("one, other", [("5%", "500bps"), ("5.0%", "5%"), ("-0%", "0bps"), ("0.01%", "1bps")])
def test_equal_rates_have_one_spelling(one: str, other: str) -> None:
    assert Rate.parse(one).text() == Rate.parse(other).text()


@pytest.mark.parametrize("text, ms", [("1.5h", 5_400_000), ("250ms", 250), ("7d", 604_800_000), ("0s", 0)])
def test_durations(text: str, ms: int) -> None:
    assert Duration.parse(text).ms == ms


@pytest.mark.parametrize(
    "text",
    ["", "5", "%", "5 %%", "+5%", "5e1%", "٥%", "5%\n", "1_0%", "0x5%", "nan%", ".5%", "5.%", "9" * 30 + "%"],
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        Rate.parse(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text", ["", "s", "5", "5sec", "5S", "5s\n", "-5s", "1e3s", "0.1ms", "999999999999d"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        Duration.parse(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", "1,000", "1_000", "NaN", "Infinity", " 1", "1\n", "1" * 19]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        Amount.parse(text)
    assert caught.value.remedy


def test_an_amount_with_too_many_places_is_not_rounded() -> None:
    with pytest.raises(UnitError):
        Amount.parse("0.0000001").units(6)


@given(st.integers(-18, 18))
def test_powers_of_ten(power: int) -> None:
    assert power_of_ten(Decimal(10) ** power) == power
    assert power_of_ten(3 * Decimal(10) ** power) is None


def test_zero_is_no_power_of_ten() -> None:
    assert power_of_ten(Decimal(0)) is None
