"""What `explain` says follows from a spec: against slow calculations, and both ways of every rule."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from l2forge.compile.explain import SECTIONS, explain_spec
from l2forge.compile.explain.costs import (
    Batch,
    Design,
    batch_gas,
    busy_batch,
    day,
    idle_batch,
    proof_bytes,
)
from l2forge.compile.explain.facts import Explanation, Fact
from l2forge.compile.explain.money import gas
from l2forge.compile.explain.render import WIDTH, as_json, as_text
from l2forge.compile.explain.trading import funding_rate, initial_margin, time_to_liquidate
from l2forge.compile.explain.trust import exit_window
from l2forge.compile.proof_budget import planned_parameters
from l2forge.resources import resource_dir
from l2forge.rules.funding import funding_rate_e12
from l2forge.spec.load import SpecError, load_spec, loads_spec
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.models.trading import Amm
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.trading import curve_move
from l2forge.stark.params import ProofParameters

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
ORDER_BOOK = resource_dir("presets") / "order_book.toml"


def changed(*changes: tuple[str, str], preset: Path = ORDER_BOOK) -> Spec:
    """A preset with some text replaced."""
    text = preset.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return loads_spec(text).require()


@cache
def explained(preset: str) -> Explanation:
    """The explanation of a preset."""
    return explain_spec(load_spec(resource_dir("presets") / f"{preset}.toml"))


def facts(explanation: Explanation) -> list[Fact]:
    """All facts."""
    return [fact for section in explanation.sections for fact in section.facts]


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_preset_is_explained_in_both_forms(path: Path) -> None:
    explanation = explain_spec(load_spec(path))
    has_curve = path.stem in ("perp_v1", "gmx", "drift")
    assert len(explanation.sections) == len(SECTIONS) - (not has_curve)
    assert len({section.key for section in explanation.sections}) == len(explanation.sections)
    text = as_text(explanation)
    assert max(map(len, text.splitlines())) <= WIDTH
    tree = json.loads(as_json(explanation))
    for section in explanation.sections:
        assert section.title in text
        keys = [fact.key for fact in section.facts]
        assert len(set(keys)) == len(keys), "a key twice"
        assert list(tree["sections"][section.key]["facts"]) == keys
    assert set(tree["constants"]) == set(c.all_constants())
    assert all(one["source"] for one in tree["constants"].values())


def test_estimates_are_marked_as_such() -> None:
    explanation = explained("order_book")
    for key in ("costs", "alternatives"):
        assert all(fact.basis == "estimate" for fact in explanation.section(key).facts)
    line = next(line for line in as_text(explanation).splitlines() if "an idle day" in line)
    assert line.startswith("≈")
    assert "about" in line


def test_margin_that_grows_with_open_interest_is_explained() -> None:
    """order_book has a first tier of 5% and a cap of 20 M in BTC-USD."""
    text = ORDER_BOOK.read_text()
    assert "open_interest_margin.BTC-USD" not in as_json(explain_spec(loads_spec(text)))
    table = '[markets.open_interest_margin]\nlower = "10000000"\nupper = "30000000"\n[markets.funding]'
    explanation = explain_spec(loads_spec(text.replace("[markets.funding]", table, 1)))
    fact = explanation.fact("capital", "open_interest_margin.BTC-USD")
    base = changed().markets[0].margin_tiers[0].initial.fraction
    at_cap = base + (1 - base) / 2
    assert fact.value == {"lower": 10_000_000.0, "upper": 30_000_000.0, "at_cap": float(at_cap)}
    assert "liquidation does not look at it" in fact.text
    leverage = explanation.fact("capital", "leverage.BTC-USD").value
    assert isinstance(leverage, dict)
    assert leverage["worst_leverage"] == pytest.approx(float(1 / at_cap))
    assert leverage["max_leverage"] == float(1 / base)


def test_a_spec_with_an_error_is_refused_with_all_errors() -> None:
    with pytest.raises(SpecError):
        explain_spec(loads_spec(ORDER_BOOK.read_text().replace('taker = "4bps"', 'taker = "x"')))
    with pytest.raises(SpecError, match="security-unreachable"):
        explain_spec(
            loads_spec(
                ORDER_BOOK.read_text()
                .replace('regime = "johnson"', 'regime = "unique_decoding"')
                .replace("security_bits = 100", "security_bits = 128")
                .replace("log_blowup = 4", "log_blowup = 1")
                .replace("max_operations = 2048", "max_operations = 1048576")
            )
        )


# --------------------------------------------------------------------------------- leaving and trust


def test_leaving_an_optimistic_venue_waits_for_its_window() -> None:
    normal = explained("optimistic").fact("leaving", "normal_s").value
    assert isinstance(normal, float)
    assert normal > 7 * 86_400
    quick = explained("order_book").fact("leaving", "normal_s").value
    assert isinstance(quick, float)
    assert quick < 120


def test_forced_exit_is_the_grace_of_the_spec() -> None:
    explanation = explain_spec(
        loads_spec(ORDER_BOOK.read_text().replace('forced_grace = "7d"', 'forced_grace = "3d"'))
    )
    assert explanation.fact("leaving", "forced_s").value == 3 * 86_400
    assert "3 days" in explanation.fact("leaving", "forced_s").text
    optimistic = explained("optimistic").fact("leaving", "forced_s")
    assert optimistic.value == 14 * 86_400
    assert "its batch counts 7 days later" in optimistic.text


@pytest.mark.parametrize(
    ("timelock", "grace", "stage"), [("14d", "7d", 1), ("37d", "7d", 2), ("13d", "7d", 0), ("1d", "7d", 0)]
)
def test_stage_follows_from_the_exit_window(timelock: str, grace: str, stage: int) -> None:
    text = ORDER_BOOK.read_text().replace('timelock = "14d"', f'timelock = "{timelock}"')
    explanation = explain_spec(loads_spec(text.replace('forced_grace = "7d"', f'forced_grace = "{grace}"')))
    assert explanation.fact("trust", "stage").value == stage


def test_an_exit_window_never_is_negative() -> None:
    assert exit_window(changed(('timelock = "14d"', 'timelock = "1d"'))) == 0.0


def test_a_validium_has_no_stage_and_names_its_committee() -> None:
    explanation = explained("validium")
    assert explanation.fact("trust", "stage").value is None
    assert explanation.fact("trust", "data_availability").value == "committee 4/5"
    assert "2 honest ones among 5" in explanation.fact("leaving", "after_freeze").text
    assert explained("order_book").fact("trust", "data_availability").value == "on L1"


# ------------------------------------------------------------------------------------------ soundness


def test_every_round_of_the_table_is_there_and_the_level_is_their_minimum() -> None:
    section = explained("order_book").section("soundness")
    rounds = [fact.value for fact in section.facts if fact.key.startswith("round.")]
    bits = [value for value in rounds if isinstance(value, float)]
    assert len(bits) == len(rounds) >= 8
    level = next(fact.value for fact in section.facts if fact.key == "bits")
    assert level == min(bits)
    assert min(bits) >= 100


def test_a_conjecture_is_called_one() -> None:
    text = ORDER_BOOK.read_text()
    proven = as_text(explain_spec(loads_spec(text)))
    guessed = as_text(explain_spec(loads_spec(text.replace('regime = "johnson"', 'regime = "conjectured"'))))
    assert "proven bound" in proven
    assert "Rests on" not in proven
    assert "proven bound" not in guessed
    assert "Rests on" in guessed


# ---------------------------------------------------------------------------------------------- costs


def counted_proof_bytes(params: ProofParameters, log_height: int) -> int:
    """Bytes of a proof by counting nodes of a multi-proof for evenly spread queries, part by part."""
    log_domain, q = log_height + params.log_blowup, params.n_queries

    def nodes(log_leaves: int) -> int:
        known = {(i << log_leaves) // q for i in range(q)}
        total = 0
        for _ in range(log_leaves):
            total += sum(1 for index in known if index ^ 1 not in known)
            known = {index >> 1 for index in known}
        return total

    total = (480 * 2 + 8 + (1 << params.log_final_size(log_height))) * 24
    total += q * 8 * (480 + 24) + 3 * nodes(log_domain) * params.node_bytes
    for layer in range(params.n_layers(log_height)):
        total += q * 7 * 24 + nodes(log_domain - 3 * (layer + 1)) * params.node_bytes
    return total


@pytest.mark.parametrize("log_height", [16, 18, 20])
def test_the_size_of_a_proof_agrees_with_counting(log_height: int) -> None:
    params = planned_parameters(changed())
    assert proof_bytes(params, log_height) == pytest.approx(counted_proof_bytes(params, log_height), rel=0.03)


def test_gas_is_the_sum_of_its_parts() -> None:
    spec, batch = changed(), Batch(100.0, 200.0, 30.0)
    size = proof_bytes(planned_parameters(spec), batch.log_height)
    data = 100 * 72
    want = (size + data) * 40 + math.ceil((size + data) / 131_072) * 21_000 + 150_000
    assert batch_gas(spec, batch, Design("validity", "calldata")) == pytest.approx(want)
    assert batch_gas(spec, batch, Design("optimistic", "calldata")) == pytest.approx(
        data * 40 + 21_000 + 150_000
    )


def test_an_idle_day_has_a_batch_each_interval() -> None:
    spec = changed()
    idle = day(spec, idle_batch(spec), Design.of(spec))
    assert idle.batches == pytest.approx(2880)
    assert idle.trades == 0
    halved = changed(('max_interval = "30s"', 'max_interval = "60s"'))
    assert day(halved, idle_batch(halved), Design.of(halved)).batches == pytest.approx(1440)


def test_a_busy_batch_keeps_to_its_size_and_its_age() -> None:
    for size in (256, 2048, 65536):
        spec = changed(("max_operations = 2048", f"max_operations = {size}"))
        batch = busy_batch(spec)
        assert batch.span_s <= 30
        assert batch.trades * 3 <= size
    assert busy_batch(changed()).trades > 0


def test_busy_costs_less_per_trade_than_a_small_batch() -> None:
    explanation = explained("order_book")
    small = explain_spec(
        loads_spec(ORDER_BOOK.read_text().replace("max_operations = 2048", "max_operations = 256"))
    )
    cheap, dear = (e.fact("costs", "gas_per_trade").value for e in (explanation, small))
    assert isinstance(cheap, float)
    assert isinstance(dear, float)
    assert cheap < dear


def test_oracles_that_take_all_of_the_prover_leave_no_price_per_trade() -> None:
    explanation = explain_spec(
        loads_spec(ORDER_BOOK.read_text().replace('heartbeat = "3s"', 'heartbeat = "50ms"'))
    )
    assert explanation.fact("costs", "gas_per_trade").value is None
    assert "take all of the prover" in as_text(explanation)
    assert json.loads(as_json(explanation))["sections"]["costs"]["facts"]["gas_per_trade"]["value"] is None


def test_one_of_the_alternatives_is_the_chosen_one() -> None:
    for preset, key in (("order_book", "validity.calldata"), ("optimistic", "optimistic.calldata")):
        section = explained(preset).section("alternatives")
        chosen = [fact.key for fact in section.facts if isinstance(fact.value, dict) and fact.value["chosen"]]
        assert chosen == [key]


def test_gas_in_words() -> None:
    assert [gas(value) for value in (298.0, 21_400.0, 12.7e6, 31.9e9)] == [
        "298 gas",
        "21.4 k gas",
        "12.7 M gas",
        "31.9 G gas",
    ]


# -------------------------------------------------------------------------------- leverage and prices


def test_initial_margin_is_continuous_across_tiers() -> None:
    market = load_spec(resource_dir("presets") / "hyperliquid.toml").require().markets[0]
    edge = Fraction(150_000_000)
    assert initial_margin(market, edge) == edge * Fraction(25, 1000)
    assert initial_margin(market, 2 * edge) == edge * Fraction(25, 1000) + edge * Fraction(5, 100)
    assert initial_margin(market, edge + 1) - initial_margin(market, edge) == Fraction(5, 100)


def test_leverage_shrinks_with_size() -> None:
    value = explained("hyperliquid").fact("capital", "leverage.BTC-USD").value
    assert isinstance(value, dict)
    assert value["max_leverage"] == 40.0
    assert 20 < float(str(value["worst_leverage"])) < 40


@pytest.mark.parametrize(
    ("premium_bps", "rate_bps"), [(0, 1), (6, 1), (20, 15), (-4, 1), (-20, -15), (100_000, 400)]
)
def test_funding_rate_is_that_of_the_engine(premium_bps: int, rate_bps: int) -> None:
    funding = changed().markets[0].funding
    premium = Fraction(premium_bps, 10_000)
    assert funding_rate(funding, premium) == Fraction(rate_bps, 10_000)
    terms = (funding.interest.e12, funding.clamp.e12, funding.cap.e12)
    assert funding_rate_e12(premium_bps * 10**8, *terms) == rate_bps * 10**8


def simulated_time(market: Market, oracle: Oracle) -> float:
    """By small steps: an index at full speed until spot and average are below the liquidation price."""
    first = market.margin_tiers[0]
    initial, maintenance = float(first.initial.fraction), float(first.maintenance.fraction)
    trigger = 1 - (initial - maintenance) / (1 - maintenance)
    speed = float(oracle.max_step.fraction.fraction) / float(oracle.max_step.per.seconds)
    window, step, prices = float(oracle.twap.seconds), 0.05, [1.0]
    while True:
        prices.append(1.0 - speed * step * len(prices))
        n = round(window / step)
        recent = prices[-n:]
        average = (sum(recent) + 1.0 * (n - len(recent))) / n
        if prices[-1] < trigger and average < trigger:
            return step * len(prices)


@pytest.mark.parametrize("preset", ["order_book", "minimal"])
def test_time_to_liquidate_agrees_with_a_simulation(preset: str) -> None:
    spec = load_spec(resource_dir("presets") / f"{preset}.toml").require()
    market, oracle = spec.markets[0], spec.oracles[0]
    assert time_to_liquidate(market, oracle) == pytest.approx(simulated_time(market, oracle), rel=0.01)


def test_a_slow_index_takes_longer_than_its_window() -> None:
    spec = changed(('fraction = "2%", per = "3s"', 'fraction = "2%", per = "5m"'))
    market, oracle = spec.markets[0], spec.oracles[0]
    assert time_to_liquidate(market, oracle) > 30
    assert time_to_liquidate(market, oracle) == pytest.approx(simulated_time(market, oracle), rel=0.01)


def test_who_may_liquidate() -> None:
    assert explained("order_book").fact("liquidation", "who").value is True
    keeper = explain_spec(
        loads_spec(ORDER_BOOK.read_text().replace("third_party = true", "third_party = false"))
    )
    assert keeper.fact("liquidation", "who").text == "only the operator's keeper"


# ----------------------------------------------------------------------------------------------- the curve


def test_slippage_on_reserves_agrees_with_trading() -> None:
    """Buying q on x·y = k, depth D, price 1: the average is q/lots, the price afterwards y'/x'."""
    depth, quote = 20_000_000.0, 10_000.0
    lots = depth - depth * depth / (depth + quote)
    value = explained("perp_v1").fact("curve", "slippage.BTC-USD").value
    assert value == pytest.approx(quote / lots - 1)
    assert curve_move(_amm("perp_v1"), quote, depth) == pytest.approx((depth + quote) / (depth - lots) - 1)


def test_slippage_on_a_pool_is_half_of_the_move() -> None:
    value = explained("gmx").fact("curve", "slippage.BTC-USD").value
    assert value == pytest.approx(curve_move(_amm("gmx"), 10_000.0, 200_000_000.0) / 2)


def test_a_hybrid_says_what_makers_and_the_curve_share() -> None:
    text = explained("drift").fact("curve", "kind").text
    assert "makers have 5s" in text
    assert "50% of an order" in text


def _amm(preset: str) -> Amm:
    amm = load_spec(resource_dir("presets") / f"{preset}.toml").require().amm
    assert amm is not None
    return amm
