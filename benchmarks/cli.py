"""How long the command line takes: the help page against `import typer`, and the check of a spec.

    python -m benchmarks.cli [--json] [--repeat N]

Runs each N times (21), taking turns so that a slower machine slows all alike, and prints medians of the wall
clock and of processor time; with --json as one object. Ends with status 1 where a promise is broken: help
within 1.6 times `import typer`, a check under 0.5 s.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PRESET = Path(__file__).parent.parent / "presets" / "hyperliquid.toml"
MAX_RATIO = 1.6
MAX_CHECK_S = 0.5
COMMANDS = {
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "l2forge --help": [sys.executable, "-m", "l2forge", "--help"],
    "l2forge check": [sys.executable, "-m", "l2forge", "check", str(PRESET)],
    "l2forge explain": [sys.executable, "-m", "l2forge", "explain", str(PRESET)],
}


def measure(command: list[str]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one run."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, cpu


def main() -> int:
    """Measure, print, and say whether the promises hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cli")
    parser.add_argument("--repeat", type=int, default=21, help="runs of each command")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    options = parser.parse_args()
    n_runs = options.repeat
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(n_runs):
        for name, command in COMMANDS.items():
            runs[name].append(measure(command))
    medians = {
        name: (statistics.median(wall for wall, _ in taken), statistics.median(cpu for _, cpu in taken))
        for name, taken in runs.items()
    }
    base, page, check, _ = medians.values()
    ratio = page[0] / base[0]
    if options.json:
        commands = {name: {"wall_s": wall, "cpu_s": cpu} for name, (wall, cpu) in medians.items()}
        print(json.dumps({"repeat": n_runs, "help_ratio": ratio, "commands": commands}))
    else:
        print(f"{'median of ' + str(n_runs):<28} {'wall s':>8} {'cpu s':>8}")
        for name, (wall, cpu) in medians.items():
            print(f"{name:<28} {wall:8.3f} {cpu:8.3f}")
        print(f"help page: {ratio:.2f} × `import typer` (at most {MAX_RATIO})")
        print(f"check: {check[0]:.3f} s (under {MAX_CHECK_S} s)")
    return 0 if ratio <= MAX_RATIO and check[0] < MAX_CHECK_S else 1


if __name__ == "__main__":
    sys.exit(main())
