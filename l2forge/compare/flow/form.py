"""The form of a flow: timestamped intents in units that no venue owns.

Prices are in 10⁻⁹ of the flow's first price (so one flow fits a market at 60,000 as well as one at 0.04),
money in 10⁻⁶ of one unit of collateral, times in milliseconds. Each venue's translation turns them into its
ticks, lots and commands (see translate.py); a flow never looks at a venue.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

PRICE_SCALE = 10**9
MONEY_SCALE = 10**6
PART_SCALE = 10**6
"""Of spreads, edges and other small fractions."""

# -- words of an intent ---------------------------------------------------------------------------
TIME, KIND, ACTOR, SIDE, PRICE, MONEY, ARGUMENT, COUNT = range(8)
WORDS = 8

# -- kinds of intents, in the order in which those of one millisecond happen ----------------------
TRUTH = 0  # PRICE: what the asset is worth now; marks profits, no venue sees it
RESTART = 1  # the venue's process is replaced; its state must come back as it was
REPORT = 2  # feed ACTOR reports PRICE (which may be zero or nonsense)
PULL = 3  # maker ACTOR takes all its orders out
QUOTE = 4  # maker ACTOR quotes around PRICE: half spread ARGUMENT (10^-6), COUNT levels a side of MONEY each
REST = 5  # a limit order at PRICE with MONEY of notional, known as COUNT
CANCEL = 6  # the limit order COUNT shrinks to MONEY, at 0 it is cancelled
CHASE = 7  # ACTOR knows that PRICE is right: takes what is better than it by ARGUMENT (10^-6), at most MONEY
TAKE = 8  # a market order for MONEY; PRICE bounds it, 0: the venue's band
CLOSE = 9  # ACTOR closes its position
WITHDRAW = 10  # ACTOR takes out all cash that margin lets go

BUY, SELL = 0, 1

# -- what actors are ------------------------------------------------------------------------------
MAKER, TAKER, INFORMED, LEVERAGED, ATTACKER, LIQUIDATOR = range(6)
ROLES = ("maker", "taker", "informed", "leveraged", "attacker", "liquidator")


@dataclass(frozen=True)
class Actor:
    """Someone with an account: what kind, and with how much money (10^-6 units of collateral)."""

    role: int
    deposit: int


@dataclass(frozen=True)
class Flow:
    """A flow: actors, intents in order of time (n × 8 int64), feeds, and what it stands for.

    `feed_costs`: what moving each feed by 1% costs an attacker (money), cheapest first. `survives`: limits
    on measures, in the words of --limit, that a spec must keep to have survived this flow.
    """

    name: str
    seed: int
    about: str
    actors: tuple[Actor, ...]
    intents: NDArray[np.int64]
    n_feeds: int
    feed_costs: tuple[int, ...]
    source: str = ""
    survives: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def duration(self) -> int:
        """Milliseconds from 0 to the last intent."""
        return int(self.intents[-1, TIME]) if len(self.intents) else 0

    def digest(self) -> str:
        """SHA-256 of everything that venues are given: equal digests, equal flows."""
        header = json.dumps(
            {
                "actors": [[actor.role, actor.deposit] for actor in self.actors],
                "feeds": self.n_feeds,
                "costs": list(self.feed_costs),
            }
        )
        body = np.ascontiguousarray(self.intents, dtype="<i8").tobytes()
        return hashlib.sha256(header.encode() + b"\n" + body).hexdigest()


def in_order(rows: list[tuple[int, ...]]) -> NDArray[np.int64]:
    """Intents sorted by time, then kind, then as they were given."""
    intents = np.array(rows, dtype=np.int64).reshape(len(rows), WORDS)
    return intents[np.lexsort((intents[:, KIND], intents[:, TIME]))]


def intent(time: int, kind: int, actor: int = 0, side: int = BUY, **words: int) -> tuple[int, ...]:
    """One intent; words: price, money, argument, count."""
    unknown = words.keys() - {"price", "money", "argument", "count"}
    if unknown:
        raise TypeError(f"unknown words: {sorted(unknown)}")
    get = words.get
    return (time, kind, actor, side, get("price", 0), get("money", 0), get("argument", 0), get("count", 0))
