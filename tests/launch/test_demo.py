"""The demo: every step for real, with the sequencer killed amid it; and how a step that fails is reported."""

from __future__ import annotations

import os
import signal
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from l2forge.errors import CheckFailed, EnvironmentFailure, InputError
from l2forge.launch import demo, demo_trading
from l2forge.launch.control import status
from l2forge.launch.demo_scene import DemoRequest, Scene, require
from l2forge.launch.demo_spec import changes, write_copy
from l2forge.launch.home import read_json
from l2forge.launch.venue import health
from l2forge.resources import resource_dir
from l2forge.spec.load import load_spec

PRESET = resource_dir("presets") / "order_book.toml"
KILL_AFTER_S = 1.0
RESTART_TIMEOUT_S = 120.0


def kill_the_sequencer(scene: Scene) -> None:
    """Orders come in while the sequencer is killed: each that was acknowledged is there afterwards"""
    maker, market = scene.traders[0], demo_trading.markets(scene)[0]
    pid = read_json(scene.home.run_file)["processes"]["venue"]["pid"]
    threading.Timer(KILL_AFTER_S, os.kill, (pid, signal.SIGKILL)).start()
    first, acknowledged = market.ticks(-200), []
    with pytest.raises(EnvironmentFailure):
        for k in range(200):
            maker.order(market.id, market.lots // 20, first - k, ask=False, client=1_000 + k)
            acknowledged.append(first - k)
    scene.wait("the restart", lambda: health(scene.home) is not None, RESTART_TIMEOUT_S)
    assert read_json(scene.home.run_file)["processes"]["venue"]["starts"] == 2
    bids = scene.api.get("orderBookOrders", market_id=market.id, limit=250)["bids"]
    resting = [int(Decimal(bid["price"]).scaleb(market.price_decimals)) for bid in bids]
    ours = [ticks for ticks in resting if ticks <= first]
    assert acknowledged
    assert ours[: len(acknowledged)] == acknowledged  # best first; none lost, none twice
    assert len(ours) <= len(acknowledged) + 1  # the last may have been journalled, but not answered


@pytest.mark.slow
def test_a_deposit_becomes_trades_a_proof_and_a_withdrawal_through_a_kill(tmp_path: Path) -> None:
    """Blow-up 8 instead of 16: the same steps in less time, with more gas."""
    steps = list(demo.STEPS)
    steps.insert(steps.index(demo_trading.fill) + 1, kill_the_sequencer)
    lines: list[str] = []
    request = DemoRequest(settings={"proof.log_blowup": "3"}, directory=tmp_path / "venue")
    figures = demo.run_demo(request, lines.append, steps)
    assert figures["withdrawn_units"] == demo_trading.WITHDRAWAL * 10**6
    assert figures["fills"] == 4
    assert figures["proof"]["security_bits"] >= 100
    assert figures["proof"]["blowup"] == 8
    assert all(sent["bytes"] <= 131_072 for sent in figures["settlement"]["transactions"])
    assert set(figures["seconds"]) == {step.__name__ for step in steps}
    assert any("not done yet: liquidation" in line for line in lines)
    assert not status(tmp_path / "venue" / "venue.toml").up


def failing(scene: Scene) -> None:
    """A step that fails"""
    require(False, "the figure is 3, not 4")


def test_a_failed_step_is_named_with_the_place_of_the_logs(tmp_path: Path) -> None:
    with pytest.raises(demo.StepFailed) as caught:
        demo.run_demo(DemoRequest(directory=tmp_path), lambda _: None, [demo.write_spec, failing])
    assert "'failing': the figure is 3, not 4" in caught.value.message
    assert str(tmp_path / ".l2forge" / "logs") in caught.value.remedy
    assert (tmp_path / "venue.toml").is_file()


def test_a_temporary_directory_is_removed_unless_a_step_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    demo.run_demo(DemoRequest(), lambda _: None, [demo.write_spec])
    assert not list(tmp_path.iterdir())
    demo.run_demo(DemoRequest(keep=True), lambda _: None, [demo.write_spec])
    (kept,) = tmp_path.iterdir()
    assert (kept / "venue.toml").is_file()
    with pytest.raises(demo.StepFailed):
        demo.run_demo(DemoRequest(), lambda _: None, [demo.write_spec, failing])
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def interrupted(scene: Scene) -> None:
        """A step during which the user presses Ctrl-C"""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.run_demo(DemoRequest(), lambda _: None, [demo.write_spec, interrupted])
    assert not list(tmp_path.iterdir())


def test_a_spec_with_errors_fails_with_the_status_of_wrong_input(tmp_path: Path) -> None:
    request = DemoRequest(settings={"matching.model": "amm"}, directory=tmp_path / "v")
    with pytest.raises(demo.StepFailed) as caught:
        demo.run_demo(request, lambda _: None, [demo.write_spec, demo.launch])
    assert caught.value.exit_status == InputError.exit_status
    assert "matching.model" in caught.value.message


def test_a_directory_with_content_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(CheckFailed, match="not empty"):
        demo.run_demo(DemoRequest(directory=tmp_path), lambda _: None)


def test_the_copy_is_the_spec_with_the_changes_in_it(tmp_path: Path) -> None:
    changed = changes(PRESET, {"fees.taker": "5bps", "proof.max_interval": "7s"})
    write_copy(PRESET, tmp_path / "venue.toml", changed)
    spec = load_spec(tmp_path / "venue.toml").require()
    assert spec.proof.max_interval.seconds == 7
    assert [change.key for change in changed].count("proof.max_interval") == 1
