"""What a source says, and how it becomes ticks: exact fractions, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Protocol

from l2forge.errors import EnvironmentFailure

MAX_DIGITS = 40
"""Of a price in a document: more is not a price, and exact arithmetic on it would cost."""


@dataclass(frozen=True)
class SeenPrice:
    """A price (quote units for one base unit, exact, above zero) and when it was true (Unix ms)."""

    price: Fraction
    time_ms: int


class SourceUnavailable(EnvironmentFailure):
    """The source has no price now; the message says why, without secrets."""


class PriceSource(Protocol):
    """Anything that has a price."""

    name: str

    def read(self, now_ms: int) -> SeenPrice:
        """The newest price at `now_ms`. Errors: SourceUnavailable."""
        ...


def to_ticks(price: Fraction, tick_size: Fraction) -> int:
    """The nearest whole number of ticks, halves up: ⌊price/tick + 1/2⌋. One that rounds to 0 is refused."""
    ticks = (2 * price + tick_size) // (2 * tick_size)
    if ticks <= 0:
        raise SourceUnavailable(
            f"a price of {price} is below half a tick", remedy="check the market's tick_size"
        )
    return int(ticks)


def exact_price(value: object) -> Fraction:
    """A price from a document's value: a decimal text or number; ValueError says why it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{_show(value)} is not a number")
    text = str(value).strip()
    if len(text) > MAX_DIGITS:
        raise ValueError(f"{_show(text)} has more than {MAX_DIGITS} characters")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{_show(text)} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text} is not finite")
    if abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(f"{_show(text)} is out of range")
    if number <= 0:
        raise ValueError(f"{text} is not above zero")
    return Fraction(number)


def _show(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return '"' + (text if len(text) <= 40 else text[:37] + "...").encode("unicode_escape").decode() + '"'
