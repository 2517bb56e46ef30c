"""Warnings about oracles: who sets the price, how fast it may move, what happens without it."""

from __future__ import annotations

import math
from collections import Counter
from urllib.parse import urlsplit

from l2forge.spec.models.oracles import (
    ChainlinkSource,
    HttpSource,
    Oracle,
    ReplaySource,
    SimulatedSource,
)
from l2forge.spec.warnings.case import Case, Check, Warnings
from l2forge.spec.warnings.model import oracle_rows, seconds, share, signatures_per_s
from l2forge.spec.warnings.words import amount, percent, span

Source = SimulatedSource | ReplaySource | HttpSource | ChainlinkSource


def origin(source: Source) -> str:
    """Where a source's prices come from: two sources of one origin are one source."""
    match source:
        case SimulatedSource():
            return f"seed {source.seed} with noise {source.noise.text()}"
        case ReplaySource():
            return f"file {source.path}"
        case HttpSource():
            return f"host {urlsplit(source.url).hostname or source.url}"
        case ChainlinkSource():
            return f"feed {source.feed}"


def sources_to_move(oracle: Oracle) -> int:
    """How many sources must lie together to set the price, when they can also keep honest reports away.

    The smallest number that holds the middle of a quorum of min_sources reports: more than half of them for a
    median (half, where the number is even: it is the mean of the two middle ones), more than are trimmed on
    one side for a trimmed mean; for a weighted median the heaviest n that outweigh the lightest others.
    """
    quorum = oracle.min_sources
    if oracle.aggregate == "trimmed_mean":
        return min(oracle.trim or 0, (quorum - 1) // 2) + 1
    if oracle.aggregate == "median":
        return math.ceil(quorum / 2)
    weights = sorted((source.weight or 1 for source in oracle.sources), reverse=True)
    held = [sum(weights[:n]) >= sum(weights[len(weights) - (quorum - n) :]) for n in range(1, quorum)]
    return held.index(True) + 1 if True in held else quorum


def single_source(case: Case) -> Warnings:
    """A price that one source can set is that source's to sell."""
    for path, oracle in case.oracles():
        needed = sources_to_move(oracle)
        if len(oracle.sources) == 1:
            yield case.warn(
                "single-source-oracle",
                (*path, "sources"),
                f'oracle "{oracle.id}" has one source: whoever holds its key sets the price, and every'
                " liquidation with it",
                "add two sources of other origin, and write min_sources = 3",
            )
        elif needed == 1:
            yield case.warn(
                "one-source-moves-price",
                (*path, "min_sources"),
                f"with {oracle.min_sources} reports enough, one lying source moves the {oracle.aggregate} of"
                f' "{oracle.id}" whenever the others are late',
                "write min_sources = 3 or more, of at least four sources",
            )


def shared_origin(case: Case) -> Warnings:
    """Sources that read the same place fail together and lie together."""
    for path, oracle in case.oracles():
        for name, n in Counter(origin(source) for source in oracle.sources).items():
            if n > 1:
                yield case.warn(
                    "sources-share-origin",
                    (*path, "sources"),
                    f'{n} of {len(oracle.sources)} sources of "{oracle.id}" share one origin ({name}): they'
                    " count as one source against an error or a lie",
                    "give each source an origin of its own",
                )


def unrelated_simulations(case: Case) -> Warnings:
    """Simulated sources with different seeds follow different markets."""
    for path, oracle in case.oracles():
        seeds = {source.seed for source in oracle.sources if isinstance(source, SimulatedSource)}
        if len(seeds) > 1:
            yield case.warn(
                "simulated-paths-differ",
                (*path, "sources"),
                f'the simulated sources of "{oracle.id}" have {len(seeds)} different seeds: each follows a'
                f" price"
                " of its own, and the aggregate jumps between them",
                "write one seed and let `noise` tell the sources apart",
            )


def no_spare_source(case: Case) -> Warnings:
    """A quorum of all sources stops at the first outage."""
    for path, oracle in case.oracles():
        if len(oracle.sources) > 1 and oracle.min_sources == len(oracle.sources):
            # Below three, one lying source would set the median: with three sources only a fourth helps.
            fewer = f", or write min_sources = {oracle.min_sources - 1}" if oracle.min_sources > 3 else ""
            yield case.warn(
                "no-spare-source",
                (*path, "min_sources"),
                f'all {len(oracle.sources)} sources of "{oracle.id}" must report: one outage of'
                f" {span(seconds(oracle.max_age))} makes its markets {_stale_words(oracle)}",
                f"add a source{fewer}",
            )


def halts_when_stale(case: Case) -> Warnings:
    """A halted market locks losing positions in."""
    for path, oracle in case.oracles():
        if oracle.on_stale == "halt":
            yield case.warn(
                "halts-when-stale",
                (*path, "on_stale"),
                f'with fewer than {oracle.min_sources} fresh reports of "{oracle.id}" nobody can reduce a'
                f" position"
                " either: an outage in a fast market locks everyone in",
                'write "reduce_only"',
            )


def step_beyond_margin(case: Case) -> Warnings:
    """One tick should not be able to take a whole initial margin."""
    for path, market, oracle in case.markets():
        step, initial = share(oracle.max_step.fraction), share(market.margin_tiers[0].initial)
        if step > initial:
            yield case.warn(
                "step-above-initial-margin",
                (*path, "oracle"),
                f'oracle "{oracle.id}" may move {percent(step)} within {span(seconds(oracle.max_step.per))},'
                f" more than"
                f" the initial margin of {market.symbol}, {percent(initial)}: {sources_to_move(oracle)} lying"
                " sources could wipe out a position at full leverage in one step",
                f"limit max_step to {percent(initial / 2)} for a shorter span, or raise initial margin",
            )


def average_too_short(case: Case) -> Warnings:
    """The average protects only when it holds several ticks."""
    for path, oracle in case.oracles():
        if seconds(oracle.twap) < 3 * seconds(oracle.heartbeat):
            yield case.warn(
                "twap-too-short",
                (*path, "twap"),
                f"an average over {span(seconds(oracle.twap))} may hold fewer than three ticks (heartbeat"
                f" {span(seconds(oracle.heartbeat))}): one bad price still liquidates",
                f"write at least {span(3 * seconds(oracle.heartbeat))}",
            )


def feed_slower_than_max_age(case: Case) -> Warnings:
    """A push feed answers with its last round, which is usually older than max_age."""
    for path, oracle in case.oracles():
        slow = [i for i, source in enumerate(oracle.sources) if isinstance(source, ChainlinkSource)]
        if slow and seconds(oracle.max_age) < 60 * 60:
            yield case.warn(
                "feed-slower-than-max-age",
                (*path, "sources", slow[0], "feed"),
                f"a Chainlink feed on Ethereum is pushed on a deviation or about once an hour; with max_age"
                f" {span(seconds(oracle.max_age))} its reports count for little of the time",
                "use it as a guard beside faster sources, and do not count it in min_sources",
            )


def oracle_load(case: Case) -> Warnings:
    """Each report is a signature to prove; prices must leave room for trades."""
    proof = case.spec.proof
    rows, signatures = oracle_rows(case.spec.oracles, seconds(proof.max_interval))
    per_s = signatures / seconds(proof.max_interval)
    used = max(rows / proof.max_operations, per_s / signatures_per_s(proof))
    if used > 0.5:
        yield case.warn(
            "oracle-load",
            ("proof", "max_operations"),
            f"the oracles' heartbeats alone bring {amount(rows)} rows per batch of {proof.max_operations} and"
            f" {amount(per_s)} signatures/s to a prover expected to do {amount(signatures_per_s(proof))}"
            f" (target): {percent(used)} of it is gone before the first trade",
            "lengthen the heartbeats, share one oracle between markets, or raise max_operations",
        )


def _stale_words(oracle: Oracle) -> str:
    return "halt" if oracle.on_stale == "halt" else "reduce-only"


CHECKS: tuple[Check, ...] = (
    single_source,
    shared_origin,
    unrelated_simulations,
    no_spare_source,
    halts_when_stale,
    step_beyond_margin,
    average_too_short,
    feed_slower_than_max_age,
    oracle_load,
)
