"""Means, bootstrap intervals of paired differences, and who is beaten on every count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
CONFIDENCE = 95
_SEED = 20_250_101
"""Of the resampling: the same runs give the same intervals."""


@dataclass(frozen=True)
class Interval:
    """A mean and where 95% of the resampled means lie; with one value all three are that value."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """The percentile bootstrap of the mean (Efron, 1979), over seeds."""
    data = np.asarray(values, dtype=float)
    if len(data) == 1:
        return Interval(float(data[0]), float(data[0]), float(data[0]))
    rng = np.random.Generator(np.random.PCG64(_SEED))
    means = data[rng.integers(0, len(data), size=(RESAMPLES, len(data)))].mean(axis=1)
    tail = (100 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(float(data.mean()), float(low), float(high))


def paired(values: Sequence[float | None], against: Sequence[float | None]) -> Interval | None:
    """The mean difference over the seeds for which both have a value, resampled in pairs, or None."""
    differences = [a - b for a, b in zip(values, against, strict=True) if a is not None and b is not None]
    return interval(differences) if differences else None


def undominated(points: Sequence[Sequence[float]]) -> list[bool]:
    """Which points (less is better) no other point equals or beats in all and beats in one."""

    def beats(a: Sequence[float], b: Sequence[float]) -> bool:
        return all(x <= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)

    return [not any(beats(other, point) for other in points) for point in points]
