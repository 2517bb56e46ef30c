"""The exchange's client in an environment of its own, kept in the user's cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from l2forge.chain.files import cache_dir

CLIENT = "lighter-sdk==1.1.8"
INSTALL_TIMEOUT_S = 600


@pytest.fixture(scope="session")
def client_python() -> Path:
    """The interpreter that has the pinned client and nothing of l2forge; made once a machine."""
    root = cache_dir() / "clients" / f"{CLIENT.replace('==', '-')}-py{sys.version_info.minor}"
    python = root / "bin" / "python"
    done = root / "installed"
    root.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(root.with_suffix(".lock")):
        if not done.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", root], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT]
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            made = subprocess.run(
                install, env=environment, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
            )
            if made.returncode:
                last = made.stderr.strip().splitlines()[-1:]
                pytest.skip(f"{CLIENT} is not in the cache, and cannot be installed here: {last}")
            done.touch()
    return python
