"""Checks that amounts, prices and sizes fit the integers of the ledger and of the wire.

cash: units of 10^-decimals in one field element, kept below 2^62 so that a sum of two cannot overflow 63
bits; price: ticks, an unsigned 32-bit number of the wire; size: lots, signed in 40 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from l2forge.spec.checks.registry import Finding, Site, check
from l2forge.spec.document import Path
from l2forge.spec.models.base import Table, UnhealthyError
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import SimulatedSource
from l2forge.spec.models.spec import Spec
from l2forge.units import Amount

MAX_CASH_UNITS = 2**62 - 1
MAX_PRICE_TICKS = 2**32 - 1
MAX_SIZE_LOTS = 2**39 - 1
_NOT_COLLATERAL = frozenset({"tick_size", "lot_size", "start", "volume"})


def _amounts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Amount]]:
    """Every amount of collateral in the spec, with its path."""
    if isinstance(value, Amount):
        yield path, value
    elif isinstance(value, Table):
        for name in type(value).model_fields:
            if name not in _NOT_COLLATERAL:
                yield from _amounts(value.__dict__[name], (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _amounts(item, (*path, index))


@check(
    "amount-too-fine",
    wrong='collateral = { symbol = "USDC", decimals = 6 }\nmin_order = "0.0000001"',
    right='min_order = "0.000001"',
)
def amounts_are_whole_units(at: Site, spec: Spec) -> Iterator[Finding]:
    """Amounts of collateral have no more decimal places than the collateral.

    The ledger counts whole units of 10^-decimals and rounds nothing that a spec says.
    """
    decimals = spec.venue.collateral.decimals
    for path, amount in _amounts(spec):
        if (amount.fraction * 10**decimals).denominator != 1:
            message = f"{amount.text()} is not a whole number of 10^-{decimals}"
            yield at.at(*path, message=message, remedy=f"write at most {decimals} decimal places")


@check(
    "amount-too-large",
    wrong='total_deposits = "10000000000000"   # 6 decimals: 10^19 units',
    right='total_deposits = "1000000000000"',
)
def amounts_fit_the_ledger(at: Site, spec: Spec) -> Iterator[Finding]:
    """Amounts of collateral are below 2^62 units of 10^-decimals.

    An account's cash is one field element; with this bound no sum of two amounts reaches 63 bits.
    """
    decimals = spec.venue.collateral.decimals
    for path, amount in _amounts(spec):
        if amount.fraction * 10**decimals > MAX_CASH_UNITS:
            most = MAX_CASH_UNITS // 10**decimals
            yield at.at(*path, message=f"{amount.text()} is too large", remedy=f"write at most {most}")


@check(
    "price-out-of-range",
    wrong='tick_size = "0.000001"   # and start = "60000" in a source of its oracle',
    right='tick_size = "0.1"',
    each="markets.*",
)
def prices_fit_the_wire(at: Site, market: Market) -> Iterator[Finding]:
    """Prices are between 1 and 2^32 − 1 ticks.

    A price is an unsigned 32-bit number of ticks in every signed order. Where a simulated source says where
    prices start, this is known here.
    """
    for path, start in _starts(at.spec, market):
        ticks = start.fraction / market.tick_size.fraction
        if not 1 <= ticks <= MAX_PRICE_TICKS:
            key = at.later("tick_size") if path not in at.document.values else _later(at, "tick_size", path)
            message = f"a price of {start.text()} is {_about(ticks)} ticks of {market.tick_size.text()}"
            remedy = "write a tick_size that makes it 1 to 4294967295"
            yield at.at(*key, message=message, remedy=remedy)
            return


@check(
    "size-out-of-range",
    wrong='lot_size = "0.00000001"\nopen_interest_cap = "50000000000"   # at a price of 0.1',
    right='lot_size = "0.01"',
    each="markets.*",
)
def sizes_fit_the_ledger(at: Site, market: Market) -> Iterator[Finding]:
    """A position of the whole open-interest cap is below 2^39 lots.

    A position's size is a signed 40-bit number of lots. Where a simulated source says where prices start,
    this is known here.
    """
    for _, start in _starts(at.spec, market):
        lots = market.open_interest_cap.fraction / start.fraction / market.lot_size.fraction
        if lots > MAX_SIZE_LOTS:
            key = at.later("lot_size", "open_interest_cap")
            message = f"a position of open_interest_cap is {_about(lots)} lots at a price of {start.text()}"
            yield at.at(*key, message=message, remedy="write a larger lot_size or a smaller cap")
            return


def _starts(spec: Spec, market: Market) -> Iterator[tuple[Path, Amount]]:
    """The first prices of the simulated sources of a market's oracle, with their paths."""
    for index, oracle in enumerate(spec.oracles):
        try:
            if oracle.id != market.oracle:
                continue
            for number, source in enumerate(oracle.sources):
                if isinstance(source, SimulatedSource) and isinstance(source.start, Amount):
                    yield ("oracles", index, "sources", number, "start"), source.start
        except UnhealthyError:
            continue


def _later(at: Site, key: str, path: Path) -> Path:
    own = (*at.path, key)
    return max((own, path), key=lambda item: at.document.place(item)[1:])


def _about(value: Any) -> str:
    return f"{int(value)}" if value >= 1 else "less than one"
