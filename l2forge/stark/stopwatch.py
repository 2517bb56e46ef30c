"""How long the phases of proving and verifying take."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str, float], object]
"""Called with a phase's name and its seconds when it ends."""


class Stopwatch:
    """Adds up the seconds of named phases; each begins where the last one ends."""

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._current: tuple[str, float] | None = None

    def __call__(self, name: str = "") -> None:
        """End the current phase; begin the phase `name`, if it is not empty."""
        now = time.perf_counter()
        if self._current is not None:
            ended, since = self._current
            self.seconds[ended] = self.seconds.get(ended, 0.0) + now - since
            if self._progress is not None:
                self._progress(ended, now - since)
        self._current = (name, now) if name else None
