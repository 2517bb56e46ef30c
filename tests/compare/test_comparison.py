"""Comparing presets, one per matching model: one flow, sane measures, a report that a browser can show."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from l2forge.compare.attack import Attack
from l2forge.compare.charts import figure
from l2forge.compare.comparison import Comparison, compare
from l2forge.compare.flow import form, load_flow
from l2forge.compare.measures import MEASURES, measure
from l2forge.compare.plots import page_for, write_plots
from l2forge.compare.render import as_dict, as_text
from l2forge.compare.report import render_report
from l2forge.compare.run import Run
from l2forge.engine import layout as at
from l2forge.errors import InputError
from l2forge.spec.load import load_spec
from l2forge.spec.models import Spec
from l2forge.spec.presets import preset_path
from l2forge.venue.draws import generator
from tests.cli.helpers import l2forge

PRESETS = ("order_book", "perp_v1", "drift")


def preset(name: str) -> Spec:
    return load_spec(preset_path(name)).require()


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Three presets, one per matching model, two seeds."""
    return compare([f"preset:{name}" for name in PRESETS], "mixed", n_seeds=2)


def test_every_spec_got_the_same_flow_whatever_its_model(comparison: Comparison) -> None:
    assert [outcome.model.split()[0] for outcome in comparison.outcomes] == ["order", "AMM", "hybrid"]
    assert {outcome.market for outcome in comparison.outcomes} == {"BTC-USD"}
    assert [(seed, digest) for seed, digest, _ in comparison.flows] == [
        (seed, load_flow("mixed", seed).digest()) for seed in (1, 2)
    ]


def test_measures_are_there_and_within_reason(comparison: Comparison) -> None:
    book, amm, hybrid = comparison.outcomes
    for outcome in comparison.outcomes:
        for values in outcome.values:
            assert values.keys() == {one.name for one in MEASURES}
            assert 0 < values["filled_share"] <= 100 and values["volume"] > 1e6
            assert values["slippage_block_p50"] > 0 and values["liquidated"] > 0
            assert values["depth_50bps"] >= values["depth_10bps"] > 0
            assert values["bad_debt"] >= 0 and values["insurance_drawdown"] >= 0
    assert book.values[0]["lp_profit"] is None and book.values[0]["maker_profit"] is not None
    assert amm.values[0]["maker_profit"] is None and amm.values[0]["lp_profit"] is not None
    assert hybrid.values[0]["maker_profit"] is not None and hybrid.values[0]["lp_profit"] is not None


def test_what_an_amm_cannot_say_is_counted_not_bent(comparison: Comparison) -> None:
    book, amm, _ = comparison.outcomes
    assert amm.left_out["quotes"] > 1000 and book.left_out["quotes"] == 0
    assert any("had no place" in note for note in amm.notes)


def test_attacks_cover_every_number_of_sources(comparison: Comparison) -> None:
    for outcome in comparison.outcomes:
        assert {attack.sources for attack in outcome.attacks} == {1, 2, 3, 4}
        assert outcome.best_attack is not None and outcome.best_attack.net < 0  # four sources and a median


def test_net_is_profit_less_cost() -> None:
    assert Attack(1, 4, 5.0, 30.0, 20.0, 0.0).net == 10.0


def test_the_table_and_the_json_say_the_same(comparison: Comparison) -> None:
    text, data = as_text(comparison), json.loads(json.dumps(as_dict(comparison)))
    for venue in data["venues"]:
        assert venue["name"] in text and len(venue["measures"]["spread"]["seeds"]) == 2
        low, mean, high = (venue["measures"]["taker_cost"][key] for key in ("low", "mean", "high"))
        assert low <= mean <= high
    assert data["venues"][0]["differences"] == {} != data["venues"][1]["differences"]
    assert data["flow"]["seeds"][0]["digest"][:16] in text


