"""From one TOML file to a withdrawal paid on L1: what a founder does in the first minutes, narrated.

`make demo` runs this. Every step is what a user would type, with what the command prints. A step that cannot
be done ends the demo with its reason and the command's exit status.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SETTINGS = ("venue.name=first", "venue.chain_id=1000001")
"""Fixed, so that the contracts of this venue are compiled once on a machine and found again."""
QUICK = ("proof.max_interval=20s", "settlement.confirmations=1")
"""A batch is closed soon, so that nobody waits for it long; the local chain never goes back."""


@dataclass
class Demo:
    """What the steps share: the directory of the venue and the times they took."""

    directory: Path
    seconds: list[tuple[str, float]] = field(default_factory=list)

    def l2forge(self, *arguments: str) -> None:
        """Run one command as a user would, in the venue's directory, and show it."""
        print("  $ l2forge " + " ".join(arguments), flush=True)
        command = [sys.executable, "-m", "l2forge", *arguments]
        process = subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                print("    " + line.rstrip("\n"), flush=True)
            status = process.wait()
        except KeyboardInterrupt:
            process.wait()  # Ctrl-C went to it as well: it stops what it has started
            raise
        if status != 0:
            print(f"`l2forge {arguments[0]}` ended with status {status}", file=sys.stderr)
            raise SystemExit(status)


def create(demo: Demo) -> None:
    """A venue's project from a preset"""
    settings = [part for setting in SETTINGS + QUICK for part in ("--set", setting)]
    demo.l2forge("new", ".", "--preset", "order_book", *settings, "--defaults")
    for path in sorted(demo.directory.iterdir()):
        print(f"    {path.name}{'/' if path.is_dir() else ''}")


def check(demo: Demo) -> None:
    """Everything that could be wrong with the spec"""
    demo.l2forge("check", "venue.toml")


def explain(demo: Demo) -> None:
    """What follows from the spec"""
    demo.l2forge("explain", "venue.toml")


def build(demo: Demo) -> None:
    """Contracts, the verifier of its proofs, and the lock file with every hash"""
    demo.l2forge("build", "venue.toml")


def compare(demo: Demo) -> None:
    """One order flow through three designs: order book, AMM, hybrid"""
    presets = ("preset:order_book", "preset:perp_v1", "preset:drift")
    demo.l2forge("compare", *presets, "--seeds", "1", "--html", "comparison.html")


def run(demo: Demo) -> None:
    """The venue runs: deposits, trades, a proof, settlement, and a withdrawal paid on L1"""
    demo.l2forge("demo", "--spec", "venue.toml")


STEPS: tuple[Callable[[Demo], None], ...] = (create, check, explain, build, compare, run)


def main() -> None:
    """Run every step in a temporary directory and print what each took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="l2forge-first-") as name:
        demo = Demo(Path(name) / "first")
        demo.directory.mkdir()
        for number, step in enumerate(STEPS, 1):
            title = (step.__doc__ or "").splitlines()[0]
            print(f"\n{number}. {title}", flush=True)
            start = time.monotonic()
            step(demo)
            demo.seconds.append((step.__name__, time.monotonic() - start))
    print("\nWhat it took:")
    for step_name, seconds in demo.seconds:
        print(f"  {step_name:<10} {seconds:6.1f} s")
    print(f"  {'in all':<10} {time.monotonic() - began:6.1f} s")


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
