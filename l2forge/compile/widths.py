"""The integer widths of the circuit, checked against the amounts and prices that a spec allows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from l2forge.compile.constants import CASH_BITS, PRICE_BITS, SIZE_BITS
from l2forge.compile.derive import quote_per_tick_lot
from l2forge.spec.catalogue import define
from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market

ROOM: Final = 16  # a price may rise or fall this many fold before a width is reached

define(
    "price-too-wide",
    "a price has more ticks than the circuit's width of prices",
    "Prices are 32-bit numbers of ticks. Without room above its first price, a market stops at a high.",
    'tick_size = "0.00000001"\nstart = "60000"',
    'tick_size = "0.1"\nstart = "60000"',
)
define(
    "size-too-wide",
    "a position has more lots than the circuit's width of sizes",
    "Sizes are signed 40-bit numbers of lots. After a fall, a position of the same value has more lots.",
    'lot_size = "0.00000001"\ntick_size = "1"\nopen_interest_cap = "1000000000"',
    'lot_size = "0.00001"\ntick_size = "0.1"\nopen_interest_cap = "1000000000"',
)
define(
    "equity-too-wide",
    "an account's equity may leave its width",
    "Equity sums an account's cash and its positions in all markets; it is compared with margin as one "
    "number, which must stay below the field's modulus with every market at its cap and after a large rise.",
    'open_interest_cap = "400000000000"  # with 6 decimals',
    'open_interest_cap = "50000000"',
)


def check_widths(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    """Prices, positions and equity that would leave their widths. Amounts are whole units already."""
    for index, market in enumerate(spec.markets):
        price = reference_price(spec, market)
        if price is not None:
            price_ticks = price / market.tick_size.fraction
            yield from _check_price(loaded, index, market, price_ticks)
            yield from _check_size(loaded, spec, index, price_ticks)
    yield from _check_equity(loaded, spec)


def reference_price(spec: Spec, market: Market) -> Fraction | None:
    """The price that a market starts from: the median of its oracle's simulated sources; None without any."""
    oracle = next(oracle for oracle in spec.oracles if oracle.id == market.oracle)
    starts = sorted(source.start.fraction for source in oracle.sources if source.kind == "simulated")
    return starts[len(starts) // 2] if starts else None


def _check_price(
    loaded: LoadedSpec, index: int, market: Market, price_ticks: Fraction
) -> Iterator[Diagnostic]:
    if price_ticks * ROOM >= 2**PRICE_BITS:
        yield loaded.diagnostic(
            "price-too-wide",
            ("markets", index, "tick_size"),
            f"{market.symbol} starts at {float(price_ticks):.3g} ticks; after a {ROOM}-fold rise that is "
            f"beyond the {PRICE_BITS} bits of a price",
            "write a larger tick_size",
        )


def _check_size(loaded: LoadedSpec, spec: Spec, index: int, price_ticks: Fraction) -> Iterator[Diagnostic]:
    market = spec.markets[index]
    units = market.open_interest_cap.units(spec.venue.collateral.decimals)
    size_lots = units * ROOM / (price_ticks * quote_per_tick_lot(spec, market))
    if size_lots >= 2 ** (SIZE_BITS - 1):
        yield loaded.diagnostic(
            "size-too-wide",
            ("markets", index, "lot_size"),
            f"a position of open_interest_cap is {float(size_lots):.3g} lots after a {ROOM}-fold fall, "
            f"beyond the {SIZE_BITS} bits of a signed size",
            "write a larger lot_size or a smaller open_interest_cap",
        )


def _check_equity(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    """Soundness: equity is compared as a number below 2^(CASH_BITS + 1) on either side of zero."""
    decimals = spec.venue.collateral.decimals
    exposure = sum(market.open_interest_cap.units(decimals) for market in spec.markets)
    stages = spec.rollout.stages if spec.rollout else []
    deposits = max((stage.total_deposits.units(decimals) for stage in stages), default=0)
    if exposure * ROOM + deposits >= 2**CASH_BITS:
        yield loaded.diagnostic(
            "equity-too-wide",
            ("markets", len(spec.markets) - 1, "open_interest_cap"),
            f"with all markets at open_interest_cap and after a {ROOM}-fold rise, equity may "
            f"reach 2^{CASH_BITS} units of 10^-{decimals}",
            "write smaller open_interest_caps, or fewer venue.collateral.decimals",
        )
