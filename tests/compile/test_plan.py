"""`plan`: every key of a spec has words, an audience and an effect, and the same spec is the same plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from l2forge.cli.app import run
from l2forge.compile.manifest import LOCK_NAME, lock_text
from l2forge.compile.plan import make_plan
from l2forge.compile.plan.built import Built, read_built
from l2forge.compile.plan.changes import Change, Effect, Plan
from l2forge.compile.plan.compare import pattern_of
from l2forge.compile.plan.keys import KEYS
from l2forge.compile.plan.leaves import leaves
from l2forge.compile.plan.render import WIDTH, as_json, as_text, summary
from l2forge.compile.render import template_hashes
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.spec.load import SpecError, loads_spec
from l2forge.spec.models import Spec
from l2forge.spec.models.parties import KeyedAddress, KeyedSigner

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
BASE = (resource_dir("presets") / "order_book.toml").read_text()
SOURCE = re.compile(r"\[\[oracles\.sources\]\]\n(?:[a-z_]+ = .*\n)+")


def build(text: str, directory: Path) -> Path:
    """What `l2forge build` leaves for `plan`: the canonical spec and the lock, without the contracts."""
    loaded = loads_spec(text)
    inputs = {
        "spec": {"name": loaded.require().venue.name, "hash": loaded.hash()},
        "templates": template_hashes(local_chain=True),
    }
    directory.mkdir(exist_ok=True)
    (directory / "spec.json").write_text(json.dumps(json.loads(loaded.canonical()), indent=2))
    (directory / LOCK_NAME).write_text(lock_text(inputs, {}))
    return directory


def planned(tmp_path: Path, *changes: tuple[str, str], base: str = BASE) -> Plan:
    """The plan from a spec to the same with some text replaced everywhere."""
    text = base
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return make_plan(read_built(build(base, tmp_path / "build")), loads_spec(text))


def by_key(plan: Plan) -> dict[str, Change]:
    """Changes by key; the key is unique in these cases."""
    return {change.key: change for change in plan.changes}


# ------------------------------------------------------------------------------ completeness and sameness


def model_keys(annotation: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key pattern that the models allow, unions and lists walked through."""
    if get_origin(annotation) is Annotated:
        yield from model_keys(get_args(annotation)[0], path)
    elif isinstance(annotation, type) and issubclass(annotation, KeyedAddress | KeyedSigner):
        yield ".".join(path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from model_keys(field.annotation, (*path, field.alias or name))
    elif get_origin(annotation) is list and path[-1] in ("markets", "oracles", "sources"):
        yield from model_keys(get_args(annotation)[0], (*path, "*"))
    elif get_args(annotation) and get_origin(annotation) is not list:
        for option in get_args(annotation):
            if option is not type(None):
                yield from model_keys(option, path)
    else:
        yield ".".join(path)


def test_every_key_of_the_models_has_a_meaning_and_no_other() -> None:
    keys = set(model_keys(Spec)) - {"schema"}
    assert keys == set(KEYS)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_the_same_spec_is_nothing_to_do(path: Path, tmp_path: Path) -> None:
    text = path.read_text()
    plan = make_plan(read_built(build(text, tmp_path / "build")), loads_spec(text))
    assert plan.is_same
    assert "nothing to do" in as_text(plan)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_pair_of_presets_has_words(path: Path, tmp_path: Path) -> None:
    plan = make_plan(read_built(build(BASE, tmp_path / "build")), loads_spec(path.read_text()))
    assert plan.is_same == (path.stem == "order_book")
    assert all(change.text and "{" not in change.text for change in plan.changes)
    assert max(map(len, as_text(plan).splitlines())) <= WIDTH
    assert len(json.loads(as_json(plan))["changes"]) == len(plan.changes)


def test_spelling_and_comments_are_no_change(tmp_path: Path) -> None:
    plan = planned(tmp_path, ('taker = "4bps"', 'taker = "0.04%"   # the same'), ('"7d"', '"168h"'))
    assert plan.is_same


def test_another_order_changes_the_hash_and_says_so(tmp_path: Path) -> None:
    first, second, *_ = SOURCE.findall(BASE)
    plan = planned(tmp_path, (first + second, second + first))
    assert [change.effect for change in plan.changes] == [Effect.VERIFIER]
    assert "order" in plan.changes[0].text


# ----------------------------------------------------------------------------------------- words and effects

V, T, NEVER, NOW = Effect.VERIFIER, Effect.TIMELOCK, Effect.NEVER, Effect.OPERATOR
CASES = [
    ('taker = "4bps"', 'taker = "6bps"', "fees.taker", "taker fee 4bps → 6bps", V),
    ('timelock = "14d"', 'timelock = "21d"', "governance.timelock", "notice of changes 14d → 21d", T),
    ('forced_grace = "7d"', 'forced_grace = "5d"', "withdrawals.forced_grace", "7d → 5d", T),
    ("chain_id = 88101", "chain_id = 88999", "venue.chain_id", "88101 → 88999", NEVER),
    ('symbol = "USDC"', 'symbol = "USDT"', "venue.collateral.symbol", "USDC → USDT", NEVER),
    ("decimals = 6", "decimals = 8", "venue.collateral.decimals", "6 → 8", NEVER),
    ('tick_size = "0.1"', 'tick_size = "1"', "markets.0.tick_size", "tick size of BTC-USD 0.1 → 1", NEVER),
    ('symbol = "ETH-USD"', 'symbol = "SOL-USD"', "markets.1.symbol", "ETH-USD → SOL-USD", NEVER),
    ('price_band = "5%"', 'price_band = "6%"', "markets.0.price_band", "price band of BTC-USD", V),
    ('max_interval = "30s"', 'max_interval = "20s"', "proof.max_interval", "30s → 20s", NOW),
    ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:8081"', "api.listen", "8080", NOW),
    ('initial = "150000"', 'initial = "200000"', "insurance.initial", "150,000 → 200,000", Effect.LAUNCH),
    ('modes = ["cross"]', 'modes = ["cross", "isolated"]', "margin.modes", "cross → cross, isolated", V),
    ('operator = "dev:0"', 'operator = "dev:9"', "roles.operator", "dev:0 → dev:9", T),
    ("third_party = true", "third_party = false", "liquidation.third_party", "yes → no", V),
    ('total_deposits = "1000000"', 'total_deposits = "2000000"', "rollout.stages", "2,000,000", T),
    ("min_sources = 3", "min_sources = 4", "oracles.btc.min_sources", "3 → 4", V),
    ('noise = "1bps"', 'noise = "4bps"', "oracles.btc.sources.sim-b.noise", "sim-b", NOW),
]  # fmt: skip


GROWS = '[markets.open_interest_margin]\nlower = "{}"\nupper = "9000000"\n[[markets]]\nid = 1\n'
MORE = "positions stay; opening and withdrawing take more margin"


@pytest.mark.parametrize(
    ("old", "new", "words", "consequence"),
    [
        (None, "2000000", "none → 2,000,000", MORE),
        ("2000000", "1000000", "2,000,000 → 1,000,000", MORE),
        ("1000000", "2000000", "1,000,000 → 2,000,000", ""),
        ("1000000", None, "1,000,000 → none", ""),
    ],
)
def test_margin_that_grows_with_open_interest(
    tmp_path: Path, old: str | None, new: str | None, words: str, consequence: str
) -> None:
    second = "[[markets]]\nid = 1\n"
    texts = [BASE.replace(second, GROWS.format(lower)) if lower else BASE for lower in (old, new)]
    plan = planned(tmp_path, (texts[0], texts[1]), base=texts[0])
    change = by_key(plan)["markets.0.open_interest_margin.lower"]
    assert change.text == f"open interest in BTC-USD from which on margin grows {words}"
    assert (change.effect, change.consequence) == (V, consequence)
    assert plan.needs_verifier


@pytest.mark.parametrize(("old", "new", "key", "words", "effect"), CASES, ids=[case[2] for case in CASES])
def test_a_change_in_words(tmp_path: Path, old: str, new: str, key: str, words: str, effect: Effect) -> None:
    plan = planned(tmp_path, (old, new))
    change = by_key(plan)[key]
    assert words in change.text
    assert change.effect is effect
    assert plan.needs_verifier == (effect is Effect.VERIFIER)
    assert plan.needs_notice == (effect in (Effect.VERIFIER, Effect.TIMELOCK))
    assert bool(plan.impossible) == (effect is Effect.NEVER)


def test_leverage_in_the_words_of_a_trader(tmp_path: Path) -> None:
    plan = planned(
        tmp_path, ('initial = "5%"', 'initial = "2%"'), ('maintenance = "3%"', 'maintenance = "1%"')
    )
    text = as_text(plan)
    assert "maximum leverage in BTC-USD 20x → 50x" in text
    assert "maintenance margin in BTC-USD 3% → 1%" in text
    assert summary(plan).startswith("order-book: 4 changes; new verifier; users get 14 days' notice")
    assert "liquidated" not in text


def test_a_higher_maintenance_margin_warns_those_below_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, ('maintenance = "3%"', 'maintenance = "4%"'))
    assert "positions below it when it takes effect are liquidated" in as_text(plan)


