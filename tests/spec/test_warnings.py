"""Each economic warning, and a twin spec beside it that stays silent."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from l2forge.spec import warnings as risk
from l2forge.spec.catalogue import ENTRIES
from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.load import LoadedSpec, loads_spec
from l2forge.spec.warnings import economic_warnings, margins, prices

PRESETS = Path(__file__).parents[2] / "presets"
BASE = (PRESETS / "minimal.toml").read_text()
AMM = (PRESETS / "perp_v1.toml").read_text()
VALIDIUM = (PRESETS / "validium.toml").read_text()
OPTIMISTIC = (PRESETS / "optimistic.toml").read_text()
SOURCE = re.compile(r"\[\[oracles\.sources\]\]\n(?:[a-z_]+ = .*\n)+")


def edit(text: str, *changes: tuple[str, str]) -> str:
    """The text with every `key = …` line of a change replaced: ("penalty", '"9%"'), or literal old → new."""
    for old, new in changes:
        if re.fullmatch(r"[a-z_]+", old):
            text, n = re.subn(rf"(?m)^{old} = .*$", lambda _: f"{old} = {new}", text)  # noqa: B023
            assert n, f"no key {old}"
        else:
            assert old in text, old
            text = text.replace(old, new)
    return text


def load(text: str) -> LoadedSpec:
    """A spec that must have no error."""
    loaded = loads_spec(text, "venue.toml")
    assert not loaded.errors, loaded.errors
    return loaded


def found_in(text: str) -> list[Diagnostic]:
    """The economic warnings of a spec."""
    return economic_warnings(load(text))


def without_sources(text: str, n_left: int) -> str:
    """The text with only the first sources of each oracle."""
    parts = SOURCE.findall(text)
    for part in parts[n_left:]:
        text = text.replace(part, "")
    return text


HTTP = """[[oracles.sources]]
name = "{name}"
kind = "http"
signer = "dev:{signer}"
url = "https://{host}/{name}"
json_path = "price"
"""
HTTP_ORACLE = without_sources(BASE, 0).replace(
    "[proof]",
    "".join(HTTP.format(name=f"web-{i}", signer=30 + i, host=f"h{i}.example.com") for i in range(4))
    + "[proof]",
)


def growing(lower: str, upper: str) -> str:
    """BASE with margin that grows between two amounts of open interest, and orders of up to 500,000."""
    table = f'[markets.open_interest_margin]\nlower = "{lower}"\nupper = "{upper}"\n'
    return edit(BASE, ("max_order", '"500000"'), ("[markets.funding]", table + "[markets.funding]"))


# code, spec that warns, twin that differs in what the warning is about and stays silent, key it points at
CASES: list[tuple[str, str, str, str]] = [
    (
        "open-interest-margin-idle",
        growing("5000000", "50000000"),
        growing("4999999", "50000000"),
        "markets.0.open_interest_margin.lower",
    ),
    (
        "open-interest-margin-steep",
        growing("1000000", "5400000"),
        growing("1000000", "5600000"),
        "markets.0.open_interest_margin.upper",
    ),
    (
        "maintenance-below-gap",
        edit(BASE, ("maintenance", '"0.5%"')),
        BASE,
        "markets.0.margin_tiers.0.maintenance",
    ),
    (
        "maintenance-below-gap",
        edit(BASE, ("max_step", '{ fraction = "1bps", per = "1m" }')),
        BASE,
        "markets.0.margin_tiers.0.maintenance",
    ),
    (
        "maintenance-below-gap",
        edit(BASE, ("maintenance", '"1%"'), ("max_age", '"10m"')),
        edit(BASE, ("maintenance", '"1%"'), ("penalty", '"0.1%"'), ("liquidator_share", '"100%"')),
        "markets.0.margin_tiers.0.maintenance",
    ),
    (
        "liquidation-too-slow",
        edit(BASE, ("max_fraction", '"1%"'), ("step_interval", '"5m"')),
        edit(BASE, ("max_fraction", '"25%"')),
        "liquidation.step_interval",
    ),
    (
        "penalty-above-maintenance",
        edit(BASE, ("penalty", '"6%"')),
        edit(BASE, ("penalty", '"2%"')),
        "liquidation.penalty",
    ),
    (
        "initial-near-maintenance",
        edit(BASE, ('initial = "10%"', 'initial = "5.1%"')),
        BASE,
        "markets.0.margin_tiers.0.initial",
    ),
    (
        "insurance-small",
        edit(BASE, ("maintenance", '"1.5%"'), ("open_interest_cap", '"100000000"')),
        edit(BASE, ("maintenance", '"1.5%"'), ("open_interest_cap", '"10000000"')),
        "insurance.initial",
    ),
    ("liquidator-unpaid", edit(BASE, ("liquidator_share", '"1%"')), BASE, "liquidation.liquidator_share"),
    ("insurance-unfed", edit(BASE, ("liquidator_share", '"100%"')), BASE, "liquidation.liquidator_share"),
    ("operator-only-liquidation", edit(BASE, ("third_party", "false")), BASE, "liquidation.third_party"),
    (
        "close-below-min-order",
        edit(BASE, ("close_below", '"9"')),
        edit(BASE, ("close_below", '"10"')),
        "liquidation.close_below",
    ),
    (
        "steps-faster-than-prices",
        edit(BASE, ("step_interval", '"2s"')),
        edit(BASE, ("step_interval", '"3s"')),
        "liquidation.step_interval",
    ),
    ("single-source-oracle", edit(without_sources(BASE, 1), ("min_sources", "1")), BASE, "oracles.0.sources"),
    (
        "one-source-moves-price",
        edit(BASE, ("min_sources", "2")),
        edit(BASE, ("min_sources", "3")),
        "oracles.0.min_sources",
    ),
    ("sources-share-origin", edit(BASE, ('noise = "2bps"', 'noise = "1bps"')), BASE, "oracles.0.sources"),
    (
        "sources-share-origin",
        edit(HTTP_ORACLE, ("h1.example.com", "h0.example.com")),
        HTTP_ORACLE,
        "oracles.0.sources",
    ),
    (
        "simulated-paths-differ",
        edit(BASE, ('seed = 1\nnoise = "2bps"', 'seed = 7\nnoise = "2bps"')),
        BASE,
        "oracles.0.sources",
    ),
    ("no-spare-source", edit(BASE, ("min_sources", "4")), BASE, "oracles.0.min_sources"),
    ("halts-when-stale", edit(BASE, ("on_stale", '"halt"')), BASE, "oracles.0.on_stale"),
    (
        "step-above-initial-margin",
        edit(BASE, ("max_step", '{ fraction = "11%", per = "3s" }')),
        edit(BASE, ("max_step", '{ fraction = "9%", per = "3s" }')),
        "markets.0.oracle",
    ),
    ("twap-too-short", edit(BASE, ("twap", '"8s"')), edit(BASE, ("twap", '"9s"')), "oracles.0.twap"),
    (
        "feed-slower-than-max-age",
        edit(
            HTTP_ORACLE,
            (
                'kind = "http"\nsigner = "dev:33"\nurl = "https://h3.example.com/web-3"\njson_path = "price"',
                f'kind = "chainlink"\nsigner = "dev:33"\nfeed = "0x{"ab" * 20}"',
            ),
        ),
        HTTP_ORACLE,
        "oracles.0.sources.3.feed",
    ),
    ("oracle-load", edit(BASE, ("heartbeat", '"100ms"')), BASE, "proof.max_operations"),
    ("rebate-eats-fees", edit(BASE, ("maker", '"-3bps"')), edit(BASE, ("maker", '"-2bps"')), "fees.taker"),
    (
        "rebate-eats-fees",
        edit(
            BASE,
            (
                'recipient = "dev:3"',
                'recipient = "dev:3"\ntiers = [{ volume = "1000", maker = "-2bps", taker = "3bps" }]',
            ),
        ),
        edit(
            BASE,
            (
                'recipient = "dev:3"',
                'recipient = "dev:3"\ntiers = [{ volume = "1000", maker = "-1bps", taker = "3bps" }]',
            ),
        ),
        "fees.tiers.0.taker",
    ),
    (
        "free-wash-trades",
        edit(BASE, ("maker", '"0bps"'), ("taker", '"0bps"')),
        edit(BASE, ("maker", '"0bps"')),
        "fees.taker",
    ),
    (
        "free-wash-trades",
        edit(
            BASE, ("[markets.funding]", '[markets.fees]\nmaker = "0bps"\ntaker = "0bps"\n[markets.funding]')
        ),
        edit(BASE, ("[markets.funding]", '[markets.fees]\ntaker = "2bps"\n[markets.funding]')),
        "markets.0.fees",
    ),
    (
        "funding-cap-strong",
        edit(BASE, ("cap", '"40%"')),
        edit(BASE, ("cap", '"39%"')),
        "markets.0.funding.cap",
    ),
    (
        "funding-cap-weak",
        edit(BASE, ("cap", '"3bps"'), ("clamp", '"1bps"')),
        edit(BASE, ("cap", '"4bps"'), ("clamp", '"1bps"')),
        "markets.0.funding.cap",
    ),
    (
        "funding-clamp-wide",
        edit(BASE, ("clamp", '"1%"')),
        edit(BASE, ("clamp", '"50bps"')),
        "markets.0.funding.clamp",
    ),
    (
        "order-near-open-interest-cap",
        edit(BASE, ("max_order", '"1300000"')),
        edit(BASE, ("max_order", '"1200000"')),
        "markets.0.max_order",
    ),
    (
        "price-band-narrow",
        edit(BASE, ("price_band", '"0.5%"')),
        edit(BASE, ("price_band", '"2%"')),
        "markets.0.price_band",
    ),
    (
        "price-band-wide",
        edit(BASE, ("price_band", '"21%"')),
        edit(BASE, ("price_band", '"20%"')),
        "markets.0.price_band",
    ),
    (
        "amm-too-shallow",
        edit(AMM, ("depth", '"10000000"'), ("max_order", '"100000"')),
        edit(AMM, ("depth", '"17000000"'), ("max_order", '"100000"')),
        "markets.0.amm.depth",
    ),
    ("order-beyond-slippage", edit(AMM, ("max_order", '"400001"')), AMM, "markets.0.max_order"),
    ("backing-small", edit(AMM, ("backing", '"200000"')), edit(AMM, ("backing", '"220000"')), "amm.backing"),
    (
        "recenter-too-eager",
        edit(AMM, ("recenter", '"0.1%"')),
        edit(AMM, ("recenter", '"1%"')),
        "amm.recenter",
    ),
    ("forced-grace-short", edit(BASE, ("forced_grace", '"6d"')), BASE, "withdrawals.forced_grace"),
    (
        "timelock-short",
        edit(BASE, ("timelock", '"12d"')),
        edit(BASE, ("timelock", '"13d"')),
        "governance.timelock",
    ),
    (
        "timelock-short",
        edit(OPTIMISTIC, ("timelock", '"20d"')),
        edit(OPTIMISTIC, ("timelock", '"21d"')),
        "governance.timelock",
    ),
    ("proving-slower-than-cadence", edit(BASE, ("max_operations", "16384")), BASE, "proof.max_interval"),
    ("max-lag-tight", edit(BASE, ("max_lag", '"2m"')), edit(BASE, ("max_lag", '"3m"')), "proof.max_lag"),
    ("security-conjectured", edit(BASE, ("regime", '"conjectured"')), BASE, "proof.regime"),
    ("security-low", edit(BASE, ("security_bits", "99")), BASE, "proof.security_bits"),
    (
        "challenge-window-short",
        edit(OPTIMISTIC, ("challenge_window", '"6d"')),
        OPTIMISTIC,
        "settlement.challenge_window",
    ),
    (
        "response-deadline-short",
        edit(OPTIMISTIC, ("response_deadline", '"6h"')),
        edit(OPTIMISTIC, ("response_deadline", '"7h"')),
        "settlement.response_deadline",
    ),
    ("bond-small", edit(OPTIMISTIC, ("bond", '"99999"')), OPTIMISTIC, "settlement.bond"),
    (
        "committee-minority",
        edit(VALIDIUM, ("threshold", "2")),
        edit(VALIDIUM, ("threshold", "3")),
        "settlement.threshold",
    ),
    ("committee-of-one", edit(VALIDIUM, ("threshold", "1")), VALIDIUM, "settlement.threshold"),
    ("committee-unanimous", edit(VALIDIUM, ("threshold", "5")), VALIDIUM, "settlement.threshold"),
    ("one-key-many-roles", edit(VALIDIUM, ('"dev:21"', '"dev:0"')), VALIDIUM, "settlement.committee.1"),
    (
        "one-key-many-roles",
        edit(BASE, ('signer = "dev:11"', 'signer = "dev:0"')),
        BASE,
        "oracles.0.sources.1.signer",
    ),
    ("rollout-missing", re.sub(r"(?s)\[rollout\].*?\]\n", "", BASE), BASE, "withdrawals"),
    (
        "rollout-first-stage-large",
        edit(BASE, ('"500000" }', '"20000000" }'), ('"5000000" }', '"20000000" }')),
        BASE,
        "rollout.stages.0.total_deposits",
    ),
    (
        "rollout-steep",
        edit(BASE, ('"5000000" }', '"50000001" }')),
        edit(BASE, ('"5000000" }', '"50000000" }')),
        "rollout.stages.1.total_deposits",
    ),
    ("no-withdrawal-limit", re.sub(r"rate_limit = \{.*\n", "", BASE), BASE, "withdrawals"),
    (
        "withdrawals-slow",
        edit(
            BASE, ('fraction = "20%", window = "1d"', 'fraction = "3%", window = "1d"'), ("timelock", '"60d"')
        ),
        edit(
            BASE, ('fraction = "20%", window = "1d"', 'fraction = "4%", window = "1d"'), ("timelock", '"60d"')
        ),
        "withdrawals.rate_limit",
    ),
]


@pytest.mark.parametrize(
    ("code", "bad", "good", "key"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)]
)
def test_a_warning_and_its_silent_twin(code: str, bad: str, good: str, key: str) -> None:
    found = [warning for warning in found_in(bad) if warning.code == code]
    assert found, f"{code} stays silent"
    assert found[0].key == key
    assert found[0].severity is Severity.WARNING
    assert found[0].message
    assert found[0].remedy
    line = bad.splitlines()[found[0].line - 1]
    name = [part for part in key.split(".") if not part.isdigit()][-1]
    assert name in line, line
    assert code not in [warning.code for warning in found_in(good)]


def test_confirmations_matter_outside_a_local_chain() -> None:
    text = edit(
        BASE, ('kind = "anvil"', 'kind = "rpc"\nurl = "env:L1_URL"\nchain_id = 1'), ("block_time", '"12s"')
    )
    spec = loads_spec(text).spec
    assert spec is None or spec.l1.kind == "rpc"
    loaded = load(BASE)
    assert loaded.spec is not None
    remote = loads_spec(text)
    remote.spec = loaded.spec.model_copy(update={"l1": _rpc()})
    assert "few-confirmations" in [warning.code for warning in economic_warnings(remote)]
    assert "few-confirmations" not in [warning.code for warning in economic_warnings(loaded)]


def _rpc() -> object:
    from l2forge.spec.models.operation import RpcL1

    return RpcL1.model_validate({"kind": "rpc", "url": "env:L1_URL", "chain_id": 1})


def test_every_code_is_explained_and_tested() -> None:
    sources = "".join(inspect.getsource(module) for module in (margins, prices, risk.trading, risk.custody))
    raised = set(re.findall(r'case\.warn\(\s*"([a-z-]+)"', sources))
    explained = {code for code, entry in ENTRIES.items() if entry.severity is Severity.WARNING}
    assert raised <= explained
    assert raised == {case[0] for case in CASES} | {"few-confirmations"}


def test_a_spec_with_errors_has_no_warnings() -> None:
    assert economic_warnings(loads_spec("nonsense")) == []


def test_warnings_stand_in_the_order_of_lines() -> None:
    text = edit(BASE, ("price_band", '"21%"'), ("timelock", '"1d"'), ("maintenance", '"0.5%"'))
    lines = [warning.line for warning in found_in(text)]
    assert lines == sorted(lines)
    assert len(lines) >= 3
