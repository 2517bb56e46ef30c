"""The wheel, installed into a fresh environment, does what the checkout does, presets and templates too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_tidy import ROOT

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path) -> str:
    """Run a command that must succeed; its output. Nothing of the checkout is on its path."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_has_every_template_and_preset(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "presets"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"l2forge/_data/{path.relative_to(ROOT).as_posix()}" in names
    for path in (ROOT / "l2forge").rglob("*"):
        if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc"):
            assert path.relative_to(ROOT).as_posix() in names


def test_a_venue_is_made_and_built_from_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    requirement = wheel if shutil.which("node") else f"{wheel}[node]"
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", requirement, cwd=tmp_path)
    l2forge = tmp_path / "env" / "bin" / "l2forge"
    where = run(python, "-c", "import l2forge; print(l2forge.__file__)", cwd=tmp_path)
    assert where.startswith(str(tmp_path))
    assert "minimal" in run(l2forge, "presets", cwd=tmp_path)
    settings = ["--set", "venue.name=same", "--set", "venue.chain_id=7777777", "--source", wheel]
    run(l2forge, "new", "v", *settings, cwd=tmp_path)
    assert (tmp_path / "v" / "vendor" / wheel.name).is_file()
    run(l2forge, "check", "v/venue.toml", cwd=tmp_path)
    run(l2forge, "explain", "v/venue.toml", cwd=tmp_path)
    run(l2forge, "build", "v/venue.toml", "--no-kernels", cwd=tmp_path)
    run(sys.executable, "-m", "l2forge", "build", "v/venue.toml", "--verify", cwd=tmp_path)


@pytest.mark.nightly
def test_a_project_sets_itself_up_from_its_vendored_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "l2forge", "new", "v", "--source", wheel, cwd=tmp_path)
    run("make", "check", "build", "verify", "test", f"PYTHON={sys.executable}", cwd=tmp_path / "v")
