"""The demo: a whole venue from deposit to withdrawal, told step by step with its figures.

Nothing in it is special to the demo: the venue is launched as `l2forge up` does, the traders use the
contracts and the HTTP API as anybody would, and every figure is asked from the venue or from L1.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from web3.exceptions import Web3Exception

from l2forge.errors import CheckFailed, EnvironmentFailure, L2forgeError
from l2forge.launch import demo_l1, demo_trading
from l2forge.launch.control import down, up_detached
from l2forge.launch.demo_scene import DemoRequest, Scene
from l2forge.launch.demo_spec import changes, source_of, write_copy
from l2forge.launch.home import Home
from l2forge.launch.venue import api_url

TERMINATED = 143  # 128 + SIGTERM

Step = Callable[[Scene], None]


class StepFailed(CheckFailed):
    """A step of the demo that did not end as it must."""

    def __init__(self, name: str, error: L2forgeError, logs: Path) -> None:
        super().__init__(f"the demo failed at step {name!r}: {error}", remedy=f"the logs are in {logs}")
        self.exit_status = error.exit_status


def write_spec(scene: Scene) -> None:
    """One TOML file"""
    request = scene.request
    source = source_of(request.preset, request.spec)
    changed = changes(source, request.settings)
    write_copy(source, scene.spec, changed)
    scene.say(f"{request.spec or 'preset ' + request.preset}, copied to {scene.spec}, with")
    for change in changed:
        scene.say(f"  {change.key} = {change.value}  ({change.why})")
    scene.figures["changes"] = {change.key: change.value for change in changed}


def launch(scene: Scene) -> None:
    """The venue is built, deployed and started"""
    began = time.monotonic()
    up_detached(scene.spec, lambda line: scene.say(f"{time.monotonic() - began:6.1f} s  {line}"), tied=True)
    home = Home.of(scene.spec)
    scene.open(home, str(api_url(home)))
    demo_l1.tell_deployment(scene)


STEPS: tuple[Step, ...] = (
    write_spec,
    launch,
    demo_l1.deposit,
    demo_trading.quote,
    demo_trading.cancel,
    demo_trading.fill,
    demo_trading.show_positions,
    demo_trading.withdraw,
    demo_l1.await_proof,
    demo_l1.await_settlement,
    demo_l1.claim,
)


def run_demo(
    request: DemoRequest, say: Callable[[str], None], steps: Sequence[Step] = STEPS
) -> dict[str, Any]:
    """Run every step; its figures. Whatever happens, the venue is stopped at the end.

    Errors: StepFailed with the step's name and the logs' place.
    """
    directory = _directory(request)
    scene = Scene(request, directory / "venue.toml", say)
    began = time.monotonic()
    try:
        with _sigterm_ends():
            try:
                for number, step in enumerate(steps, 1):
                    _run(scene, number, step)
            finally:
                stop(scene)
    except StepFailed:
        raise
    except BaseException:
        _remove(request, directory)
        raise
    _remove(request, directory)
    scene.figures["total_s"] = round(time.monotonic() - began, 2)
    say(f"\nDone in {scene.figures['total_s']:.1f} s; everything is stopped.")
    if request.keep or request.directory is not None:
        say(f"The venue is kept in {directory}; `l2forge up {scene.spec}` goes on from here.")
    return scene.figures


def _run(scene: Scene, number: int, step: Step) -> None:
    title = (step.__doc__ or "").splitlines()[0]
    scene.title(f"{number}. {title}")
    began = time.monotonic()
    try:
        try:
            step(scene)
        except (Web3Exception, requests.RequestException) as error:
            raise EnvironmentFailure(f"L1: {error}") from error
    except L2forgeError as error:
        raise StepFailed(step.__name__, error, scene.logs) from error
    took = time.monotonic() - began
    scene.figures.setdefault("seconds", {})[step.__name__] = round(took, 2)
    scene.say(f"[{took:.1f} s]")


def stop(scene: Scene) -> None:
    """Stop the venue, if it was started."""
    if scene.spec.is_file():
        down(scene.spec)


def _directory(request: DemoRequest) -> Path:
    if request.directory is None:
        return Path(tempfile.mkdtemp(prefix="l2forge-demo-"))
    if request.directory.exists() and any(request.directory.iterdir()):
        raise CheckFailed(f"{request.directory} is not empty", remedy="name a new directory")
    request.directory.mkdir(parents=True, exist_ok=True)
    return request.directory.resolve()


def _remove(request: DemoRequest, directory: Path) -> None:
    if request.directory is None and not request.keep:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _sigterm_ends() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that nothing is left running."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
