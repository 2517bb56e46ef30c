"""The L1 side of the venue's input: the contract's queue of requests, each taken once and in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import requests
from web3.exceptions import Web3Exception

from l2forge.chain.batch import Request
from l2forge.chain.venue_client import ConfirmedRequests, VenueClient
from l2forge.errors import CheckFailed, EnvironmentFailure
from l2forge.venue import records
from l2forge.venue.sequencer import Sequencer

MAX_PAUSE_S = 2.0
MAX_AT_ONCE = 500
"""Requests of one commit: after an outage any number may wait, and a frame of the journal is bounded."""

_log = logging.getLogger("l2forge.l1")


class AnotherChain(EnvironmentFailure):
    """L1 has other requests than those that the journal has taken: nothing may go on from there."""


class RequestReader:
    """Reads the queue from the block of the contract's deployment on; a restart reads it again and takes up
    what the journal has not.
    """

    def __init__(
        self, sequencer: Sequencer, client: VenueClient, *, first_block: int, confirmations: int
    ) -> None:
        self._sequencer = sequencer
        self._client = client
        self._first_block = first_block
        self._next_block = first_block
        self._next_number = 0
        self._digest = ""
        self._confirmations = confirmations

    async def run(self, block_time_s: float) -> None:
        """Follow the chain, for ever. A node that does not answer is asked again. Errors: AnotherChain."""
        pause = min(MAX_PAUSE_S, block_time_s / 2)
        trouble = ""
        while True:
            try:
                await self.look()
                trouble = ""
            except AnotherChain:
                raise
            except (CheckFailed, EnvironmentFailure, requests.RequestException, Web3Exception) as error:
                if str(error) != trouble:
                    _log.warning("L1: %s", error)
                trouble = str(error)
                self._next_block, self._next_number, self._digest = self._first_block, 0, ""
            await asyncio.sleep(pause)

    async def look(self) -> int:
        """Take up what has been confirmed since the last look; how many requests that were.

        What was taken before is read again after a restart, and compared: an L1 that went back by more than
        `confirmations` blocks, or another contract, would leave money on L2 that L1 does not have.
        """
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, self._read)
        taken = self._sequencer.state.requests
        self._next_block = found.next_block
        self._next_number += len(found.requests)
        self._compare([each for each in found.requests if each.number < taken])
        new = [each for each in found.requests if each.number >= taken]
        if new:
            self._check(new)
            for start in range(0, len(new), MAX_AT_ONCE):
                entries = [records.request_entry(each, 0) for each in new[start : start + MAX_AT_ONCE]]
                await self._sequencer.enter(entries)
                for entry in entries:
                    self._digest = records.chained(self._digest, entry.data)
            _log.info("took up %d L1 requests, up to number %d", len(new), new[-1].number)
        return len(new)

    def _compare(self, again: Sequence[Request]) -> None:
        """Whether what was read from the first request on is what was taken. Errors: AnotherChain."""
        state = self._sequencer.state
        for request in again:
            self._digest = records.chained(self._digest, records.request_entry(request, 0).data)
        if self._next_number < state.requests or (again and self._digest != state.requests_digest):
            raise AnotherChain(
                f"the journal has taken {state.requests} L1 requests, and L1 shows {self._next_number}, "
                "or other ones",
                remedy="point l1 to the right node and contract; if L1 has gone back by more than "
                "settlement.confirmations blocks, restore it, or `l2forge reset` and open the venue anew",
            )

    def _check(self, new: Sequence[Request]) -> None:
        """Refuse what cannot follow the journal before it enters it. Errors: CheckFailed."""
        state = self._sequencer.state
        remedy = "the node shows another chain than the journal: point l1 to the right one"
        if new[0].number != state.requests:
            raise CheckFailed(f"request {new[0].number} came where {state.requests} was due", remedy=remedy)
        for request in new:
            account = state.registry.accounts.get(request.account)
            if account is not None and account.owner != request.owner.lower():
                raise CheckFailed(f"request {request.number} is not of its account's owner", remedy=remedy)

    def _read(self) -> ConfirmedRequests:
        return self._client.confirmed_requests(
            self._next_block, first_number=self._next_number, confirmations=self._confirmations
        )
