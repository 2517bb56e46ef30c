"""What flows are drawn from: walks, courses and sizes, in integers only (see l2forge.venue.draws).

The same seed gives the same flow on every machine.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from l2forge.compare.flow.form import PRICE_SCALE
from l2forge.venue.draws import normals_e6

Anchors = tuple[tuple[int, int], ...]
"""(time, level) points, joined by straight lines; levels in 10^-9."""


def walk(rng: np.random.Generator, n: int, step_e9: int) -> list[int]:
    """A multiplicative random walk of n prices from 10^9, deviation `step_e9` a step, never below 10^6."""
    price = PRICE_SCALE
    prices = []
    for draw in normals_e6(rng, n):
        prices.append(price)
        price = max(10**6, price + price * (draw * step_e9 // 10**6) // PRICE_SCALE)
    return prices


def along(anchors: Anchors, time: int) -> int:
    """The level of the anchors' line at a time; before the first and after the last: theirs."""
    if not anchors or time <= anchors[0][0]:
        return anchors[0][1] if anchors else PRICE_SCALE
    for (start, low), (end, high) in pairwise(anchors):
        if time <= end:
            return low + (high - low) * (time - start) // (end - start)
    return anchors[-1][1]


def pick_size(rng: np.random.Generator, sizes: tuple[tuple[int, int, int], ...]) -> int:
    """A size from (weight, low, high) classes, uniform within its class."""
    ticket = int(rng.integers(0, sum(weight for weight, _, _ in sizes)))
    for weight, low, high in sizes:
        if ticket < weight:
            return int(rng.integers(low, high + 1))
        ticket -= weight
    raise AssertionError("the weights were summed")