def test_margin_by_size(tmp_path: Path) -> None:
    smaller = planned(tmp_path, ('up_to = "1000000"', 'up_to = "500000"'))
    assert [change.consequence for change in smaller.changes] == [
        "large positions need more margin when it takes effect"
    ]
    assert (
        "5%/3% up to 1,000,000, 10%/6% above → 5%/3% up to 500,000, 10%/6% above" in smaller.changes[0].text
    )
    larger = planned(tmp_path, ('up_to = "1000000"', 'up_to = "2000000"'))
    assert [change.consequence for change in larger.changes] == [""]


def test_a_market_comes_and_goes(tmp_path: Path) -> None:
    start, end = BASE.index("[[markets]]\nid = 1"), BASE.index("[[oracles]]")
    oracle = BASE[BASE.index('[[oracles]]\nid = "eth"') : BASE.index("[proof]")]
    one = BASE.replace(BASE[start:end], "").replace(oracle, "")
    gone = planned(tmp_path, (BASE[start:end], ""), (oracle, ""))
    assert {change.key for change in gone.changes} == {"markets.1", "oracles.eth"}
    assert "the id is never used again" in as_text(gone)
    new = make_plan(read_built(build(one, tmp_path / "one")), loads_spec(BASE))
    assert "new market ETH-USD (id 1), up to 20x" in as_text(new)
    assert not new.impossible


