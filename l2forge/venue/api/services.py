"""What the API's routes work with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from fastapi import Request

from l2forge.ledger.messages import MessageError
from l2forge.spec.models import Spec
from l2forge.venue import refusals
from l2forge.venue.api.present import Presenter
from l2forge.venue.api.stream import Streams
from l2forge.venue.history import History
from l2forge.venue.sequencer import Sequencer

MAX_BUCKETS = 10_000

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Chain:
    """Where the venue is on L1."""

    contract: str = "0x0000000000000000000000000000000000000000"
    token: str = "0x0000000000000000000000000000000000000000"
    chain_id: int = 0


@dataclass
class RateLimit:
    """A bucket per account and sender: `calls` at once, refilled over `period_s` seconds.

    The account is the one that a message names before its signature is checked; with the sender's address in
    the key, nobody can use up a stranger's calls.
    """

    calls: int
    period_s: int = 1
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> RateLimit:
        """The spec's "200/s", "500/m", "1000/h"."""
        calls, _, unit = text.partition("/")
        return cls(int(calls), {"s": 1, "m": 60, "h": 3600}[unit])

    def take(self, sender: str, account: int) -> None:
        """Count a message. Raises `MessageError` where the bucket is empty."""
        now, bucket = self.clock(), (sender, account)
        level = self._level(bucket, now)
        if level < 1:
            raise MessageError(
                refusals.TOO_MANY_REQUESTS,
                "api.rate_limit",
                f"more than {self.calls} in {self.period_s} s",
                remedy="wait a little",
            )
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {b: held for b, held in self._buckets.items() if self._level(b, now) < self.calls}
        self._buckets[bucket] = (level - 1, now)

    def _level(self, bucket: tuple[str, int], now: float) -> float:
        level, since = self._buckets.get(bucket, (float(self.calls), now))
        return min(float(self.calls), level + (now - since) * self.calls / self.period_s)


@dataclass
class Services:
    """One venue, as the routes see it."""

    spec: Spec
    sequencer: Sequencer
    history: History
    streams: Streams
    chain: Chain
    rate_limit: RateLimit

    @property
    def present(self) -> Presenter:
        """The makers of answers."""
        return self.streams.present

    async def ask_history(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run what asks the database in another thread."""
        return await asyncio.to_thread(call, *args, **kwargs)


def services_of(request: Request) -> Services:
    """The venue of a request's application."""
    found: Any = request.app.state.services
    assert isinstance(found, Services)
    return found
