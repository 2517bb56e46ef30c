"""Turning events and states of a venue into the record of a run."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from l2forge.compare.flow.form import Flow
from l2forge.compare.record import Record, Sample, Take, Trade
from l2forge.compare.translate import Translator
from l2forge.compare.venue import Venue
from l2forge.engine import codes
from l2forge.engine import layout as at


class Observer:
    """Fills a record from what happens in a venue."""

    def __init__(self, venue: Venue, record: Record, words: Translator) -> None:
        self.venue = venue
        self.record = record
        self.words = words
        self.open_takes: dict[int, Take] = {}
        self.auctions: list[tuple[int, int]] = []
        """(end, order id), a heap."""
        self._handlers = {
            codes.EV_FILL: self._fill,
            codes.EV_PARKED: self._parked,
            codes.EV_LIQUIDATED: self._liquidated,
            codes.EV_DELEVERAGED: self._deleveraged,
            codes.EV_BAD_DEBT: self._bad_debt,
            codes.EV_RECENTERED: self._recentered,
        }

    def start(self) -> None:
        """Before the first intent."""
        self.record.insurance_start = int(self.venue.state[at.H_INSURANCE])
        self.record.insurance_least = self.record.insurance_start

    def take_events(self, events: NDArray[np.int64]) -> None:
        """Read a batch's events."""
        handlers = self._handlers
        for event in events.tolist():
            handler = handlers.get(event[0] & 0xFF)
            if handler is not None:
                handler(event)

    def sample(self, time: int, truth: int) -> None:
        """The venue as it is now."""
        venue, s = self.venue, self.venue.state
        top = venue.top()
        mid = top.mid
        insurance = int(s[at.H_INSURANCE])
        self.record.insurance_least = min(self.record.insurance_least, insurance)
        self.record.samples.append(
            Sample(
                time,
                truth,
                venue.index,
                top.bid,
                top.ask,
                venue.depth(mid, 0.001) if mid else 0.0,
                venue.depth(mid, 0.005) if mid else 0.0,
                insurance,
                venue.word(at.M_OPEN_INTEREST) * venue.index * venue.quote,
                self.record.liquidated,
            )
        )

    def finish(self, flow: Flow) -> None:
        """Everyone's equity at the last index, and who owes."""
        record, venue = self.record, self.venue
        for account in range(len(flow.actors) + 1):
            cross, isolated = venue.buckets(account)
            record.equity[account] = max(0, cross) + max(0, isolated) if account else cross + isolated
            if account:
                record.owed += max(0, -cross) + max(0, -isolated)
        record.digest = venue.engine.digest()

    # -- events -----------------------------------------------------------------------------------

    def _trade(self, event: list[int], account: int, lots: int, paid: int, fee: int, maker: bool) -> None:
        self.record.trades.append(Trade(event[at.E_TIME], account, lots, paid, fee, maker))

    def _fill(self, event: list[int]) -> None:
        lots, amount = event[at.E_SIZE], event[at.E_AMOUNT]
        sells = event[at.E_KIND] >> 16 & codes.ASK
        signed, paid = (-lots, -amount) if sells else (lots, amount)
        self._trade(event, event[at.E_OTHER_ACCOUNT], signed, paid, event[at.E_OTHER_FEE], False)
        self._trade(event, event[at.E_ACCOUNT], -signed, -paid, event[at.E_FEE], True)
        take = self.open_takes.get(event[at.E_OTHER_ID])
        if take is not None:
            take.lots += lots
            take.amount += amount
            take.fees += event[at.E_OTHER_FEE]

    def _parked(self, event: list[int]) -> None:
        if event[at.E_KIND] >> 16 & codes.AUCTION:
            end = event[at.E_TIME] + self.venue.engine.config.maker_auction_ms
            heapq.heappush(self.auctions, (end, event[at.E_ID]))

    def _liquidated(self, event: list[int]) -> None:
        if event[at.E_SIZE] == 0:
            return
        self.record.liquidations += 1
        self.record.liquidated += event[at.E_AMOUNT]
        self.record.penalties[event[at.E_ACCOUNT]] += event[at.E_FEE]
        self.record.penalties[event[at.E_OTHER_ACCOUNT]] -= event[at.E_OTHER_FEE]

    def _deleveraged(self, event: list[int]) -> None:
        lots = event[at.E_SIZE]
        self.record.deleveraged += lots * event[at.E_PRICE] * self.venue.quote
        self.record.penalties[event[at.E_OTHER_ACCOUNT]] += event[at.E_AMOUNT]

    def _bad_debt(self, event: list[int]) -> None:
        self.record.insurance_paid += event[at.E_AMOUNT]

    def _recentered(self, event: list[int]) -> None:
        self.record.recentered += 1
