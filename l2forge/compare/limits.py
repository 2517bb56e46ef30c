"""Limits on measures: `--limit "bad_debt<=0"`; a comparison that breaks one fails."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from l2forge.compare.measures import MEASURE
from l2forge.errors import InputError

_FORM = re.compile(r"\s*([a-z0-9_]+)\s*(<=|>=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*", re.ASCII)
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Limit:
    """A bound on a measure, which every seed must keep."""

    measure: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.measure} {self.sign} {self.bound:g}"

    def worst(self, values: Sequence[float | None]) -> float | None:
        """The value nearest to breaking it, or farthest beyond; None where no seed has one."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        return max(known) if self.sign.startswith("<") else min(known)

    def holds(self, values: Sequence[float | None]) -> bool:
        """Whether every seed that has a value keeps it."""
        return all(value is None or _HOLDS[self.sign](value, self.bound) for value in values)


def parse_limit(text: str) -> Limit:
    """A limit from its text; InputError says what to write."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise InputError(f'"{text}" is not a limit', remedy='write e.g. --limit "bad_debt<=0"')
    name, sign, bound = match.groups()
    if name not in MEASURE:
        close = get_close_matches(name, MEASURE, n=1)
        hint = f'did you mean "{close[0]}"?' if close else f"write one of {', '.join(MEASURE)}"
        raise InputError(f'there is no measure "{name}"', remedy=hint)
    return Limit(name, sign, float(bound))
