"""Random integers only: the same seed gives the same numbers on every machine, without logarithms.

The bit generator is named (PCG64), and every draw is NumPy's bounded integer.
"""

from __future__ import annotations

import numpy as np

_UNIFORMS = 12
_RANGE = 10**6


def generator(*seed: int) -> np.random.Generator:
    """A generator for a seed and the stream of its use, so that no use moves another's draws."""
    return np.random.Generator(np.random.PCG64(list(seed)))


def normals_e6(rng: np.random.Generator, n: int) -> list[int]:
    """n nearly normal integers of mean 0 and deviation 10^6: twelve uniforms summed (Irwin–Hall)."""
    uniforms = rng.integers(0, _RANGE + 1, size=(n, _UNIFORMS))
    return [int(total) - _UNIFORMS * _RANGE // 2 for total in uniforms.sum(axis=1)]
