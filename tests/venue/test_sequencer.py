"""The sequencer: nothing is answered before it is durable, nothing that was answered is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from l2forge.errors import EnvironmentFailure
from l2forge.ledger.messages import MessageError, table
from l2forge.venue import records
from l2forge.venue.batcher import Batcher
from l2forge.venue.journal import Entry, Record
from l2forge.venue.keeper import Keeper
from l2forge.venue.sequencer import MAX_ROUND_BYTES
from l2forge.venue.server import report_opening
from l2forge.venue.snapshots import restore_newest, take_snapshot, write_snapshot
from tests.venue.running import Running, running
from tests.venue.trading import CAPACITY, NOW, Trader, order_book_spec

ORDER = table.CREATE_ORDER


def in_venue(directory: Path, work: Callable[[Running], Coroutine[Any, Any, None]]) -> None:
    """Run `work` on a venue with one funded trader of account 1 and one of account 2."""

    async def run() -> None:
        async with running(directory) as venue:
            await venue.fund([Trader(1), Trader(2)])
            await work(venue)

    asyncio.run(run())


async def code_of(venue: Running, tx_type: int, info: str) -> int:
    """The client's error code of a message that is refused."""
    with pytest.raises(MessageError) as error:
        await venue.sequencer.submit(tx_type, info)
    return int(error.value.code.number)


