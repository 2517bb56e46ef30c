"""Requests of L1 are taken once, in order, and compared with the chain when they are read again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from l2forge.chain.batch import Request
from l2forge.chain.venue_client import ConfirmedRequests
from l2forge.errors import EnvironmentFailure
from l2forge.venue.opening import open_venue
from l2forge.venue.requests import MAX_AT_ONCE, AnotherChain, RequestReader
from tests.venue.running import Running, running
from tests.venue.trading import CAPACITY, Trader, deposit, order_book_spec, price_entries, registration

ONE = Trader(1)
QUEUE = [deposit(0, ONE, 10**9), registration(1, ONE)]


class Chain:
    """An L1 of which each request is confirmed at once."""

    def __init__(self, requests: list[Request]) -> None:
        self.requests = requests

    def confirmed_requests(self, first: int, *, first_number: int, confirmations: int) -> ConfirmedRequests:
        """As `VenueClient` has it."""
        return ConfirmedRequests(tuple(r for r in self.requests if r.number >= first_number), first + 1)


def reader(venue: Running, requests: list[Request]) -> RequestReader:
    """A reader that has just been started, on a chain with these requests."""
    chain: Any = Chain(requests)
    return RequestReader(venue.sequencer, chain, first_block=1, confirmations=0)


def in_venue(directory: Path, work: Callable[[Running], Awaitable[None]]) -> None:
    async def run() -> None:
        async with running(directory) as venue:
            await venue.sequencer.enter(price_entries(venue.clock.now))
            await work(venue)

    asyncio.run(run())


def test_what_was_taken_is_not_taken_again(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        first = reader(venue, QUEUE)
        assert [await first.look(), await first.look()] == [2, 0]
        assert await reader(venue, QUEUE).look() == 0
        assert await reader(venue, [*QUEUE, deposit(2, ONE, 7)]).look() == 1
        assert venue.sequencer.state.view.money(1).cash == 10**9 + 7

    in_venue(tmp_path, work)


@pytest.mark.parametrize(
    "requests",
    [[deposit(0, ONE, 5), QUEUE[1]], QUEUE[:1], [], [deposit(0, ONE, 5), QUEUE[1], deposit(2, ONE, 7)]],
    ids=["another amount", "fewer", "none", "another amount and a new one"],
)
def test_an_l1_that_went_back_stops_the_venue(tmp_path: Path, requests: list[Request]) -> None:
    async def work(venue: Running) -> None:
        await reader(venue, QUEUE).look()
        before = venue.sequencer.journal.end
        with pytest.raises(AnotherChain, match="has taken 2 L1 requests"):
            await reader(venue, requests).run(0.01)
        assert venue.sequencer.journal.end == before

    in_venue(tmp_path, work)


def test_the_error_says_what_was_taken_and_what_l1_has(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        await reader(venue, QUEUE).look()
        with pytest.raises(
            AnotherChain, match=r"number 1 it took .*\"kind\":2.*L1 now has nothing"
        ) as raised:
            await reader(venue, QUEUE[:1]).look()
        assert "settlement.confirmations" in raised.value.remedy

    in_venue(tmp_path, work)


def test_what_was_taken_is_compared_after_a_restart(tmp_path: Path) -> None:
    async def take(venue: Running) -> None:
        await reader(venue, QUEUE).look()

    async def go_on(venue: Running) -> None:
        assert await reader(venue, QUEUE).look() == 0
        with pytest.raises(AnotherChain):
            await reader(venue, [deposit(0, ONE, 5), QUEUE[1]]).look()

    in_venue(tmp_path, take)
    in_venue(tmp_path, go_on)


@pytest.mark.parametrize("l1", ["31337:0xb", "1:0xa", ""], ids=["contract", "chain", "no L1"])
def test_a_venue_deployed_anew_does_not_take_an_old_journal(tmp_path: Path, l1: str) -> None:
    def opened(l1: str) -> None:
        venue = open_venue(order_book_spec(), tmp_path, capacity=CAPACITY, l1=l1)
        venue.journal.close()
        venue.history.engine.dispose()

    opened("31337:0xa")
    opened("31337:0xa")
    with pytest.raises(EnvironmentFailure, match="another spec, Venue contract or L1 chain"):
        opened(l1)


def test_many_requests_enter_in_several_commits(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        many = [deposit(number, ONE, 1) for number in range(2 * MAX_AT_ONCE + 1)]
        assert await reader(venue, many).look() == len(many)
        assert await reader(venue, many).look() == 0

    in_venue(tmp_path, work)
