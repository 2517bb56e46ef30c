"""Every preset is a complete spec without errors, runnable on a local chain, and says where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from l2forge.compile.resolve import resolve
from l2forge.resources import resource_dir
from l2forge.spec.load import load_spec
from l2forge.spec.models import Spec
from l2forge.spec.warnings import economic_warnings

PRESETS = sorted(resource_dir("presets").glob("*.toml"))
NOBODY = {"minimal", "order_book"}  # imitate no venue
ON_PURPOSE = {"hyperliquid": {"funding-cap-strong"}}  # warnings that a preset's head announces


def read(path: Path) -> Spec:
    """The preset as a spec."""
    return load_spec(path).require()


def head(path: Path) -> str:
    """The comment that a preset begins with."""
    lines = path.read_text().splitlines()
    return "\n".join(line for line in lines[: lines.index("schema = 1")])


def test_there_is_one_for_each_design() -> None:
    names = {path.stem for path in PRESETS}
    assert names >= {"minimal", "dydx_v3", "lighter", "hyperliquid", "perp_v1", "gmx", "drift"}
    assert names >= {"validium", "optimistic", "order_book"}


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_has_no_errors_and_no_careless_warnings(path: Path) -> None:
    loaded = load_spec(path)
    assert loaded.errors == []
    assert resolve(loaded) == []
    assert {warning.code for warning in economic_warnings(loaded)} <= ON_PURPOSE.get(path.stem, set())


@pytest.mark.parametrize("stem", ON_PURPOSE)
def test_a_deliberate_warning_is_announced(stem: str) -> None:
    path = resource_dir("presets") / f"{stem}.toml"
    assert {warning.code for warning in economic_warnings(load_spec(path))} == ON_PURPOSE[stem]
    assert "stays on purpose" in head(path)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_the_head_names_sources_and_differences(path: Path) -> None:
    text = head(path)
    assert all(line.startswith("#") for line in text.splitlines())
    if path.stem in NOBODY:
        assert "imitates nobody" in text
        return
    assert "in the manner of" in " ".join(text.replace("#", " ").split())
    assert "Taken from there:" in text
    assert "Different, and why:" in text
    assert re.search(r'"[^"]+",?\s*(#\s*)?[a-z0-9.-]+\.[a-z]{2,}/\S+', text), "no page of a source"


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_runs_on_a_local_chain(path: Path) -> None:
    spec = read(path)
    assert spec.l1.kind == "anvil"
    assert spec.roles.operator.dev is not None
    assert all(source.kind == "simulated" for oracle in spec.oracles for source in oracle.sources)


def test_names_and_chain_ids_are_unique() -> None:
    specs = [read(path) for path in PRESETS]
    assert len({spec.venue.chain_id for spec in specs}) == len(specs)
    assert len({spec.venue.name for spec in specs}) == len(specs)


def test_the_presets_span_the_designs() -> None:
    specs = {path.stem: read(path) for path in PRESETS}
    assert {spec.matching.model for spec in specs.values()} == {"order_book", "amm", "hybrid"}
    assert specs["gmx"].amm is not None
    assert specs["gmx"].amm.curve == "oracle_pool"
    assert specs["drift"].hybrid is not None
    assert specs["drift"].hybrid.maker_auction > 0
    assert specs["validium"].settlement.data_availability == "validium"
    assert specs["optimistic"].settlement.mode == "optimistic"
    demo = specs["order_book"]
    assert (len(demo.markets), list(demo.margin.modes)) == (2, ["cross"])
    assert (demo.settlement.mode, demo.settlement.data_availability) == ("validity", "calldata")


def test_published_figures_of_hyperliquid() -> None:
    """Its tiers are continuous and half of the initial margin is maintenance, as its page says."""
    for market in read(resource_dir("presets") / "hyperliquid.toml").markets:
        for tier in market.margin_tiers:
            assert tier.maintenance.fraction * 2 == tier.initial.fraction
