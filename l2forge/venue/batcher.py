"""The batcher: closes the open batch by size or age, and keeps a snapshot of the state at a closing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from l2forge.venue.applied import Applied
from l2forge.venue.sequencer import Sequencer
from l2forge.venue.snapshots import take_snapshot, write_snapshot

PAUSE_S = 0.1
SNAPSHOT_EVERY = 20_000
"""Records between two snapshots, about a second of replay."""

_log = logging.getLogger("l2forge.batcher")


class Batcher:
    """Closes batches of one sequencer."""

    def __init__(
        self, sequencer: Sequencer, *, max_interval_ms: int, snapshots: Path, identity: bytes
    ) -> None:
        self._sequencer = sequencer
        self._max_interval_ms = max_interval_ms
        self._snapshots = snapshots
        self._identity = identity
        self._snapshot_at = sequencer.applied_end.sequence
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="snapshots")

    async def run(self) -> None:
        """Look whether the batch is full or old, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE_S)

    async def look(self) -> None:
        """Close what is to be closed now."""
        state = self._sequencer.state
        open_batch = state.operations
        if open_batch.since_ms is None:
            return
        is_old = self._sequencer.now_ms - open_batch.since_ms >= self._max_interval_ms
        if is_old or len(open_batch.pending) >= state.max_operations:
            self._report(await self._sequencer.close_batch(remainder=is_old))
            await self._keep_snapshot()

    def _report(self, applied: Sequence[Applied]) -> None:
        for done in applied:
            for batch in done.batches:
                _log.info("batch %d closed: %d operations", batch.number, len(batch.operations))

    async def _keep_snapshot(self) -> None:
        end = self._sequencer.applied_end
        if end.sequence - self._snapshot_at < SNAPSHOT_EVERY:
            return
        self._snapshot_at = end.sequence
        snapshot = take_snapshot(self._sequencer.state, end, self._identity)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, write_snapshot, self._snapshots, snapshot)
