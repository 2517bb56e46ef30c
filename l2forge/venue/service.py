"""A running venue in one event loop: sequencer, API, batcher, keeper, sources, its eyes on L1 and proofs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from l2forge.chain.venue_client import VenueClient
from l2forge.errors import EnvironmentFailure
from l2forge.spec.models import Spec
from l2forge.venue import records
from l2forge.venue.api.app import create_app
from l2forge.venue.api.present import Presenter
from l2forge.venue.api.services import Chain, RateLimit, Services
from l2forge.venue.api.stream import Streams
from l2forge.venue.applied import Applied
from l2forge.venue.batcher import Batcher
from l2forge.venue.jobs import Jobs
from l2forge.venue.keeper import Keeper
from l2forge.venue.l1 import contract_of, venue_client
from l2forge.venue.opening import OpenVenue, open_venue
from l2forge.venue.reporter import open_reporters
from l2forge.venue.requests import RequestReader
from l2forge.venue.sequencer import Sequencer
from l2forge.venue.settings import Settings

PROOF_PAUSE_S = 0.5

_log = logging.getLogger("l2forge.venue")


class VenueService:
    """One venue, opened. `run` serves until it is cancelled or something fails that only a restart mends."""

    def __init__(self, spec: Spec, settings: Settings) -> None:
        self.spec = spec
        self.settings = settings
        self.client: VenueClient | None = venue_client(settings) if settings.l1_url else None
        self.opened: OpenVenue = open_venue(
            spec,
            Path(settings.directory),
            database=settings.database or None,
            l1=contract_of(self.client),
        )
        self.sequencer = Sequencer(self.opened.state, self.opened.journal)
        presenter = Presenter(spec, self.opened.state, self.opened.history)
        self.streams = Streams(presenter)
        self.sequencer.observe(self._write_history)
        self.sequencer.observe(self.streams.observe)

    async def _write_history(self, applied: Sequence[Applied]) -> None:
        await asyncio.to_thread(self.opened.history.write, applied)

    def services(self) -> Services:
        """What the API's routes work with."""
        chain = Chain()
        if self.client is not None:
            number = self.client.venue.w3.eth.chain_id
            chain = Chain(self.settings.venue, self.settings.token, number)
        limit = RateLimit.parse(self.spec.api.rate_limit)
        return Services(self.spec, self.sequencer, self.opened.history, self.streams, chain, limit)

    def tasks(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that runs beside the API."""
        spec, sequencer = self.spec, self.sequencer
        start_ms = self.opened.state.born or sequencer.now_ms
        w3 = self.client.venue.w3 if self.client is not None else None
        base = Path(self.settings.spec).parent
        batcher = Batcher(
            sequencer,
            max_interval_ms=spec.proof.max_interval.ms,
            snapshots=Path(self.settings.directory) / "snapshots",
            identity=self.opened.identity,
        )
        running = [sequencer.run(), batcher.run(), Keeper(sequencer).run(), self._follow_proofs()]
        running += [
            reporter.run()
            for reporter in open_reporters(spec, sequencer, base=base, start_ms=start_ms, l1=w3)
        ]
        if self.client is not None:
            reader = RequestReader(
                sequencer,
                self.client,
                first_block=self.settings.first_block,
                confirmations=spec.settlement.confirmations,
            )
            running.append(reader.run(float(spec.l1.block_time.seconds)))
        return running

    async def _follow_proofs(self) -> None:
        """Tell the state which batches L1 has accepted."""
        jobs = Jobs(self.opened.history.engine)
        while True:
            settled = await asyncio.to_thread(jobs.last_settled)
            for number in range(self.opened.state.proven + 1, settled + 1):
                await self.sequencer.enter([records.proven_entry(number, 0)])
            await asyncio.sleep(PROOF_PAUSE_S)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """All tasks, for the length of a `with` block. The future fails when one of them does."""
        tasks = [asyncio.create_task(each) for each in self.tasks()]
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def note(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and task.exception() is not None and not failed.done():
                failed.set_exception(task.exception() or RuntimeError())

        for task in tasks:
            task.add_done_callback(note)
        try:
            yield failed
        finally:
            for task in reversed(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.opened.journal.close()
            if failed.done():
                failed.exception()

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT. Errors: EnvironmentFailure where a task failed."""
        config = uvicorn.Config(
            create_app(self.services()),
            host=self.settings.host,
            port=self.settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )
        server = uvicorn.Server(config)
        async with self.running() as failed:
            serving = asyncio.create_task(server.serve())
            await asyncio.wait([serving, failed], return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                server.should_exit = True
                with contextlib.suppress(asyncio.CancelledError):
                    await serving
                failed.result()
            if not server.started:
                raise EnvironmentFailure(
                    f"cannot listen on {self.settings.host}:{self.settings.port}",
                    remedy="choose another api.listen, or stop what listens there",
                )
