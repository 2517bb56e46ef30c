"""A venue's reader of requests beside a real L1 that goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from l2forge.chain.anvil import AnvilNode
from l2forge.chain.venue_deployment import DeployedVenue
from l2forge.venue.requests import AnotherChain, RequestReader
from tests.venue.running import Running, running

from .venues import USERS

CONFIRMATIONS = 2
ALICE, BOB, _ = USERS


class Beside:
    """A running venue, its L1, and a reader between them."""

    def __init__(self, running: Running, node: AnvilNode, deployed: DeployedVenue) -> None:
        self.running, self._node, self._deployed = running, node, deployed
        self._first_block = deployed.client.venue.w3.eth.block_number
        self.alice, self.bob = (deployed.client.as_account(user) for user in (ALICE, BOB))
        self.reader = self.restarted()

    def restarted(self) -> RequestReader:
        """A reader that knows nothing but the journal."""
        return RequestReader(
            self.running.sequencer,
            self._deployed.client,
            first_block=self._first_block,
            confirmations=CONFIRMATIONS,
        )

    def mine(self, blocks: int) -> None:
        """Blocks without a transaction, later than those that were mined before."""
        self._node.rpc("evm_increaseTime", 1000)
        for _ in range(blocks):
            self._node.rpc("evm_mine")

    def mark(self) -> str:
        """Where the chain may go back to."""
        return str(self._node.rpc("evm_snapshot"))

    def go_back(self, mark: str) -> None:
        """Undo all blocks since the mark."""
        self._node.rpc("evm_revert", mark)

    def cash(self, account: int) -> int:
        """What the account has on L2."""
        return int(self.running.sequencer.state.view.money(account).cash)


def on_l1(
    directory: Path, node: AnvilNode, venue: DeployedVenue, work: Callable[[Beside], Awaitable[None]]
) -> None:
    async def run() -> None:
        async with running(directory) as opened:
            await work(Beside(opened, node, venue))

    asyncio.run(run())


@pytest.mark.parametrize("restarts", [False, True])
def test_going_back_by_fewer_blocks_than_the_confirmations_loses_nothing(
    tmp_path: Path, node: AnvilNode, venue: DeployedVenue, restarts: bool
) -> None:
    async def work(l1: Beside) -> None:
        l1.alice.deposit(10**9)
        mark = l1.mark()
        l1.mine(CONFIRMATIONS)
        assert await l1.reader.look() == 1
        l1.go_back(mark)
        reader = l1.restarted() if restarts else l1.reader
        assert await reader.look() == 0
        l1.bob.deposit(5)
        l1.mine(CONFIRMATIONS)
        assert [await reader.look(), await reader.look()] == [1, 0]
        assert (l1.cash(1), l1.cash(2)) == (10**9, 5)

    on_l1(tmp_path, node, venue, work)


@pytest.mark.parametrize("restarts", [False, True])
def test_going_back_behind_a_request_that_was_taken_stops_the_venue(
    tmp_path: Path, node: AnvilNode, venue: DeployedVenue, restarts: bool
) -> None:
    async def work(l1: Beside) -> None:
        l1.alice.deposit(7)
        mark = l1.mark()
        l1.alice.deposit(10**9)
        l1.mine(CONFIRMATIONS)
        assert await l1.reader.look() == 2
        l1.go_back(mark)
        l1.bob.deposit(5)
        l1.bob.deposit(6)
        l1.mine(2 * CONFIRMATIONS)
        end = l1.running.sequencer.journal.end
        reader = l1.restarted() if restarts else l1.reader
        with pytest.raises(AnotherChain, match=r"number 1 it took .*1000000000.*L1 now has .*\"value\":5"):
            await asyncio.wait_for(reader.run(0.01), 20)
        assert l1.running.sequencer.journal.end == end

    on_l1(tmp_path, node, venue, work)


def test_going_back_further_to_the_same_requests_goes_on(
    tmp_path: Path, node: AnvilNode, venue: DeployedVenue
) -> None:
    async def work(l1: Beside) -> None:
        l1.alice.deposit(7)
        mark = l1.mark()
        l1.mine(3 * CONFIRMATIONS)
        assert await l1.reader.look() == 1
        l1.go_back(mark)
        l1.bob.deposit(5)
        l1.mine(5 * CONFIRMATIONS)
        assert [await l1.reader.look(), await l1.reader.look()] == [1, 0]
        assert (l1.cash(1), l1.cash(2)) == (7, 5)

    on_l1(tmp_path, node, venue, work)
