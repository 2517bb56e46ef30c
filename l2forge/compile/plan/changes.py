"""The form of a plan: changes in words, whom each concerns, and what it takes to make it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Whom a change concerns, in the order of a report."""

    EVERYONE = "everyone with money in the venue"
    TRADERS = "traders"
    PROVIDERS = "liquidity providers"
    LIQUIDATORS = "liquidators"
    OPERATOR = "the operator"


class Effect(StrEnum):
    """What a change takes."""

    VERIFIER = "new verifier, after the timelock"
    TIMELOCK = "through the timelock"
    OPERATOR = "at once, by the operator"
    LAUNCH = "matters at launch only"
    NEVER = "cannot change: it would be another venue"


@dataclass(frozen=True)
class Change:
    """One difference. `key` is the dotted path in the spec, arrays by identity (markets.0, oracles.btc)."""

    key: str
    text: str
    audience: Audience
    effect: Effect
    consequence: str = ""


@dataclass(frozen=True)
class Plan:
    """The way from what is built to what a spec says. `notice_s` is the timelock of what is built."""

    venue: str
    built_hash: str
    spec_hash: str
    notice_s: float
    exit_window_s: float
    changes: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    @property
    def needs_verifier(self) -> bool:
        """Whether the rules that the proof enforces change."""
        return any(change.effect is Effect.VERIFIER for change in self.changes)

    @property
    def needs_notice(self) -> bool:
        """Whether a change has to wait in the timelock."""
        return any(change.effect in (Effect.VERIFIER, Effect.TIMELOCK) for change in self.changes)

    @property
    def impossible(self) -> tuple[Change, ...]:
        """The changes that a running venue cannot make."""
        return tuple(change for change in self.changes if change.effect is Effect.NEVER)
