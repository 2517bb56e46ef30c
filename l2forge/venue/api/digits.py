"""What clients write as text: numbers, and texts that an answer repeats."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""An integer parameter: the database takes none beyond 64 bits."""
MAX_DIGITS = 15
"""Below 2^53: what every client and the database hold exactly."""


def is_number(text: str) -> bool:
    """Whether the text is a number of ASCII digits; to `isdigit`, "²" is one too, and to `int` it is none."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def encodable(text: str) -> str:
    """The text with half surrogate pairs escaped: JSON can name them, and no encoding can send them."""
    return text.encode("utf-8", "backslashreplace").decode()
