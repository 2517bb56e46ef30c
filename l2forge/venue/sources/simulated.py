"""A simulated price: a geometric random walk with jumps, one step a second, the same for the same seed.

    price(k + 1) = price(k)·(1 + σ·z(k) + jump(k)),   σ = volatility/√(seconds of a year)

z is nearly normal; a jump comes on average every two hours, of 20 to 120 σ either way. Sources with one seed,
start and volatility follow one path; each adds noise of its own (`noise`·z'), drawn by its name. All
arithmetic is on integers (prices in 10^-12 of the start), so a path is the same on every machine.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import isqrt

from l2forge.spec.models.oracles import SimulatedSource
from l2forge.venue.draws import generator, normals_e6
from l2forge.venue.sources.price import SeenPrice, SourceUnavailable

STEP_MS = 1_000
SECONDS_OF_A_YEAR = 31_557_600
SCALE = 10**12
JUMP_EVERY = 7_200
JUMP_SIGMAS = (20, 120)
CHUNK = 1_024
MAX_STEPS = 40 * 86_400
"""A path is as long as it was asked for; 40 days of it are some hundred megabytes and enough."""

_WALK, _JUMPS, _NOISE = 1, 2, 3
_LEAST = SCALE // 10**6


def step_deviation_e12(volatility_e12: int) -> int:
    """σ of one step in 10^-12: ⌊volatility/√year⌋."""
    return isqrt(volatility_e12 * volatility_e12 // SECONDS_OF_A_YEAR)


class Path:
    """The common path of a seed: relative prices (10^-12) step by step, made as far as they are asked for."""

    def __init__(self, seed: int, volatility_e12: int) -> None:
        self.seed = seed
        self.deviation = step_deviation_e12(volatility_e12)
        self.prices = [SCALE]

    def at(self, step: int) -> int:
        """The relative price at a step."""
        while len(self.prices) <= step:
            self._extend((len(self.prices) - 1) // CHUNK)
        return self.prices[step]

    def _extend(self, chunk: int) -> None:
        normals = normals_e6(generator(self.seed, _WALK, chunk), CHUNK)
        rng = generator(self.seed, _JUMPS, chunk)
        jumps = rng.integers(0, JUMP_EVERY, size=CHUNK).tolist()
        sizes = rng.integers(JUMP_SIGMAS[0], JUMP_SIGMAS[1] + 1, size=CHUNK).tolist()
        signs = rng.integers(0, 2, size=CHUNK).tolist()
        price = self.prices[-1]
        for normal, ticket, size, sign in zip(normals, jumps, sizes, signs, strict=True):
            change = normal * self.deviation // 10**6
            if ticket == 0:
                change += (1 if sign else -1) * size * self.deviation
            price = max(_LEAST, price + price * change // SCALE)
            self.prices.append(price)


class SimulatedPrices:
    """A simulated source that began at `start_ms`."""

    def __init__(self, source: SimulatedSource, start_ms: int) -> None:
        self.name = source.name
        self.start = source.start.fraction
        self.start_ms = start_ms
        self.path = Path(source.seed, source.volatility.e12)
        self.noise_e12 = source.noise.e12
        self._stream = int.from_bytes(hashlib.sha256(source.name.encode()).digest()[:8], "big")

    def read(self, now_ms: int) -> SeenPrice:
        """The path's price at the last whole step, with this source's noise."""
        step = (now_ms - self.start_ms) // STEP_MS
        if step < 0:
            raise SourceUnavailable(f"{self.name} has not begun", remedy="wait until its start")
        if step > MAX_STEPS:
            raise SourceUnavailable(
                f"{self.name} simulates 40 days and they are over", remedy="start it anew"
            )
        relative = self.path.at(step)
        if self.noise_e12:
            seed = self.path.seed
            (draw,) = normals_e6(generator(seed, _NOISE, self._stream, step), 1)
            relative = max(_LEAST, relative + relative * (draw * self.noise_e12 // 10**6) // SCALE)
        return SeenPrice(self.start * Fraction(relative, SCALE), self.start_ms + step * STEP_MS)
