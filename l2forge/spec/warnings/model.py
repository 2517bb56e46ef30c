"""How far a price can plausibly move, and how long a venue takes to act on it.

Volatility σ is annual. Over t seconds one standard deviation is σ·√(t/year). Two sizes of move are used:

- the plausible gap, GAP_MULTIPLE deviations: what a maintenance margin has to survive;
- the largest move expected once a year: with N = year/t windows and one-sided tail c/x³, x = (c·N)^(1/3).

These are estimates for warnings. Floats are used on purpose; no rule of the venue computes with them.
"""

from __future__ import annotations

import math

from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle, SimulatedSource
from l2forge.spec.models.settlement import OptimisticCalldata, OptimisticValidium, Proof
from l2forge.spec.warnings import constants as c
from l2forge.units import Amount, Duration, Rate


def share(rate: Rate) -> float:
    """A rate as a float: 5% is 0.05."""
    return float(rate.fraction)


def seconds(duration: Duration) -> float:
    """A duration in seconds."""
    return float(duration.seconds)


def money(amount: Amount) -> float:
    """An amount of collateral as a float."""
    return float(amount)


def volatility(market: Market, oracle: Oracle) -> float:
    """Annual volatility: the largest that a simulated source states, else the asset's usual one."""
    stated = [share(s.volatility) for s in oracle.sources if isinstance(s, SimulatedSource)]
    if stated:
        return max(stated)
    return c.VOLATILITY.get(market.symbol.split("-")[0], c.OTHER_VOLATILITY)


def deviation(annual: float, span_s: float) -> float:
    """One standard deviation of the return over a span: σ·√(t/year)."""
    return annual * math.sqrt(span_s / c.YEAR_S)


def plausible_gap(annual: float, span_s: float) -> float:
    """The move over a span that a margin should survive."""
    return c.GAP_MULTIPLE.value * deviation(annual, span_s)


def yearly_gap(annual: float, span_s: float) -> float:
    """The largest one-sided move over such a span that a year is expected to bring."""
    windows = c.YEAR_S / span_s
    multiple = float((c.TAIL_CONSTANT.value * windows) ** (1 / 3))
    return multiple * deviation(annual, span_s)


def reaction_time(oracle: Oracle) -> float:
    """Seconds from a move of the market until it can trigger a liquidation, at worst.

    max_age (the oldest report that counts) + heartbeat (until the next tick) + twap (until the average has
    followed, since an account must be below maintenance at both).
    """
    return seconds(oracle.max_age) + seconds(oracle.heartbeat) + seconds(oracle.twap)


def index_gap(annual: float, oracle: Oracle) -> tuple[float, float]:
    """(gap, seconds): the plausible move until the index has followed, max_step included.

    The index moves at most max_step.fraction per max_step.per. Where the plausible move is larger than the
    index may follow within the reaction time, the time to catch up is added, and the gap grows with it.
    """
    span = reaction_time(oracle)
    speed = share(oracle.max_step.fraction) / seconds(oracle.max_step.per)
    missing = plausible_gap(annual, span) - speed * span
    if missing > 0:
        span += missing / speed
    return plausible_gap(annual, span), span


def liquidation_time(max_fraction: Rate, step_interval: Duration) -> float:
    """Seconds that the last slice of a liquidated position waits: (steps − 1) · step_interval."""
    steps = math.ceil(1 / max_fraction.fraction)
    return (steps - 1) * seconds(step_interval)


def signatures_per_s(proof: Proof) -> float:
    """Signatures that the prover handles per second at the spec's blow-up."""
    trades: float = c.SIGNED_TRADES_PER_S.value * 2.0 ** (4 - proof.log_blowup)
    return trades * c.SIGNATURES_PER_TRADE.value


def proving_time(proof: Proof, signatures: float) -> float:
    """Seconds to prove a batch with so many signatures, on the two cores that the target names."""
    return c.FIXED_PROVING_S.value + signatures / signatures_per_s(proof)


def full_batch_signatures(proof: Proof) -> float:
    """Signatures of a batch that is full of trades between fresh orders."""
    return proof.max_operations / c.ROWS_PER_TRADE.value * c.SIGNATURES_PER_TRADE.value


def oracle_rows(oracles: list[Oracle], span_s: float) -> tuple[float, float]:
    """(rows, signatures) that the oracles' heartbeats alone bring in a span: each tick, all its reports."""
    ticks = [(span_s / seconds(oracle.heartbeat), len(oracle.sources)) for oracle in oracles]
    return sum(n * (reports + 1) for n, reports in ticks), sum(n * reports for n, reports in ticks)


def exit_time(spec: Spec) -> float:
    """Seconds in which everyone can leave an operating venue: batch, proof, window, and the limit on claims.

    max_interval + proving time + the challenge window with its response where optimistic + 1/fraction windows
    of the withdrawal limit.
    """
    total = seconds(spec.proof.max_interval) + proving_time(spec.proof, full_batch_signatures(spec.proof))
    if isinstance(spec.settlement, OptimisticCalldata | OptimisticValidium):
        total += seconds(spec.settlement.challenge_window) + seconds(spec.settlement.response_deadline)
    limit = spec.withdrawals.rate_limit
    if limit is not None:
        total += seconds(limit.window) / share(limit.fraction)
    return total
