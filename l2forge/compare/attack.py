"""The best attack on a venue's prices: what moving sources earns inside against what it costs outside.

For each number of moved sources the oracle attack of the flows is run; its profit inside the venue stands
against a linear cost of moving those sources by that much, cheapest first (the flow's `feed_costs`).
"""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.compare.flow.stress import oracle_attack
from l2forge.compare.measures import measure
from l2forge.compare.run import Run
from l2forge.spec.models import Spec

MOVES_E9 = (50_000_000, 200_000_000)
MAX_MOVED = 8


@dataclass(frozen=True)
class Attack:
    """One attack: how many sources, how far, what it earned and cost (whole collateral)."""

    sources: int
    of: int
    move_percent: float
    profit: float
    cost: float
    victims_liquidated: float

    @property
    def net(self) -> float:
        """What is left for the attacker."""
        return self.profit - self.cost


def attacks(spec: Spec, symbol: str, seed: int) -> list[Attack]:
    """An attack for each number of sources up to all of them, and each move."""
    found = []
    n_sources = None
    moved = 1
    while n_sources is None or moved <= min(n_sources, MAX_MOVED):
        for move in MOVES_E9:
            flow = oracle_attack(seed, moved, move)
            run = Run(spec, flow, symbol)
            n_sources = len(run.venue.config.oracle.weights)
            values = measure(run.run(), run.venue, flow)
            percent = move / 1e7
            cost = sum(flow.feed_costs[:moved]) / 1e6 * percent
            profit = values["attacker_profit"] or 0.0
            found.append(Attack(moved, n_sources, percent, profit, cost, values["liquidated"] or 0.0))
        moved += 1
    return found
