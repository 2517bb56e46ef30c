"""The worked examples of engines and history run, check themselves, and leave a page with a plot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["liquidation_cascade", "funding_day", "oracle_attack", "history"])
def test_an_example_runs_and_plots(name: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    command = [sys.executable, EXAMPLES / name / "run.py", page]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "plot:" in done.stdout and "Plotly.newPlot" in page.read_text(encoding="utf-8")
