"""The reporter: signed reports and a tick when one is due, and silence otherwise."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

from l2forge.ledger import schnorr
from l2forge.ledger.messages import digest, parse, table
from l2forge.ledger.source_keys import dev_secret, source_public_key
from l2forge.venue import records
from l2forge.venue.reporter import Reporter, RunSource, open_reporters
from l2forge.venue.sources import SeenPrice, SourceUnavailable
from tests.venue.running import Running, running
from tests.venue.trading import NOW, order_book_spec


class Said:
    """A source that says what the test has it say."""

    def __init__(self, name: str, price: int) -> None:
        self.name = name
        self.price: int | None = price
        self.time_ms = NOW

    def read(self, now_ms: int) -> SeenPrice:
        """The price in whole units, or silence."""
        if self.price is None:
            raise SourceUnavailable(f"{self.name} is silent")
        return SeenPrice(Fraction(self.price), min(now_ms, self.time_ms))


def reporter_of(venue: Running, sources: list[Said]) -> Reporter:
    """The reporter of the first oracle with these sources."""
    spec = order_book_spec()
    run = [RunSource(number, source, dev_secret(10 + number)) for number, source in enumerate(sources)]
    return Reporter(venue.sequencer, spec.oracles[0], [spec.markets[0]], run)


def names(venue: Running) -> list[str]:
    """The pending operations."""
    return [operation["op"] for operation in venue.opened.state.operations.pending]


def test_reports_come_when_a_tick_is_due(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            sources = [Said(f"s{i}", 60_000 + i) for i in range(4)]
            reporter = reporter_of(venue, sources)
            await reporter.look()
            assert names(venue) == ["clock", *["report"] * 4, "tick"]
            assert venue.opened.state.view.index_ticks(0) == 600_015
            venue.clock.now += 1000
            for source in sources:
                source.time_ms += 1000
            await reporter.look()  # neither the heartbeat nor the deviation
            assert len(names(venue)) == 6
            for source in sources:
                assert source.price is not None
                source.price += 40
            await reporter.look()  # 6.7 bps are beyond 5
            assert names(venue)[6:] == ["clock", *["report"] * 4, "tick"]
            venue.clock.now += 3000
            sources[0].price = None
            for source in sources:
                source.time_ms += 3000
            await reporter.look()  # the heartbeat; one source is silent
            assert names(venue)[12:] == ["clock", *["report"] * 3, "tick"]

    asyncio.run(run())


def test_reports_are_signed_by_their_sources(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            await reporter_of(venue, [Said("s0", 60_000)]).look()
            (record, _) = venue.opened.journal.read()
            assert record.kind == records.REPORT
            info = record.data.decode()
            signature = parse(table.ORACLE_REPORT, info).signature
            public = source_public_key(order_book_spec().oracles[0].sources[0].signer)
            assert signature is not None
            assert schnorr.verify(public, digest(table.ORACLE_REPORT, info, 88101), signature)

    asyncio.run(run())


def test_the_spec_says_who_reports(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as venue:
            spec = order_book_spec()
            reporters = open_reporters(spec, venue.sequencer, base=tmp_path, start_ms=NOW)
            assert len(reporters) == 2
            for reporter in reporters:
                await reporter.look()
            assert [venue.opened.state.view.is_fresh(market, NOW) for market in (0, 1)] == [True, True]

    asyncio.run(run())
