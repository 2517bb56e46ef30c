"""What the demo's steps share: the venue, its traders, what has been found out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from l2forge.chain.venue_client import VenueClient
from l2forge.errors import CheckFailed
from l2forge.launch.demo_api import Api, Trader
from l2forge.launch.home import HOME, Home
from l2forge.spec.models import Spec
from l2forge.venue.l1 import venue_client
from l2forge.venue.settings import Settings

POLL_S = 0.3


@dataclass(frozen=True)
class DemoRequest:
    """What is shown: a preset, or a spec of the user's own, with settings by dotted key.

    `directory`: where the venue is put, new or empty; None: a temporary one, removed at the end unless
    `keep` is set or a step failed.
    """

    preset: str = "order_book"
    spec: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    keep: bool = False


@dataclass
class Scene:
    """One run of the demo. `figures`: what is printed as JSON."""

    request: DemoRequest
    spec: Path
    _say: Callable[[str], None]
    figures: dict[str, Any] = field(default_factory=dict)
    traders: list[Trader] = field(default_factory=list)
    withdrawal: str = ""
    """Hash of the signed withdrawal."""
    withdrawn_units: int = 0
    batch: int = 0
    """The batch that holds the withdrawal."""

    def open(self, home: Home, url: str) -> None:
        """The venue is up."""
        self.home = home
        self.api = Api(url)
        self.settings = Settings.read(home.settings)

    @cached_property
    def venue(self) -> Spec:
        """The spec that runs."""
        return self.settings.load_spec()

    @cached_property
    def l1(self) -> VenueClient:
        """The contracts, to read."""
        return venue_client(self.settings)

    @property
    def logs(self) -> Path:
        """Where the processes' logs are."""
        return self.spec.parent / HOME / "logs"

    @property
    def decimals(self) -> int:
        """Of the collateral."""
        return self.venue.venue.collateral.decimals

    def money(self, units: int) -> str:
        """Units of collateral for a reader."""
        return f"{Decimal(units).scaleb(-self.decimals):,.2f} {self.venue.venue.collateral.symbol}"

    def title(self, text: str) -> None:
        """A step begins."""
        self._say(f"\n{text}")

    def say(self, text: str) -> None:
        """Something that happened in a step."""
        self._say(f"   {text}")

    def wait(self, what: str, condition: Callable[[], bool], timeout_s: float) -> None:
        """Wait until a condition holds. Errors: CheckFailed."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise CheckFailed(f"{what} did not happen within {timeout_s:.0f} s")
            time.sleep(POLL_S)


def require(holds: bool, otherwise: str) -> None:
    """Errors: CheckFailed where something is not as it must be."""
    if not holds:
        raise CheckFailed(otherwise)
