"""Where ledger and engine could part: long silence, halted and far-numbered markets, names of orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from l2forge.engine import codes
from l2forge.engine import layout as at
from l2forge.engine.config import MarketConfig, value_limit
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.machine.interpreter import Halted
from l2forge.ledger.messages.attributes import ATTRIBUTES
from l2forge.ledger.messages.served import REFUSED_ATTRIBUTES
from l2forge.ledger.operations import NotProvable
from l2forge.ledger.programs.signed import HARMLESS_ATTRIBUTES
from tests.ledger.programs.comparison import differences
from tests.ledger.programs.engine_run import KEYS, EngineRun
from tests.ledger.programs.flows import START_MS, rough_config

FIRST = rough_config().markets[0]
CASH = 8_000_000


def rules_for(*markets: MarketConfig) -> Rules:
    config = replace(rough_config(), markets=markets)
    return Rules(config, 77, {m.id: tuple((1, 2, 3, 4, 5 + s) for s in range(3)) for m in markets})


def opened(rules: Rules) -> EngineRun:
    """Three accounts with cash, and a price of 2,000 in every market."""
    run = EngineRun(rules.config, START_MS)
    for account in (1, 2, 4):
        run.deposit(account, CASH)
    for market in rules.config.markets:
        report(run, market.id)
    return run


def report(run: EngineRun, market: int, price: int = 2_000) -> None:
    for source in range(3):
        assert run.report(market, source, price, run.now) == codes.OK
    assert run.tick(market) == codes.OK


def trade(run: EngineRun, nonce: int, lots: int, price: int, *, maker_asks: bool) -> None:
    """Account 1 rests, account 4 takes."""
    assert run.order(1, KEYS[0], nonce, 0, lots=lots, price=price, ask=maker_asks) == codes.OK
    taken = run.order(
        4, KEYS[0], nonce, 0, lots=lots, price=price, ask=not maker_asks, force=codes.IMMEDIATE_OR_CANCEL
    )
    assert taken == codes.OK


def agrees(rules: Rules, run: EngineRun) -> Ledger:
    ledger = Ledger(rules)
    ledger.execute(run.take())
    assert differences(ledger, run) == []
    return ledger


@pytest.mark.parametrize("gap", [(1 << 31) - 1, 1 << 31, (1 << 31) + 1, 1 << 33])
def test_a_fill_after_weeks_without_a_price(gap: int) -> None:
    """The premium counts at most 2^31 ms; while the price is stale nothing else could come in between."""
    rules = rules_for(FIRST)
    run = opened(rules)
    trade(run, 1, 100, 2_010, maker_asks=True)
    run.now += gap
    assert run.now > run.market(0, at.M_FRESH_UNTIL)
    trade(run, 2, 60, 1_990, maker_asks=False)
    assert run.position(4, 0, at.P_SIZE) == 40
    run.now += 5
    report(run, 0)
    agrees(rules, run)


def test_reports_without_a_tick_keep_no_index_fresh() -> None:
    """Four rounds of new prices and no tick: the engine takes no order that opens, the ledger no fill."""
    rules = rules_for(FIRST)
    run = opened(rules)
    for _ in range(4):
        run.now += FIRST.oracle.max_age_ms - 1_000
        for source in range(3):
            assert run.report(0, source, 1_000, run.now) == codes.OK
    assert run.order(1, KEYS[0], 1, 0, lots=100, price=2_000, ask=True) == codes.R_STALE
    ledger = agrees(rules, run)
    traded = replace(run.config.markets[0], oracle=replace(FIRST.oracle, max_age_ms=10**6))
    patient = opened(rules_for(traded))
    patient.now = run.now
    patient.take()
    trade(patient, 1, 100, 2_000, maker_asks=True)
    with pytest.raises(Halted, match="price is fresh"):
        ledger.execute(patient.take())
    run.now += 1
    report(run, 0)
    trade(run, 1, 100, 2_000, maker_asks=True)
    ledger.execute(run.take())
    assert differences(ledger, run) == []


@pytest.mark.parametrize("ages", [(0, 700, 5_000), (5_000, 0, 700), (6_000, 6_000, 0), (0, 0, 0)])
def test_the_ticks_own_quorum_says_until_when(ages: tuple[int, ...]) -> None:
    """Two of three are a quorum, so the second newest decides; later reports change nothing."""
    rules = rules_for(FIRST)
    run = opened(rules)
    run.now += 7_000
    for source, age in enumerate(ages):
        assert run.report(0, source, 2_000, run.now - age) == codes.OK
    assert run.tick(0) == codes.OK
    until = run.now - sorted(ages)[1] + FIRST.oracle.max_age_ms
    run.now += 1
    assert run.report(0, 0, 2_000, run.now) == codes.OK
    assert run.market(0, at.M_FRESH_UNTIL) == until
    agrees(rules, run)


@pytest.mark.parametrize("halts", [False, True])
def test_a_market_that_halts_has_no_program_for_stale_prices(halts: bool) -> None:
    market = replace(FIRST, oracle=replace(FIRST.oracle, halt_when_stale=halts))
    rules = rules_for(market)
    assert ("fill_stale_0" in rules.code.routines) is not halts
    run = opened(rules_for(FIRST))
    trade(run, 1, 100, 2_010, maker_asks=True)
    run.now += 10_000
    trade(run, 2, 60, 1_990, maker_asks=False)
    ledger = Ledger(rules)
    if not halts:
        ledger.execute(run.take())
        return
    with pytest.raises(Halted, match="price is fresh"):
        ledger.execute(run.take())


def test_bounds_follow_from_how_many_markets_there_are_not_from_their_numbers() -> None:
    """The bound of values is 2^56 for two markets; for 41 it would be 2^54."""
    large = replace(FIRST, open_interest_cap=value_limit(2), quote=1 << 21)
    rules = rules_for(large, replace(large, id=40))
    run = opened(rules)
    assert run.market(40, at.M_OI_LIMIT) == value_limit(2) // (2_001 << 21) > value_limit(41) // (2_000 << 21)
    agrees(rules, run)


@pytest.mark.parametrize("by_client_index", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_any_key_of_an_account_cancels_by_either_name(key: int, by_client_index: bool) -> None:
    rules = rules_for(FIRST)
    run = opened(rules)
    assert run.order(1, KEYS[0], 7, 0, lots=100, price=2_000, ask=True) == codes.OK
    taken = run.order(4, KEYS[0], 7, 0, lots=40, price=2_000, ask=False, force=codes.IMMEDIATE_OR_CANCEL)
    (resting,) = run.live.values()
    assert taken == run.cancel(resting, key, 8, by_client_index=by_client_index) == codes.OK
    ledger = agrees(rules, run)
    fill = {"op": "fill", "market": 0, "maker": [1, KEYS[0], 7], "taker": [4, KEYS[0], 7], "price": 2_000}
    with pytest.raises(Halted, match="size within the order's remainder"):
        ledger.execute([{**fill, "lots": 1}])


def test_what_no_program_is_for_is_not_provable() -> None:
    ledger = Ledger(rules_for(FIRST))
    with pytest.raises(NotProvable, match="no program"):
        ledger.execute([{"op": "tick", "market": 3}])


def test_an_account_cannot_cancel_anothers_order() -> None:
    rules = rules_for(FIRST)
    run = opened(rules)
    trade(run, 1, 100, 2_010, maker_asks=True)
    assert run.order(1, KEYS[0], 7, 0, lots=100, price=2_000, ask=True) == codes.OK
    taken = run.order(4, KEYS[0], 7, 0, lots=40, price=2_000, ask=False, force=codes.IMMEDIATE_OR_CANCEL)
    (resting,) = run.live.values()
    assert taken == run.cancel(resting, KEYS[0], 8, by_client_index=True) == codes.OK
    run.operations[-1]["order"] = [4, KEYS[0], 7]
    with pytest.raises(NotProvable, match="cannot cancel"):
        Ledger(rules).execute(run.take())


def test_the_door_takes_just_the_attributes_that_programs_take() -> None:
    served = set(ATTRIBUTES) - set(REFUSED_ATTRIBUTES)
    assert served == set(HARMLESS_ATTRIBUTES) - {0}


@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("weak_takes", [False, True])
def test_an_account_below_initial_margin_may_reduce(weak_takes: bool, stale: bool) -> None:
    """Account 4 is long 54.6 of 8 units of cash, the price falls by 5%; it closes a part, and cannot add."""
    rules = rules_for(FIRST)
    run = opened(rules)
    trade(run, 1, 3_900, 2_000, maker_asks=True)
    run.now += 2_000
    report(run, 0, 1_900)
    run.now += 10_000 if stale else 0
    assert run.order(4, KEYS[0], 9, 0, lots=10, price=1_900, ask=False) != codes.OK
    maker, taker = (1, 4) if weak_takes else (4, 1)
    for account, force in ((maker, codes.GOOD_TILL_TIME), (taker, codes.IMMEDIATE_OR_CANCEL)):
        placed = run.order(account, KEYS[0], 10, 0, lots=100, price=1_900, ask=account == 4, force=force)
        assert placed == codes.OK
    assert run.position(4, 0, at.P_SIZE) == 3_800
    ledger = Ledger(rules)
    used = {rules.code.owners[row] for row in ledger.execute(run.take()).run.rows}
    variant = "fill_taker_shrinks" if weak_takes else "fill_maker_shrinks"
    assert f"{variant}{'_stale' if stale else ''}_0" in used
    assert differences(ledger, run) == []
