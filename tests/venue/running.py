"""A venue that is open in a directory, without L1 and with a clock that the test moves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from l2forge.venue import records
from l2forge.venue.api.app import create_app
from l2forge.venue.api.present import Presenter
from l2forge.venue.api.services import Chain, RateLimit, Services
from l2forge.venue.api.stream import Streams
from l2forge.venue.opening import OpenVenue, open_venue
from l2forge.venue.sequencer import Sequencer
from tests.venue.trading import CAPACITY, NOW, Trader, deposit, order_book_spec, price_entries, registration


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """Unix milliseconds."""
        return self.now


@dataclass
class Running:
    """An open venue whose sequencer runs."""

    opened: OpenVenue
    sequencer: Sequencer
    streams: Streams
    clock: Clock
    app: FastAPI

    async def fund(self, traders: list[Trader], units: int = 10**11) -> None:
        """Prices, deposits, keys."""
        await self.sequencer.enter(price_entries(self.clock.now))
        for trader in traders:
            number = self.opened.state.requests
            requests = deposit(number, trader, units), registration(number + 1, trader)
            await self.sequencer.enter([records.request_entry(request, 0) for request in requests])


@contextlib.asynccontextmanager
async def running(directory: Path, *, calls: int = 10_000) -> AsyncIterator[Running]:
    """The venue in `directory`, new or as it was left."""
    spec = order_book_spec()
    opened = open_venue(spec, directory, capacity=CAPACITY)
    clock = Clock()
    clock.now = max(clock.now, opened.state.now)
    sequencer = Sequencer(opened.state, opened.journal, clock=clock)
    streams = Streams(Presenter(spec, opened.state, opened.history))

    async def write(applied: object) -> None:
        await asyncio.to_thread(opened.history.write, applied)  # type: ignore[arg-type]

    sequencer.observe(write)
    sequencer.observe(streams.observe)
    services = Services(spec, sequencer, opened.history, streams, Chain(), RateLimit(calls))
    task = asyncio.create_task(sequencer.run())
    try:
        yield Running(opened, sequencer, streams, clock, create_app(services))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        opened.journal.close()
        opened.history.engine.dispose()