def test_money_is_conserved_through_a_whole_run() -> None:
    """Deposits = cash of all + insurance + fees + what is owed between positions and clearing."""
    for name in PRESETS:
        run = Run(preset(name), load_flow("mixed", 4), "BTC-USD")
        run.run()
        venue, s = run.venue, run.venue.state
        accounts = range(int(s[at.H_ACCOUNTS_USED]))
        worth = sum(venue.equity(account) for account in accounts)
        kept = int(s[at.H_INSURANCE]) + int(s[at.H_FEE_POOL]) + venue.word(at.M_FUNDING_CLEARING)
        put = int(s[at.H_DEPOSITS]) - int(s[at.H_WITHDRAWALS])
        # funding is rounded per account against it; it settles to the unit when positions do
        assert abs(worth + kept - put) <= len(accounts)
        assert sum(venue.position(account) for account in accounts) == 0


def test_the_same_flow_gives_the_same_state_again() -> None:
    digests = {Run(preset("drift"), load_flow("calm", 5), "BTC-USD").run().digest for _ in range(2)}
    assert len(digests) == 1


def test_depth_is_what_a_naive_sum_over_orders_says() -> None:
    run = Run(preset("order_book"), load_flow("calm", 1), "BTC-USD")
    run.run()
    venue = run.venue
    mid = venue.top().mid
    assert mid is not None
    prices, lots, asks = venue.resting()
    naive = sum(
        int(n)
        for p, n, ask in zip(prices, lots, asks, strict=True)
        if (p <= mid * 1.005 if ask else p >= mid * 0.995)
    )
    assert venue.depth(mid, 0.005) == pytest.approx(naive / 2 * mid * venue.quote)
    assert prices[asks].min() == venue.word(at.M_BEST_ASK) and prices[~asks].max() == venue.word(
        at.M_BEST_BID
    )


def test_profit_is_its_parts() -> None:
    flow = load_flow("calm", 2)
    run = Run(preset("drift"), flow, "BTC-USD")
    record = run.run()
    values = measure(record, run.venue, flow)
    makers = [a + 1 for a, who in enumerate(flow.actors) if who.role == form.MAKER]
    put = sum(run.venue.units(flow.actors[a - 1].deposit) for a in makers)
    assert values["maker_profit"] == pytest.approx(
        run.venue.dollars(sum(run.venue.equity(a) for a in makers) - put)
    )
    # in ten quiet minutes no funding interval ends and no maker is liquidated: the rest is rounding
    assert abs(values["maker_funding"] or 0) < 0.01 and abs(values["lp_funding"] or 0) < 0.01


def test_no_spec_of_history_is_measured_by_a_zero_price() -> None:
    """Restarts, prices of zero, a hundredth, below zero: nobody is liquidated, the state hash comes back."""
    flow = load_flow("history/paradex-2026", 1)
    for name in PRESETS:
        run = Run(preset(name), flow, "BTC-USD")
        record = run.run()
        assert record.liquidated == 0 and sum(record.price_refusals.values()) > 100
        assert np.all([sample.index > 0 for sample in record.samples])


def test_zero_price_impact_fails_where_a_book_survives() -> None:
    found = compare(
        ["preset:order_book", "preset:gmx"], "history/gmx-avax-2022", n_seeds=1, with_attacks=False
    )
    assert {broken.label for broken in found.broken(found.survives)} == {"gmx"}


