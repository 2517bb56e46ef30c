"""Whoever keeps a venue in order between users' commands: auctions' ends, liquidation, deleveraging.

Liquidation as a venue's keeper would do it, once a step: first into the market, no worse than mark less
penalty; what the market does not take, the liquidator takes over at the index, where the spec lets third
parties and its margin goes so far; and who is bankrupt with the insurance fund empty is deleveraged.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from l2forge.compare.flow import form
from l2forge.compare.translate import account_of
from l2forge.engine import codes, command
from l2forge.engine import layout as at

if TYPE_CHECKING:
    from l2forge.compare.run import Run

MAX_ROUNDS = 64
"""Of deleveraging one account in one step: each hands over to up to a bounded number of counterparties."""


class Keeper:
    """The keepers of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.liquidators = [actor for actor, who in enumerate(run.flow.actors) if who.role == form.LIQUIDATOR]

    def end_auctions(self, time: int) -> None:
        """Execute orders whose maker auction is over."""
        auctions = self.run.observer.auctions
        while auctions and auctions[0][0] <= time:
            _, order = heapq.heappop(auctions)
            self.run.apply([command(codes.TRIGGER_ORDER, time, market=self.run.venue.m, id=order)])

    def liquidate(self, time: int) -> None:
        """One step for each account in the queue; then the liquidators sell what they took over."""
        venue = self.run.venue
        for target in venue.at_risk():
            if not self._into_market(time, target):
                self._take_over(time, target)
            self._deleverage(time, target)
        for actor in self.liquidators:
            if venue.position(account_of(actor)):
                row = [time, form.CLOSE, actor, 0, 0, 0, 0, 0]
                self.run.apply(self.run.words.close(row)[:1])

    def _into_market(self, time: int, target: int) -> bool:
        flags = codes.OPERATOR | codes.INTO_MARKET
        m = self.run.venue.m
        outcome = self.run.apply([command(codes.LIQUIDATE, time, market=m, flags=flags, aux=target)])
        closed = outcome.events[outcome.events[:, at.E_KIND] & 0xFF == codes.EV_LIQUIDATED]
        waits = outcome.results[0] == codes.R_STEP_INTERVAL
        return bool(waits or (len(closed) and closed[0, at.E_SIZE] > 0))

    def _take_over(self, time: int, target: int) -> None:
        if not self.run.venue.engine.config.third_party:
            return
        for actor in self.liquidators:
            row = command(
                codes.LIQUIDATE, time, market=self.run.venue.m, account=account_of(actor), aux=target
            )
            if self.run.apply([row]).results[0] == codes.OK:
                return

    def _deleverage(self, time: int, target: int) -> None:
        venue = self.run.venue
        for _ in range(MAX_ROUNDS):
            bucket = venue.buckets(target)[venue.is_isolated(target)]
            if bucket >= 0 or venue.position(target) == 0:
                return
            done = self.run.apply([command(codes.DELEVERAGE, time, market=venue.m, aux=target)])
            if done.results[0] != codes.OK:
                return
