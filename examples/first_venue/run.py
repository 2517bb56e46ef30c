"""From one TOML file to contracts on a local chain: what a founder does in the first minute, narrated.

`make demo` runs this. Every step is what a user would type, or a few lines of Python on the same package;
each checks what it did. A step that cannot be done ends the demo with its reason and exit status 1.
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

from deployment import deploy_venue

from l2forge.chain.anvil import AnvilOptions, running_anvil
from l2forge.chain.client import connect
from l2forge.chain.record import DeploymentRecord
from l2forge.compile.phases import VenueCompilation
from l2forge.errors import L2forgeError

PRESET = "minimal"


@dataclass
class Demo:
    """What the steps share: the directory of the venue and the times they took."""

    directory: Path
    seconds: list[tuple[str, float]] = field(default_factory=list)

    @property
    def spec(self) -> Path:
        """The venue's spec."""
        return self.directory / "venue.toml"

    def l2forge(self, *arguments: str) -> None:
        """Run one command as a user would, in the venue's directory, and show it."""
        print("  $ l2forge " + " ".join(arguments), flush=True)
        command = [sys.executable, "-m", "l2forge", *arguments]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            print("    " + line)
        if done.returncode != 0:
            raise SystemExit(f"`l2forge {arguments[0]}` ended with status {done.returncode}")


def create(demo: Demo) -> None:
    """A venue's project from a preset"""
    demo.l2forge("new", ".", "--preset", PRESET, "--set", "venue.name=first", "--defaults")
    for path in sorted(demo.directory.iterdir()):
        print(f"    {path.name}{'/' if path.is_dir() else ''}")


def check(demo: Demo) -> None:
    """Everything that could be wrong with the spec"""
    demo.l2forge("check", "venue.toml")


def explain(demo: Demo) -> None:
    """What follows from the spec"""
    demo.l2forge("explain", "venue.toml")


def build(demo: Demo) -> None:
    """Contracts and the lock file, and the same bytes again"""
    demo.l2forge("build", "venue.toml")
    demo.l2forge("build", "venue.toml", "--verify")


def deploy(demo: Demo) -> None:
    """The contracts on a local chain, read back"""
    compilation = VenueCompilation(demo.spec)
    with running_anvil(AnvilOptions(chain_id=compilation.spec.l1.chain_id)) as node:
        print(f"    anvil listens on {node.url}, chain {node.chain_id}")
        record = DeploymentRecord.open(demo.directory / ".l2forge" / "deployment.json", node.chain_id)
        venue = deploy_venue(connect(node.url), compilation, record)
        for label, entry in record.contracts.items():
            print(f"    {label:<12} {entry.address}  {entry.gas_used or 0:>9,} gas")
        promised = bytes.fromhex(compilation.loaded.hash())
        found = bytes(venue.config.call("SPEC_HASH"))
        if found != promised:
            raise SystemExit(f"the contract commits to spec {found.hex()}, not to {promised.hex()}")
        print(f"    the contract commits to spec 0x{found.hex()}")
        for market in compilation.constants.markets:
            on_l1 = venue.config.call("market", market.id)
            if market.open_interest_cap_units not in on_l1:
                raise SystemExit(f"{market.symbol} on L1 is {on_l1}")
            cap = market.open_interest_cap_units // 10**compilation.constants.decimals
            print(f"    {market.symbol} on L1: open-interest cap {cap:,}, margin tiers {len(market.tiers)}")


def prove(demo: Demo) -> None:
    """A statement proven, and verified by generated contracts"""
    root = Path(__file__).parent.parent.parent
    subprocess.run([sys.executable, "-m", "examples.proof_on_chain.run"], cwd=root, check=True)


def compare(demo: Demo) -> None:
    """One order flow through three designs: order book, AMM, hybrid"""
    presets = ("preset:order_book", "preset:perp_v1", "preset:drift")
    demo.l2forge("compare", *presets, "--seeds", "2", "--html", "comparison.html")


STEPS: list[Callable[[Demo], None]] = [create, check, explain, build, deploy, prove, compare]


def main() -> None:
    """Run every step in a temporary directory and print what each took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="l2forge-demo-") as name:
        demo = Demo(Path(name) / "first")
        demo.directory.mkdir()
        for number, step in enumerate(STEPS, 1):
            title = (step.__doc__ or "").splitlines()[0]
            print(f"\n{number}. {title}", flush=True)
            start = time.monotonic()
            try:
                step(demo)
            except L2forgeError as error:
                raise SystemExit(f"{step.__name__}: {error}") from None
            demo.seconds.append((step.__name__, time.monotonic() - start))
    print("\nWhat it took:")
    for step_name, seconds in demo.seconds:
        print(f"  {step_name:<10} {seconds:6.1f} s")
    print(f"  {'in all':<10} {time.monotonic() - began:6.1f} s")


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main()
