"""Programs that a test runs but l2forge does not depend on, each in a Python environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from l2forge.chain.files import cache_dir

INSTALL_TIMEOUT_S = 600


def python_with(requirement: str) -> Path:
    """The interpreter that has `requirement` ("NAME==VERSION") and nothing of l2forge; made once a machine.

    It is kept in the user's cache. Skips the test where it is not there and pip cannot install it.
    """
    root = cache_dir() / "environments" / f"{requirement.replace('==', '-')}-py{sys.version_info.minor}"
    done = root / "installed"
    root.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(root.parent / f"{root.name}.lock"):
        if not done.exists():
            _install(requirement, root)
            done.touch()
    return root / "bin" / "python"


def _install(requirement: str, root: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", root], check=True)
    install = [root / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    made = subprocess.run(
        [*install, requirement],
        env=environment,
        capture_output=True,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
    )
    if made.returncode:
        last = made.stderr.strip().splitlines()[-1:]
        pytest.skip(f"{requirement} is not in the cache, and cannot be installed here: {last}")
