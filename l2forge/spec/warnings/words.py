"""Numbers as a reader wants them in a message."""

from __future__ import annotations


def percent(value: float) -> str:
    """A fraction in percent with three significant digits: 0.0127 is "1.27%"."""
    return f"{_significant(value * 100)}%"


def amount(value: float) -> str:
    """An amount with separators, rounded to a whole number from 100 on: "1,250,000"."""
    return f"{value:,.0f}" if abs(value) >= 100 else _significant(value)


def span(value_s: float) -> str:
    """A time in the unit that suits it: "43 s", "2.5 min", "12 h", "8.0 days"."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if value_s >= 1.5 * size:
            return f"{_significant(value_s / size)} {unit}"
    return f"{_significant(value_s)} s"


def _significant(value: float) -> str:
    text = f"{value:.3g}"
    if "e" in text:
        text = f"{value:,.0f}" if abs(value) >= 1 else f"{value:.10f}".rstrip("0")
    return text
