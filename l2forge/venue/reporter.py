"""The sources that the venue runs: read, signed by their keys, and made a tick when one is due.

A report costs a signature in the proof, so sources are read often and report only when a tick is due: after
the heartbeat, or as soon as their median has moved by the deviation. Reports without a tick would be of no
use: an index is fresh by the reports of its own tick.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from l2forge.engine import codes, command
from l2forge.ledger import schnorr
from l2forge.ledger.messages import parse, table
from l2forge.ledger.source_keys import source_secret
from l2forge.rules.oracle import median
from l2forge.rules.prices import deviates
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle
from l2forge.venue import records
from l2forge.venue.door import digest_of
from l2forge.venue.journal import Entry
from l2forge.venue.sequencer import Sequencer
from l2forge.venue.sources import PriceSource, SeenPrice, SourceUnavailable, open_source, to_ticks

if TYPE_CHECKING:
    from web3 import Web3

MAX_POLL_S = 1.0

_log = logging.getLogger("l2forge.oracle")


@dataclass(frozen=True)
class RunSource:
    """A source with its number and its secret key."""

    number: int
    source: PriceSource
    secret: int


def sign_report(secret: int, chain_id: int, values: dict[str, int]) -> str:
    """A report's JSON text with the source's signature."""
    digest = digest_of(parse(table.ORACLE_REPORT, values, signed=False), chain_id)
    return json.dumps({**values, "Sig": base64.b64encode(schnorr.sign(secret, digest)).decode()})


def has_moved(index: int, ticks: Sequence[int], deviation_e12: int) -> bool:
    """Whether the median of some prices deviates from the index."""
    table = np.array(sorted(ticks), np.int64)
    return bool(deviates(index, int(median(table, 0, len(table))), deviation_e12))


class Reporter:
    """One oracle: its sources, and the markets that its prices are for."""

    def __init__(
        self, sequencer: Sequencer, oracle: Oracle, markets: Sequence[Market], sources: Sequence[RunSource]
    ) -> None:
        self._sequencer = sequencer
        self._oracle = oracle
        self._markets = markets
        self._sources = sources
        self._said: dict[tuple[int, int], int] = {}
        self._silent: set[str] = set()

    async def run(self) -> None:
        """Look at the sources, for ever."""
        pause = min(MAX_POLL_S, self._oracle.heartbeat.ms / 4000, self._oracle.max_age.ms / 8000)
        while True:
            await self.look()
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Read the sources once, and report and tick where it is due."""
        loop = asyncio.get_running_loop()
        now = self._sequencer.now_ms
        seen = await asyncio.gather(
            *(loop.run_in_executor(None, self._read, each.source, now) for each in self._sources)
        )
        prices = [(each, price) for each, price in zip(self._sources, seen, strict=True) if price is not None]
        for market in self._markets:
            if prices and self._is_due(market, [price.price for _, price in prices], now):
                await self._tick(market, prices)

    def _read(self, source: PriceSource, now: int) -> SeenPrice | None:
        try:
            price = source.read(now)
        except SourceUnavailable as error:
            if source.name not in self._silent:
                _log.warning("%s: %s", self._oracle.id, error)
                self._silent.add(source.name)
            return None
        if source.name in self._silent:
            _log.info("%s: %s is back", self._oracle.id, source.name)
            self._silent.discard(source.name)
        return price

    def _is_due(self, market: Market, prices: list[Fraction], now: int) -> bool:
        view = self._sequencer.state.view
        index = view.index_ticks(market.id)
        if index == 0 or now - view.index_time_ms(market.id) >= self._oracle.heartbeat.ms:
            return True
        ticks = [to_ticks(price, market.tick_size.fraction) for price in prices]
        return has_moved(index, ticks, self._oracle.deviation.e12)

    async def _tick(self, market: Market, prices: list[tuple[RunSource, SeenPrice]]) -> None:
        """Report what is new and ask for a tick, in one round."""
        entries: list[Entry] = []
        said: dict[tuple[int, int], int] = {}
        for each, price in prices:
            place = (market.id, each.number)
            if price.time_ms <= self._said.get(place, 0):
                continue
            values = {
                "SourceIndex": each.number,
                "MarketIndex": market.id,
                "Price": to_ticks(price.price, market.tick_size.fraction),
                "Timestamp": price.time_ms,
            }
            chain_id = self._sequencer.state.venue.chain_id
            entries.append(records.report_entry(sign_report(each.secret, chain_id, values), 0))
            said[place] = price.time_ms
        if not entries:
            return
        self._said.update(said)
        entries.append(records.work_entry(command(codes.ORACLE_TICK, 0, market=market.id)))
        *_, tick = await self._sequencer.enter(entries)
        if tick.error is not None:
            _log.warning("%s: no tick for %s: %s", self._oracle.id, market.symbol, tick.error)


def open_reporters(
    spec: Spec, sequencer: Sequencer, *, base: Path, start_ms: int, l1: Web3 | None = None
) -> list[Reporter]:
    """A reporter for each oracle that has sources whose secret keys the venue holds."""
    reporters = []
    for oracle in spec.oracles:
        sources = [
            RunSource(number, open_source(source, base=base, start_ms=start_ms, l1=l1), secret)
            for number, source in enumerate(oracle.sources)
            if (secret := source_secret(source.signer)) is not None
        ]
        markets = [market for market in spec.markets if market.oracle == oracle.id]
        if sources and markets:
            reporters.append(Reporter(sequencer, oracle, markets, sources))
    return reporters
