"""The L1 side of the venue's input: the contract's queue of requests, each taken once and in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from itertools import zip_longest

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
    """Reads the queue from the block of the contract's deployment on; a restart reads it again, compares what
    the journal has taken, and takes up what it has not.
    """

    def __init__(
        self, sequencer: Sequencer, client: VenueClient, *, first_block: int, confirmations: int
    ) -> None:
        self._sequencer = sequencer
        self._client = client
        self._first_block = first_block
        self._confirmations = confirmations
        self._from_the_start()

    def _from_the_start(self) -> None:
        self._next_block = self._first_block
        self._next_number = 0
        self._last_hash = b""

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
                self._from_the_start()
            await asyncio.sleep(pause)

    async def look(self) -> int:
        """Take up what has been confirmed since the last look; how many requests that were.

        An L1 that went back by more than `confirmations` blocks, or another contract, may lack requests that
        were taken: money on L2 that L1 does not have. So all are read again and compared after a start and
        whenever the last block that was read has another hash. Errors: AnotherChain; nothing is taken then.
        """
        found = await asyncio.to_thread(self._read)
        taken = self._sequencer.state.requests
        if taken and not self._next_number:
            if len(found.requests) < taken:  # L1 went back by fewer blocks: they wait to be confirmed again
                head = await asyncio.to_thread(self._read_to, 0)
                self._compare(head.requests[:taken])
                return 0
            self._compare(found.requests[:taken])
        self._next_block, self._last_hash = found.next_block, found.last_hash
        self._next_number += len(found.requests)
        new = [each for each in found.requests if each.number >= taken]
        if new:
            self._check(new)
            for start in range(0, len(new), MAX_AT_ONCE):
                entries = [records.request_entry(each, 0) for each in new[start : start + MAX_AT_ONCE]]
                await self._sequencer.enter(entries)
            _log.info("took up %d L1 requests, up to number %d", len(new), new[-1].number)
        return len(new)

    def _compare(self, shown: Sequence[Request]) -> None:
        """Whether L1's requests from the first on are those that were taken. Errors: AnotherChain."""
        state, digest = self._sequencer.state, ""
        for request in shown:
            digest = records.chained(digest, records.request_entry(request, 0).data)
        if digest != state.requests_digest:
            raise AnotherChain(
                f"the journal has taken {state.requests} L1 requests that L1 does not have: "
                + self._difference(shown),
                remedy="point l1 to the right node, or wait until it has caught up; if L1 has gone back, "
                "restore it, or `l2forge reset` and open the venue anew with more settlement.confirmations "
                f"(now {self._confirmations})",
            )

    def _difference(self, shown: Sequence[Request]) -> str:
        """The first request that is another one. Reads the whole journal, which is the venue's last act."""
        taken = (each.data for each in self._sequencer.journal.read() if each.kind == records.REQUEST)
        on_l1 = (records.request_entry(each, 0).data for each in shown)
        for number, (ours, theirs) in enumerate(zip_longest(taken, on_l1, fillvalue=b"nothing")):
            if ours != theirs:
                return f"as number {number} it took {ours.decode()}, and L1 now has {theirs.decode()}"
        return "another order"

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
        found = self._read_to(self._confirmations)
        if self._last_hash and self._client.block_hash(self._next_block - 1) != self._last_hash:
            _log.warning("L1 has gone back by more than %d blocks: all is read again", self._confirmations)
            self._from_the_start()
            found = self._read_to(self._confirmations)
        return found

    def _read_to(self, confirmations: int) -> ConfirmedRequests:
        return self._client.confirmed_requests(
            self._next_block, first_number=self._next_number, confirmations=confirmations
        )