def test_a_source_comes_and_goes(tmp_path: Path) -> None:
    last = SOURCE.findall(BASE)[3]
    gone = planned(tmp_path, (last, ""))
    assert "btc loses a source: sim-d" in as_text(gone)
    fewer = BASE.replace(last, "")
    new = make_plan(read_built(build(fewer, tmp_path / "fewer")), loads_spec(BASE))
    assert "btc gains a source: sim-d" in as_text(new)
    assert "4 sources, 3 fresh ones needed" in as_text(new)


def test_a_limit_that_goes_away(tmp_path: Path) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith("rate_limit = {"))
    plan = planned(tmp_path, (line, ""))
    assert by_key(plan)["withdrawals.rate_limit.fraction"].text.endswith("20% → none")


def test_notice_is_that_of_the_built_venue(tmp_path: Path) -> None:
    plan = planned(tmp_path, ('timelock = "14d"', 'timelock = "1d"'))
    assert plan.notice_s == 14 * 86_400
    assert "less time to leave" in as_text(plan)


def test_other_templates_are_a_change(tmp_path: Path) -> None:
    built = read_built(build(BASE, tmp_path / "build"))
    older = Built(built.spec, built.spec_hash, "0.0.1", {**built.templates, "Timelock.sol.j2": "0" * 64})
    plan = make_plan(older, loads_spec(BASE))
    assert [change.effect for change in plan.changes] == [Effect.TIMELOCK]
    assert "Timelock.sol.j2" in plan.changes[0].text


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("markets.0.funding.cap", "markets.*.funding.cap"),
        ("oracles.btc.max_step.per", "oracles.*.max_step.per"),
        ("oracles.btc.sources.sim-a.seed", "oracles.*.sources.*.seed"),
        ("oracles.btc.sources", "oracles.*.sources"),
        ("fees.taker", "fees.taker"),
    ],
)
def test_patterns(key: str, pattern: str) -> None:
    assert pattern_of(key) == pattern


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_leaf_of_a_preset_has_a_meaning(path: Path) -> None:
    assert {pattern_of(key) for key in leaves(loads_spec(path.read_text()).require())} <= set(KEYS)


# ------------------------------------------------------------------------------------- builds and exit status


def test_a_missing_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no build"):
        read_built(tmp_path)


def test_an_altered_build_is_noticed(tmp_path: Path) -> None:
    directory = build(BASE, tmp_path / "build")
    spec = directory / "spec.json"
    spec.write_text(spec.read_text().replace('"4bps"', '"3bps"'))
    with pytest.raises(InputError, match="altered"):
        read_built(directory)


@pytest.mark.parametrize("name", ["spec.json", LOCK_NAME])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"spec": 1}', b"[" * 100_000])
def test_a_broken_build_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    directory = build(BASE, tmp_path / "build")
    (directory / name).write_bytes(content)
    with pytest.raises(InputError):
        read_built(directory)


def test_a_lost_spec_is_refused(tmp_path: Path) -> None:
    directory = build(BASE, tmp_path / "build")
    (directory / "spec.json").unlink()
    with pytest.raises(InputError, match="missing"):
        read_built(directory)


def test_a_spec_with_errors_has_no_plan(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        planned(tmp_path, ('taker = "4bps"', "taker = 4"))


def test_exit_status_and_streams(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "venue.toml"
    spec.write_text(BASE)
    assert run(["plan", str(spec)]) == 2
    assert "l2forge build" in capsys.readouterr().err
    build(BASE, tmp_path / "build")
    assert run(["plan", str(spec)]) == 0
    spec.write_text(BASE.replace('taker = "4bps"', 'taker = "6bps"'))
    assert run(["plan", str(spec)]) == 4
    assert "taker fee 4bps → 6bps" in capsys.readouterr().out
    assert run(["plan", str(spec), "--built", str(tmp_path / "build"), "--format", "json"]) == 4
    tree = json.loads(capsys.readouterr().out)
    assert (tree["same"], tree["new_verifier"], tree["notice_s"]) == (False, True, 14 * 86_400)
    spec.write_text("nonsense")
    assert run(["plan", str(spec)]) == 2
