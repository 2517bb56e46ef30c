"""No launch waits for LLVM after a build, and whoever has to compile says so."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from numba import njit

from l2forge.launch.home import Home
from l2forge.launch.venue import Launch
from l2forge.spec.load import load_spec
from l2forge.venue.kernels import told_of_compiling
from tests.venue.trading import PRESET

ROOT = Path(__file__).parent.parent.parent


def census(*arguments: str) -> dict[str, Any]:
    """What a venue's day used beyond what was warmed before it."""
    command = [sys.executable, "-m", "tests.venue.kernel_census", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_a_venue_uses_no_kernel_that_a_build_has_not_compiled() -> None:
    found = census()
    assert {"report", "tick", "deposit", "register", "order", "fill", "cancel"} <= set(found["operations"])
    assert found["more"] == []
    again = census("cold")
    assert again["compiled"] == []  # what was used once is in the cache
    # Kernels that nothing has warmed are seen, of each kind one: the engine's, the reporter's, a page's, the
    # prover's, the door's.
    names = {kernel.partition("(")[0].removeprefix("l2forge.") for kernel in again["more"]}
    used = {"engine.machine.apply_batch", "engine.due.find_due", "rules.oracle.median"}
    assert used | {"rules.margin.initial_margin", "stark.grinding._search"} <= names
    assert any(name.startswith("ledger.curve.signatures.") for name in names)


def test_compiling_is_said_once_and_only_when_it_happens() -> None:
    @njit
    def add(a: int, b: int) -> int:
        return a + b

    said: list[str] = []
    with told_of_compiling(said.append):
        assert not said
        assert add(1, 2) == 3
        assert add(1.5, 2) == 3.5
    assert len(said) == 1 and "compiling" in said[0]
    with told_of_compiling(said.append):
        add(1, 2)
    assert len(said) == 1


@pytest.mark.parametrize("cached", [False, True])
def test_a_launch_says_what_it_waits_for(
    cached: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @njit
    def kernel(x: int) -> int:
        return x + 1

    if cached:
        kernel(1)
    for name in ("build", "deploy"):
        monkeypatch.setattr(f"l2forge.launch.venue.{name}", lambda *_: None)
    monkeypatch.setattr("l2forge.launch.venue.warm_venue", lambda: kernel(1))
    said: list[str] = []
    spec = Path(shutil.copy(PRESET, tmp_path))
    launch = Launch(Home.of(spec), load_spec(spec), said.append)
    venue = next(each for each in launch.processes() if each.name == "venue")
    venue.command()
    assert [line.split()[0] for line in said] == ["building", *([] if cached else ["compiling"]), "deploying"]
