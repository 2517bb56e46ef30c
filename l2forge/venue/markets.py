"""A venue's markets as clients and the engine know them: ids, numbers, decimals, and texts of amounts."""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.compile.constants import Market, Venue
from l2forge.ledger.messages.codes import INVALID_MARKET_INDEX, MessageError


def decimal(value: int, decimals: int) -> str:
    """value·10^−decimals with exactly that many places: 600000 with 1 is "60000.0"."""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


@dataclass(frozen=True, slots=True)
class Listed:
    """One market: its number in the ledger and its derived constants."""

    number: int
    market: Market
    quote_decimals: int

    @property
    def id(self) -> int:
        """The wire's market index."""
        return self.market.id

    def price(self, ticks: int) -> str:
        """Ticks as a price."""
        return decimal(ticks, self.market.price_decimals)

    def size(self, lots: int) -> str:
        """Lots as an amount of the base."""
        return decimal(lots, self.market.size_decimals)

    def quote(self, units: int) -> str:
        """Units of collateral as an amount."""
        return decimal(units, self.quote_decimals)

    def units(self, ticks: int, lots: int) -> int:
        """Collateral units that lots are worth at a price."""
        return ticks * lots * self.market.quote_per_tick_lot


class Markets:
    """All markets by id."""

    def __init__(self, venue: Venue) -> None:
        listed = [Listed(number, market, venue.decimals) for number, market in enumerate(venue.markets)]
        self.by_id = {each.id: each for each in listed}
        self.decimals = venue.decimals
        self.symbol = venue.collateral

    def __getitem__(self, market_id: int) -> Listed:
        """The market with this id. Raises `MessageError`."""
        found = self.by_id.get(market_id)
        if found is None:
            known = ", ".join(map(str, self.by_id))
            raise MessageError(
                INVALID_MARKET_INDEX, "MarketIndex", f"there is no market {market_id}", remedy=f"use {known}"
            )
        return found

    def amount(self, units: int) -> str:
        """Units of collateral as an amount."""
        return decimal(units, self.decimals)