def test_many_messages_in_one_round(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        trader = Trader(1)
        orders = [trader.order(0, 1000, 590_000 + i, ask=False) for i in range(40)]
        frames = venue.opened.journal.end.sequence
        done = await asyncio.gather(*(venue.sequencer.submit(ORDER, order) for order in orders))
        assert [each.record.sequence for each in done] == list(range(frames, frames + 40))
        assert len(venue.opened.state.orders.by_id) == 40

    in_venue(tmp_path, work)


def test_a_flood_of_padded_messages_takes_several_rounds_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(venue: Running) -> None:
        commit, frames = venue.sequencer.journal.commit, []

        def counted(entries: Sequence[Entry]) -> list[Record]:
            frames.append(sum(entry.n_bytes for entry in entries))
            return commit(entries)

        monkeypatch.setattr(venue.sequencer.journal, "commit", counted)
        padded = [Trader(1).order(0, 1000, 590_000 + i, ask=False).ljust(1 << 20) for i in range(20)]
        other = Trader(2).order(0, 1000, 580_000, ask=False)
        *flood, last = await asyncio.gather(
            *(venue.sequencer.submit(ORDER, each) for each in (*padded, other)), return_exceptions=True
        )
        assert not isinstance(last, BaseException)
        assert [each for each in flood if not isinstance(each, BaseException)] == flood[:1]
        assert len(frames) > 1 and sum(frames) > 2 * MAX_ROUND_BYTES
        assert max(frames) <= MAX_ROUND_BYTES

    in_venue(tmp_path, work)


def test_what_no_round_holds_is_refused_before_it_waits(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        before = venue.opened.journal.end
        order = Trader(1).order(0, 1000, 590_000, ask=False)
        assert await code_of(venue, ORDER, order.ljust(MAX_ROUND_BYTES)) == 21501
        with pytest.raises(MessageError):
            await venue.sequencer.enter([records.report_entry(" " * (MAX_ROUND_BYTES // 2), 0)] * 2)
        assert venue.opened.journal.end == before
        assert (await venue.sequencer.submit(ORDER, order)).error is None

    in_venue(tmp_path, work)


def test_a_text_that_has_no_bytes_is_refused_where_nothing_signs_it(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        before = venue.opened.journal.end
        terms = {"AssetIndex": 3, "FromRouteType": 0, "ToRouteType": 0, "Amount": 70, "USDCFee": 0}
        info = Trader(1).sign(table.TRANSFER, ToAccountIndex=2, **terms, Memo=[0] * 32, L1Sig="")
        half = info.replace('"L1Sig": ""', '"L1Sig": "\ud800"')
        assert half != info
        assert await code_of(venue, table.TRANSFER, half) == 21501
        assert venue.opened.journal.end == before
        assert (await venue.sequencer.submit(ORDER, Trader(2).order(0, 9000, 590_000, ask=False))).record

    in_venue(tmp_path, work)


def test_the_door_refuses_what_is_wrong_in_itself(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        trader = Trader(1)
        before = venue.opened.journal.end
        good = trader.order(0, 1000, 590_000, ask=False)
        forged = json.dumps({**json.loads(good), "Price": 590_001})
        assert await code_of(venue, ORDER, forged) == 21120
        stranger = Trader(1, chain_id=88102).order(0, 1000, 590_000, ask=False)
        assert await code_of(venue, ORDER, stranger) == 21120
        assert await code_of(venue, ORDER, trader.order(0, 5, 5, ask=False, ExpiredAt=NOW - 1)) == 21711
        assert await code_of(venue, ORDER, Trader(9).order(0, 5, 5, ask=False)) == 21102
        assert await code_of(venue, ORDER, Trader(1, key=5).order(0, 5, 5, ask=False)) == 21108
        assert await code_of(venue, ORDER, Trader(1, key=2).order(0, 5, 5, ask=False)) == 21110
        assert await code_of(venue, ORDER, "{}") == 21501
        assert await code_of(venue, ORDER, "[" * 10_000) == 21501
        assert await code_of(venue, 99, good) == 21505
        assert await code_of(venue, table.ORACLE_REPORT, good) in (21501, 21505)
        assert venue.opened.journal.end == before
        assert (await venue.sequencer.submit(ORDER, good)).error is None
        assert await code_of(venue, ORDER, good) == 21104  # the same again

    in_venue(tmp_path, work)


def test_one_bad_signature_in_a_round_harms_nobody_else(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        good, bad = Trader(1).order(0, 1000, 590_000, ask=False), Trader(2).order(0, 1000, 590_000, ask=False)
        bad = json.dumps({**json.loads(bad), "BaseAmount": 1001})
        outcomes = await asyncio.gather(
            venue.sequencer.submit(ORDER, good), venue.sequencer.submit(ORDER, bad), return_exceptions=True
        )
        assert not isinstance(outcomes[0], BaseException)
        assert isinstance(outcomes[1], MessageError)

    in_venue(tmp_path, work)


def test_a_failed_journal_ends_the_sequencer_and_answers_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    async def work(venue: Running) -> None:
        digest = venue.opened.state.engine.digest()
        monkeypatch.setattr(os, "fdatasync", fails)
        with pytest.raises(EnvironmentFailure, match="No space left"):
            await venue.sequencer.submit(ORDER, Trader(1).order(0, 1000, 590_000, ask=False))
        assert venue.opened.state.engine.digest() == digest

    in_venue(tmp_path, work)


def test_a_venue_comes_back_from_journal_and_from_snapshot(tmp_path: Path) -> None:
    digests = []

    async def work(venue: Running) -> None:
        trader = Trader(1)
        for i in range(5):
            await venue.sequencer.submit(ORDER, trader.order(0, 1000, 590_000 + i, ask=False))
        snapshot = take_snapshot(venue.opened.state, venue.sequencer.applied_end, venue.opened.identity)
        write_snapshot(tmp_path / "snapshots", snapshot)
        await venue.sequencer.submit(ORDER, Trader(2).order(0, 2500, 590_000, ask=True))
        digests.append(venue.opened.state.engine.digest())

    in_venue(tmp_path, work)

    async def again(expected: int) -> None:
        async with running(tmp_path) as venue:
            assert venue.opened.replayed == expected
            assert venue.opened.state.engine.digest() == digests[0]
            assert len(venue.opened.history.trades(limit=10)) == 3

    asyncio.run(again(1))
    (path,) = (tmp_path / "snapshots").iterdir()
    path.write_bytes(path.read_bytes()[:-1])  # a snapshot that is damaged is as if it were not there
    asyncio.run(again(18))


async def batch_and_snapshot(directory: Path) -> str:
    """A venue with one batch and a snapshot behind it, closed again; the engine's digest."""
    async with running(directory) as venue:
        await venue.fund([Trader(1)])
        await venue.sequencer.close_batch(remainder=True)
        opened = venue.opened
        snapshot = take_snapshot(opened.state, venue.sequencer.applied_end, opened.identity)
        write_snapshot(directory / "snapshots", snapshot)
        return opened.state.engine.digest().hex()


@pytest.mark.parametrize("torn", [0, 17])
def test_a_torn_end_of_the_journal_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, torn: int
) -> None:
    async def work(venue: Running) -> None:
        await venue.sequencer.submit(ORDER, Trader(1).order(0, 1000, 590_000, ask=False))

    in_venue(tmp_path, work)
    with (tmp_path / "journal").open("ab") as file:
        file.write(bytes(torn))

    async def again() -> None:
        async with running(tmp_path) as venue:
            report_opening(venue.opened)
            assert len(venue.opened.state.orders.by_id) == 1

    with caplog.at_level(logging.INFO, "l2forge.venue"):
        asyncio.run(again())
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert [f"ended in {torn} bytes" in each for each in warnings] == [True] * bool(torn)


def test_a_database_behind_the_snapshot_is_written_again(tmp_path: Path) -> None:
    async def opened_again() -> tuple[str, object, int]:
        async with running(tmp_path) as venue:
            opened = venue.opened
            return opened.state.engine.digest().hex(), opened.history.batch(1), opened.replayed

    digest = asyncio.run(batch_and_snapshot(tmp_path))
    found, row, replayed = asyncio.run(opened_again())
    assert (found, replayed) == (digest, 0) and row is not None
    for file in tmp_path.glob("history.sqlite*"):
        file.unlink()
    found, row, replayed = asyncio.run(opened_again())
    assert found == digest and row is not None and replayed > 0


@pytest.mark.parametrize("left", [0, 200])
def test_a_database_that_no_journal_can_write_again_is_refused(tmp_path: Path, left: int) -> None:
    async def open_again() -> None:
        async with running(tmp_path):
            pass

    asyncio.run(batch_and_snapshot(tmp_path))
    journal = tmp_path / "journal"
    content = journal.read_bytes()
    for file in [journal, *tmp_path.glob("history.sqlite*")]:
        file.unlink()
    if left:
        journal.write_bytes(content[:left])
    with pytest.raises(EnvironmentFailure, match="before the snapshot's place"):
        asyncio.run(open_again())


def test_a_snapshot_of_another_spec_is_passed_over(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        snapshot = take_snapshot(venue.opened.state, venue.sequencer.applied_end, bytes(32))
        write_snapshot(tmp_path / "snapshots", snapshot)
        from l2forge.venue.opening import new_state

        state = new_state(order_book_spec(), CAPACITY)
        assert restore_newest(tmp_path / "snapshots", state, venue.opened.identity) is None

    in_venue(tmp_path, work)


def test_the_keeper_removes_what_has_expired(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        order = Trader(1).order(0, 1000, 590_000, ask=False, OrderExpiry=NOW + 1000)
        await venue.sequencer.submit(ORDER, order)
        keeper = Keeper(venue.sequencer)
        assert await keeper.look() == 0
        venue.clock.now += 1000
        assert await keeper.look() == 1
        assert not venue.opened.state.orders.by_id

    in_venue(tmp_path, work)


def test_the_batcher_closes_by_age(tmp_path: Path) -> None:
    async def work(venue: Running) -> None:
        batcher = Batcher(
            venue.sequencer, max_interval_ms=1000, snapshots=tmp_path / "snapshots", identity=bytes(32)
        )
        await batcher.look()
        assert venue.opened.state.batches == 0
        venue.clock.now += 1000
        await batcher.look()
        await batcher.look()
        assert venue.opened.state.batches == 1
        row = venue.opened.history.batch(1)
        assert row is not None
        assert row.n_operations == len(json.loads(row.operations)) > 0

    in_venue(tmp_path, work)


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.venue.running import running
from tests.venue.trading import Trader
from l2forge.ledger.messages import table

async def main():
    async with running(Path(sys.argv[1])) as venue:
        trader = Trader(1)
        if not venue.opened.state.requests:
            await venue.fund([trader])
        trader.nonce = venue.opened.state.registry.key(1, 4).last_nonce
        print("ready", flush=True)
        while True:
            live = venue.opened.state.orders.of_account(1)
            if len(live) > 50:
                cancel = trader.sign(table.CANCEL_ALL_ORDERS, TimeInForce=0, Time=0)
                made = [(table.CANCEL_ALL_ORDERS, cancel)]
            else:
                n = 1 + trader.nonce % 4
                orders = [trader.order(0, 1000, 590_000 + trader.nonce % 99, ask=False) for _ in range(n)]
                made = [(table.CREATE_ORDER, order) for order in orders]
            jobs = [asyncio.create_task(venue.sequencer.submit(*each)) for each in made]
            for job in asyncio.as_completed(jobs):
                print("done", (await job).nonce, flush=True)

asyncio.run(main())
"""


@pytest.mark.slow
def test_kill_9_loses_no_acknowledged_message_and_doubles_none(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    acknowledged = 0
    for wait in (0.05, 0.3, 0.7):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE, text=True, cwd=root
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        lines = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        process.wait()
        process.stdout.close()
        acknowledged = max([acknowledged, *(int(line.split()[1]) for line in lines)])

        async def look(least: int) -> None:
            async with running(tmp_path) as venue:
                last = venue.opened.state.registry.key(1, 4).last_nonce
                assert last >= least
                rows = venue.opened.history.transactions(account=1, limit=100_000)
                assert sorted(row.nonce for row in rows if row.code == 200) == list(range(1, last + 1))

        asyncio.run(look(acknowledged))
    assert acknowledged > 10
