"""Exact values with units: durations, rates, amounts of money and prices. No float appears anywhere.

| kind     | written                    | held as                                     |
|----------|----------------------------|---------------------------------------------|
| Duration | "250ms" "30s" "15m" "7d"   | whole milliseconds                          |
| Rate     | "5%" "2bps" "-0.5bps"      | whole multiples of 10^-12                   |
| Amount   | "1000" "0.00001"           | a decimal; `units(d)` is the integer × 10^d |

Each kind parses to an exact value, refuses what it cannot hold exactly, and prints one canonical spelling, so
that two spellings of one value ("5%", "500bps") compare and hash the same.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Self

MS_PER_UNIT = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
RATE_SCALE = 10**12
E12_PER_UNIT = {"%": 10**10, "bps": 10**8}

MAX_DURATION_MS = 36_500 * MS_PER_UNIT["d"]
MAX_RATE_E12 = 10**6 * RATE_SCALE
MAX_AMOUNT_DIGITS = 18  # before and after the point each

DURATION_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,18})?(ms|s|m|h|d)$"
RATE_PATTERN = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?(%|bps)$"
AMOUNT_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,18})?$"

_NUMBER = r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?"
_DURATION = re.compile(_NUMBER + r" ?(ms|s|m|h|d)", re.ASCII)
_RATE = re.compile(_NUMBER + r" ?(%|bps)", re.ASCII)
_AMOUNT = re.compile(_NUMBER, re.ASCII)


class UnitError(ValueError):
    """A text that is not a value of its kind. `remedy` says what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def _fraction(sign: str, whole: str, decimals: str | None) -> Fraction:
    digits = decimals or ""
    value = Fraction(int(whole + digits), 10 ** len(digits))
    return -value if sign else value


def _show(text: str) -> str:
    short = text if len(text) <= 40 else text[:37] + "..."
    return '"' + short.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'


class Duration(int):
    """A span of time in whole milliseconds, 0 ..= 36,500 days."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The duration written as a number and one of ms, s, m, h, d; exact, or UnitError."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise UnitError(f"{_show(text)} is not a duration", 'write a number and ms, s, m, h or d: "30s"')
        value = _fraction(match[1], match[2], match[3]) * MS_PER_UNIT[match[4]]
        if value < 0:
            raise UnitError(f"the duration {_show(text)} is negative", 'write it without the minus: "30s"')
        if value.denominator != 1:
            raise UnitError(f"{_show(text)} is not a whole number of milliseconds", 'write e.g. "250ms"')
        if value > MAX_DURATION_MS:
            raise UnitError(f"{_show(text)} is longer than 36500 days", 'write a shorter one, such as "365d"')
        return cls(int(value))

    @property
    def ms(self) -> int:
        """The whole number of milliseconds."""
        return int(self)

    @property
    def seconds(self) -> Fraction:
        """The exact number of seconds."""
        return Fraction(int(self), 1000)

    def text(self) -> str:
        """The canonical spelling: the largest unit that leaves a whole number ("90s", "2h", "0s")."""
        if self == 0:
            return "0s"
        for unit, size in MS_PER_UNIT.items():
            if int(self) % size == 0:
                return f"{int(self) // size}{unit}"
        raise AssertionError("1 ms divides every duration")


class Rate(int):
    """A fraction as a whole multiple of 10^-12; |rate| at most 10^6 (100,000,000%)."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rate written as a decimal and % or bps; exact to 10^-12, or UnitError."""
        match = _RATE.fullmatch(text)
        if match is None:
            raise UnitError(f"{_show(text)} is not a rate", _rate_remedy(text))
        value = _fraction(match[1], match[2], match[3]) * E12_PER_UNIT[match[4]]
        if value.denominator != 1:
            raise UnitError(f"{_show(text)} is finer than 10^-12", "write fewer decimal places")
        if abs(value) > MAX_RATE_E12:
            raise UnitError(f"{_show(text)} is beyond 100000000%", "write a smaller rate")
        return cls(int(value))

    @property
    def e12(self) -> int:
        """The rate times 10^12, a whole number."""
        return int(self)

    @property
    def fraction(self) -> Fraction:
        """The exact rate: 5% is 1/20."""
        return Fraction(int(self), RATE_SCALE)

    def text(self) -> str:
        """The canonical spelling: basis points below one percent ("-0.5bps"), percent from there ("5%")."""
        unit = "bps" if 0 < abs(int(self)) < E12_PER_UNIT["%"] else "%"
        return decimal_text(Fraction(int(self), E12_PER_UNIT[unit])) + unit


class Amount(Decimal):
    """An amount of collateral or a price: not negative, at most 18 digits on each side of the point.

    Compare amounts as they are; calculate with `units(decimals)` or `fraction`, for Decimal's own arithmetic
    rounds to the context's precision.
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        """The amount written as a plain decimal, without sign, exponent or separators, or UnitError."""
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise UnitError(
                f"{_show(text)} is not a decimal number", 'write digits, such as "1000" or "0.01"'
            )
        if match[1]:
            raise UnitError(f"{_show(text)} is negative", "write it without the minus")
        return cls(text)

    @property
    def fraction(self) -> Fraction:
        """The exact value."""
        return Fraction(self)

    def units(self, decimals: int) -> int:
        """The amount in units of 10^-decimals, or UnitError where that is not a whole number."""
        value = Fraction(self) * 10**decimals
        if value.denominator != 1:
            raise UnitError(f"{self.text()} has more than {decimals} decimal places", "write fewer places")
        return int(value)

    def text(self) -> str:
        """The canonical spelling: no exponent, no leading or trailing zeros."""
        return decimal_text(Fraction(self))


def power_of_ten(value: Decimal) -> int | None:
    """k where value = 10^k, else None."""
    if value <= 0:
        return None
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    trimmed = text.rstrip("0")
    if sign or trimmed != "1" or not isinstance(exponent, int):
        return None
    return exponent + len(text) - 1


def decimal_text(value: Fraction) -> str:
    """A fraction whose denominator divides a power of ten, in plain decimal digits."""
    places = 0
    scaled = abs(value)
    while scaled.denominator != 1:
        scaled *= 10
        places += 1
    digits = str(int(scaled)).rjust(places + 1, "0")
    whole, decimals = (digits[:-places], digits[-places:]) if places else (digits, "")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def _rate_remedy(text: str) -> str:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return 'write a number and % or bps: "5%" or "2bps"'
    percent = decimal_text(_fraction(match[1], match[2], match[3]) * 100)
    return f'write the unit: "{percent}%" if it is a fraction of one, "{text}%" if it is in percent'
