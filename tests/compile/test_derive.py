"""From exact values to integers: against the definitions in fractions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2forge.compile.constants import CASH_BITS
from l2forge.compile.constants import OpenInterestMargin as OpenInterestUnits
from l2forge.compile.derive import derive_constants, e9, margin_tiers
from l2forge.resources import resource_dir
from l2forge.spec.load import load_spec
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import MarginTier, OpenInterestMargin
from l2forge.units import Amount, Rate

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
BOOK = load_spec(resource_dir("presets") / "order_book.toml").require()


def exact_margin(tiers: list[MarginTier], notional: Fraction) -> Fraction:
    """The definition: each part of the notional at the rate of its tier, as income tax."""
    total, below = Fraction(0), Fraction(0)
    for tier in tiers:
        top = notional if tier.up_to is None else min(notional, tier.up_to.fraction)
        if top > below:
            total += (top - below) * tier.maintenance.fraction
            below = top
    return total


def integer_margin(spec: Spec, tiers: list[MarginTier], notional_units: int) -> int:
    """What engine and circuit compute: the tier's rate, rounded up, less its deduction."""
    derived = margin_tiers(spec, tiers)
    tier = next(t for t in derived if t.up_to_units is None or notional_units <= t.up_to_units)
    return -(-tier.maintenance_e9 * notional_units // 10**9) - tier.maintenance_deduction_units


@st.composite
def tiers(draw: st.DrawFn) -> list[MarginTier]:
    """Rising tiers, the last without an end."""
    ends = sorted(set(draw(st.lists(st.integers(1, 10**13), max_size=5))))
    steps = sorted(
        set(
            draw(st.lists(st.integers(1, 10**9), min_size=len(ends) + 1, max_size=len(ends) + 1, unique=True))
        )
    )
    return [
        MarginTier.model_construct(
            up_to=Amount(f"{end // 10**6}.{end % 10**6:06}") if end else None,
            initial=Rate(step * 1000),
            maintenance=Rate(step * 1000),
        )
        for end, step in zip([*ends, 0], steps, strict=True)
    ]


@given(tiers(), st.integers(0, 10**14))
def test_integer_margin_is_the_exact_one_rounded_against_the_account(
    schedule: list[MarginTier], notional_units: int
) -> None:
    exact = exact_margin(schedule, Fraction(notional_units, 10**6)) * 10**6
    computed = integer_margin(BOOK, schedule, notional_units)
    assert exact <= computed < exact + 2


@given(tiers())
def test_margin_is_continuous_where_tiers_meet_but_for_rounding(schedule: list[MarginTier]) -> None:
    for tier in schedule[:-1]:
        assert tier.up_to is not None
        units = tier.up_to.units(6)
        step = integer_margin(BOOK, schedule, units + 1) - integer_margin(BOOK, schedule, units)
        assert -1 <= step <= 2


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_constants_of_presets_keep_their_bounds(path: Path) -> None:
    spec = load_spec(path).require()
    venue = derive_constants(spec)
    for market, source in zip(venue.markets, spec.markets, strict=True):
        tick, lot = Fraction(1, 10**market.price_decimals), Fraction(1, 10**market.size_decimals)
        assert (tick, lot) == (source.tick_size.fraction, source.lot_size.fraction)
        assert market.quote_per_tick_lot == tick * lot * 10**venue.decimals >= 1
        assert venue.oracles[market.oracle].id == source.oracle
        assert 0 <= market.open_interest_cap_units < 2**CASH_BITS
        assert all(0 <= tier.initial_e9 <= 10**9 for tier in market.tiers)
        assert market.tiers[-1].up_to_units is None


def test_margin_that_grows_with_open_interest_is_in_units() -> None:
    grows = OpenInterestMargin(lower="1.5", upper="2000000")
    market = BOOK.markets[0].model_copy(update={"open_interest_margin": grows})
    venue = derive_constants(BOOK.model_copy(update={"markets": [market, BOOK.markets[1]]}))
    assert venue.markets[0].open_interest_margin == OpenInterestUnits(1_500_000, 2_000_000_000_000)
    assert venue.markets[1].open_interest_margin is None


def test_a_markets_own_fee_of_zero_replaces_the_venues() -> None:
    market = BOOK.markets[0].model_copy(
        update={"fees": BOOK.markets[0].fees or _market_fees(maker=Rate(0), taker=Rate(0))}
    )
    spec = BOOK.model_copy(update={"markets": [market]})
    fees = derive_constants(spec).markets[0].fees
    assert {(tier.maker_e9, tier.taker_e9) for tier in fees} == {(0, 0)}


def _market_fees(**rates: Rate) -> object:
    from l2forge.spec.models.markets import MarketFees

    return MarketFees.model_construct(**rates)


def test_a_rate_finer_than_the_step_is_refused() -> None:
    assert e9(Rate(5_000)) == 5
    with pytest.raises(ValueError, match="finer"):
        e9(Rate(5_001))