def test_a_file_of_messages_runs_through_book_and_curve(tmp_path: Path) -> None:
    """A made-up minute of LOBSTER messages: makers' orders rest and are executed; a curve sees takers."""
    rng = generator(9)
    lines, price = [], 1_000_000
    for number in range(1, 1200):
        time, side = 34_200 + number // 20 + (number % 20) / 100, 1 if number % 2 else -1
        offset = int(rng.integers(100, 900))
        lines.append(f"{time:.3f},1,{number},{int(rng.integers(1, 200))},{price - side * offset},{side}")
        if number % 5 == 0:
            lines.append(f"{time:.3f},4,{number},{int(rng.integers(1, 50))},{price - side * offset},{side}")
        if number % 3 == 0:
            lines.append(f"{time:.3f},3,{number - 2},10,{price},{side}")
    (tmp_path / "day.csv").write_text("\n".join(lines))
    found = compare(
        ["preset:order_book", "preset:gmx"], str(tmp_path / "day.csv"), n_seeds=3, with_attacks=False
    )
    book, pool = found.outcomes
    assert len(found.flows) == 1  # a file is the same for every seed
    assert (book.values[0]["volume"] or 0) > 100_000 and (pool.values[0]["volume"] or 0) > 100_000
    assert pool.left_out["limit orders"] > 1000 and book.left_out["limit orders"] == 0


# -- the report -----------------------------------------------------------------------------------


def test_the_report_needs_no_network(comparison: Comparison) -> None:
    html = render_report(comparison)
    markup = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    assert not re.search(r'(src|href)="', markup) and "http" not in markup
    assert html.count('class="chart"') >= 10


def test_an_example_writes_its_page_where_it_is_told(tmp_path: Path) -> None:
    page = page_for("x", [str(tmp_path / "deep" / "x.html")])
    write_plots(page, "A <title>", "text", [figure("one", [{"type": "bar", "x": [1], "y": [2]}])])
    html = page.read_text(encoding="utf-8")
    assert "A &lt;title&gt;" in html and 'id="chart-0"' in html and "Plotly.newPlot" in html
    assert not page_for("x", []).is_relative_to(Path.cwd())


def test_a_browser_draws_every_chart(comparison: Comparison, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    page = tmp_path / "report.html"
    page.write_text(render_report(comparison), encoding="utf-8")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    arguments += ["--virtual-time-budget=20000", "--dump-dom", page.as_uri()]
    done = subprocess.run([browser, *arguments], capture_output=True, text=True, timeout=120, check=False)
    body = done.stdout[done.stdout.rindex("<body") :] if "<body" in done.stdout else ""
    charts = re.findall(r'id="chart-\d+" class="chart[^"]*js-plotly-plot', body)
    assert len(charts) == len(re.findall(r'id="chart-\d+"', body)) >= 10, done.stderr[-2000:]
    assert body.count('class="main-svg"') >= len(charts)
    assert len(re.findall(r'class="(?:point|scatterlayer|trace )', body)) > 30


# -- the command ----------------------------------------------------------------------------------


def test_a_broken_limit_ends_with_status_1_and_a_kept_one_with_0(tmp_path: Path) -> None:
    common = ("compare", "preset:order_book", "--flow", "calm", "--seeds", "1", "--no-attacks")
    kept = l2forge(*common, "--limit", "bad_debt<=1000000", "--html", str(tmp_path / "r.html"))
    assert kept.returncode == 0 and (tmp_path / "r.html").stat().st_size > 1_000_000
    broken = l2forge(*common, "--limit", "spread<=0", "--format", "json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["limits"]["failed"][0]["venue"] == "order_book"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("preset:nothing",), 'no preset "nothing"'),
        (("preset:order_book", "preset:order_book"), "given twice"),
        (("preset:order_book", "--flow", "clam"), 'did you mean "calm"'),
        (("preset:order_book", "--limit", "spred<=1"), 'did you mean "spread"'),
        (("nowhere.toml",), "nowhere.toml"),
    ],
)
def test_wrong_input_ends_with_status_2_and_a_remedy(arguments: tuple[str, ...], said: str) -> None:
    done = l2forge("compare", *arguments)
    assert done.returncode == 2 and said in done.stderr


def test_a_spec_is_not_compared_with_itself_by_another_name() -> None:
    with pytest.raises(InputError, match="given twice"):
        compare(["preset:gmx", "preset:gmx"], "calm", n_seeds=1)
