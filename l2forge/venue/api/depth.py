"""The books as price levels, kept up with every round: what the stream sends changes of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from l2forge.venue.orders import Order

Level = tuple[bool, int]
"""Is it an ask, and at which price."""


@dataclass(slots=True)
class Depth:
    """One market's levels: lots by side and price; `offset` counts the changes."""

    levels: dict[Level, int] = field(default_factory=dict)
    offset: int = 0


class Books:
    """All markets' levels, from the orders that rest."""

    def __init__(self, markets: Iterable[int], orders: Iterable[Order]) -> None:
        self.depths = {market: Depth() for market in markets}
        self._counted: dict[int, tuple[int, Level, int]] = {}
        self.take(orders)

    def take(self, orders: Iterable[Order]) -> dict[int, dict[Level, int]]:
        """Take in orders that came, changed or went; the lots of every level that changed, by market."""
        changed: dict[int, dict[Level, int]] = {}
        for order in orders:
            now: Level = (order.is_ask, order.price)
            market, level, before = self._counted.pop(order.id, (order.market, now, 0))
            lots = order.open_lots if order.resting else 0
            if lots:
                self._counted[order.id] = (order.market, now, lots)
            self._change(changed, market, level, -before)
            self._change(changed, order.market, now, lots)
        for market in changed:
            self.depths[market].offset += 1
        return changed

    def _change(self, changed: dict[int, dict[Level, int]], market: int, level: Level, lots: int) -> None:
        if lots == 0:
            return
        levels = self.depths[market].levels
        levels[level] = levels.get(level, 0) + lots
        changed.setdefault(market, {})[level] = levels[level]
        if levels[level] == 0:
            del levels[level]
