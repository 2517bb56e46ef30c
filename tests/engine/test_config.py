"""From a spec to a running engine, and what the engine's bounds refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from l2forge.engine import Capacity, Engine, EngineConfig, batch, command, from_spec, order_flags
from l2forge.engine import codes as c
from l2forge.engine.config import MarketConfig, OracleConfig, Tier
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.rules.jit import RATE_SCALE
from l2forge.spec import load_spec

SMALL = Capacity(accounts=16, orders=64, pages=16, log_price=26)
SPECS = sorted(resource_dir("presets").glob("*.toml"))
PERCENT = RATE_SCALE // 100


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_preset_makes_an_engine(path: Path) -> None:
    loaded = load_spec(path)
    assert loaded.spec is not None, loaded.diagnostics
    config = from_spec(loaded.spec, SMALL)
    engine = Engine(config)
    market = config.markets[0]
    rows = [command(c.DEPOSIT, 0, account=a, size=10**12) for a in (1, 2)]
    rows += [
        command(c.ORACLE_REPORT, 0, market=market.id, account=source, price=300_000)
        for source in range(len(market.oracle.weights))
    ]
    rows.append(command(c.ORACLE_TICK, 0, market=market.id))
    if config.default_isolated:
        rows += [command(c.UPDATE_MARGIN, 0, market=market.id, account=a, size=10**11) for a in (1, 2)]
    lots = max(1, 2 * market.min_order // (market.quote * 300_000) + 1)
    taker = order_flags(ask=False, order_type=c.MARKET, time_in_force=c.IMMEDIATE_OR_CANCEL)
    if config.model != c.AMM:
        flags = order_flags(ask=True)
        rows.append(
            command(
                c.CREATE_ORDER, 0, market=market.id, account=1, id=1, price=300_000, size=lots, flags=flags
            )
        )
    rows.append(command(c.CREATE_ORDER, 0, market=market.id, account=2, id=2, size=lots, flags=taker))
    outcome = engine.apply(batch(rows))
    assert outcome.results.tolist() == [c.OK] * len(rows)
    assert c.EV_FILL in (outcome.events[:, 0] & 0xFF)


def test_integers_of_a_preset() -> None:
    loaded = load_spec(resource_dir("presets") / "order_book.toml")
    assert loaded.spec is not None
    config = from_spec(loaded.spec)
    market = config.markets[0]
    assert (
        market.quote
        == loaded.spec.markets[0].tick_size.units(18)
        * loaded.spec.markets[0].lot_size.units(18)
        * 10**loaded.spec.venue.collateral.decimals
        // 10**36
    )
    assert market.tiers[-1].up_to is None
    assert market.tiers[0].initial_e12 == loaded.spec.markets[0].margin_tiers[0].initial.e12
    assert config.insurance == loaded.spec.insurance.initial.units(loaded.spec.venue.collateral.decimals)


@pytest.mark.parametrize(
    "market",
    [
        MarketConfig(quote=1 << 26),
        MarketConfig(quote=0),
        MarketConfig(open_interest_cap=1 << 57),
        MarketConfig(max_order=1 << 57),
        MarketConfig(tiers=(Tier(100, PERCENT, PERCENT // 2),)),
        MarketConfig(maker_e12=-2, taker_e12=1),
        MarketConfig(funding_interval_ms=999),
        MarketConfig(oracle=OracleConfig(weights=(1,), min_sources=2)),
        MarketConfig(oracle=OracleConfig(twap_ms=0)),
        MarketConfig(id=255),
    ],
)
def test_numbers_that_the_bounds_do_not_cover_are_refused(market: MarketConfig) -> None:
    with pytest.raises(InputError):
        EngineConfig(markets=(market,))


def test_a_curve_needs_a_model_and_a_depth() -> None:
    with pytest.raises(InputError):
        EngineConfig(curve=c.CONSTANT_PRODUCT)
    with pytest.raises(InputError):
        EngineConfig(model=c.AMM, curve=c.CONSTANT_PRODUCT)
    deep = MarketConfig(depth=10**12, max_exposure=10**11)
    assert EngineConfig(markets=(deep,), model=c.AMM, curve=c.CONSTANT_PRODUCT).curve
    with pytest.raises(InputError):
        EngineConfig(markets=(replace(deep, max_exposure=10**13),), model=c.AMM, curve=c.CONSTANT_PRODUCT)
