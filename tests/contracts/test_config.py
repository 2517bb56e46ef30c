"""The configuration on L1 equals the constants that the engine and the circuit use, value by value."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from l2forge.chain.client import ContractClient
from l2forge.chain.deploy import Deployer
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.solc import compile_sources, compiler_version
from l2forge.compile import constants
from l2forge.compile.render import render_contracts

from .conftest import QUICK, Deployed, compiled

# One of each matching model, settlement mode and place of data.
PRESETS = ["order_book", "perp_v1", "drift", "optimistic", "validium"]
NO_END = 2**64 - 1
MATCHING = ["order_book", "amm", "hybrid"]
AGGREGATES = ["median", "trimmed_mean", "weighted_median"]


def read(contract: ContractClient, *names: str) -> list[Any]:
    """The values of the constants of these names."""
    return [contract.call(name) for name in names]


def market_on_l1(config: ContractClient, market_id: int) -> constants.Market:
    """A market as the contract gives it, in the form of the constants."""
    (
        found_id, symbol, price_decimals, size_decimals, per_tick_lot, oracle, min_order, max_order, band,
        cap, tiers, grows, funding, curve, fees,
    ) = config.call("market", market_id)  # fmt: skip
    return constants.Market(
        found_id, symbol, price_decimals, size_decimals, per_tick_lot, oracle, min_order, max_order, band,
        cap,
        tuple(constants.MarginTier(None if up_to == NO_END else up_to, *rest) for up_to, *rest in tiers),
        constants.OpenInterestMargin(*grows) if any(grows) else None,
        constants.Funding(*funding),
        constants.Curve(*curve) if any(curve) else None,
        tuple(constants.FeeTier(*tier) for tier in fees),
    )  # fmt: skip


def oracle_on_l1(config: ContractClient, index: int) -> constants.Oracle:
    """An oracle as the contract gives it, in the form of the constants."""
    name, aggregate, trim, min_sources, weights, *rest = config.call("oracle", index)
    return constants.Oracle(name, AGGREGATES[aggregate], trim, tuple(weights), min_sources, *rest)


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_every_constant_equals_the_spec_s(deploy: Callable[[str], Deployed], preset: str) -> None:
    deployed = deploy(preset)
    config, venue, spec = deployed.config, deployed.venue, deployed.loaded.require()
    assert config.call("SPEC_HASH").hex() == deployed.loaded.hash()
    assert read(config, "NAME", "VENUE_CHAIN_ID", "COLLATERAL", "COLLATERAL_DECIMALS", "MAX_OPEN_ORDERS") == [
        venue.name, venue.chain_id, venue.collateral, venue.decimals, venue.max_open_orders
    ]  # fmt: skip
    assert MATCHING[config.call("MATCHING")] == venue.matching
    assert read(config, "HAS_CROSS_MARGIN", "HAS_ISOLATED_MARGIN") == [
        mode in venue.margin_modes for mode in ("cross", "isolated")
    ]
    assert config.call("marketIds") == [market.id for market in venue.markets]
    for market in venue.markets:
        assert market_on_l1(config, market.id) == market
    for index, oracle in enumerate(venue.oracles):
        assert oracle_on_l1(config, index) == oracle
    proof = spec.proof
    assert read(
        config, "PROOF_MAX_INTERVAL_MS", "PROOF_MAX_OPERATIONS", "PROOF_MAX_LAG_MS", "PROOF_SECURITY_BITS"
    ) == [proof.max_interval.ms, proof.max_operations, proof.max_lag.ms, proof.security_bits]
    check_liquidation(config, venue)
    check_amm(config, venue.amm)
    check_settlement(config, venue.settlement)


def check_liquidation(config: ContractClient, venue: constants.Venue) -> None:
    """[liquidation] and [insurance]."""
    rules = venue.liquidation
    assert read(
        config,
        "THIRD_PARTY_LIQUIDATION",
        "LIQUIDATION_MAX_FRACTION_E9",
        "LIQUIDATION_STEP_INTERVAL_MS",
        "LIQUIDATION_CLOSE_BELOW_UNITS",
        "LIQUIDATION_PENALTY_E9",
        "LIQUIDATOR_SHARE_E9",
        "INSURANCE_UNITS",
    ) == [
        rules.third_party,
        rules.max_fraction_e9,
        rules.step_interval_ms,
        rules.close_below_units,
        rules.penalty_e9,
        rules.liquidator_share_e9,
        venue.insurance_units,
    ]


def check_amm(config: ContractClient, amm: constants.Amm | None) -> None:
    """[amm] and [hybrid]; without a curve the contract does not speak of one."""
    names = {entry["name"] for entry in config.abi if entry["type"] == "function"}
    if amm is None:
        assert not {name for name in names if name.startswith("AMM")}
        return
    assert read(
        config, "AMM_MAX_SLIPPAGE_E9", "AMM_BACKING_UNITS", "MAKER_AUCTION_MS", "AMM_MAX_SHARE_E9"
    ) == [amm.max_slippage_e9, amm.backing_units, amm.maker_auction_ms, amm.max_share_e9]
    assert ("AMM_RECENTER_E9" in names) == (amm.recenter_e9 is not None)
    if amm.recenter_e9 is not None:
        assert config.call("AMM_RECENTER_E9") == amm.recenter_e9


def check_settlement(config: ContractClient, settlement: constants.Settlement) -> None:
    """[settlement], [withdrawals], [rollout], [governance]."""
    assert ["validity", "optimistic"][config.call("SETTLEMENT_MODE")] == settlement.mode
    assert ["calldata", "validium"][config.call("DATA_AVAILABILITY")] == settlement.data_availability
    assert read(
        config,
        "CHALLENGE_WINDOW_MS",
        "BOND_UNITS",
        "RESPONSE_DEADLINE_MS",
        "COMMITTEE_SIZE",
        "COMMITTEE_THRESHOLD",
        "CONFIRMATIONS",
        "FORCED_GRACE_MS",
        "WITHDRAWAL_LIMIT_E9",
        "WITHDRAWAL_WINDOW_MS",
        "TIMELOCK_MS",
    ) == [
        settlement.challenge_window_ms,
        settlement.bond_units,
        settlement.response_deadline_ms,
        len(settlement.committee),
        settlement.threshold,
        settlement.confirmations,
        settlement.forced_grace_ms,
        10**9 if settlement.withdrawal_limit_e9 is None else settlement.withdrawal_limit_e9,
        settlement.withdrawal_window_ms,
        settlement.timelock_ms,
    ]
    assert [tuple(stage) for stage in config.call("rolloutStages")] == list(settlement.stages)
    for index, (after_ms, units) in enumerate(settlement.stages):
        assert config.call("depositCap", after_ms) == units
        if after_ms > 0:
            assert config.call("depositCap", after_ms - 1) == (
                settlement.stages[index - 1][1] if index else 0
            )
    if not settlement.stages:
        assert config.call("depositCap", 0) == 2**256 - 1


def test_what_the_spec_does_not_have_is_refused(deploy: Callable[[str], Deployed]) -> None:
    config = deploy("minimal").config
    for function, error in (("market", "UnknownMarket"), ("oracle", "UnknownOracle")):
        with pytest.raises(ContractReverted, match=error):
            config.call(function, 200)
    table = deploy("minimal").contracts["RuleTable0"]
    for function, error in (("market", "UnknownMarket"), ("oracle", "UnknownOracle")):
        with pytest.raises(ContractReverted, match=error):
            table.call(function, 200)


def test_tables_of_another_spec_or_number_are_refused(
    deploy: Callable[[str], Deployed], deployer: Deployer
) -> None:
    ours, others = compiled("minimal")[2], compiled("order_book")[2]
    mine = deployer.deploy("mine", ours["RuleTable0"]).address
    foreign = deployer.deploy("foreign", others["RuleTable0"]).address
    with pytest.raises(ContractReverted, match=r"WrongTable\(position=0\)"):
        deployer.deploy("config", ours["VenueConfig"], [foreign])
    for tables in ([], [mine, mine]):
        with pytest.raises(ContractReverted, match="WrongNumberOfTables"):
            deployer.deploy("config", ours["VenueConfig"], tables)
    assert deployer.deploy("config", ours["VenueConfig"], [mine]).call("TABLE_0") == mine


@pytest.mark.slow
def test_many_markets_are_spread_over_tables(deployer: Deployer) -> None:
    """Thirteen markets with ids out of order: the third table has one; tables out of order are refused."""
    loaded, venue, _ = compiled("minimal")
    markets = tuple(
        dataclasses.replace(
            venue.markets[0],
            id=(i * 37) % 251,
            symbol=f"COIN{i}-USD",
            oracle=i,
            open_interest_margin=constants.OpenInterestMargin(i, 10**15 + i) if i % 2 else None,
        )
        for i in range(13)
    )
    oracles = tuple(dataclasses.replace(venue.oracles[0], id=f"coin{i}", twap_ms=1000 + i) for i in range(13))
    large = dataclasses.replace(venue, markets=markets, oracles=oracles)
    sources = render_contracts(loaded.require(), loaded.hash(), large, solidity=compiler_version())
    found = compile_sources({name: sources[name] for name in CONFIGURATION}, settings=QUICK)
    tables = [deployer.deploy(f"t{i}", found[f"RuleTable{i}"]).address for i in range(3)]
    with pytest.raises(ContractReverted, match="WrongTable"):
        deployer.deploy("config", found["VenueConfig"], [tables[1], tables[0], tables[2]])
    config = deployer.deploy("config", found["VenueConfig"], tables)
    assert config.call("marketIds") == [market.id for market in markets]
    for index, market in enumerate(markets):
        assert market_on_l1(config, market.id) == market
        assert oracle_on_l1(config, index) == oracles[index]
    for function, unknown in (("market", 250), ("oracle", 13)):
        with pytest.raises(ContractReverted, match="Unknown"):
            config.call(function, unknown)


CONFIGURATION = ["ConfigTypes.sol", "RuleTables.sol", "VenueConfig.sol"]


def largest_market(venue: constants.Venue, index: int) -> constants.Market:
    """As many tiers as a spec may have, no two values alike."""
    unique = [10**15 + 1_000_003 * (index * 64 + i) for i in range(64)]
    tiers = tuple(
        constants.MarginTier(units, 10**8 + 64 * index + i, units + 1, 5 * 10**7 + 64 * index + i, units + 2)
        for i, units in enumerate(unique[:16])
    )
    fees = tuple(constants.FeeTier(unique[16 + i], -100 * index - i, 900 * index + i) for i in range(17))
    curve = constants.Curve(unique[40], unique[41])
    grows = constants.OpenInterestMargin(unique[42], unique[43])
    return dataclasses.replace(
        venue.markets[0],
        id=index,
        symbol=f"LONG-SYMBOL-{index:03}",
        tiers=tiers,
        fees=fees,
        curve=curve,
        open_interest_margin=grows,
    )


@pytest.mark.slow
def test_the_largest_rules_fit_into_their_tables() -> None:
    loaded, venue, _ = compiled("minimal")
    markets = tuple(largest_market(venue, i) for i in range(6))
    oracles = tuple(
        dataclasses.replace(venue.oracles[0], weights=tuple(900_000 - 100 * i - k for k in range(32)))
        for i in range(6)
    )
    large = dataclasses.replace(venue, markets=markets, oracles=oracles)
    sources = render_contracts(loaded.require(), loaded.hash(), large, solidity=compiler_version())
    found = compile_sources({name: sources[name] for name in CONFIGURATION})  # refuses what is too large
    assert 15_000 < len(found["RuleTable0"].runtime) <= 24_576


@pytest.mark.slow
def test_as_built(deployer: Deployer) -> None:
    """With the settings of `build`: no warning, and the values are the same."""
    loaded, venue, _ = compiled("order_book")
    sources = render_contracts(loaded.require(), loaded.hash(), venue, solidity=compiler_version())
    found = compile_sources(sources)
    assert found.warnings == ()
    table = deployer.deploy("table", found["RuleTable0"]).address
    config = deployer.deploy("config", found["VenueConfig"], [table])
    for market in venue.markets:
        assert market_on_l1(config, market.id) == market


def test_everything_public_is_documented() -> None:
    """NatSpec above every contract, function, constant, error and constructor that is not private."""
    loaded, venue, _ = compiled("minimal")
    sources = render_contracts(loaded.require(), loaded.hash(), venue, solidity=compiler_version())
    public = re.compile(
        r"^\s*(contract|interface|error|event|constructor|struct|enum|function .*(public|external))\b"
    )
    constant = re.compile(r"^\s*\S+ public (constant|immutable)\b")
    for name, text in sources.items():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if public.match(line) or constant.match(line):
                assert lines[number - 1].lstrip().startswith("///"), f"{name}:{number + 1}: {line.strip()}"


def test_the_sources_say_where_their_constants_come_from() -> None:
    loaded, venue, _ = compiled("minimal")
    sources = render_contracts(loaded.require(), loaded.hash(), venue, solidity=compiler_version())
    undocumented = [
        line
        for line in sources["VenueConfig.sol"].splitlines()
        if " public constant " in line and "// " not in line and "SPEC_HASH" not in line and "N_" not in line
    ]
    assert undocumented == []
