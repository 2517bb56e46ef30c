"""The keeper: work that anyone may do because the state justifies it, done as soon as it is due."""

from __future__ import annotations

import asyncio
from typing import cast

from l2forge.engine import codes
from l2forge.venue import records
from l2forge.venue.sequencer import Sequencer

PAUSE_S = 0.25
PROVEN_KINDS = frozenset({codes.FUNDING, codes.EXPIRE_ORDER})
"""What a batch can hold or needs no proof: funding, and orders that are past their time."""


class Keeper:
    """Sends the engine's own list of due commands, as far as they are proven."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer

    async def run(self) -> None:
        """Look for work, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE_S)

    async def look(self) -> int:
        """Do what is due now; how many commands that were."""
        rows = self._sequencer.state.engine.due(self._sequencer.now_ms)
        due = [cast(tuple[int, ...], tuple(row)) for row in rows.tolist() if row[0] & 0xFF in PROVEN_KINDS]
        if due:
            await self._sequencer.enter([records.work_entry((*row[:7], 0)) for row in due])
        return len(due)
