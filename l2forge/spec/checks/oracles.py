"""Checks of oracles and their sources."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.spec.checks.registry import Finding, Site, check, healthy, repeated
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.models.spec import Spec


@check("duplicate-oracle-id", wrong='id = "btc"   # in two oracles', right='id = "eth"')
def oracle_ids_differ(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every oracle has an id of its own.

    Markets refer to oracles by id.
    """
    for index, first, name in repeated(spec.oracles, lambda oracle: oracle.id):
        message = f'oracle {first} has the id "{name}" already'
        yield at.at("oracles", index, "id", message=message, remedy="write another id")


@check(
    "unused-oracle",
    wrong='[[oracles]]\nid = "sol"   # and no market refers to it',
    right='oracle = "sol"   # in a market',
)
def oracles_are_used(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every oracle gives the price of some market.

    Its reports would be signed, proven and paid for in vain; more likely a market names the wrong one.
    """
    used = {name for _, name in healthy(spec.markets, lambda market: market.oracle)}
    if len(list(healthy(spec.markets, lambda market: market.oracle))) < len(spec.markets):
        return
    for index, name in healthy(spec.oracles, lambda oracle: oracle.id):
        if name not in used:
            message = f'no market refers to the oracle "{name}"'
            yield at.at("oracles", index, "id", message=message, remedy="remove it, or name it in a market")


@check(
    "duplicate-source",
    each="oracles.*",
    wrong='name = "sim-a"   # twice in one oracle',
    right='name = "sim-b"',
)
def source_names_differ(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """Every source of an oracle has a name of its own.

    Logs, metrics and reports name sources.
    """
    for index, first, name in repeated(oracle.sources, lambda source: source.name):
        message = f'source {first} has the name "{name}" already'
        yield at.finding("sources", index, "name", message=message, remedy="write another name")


@check(
    "duplicate-signer",
    each="oracles.*",
    wrong='signer = "dev:10"   # in two sources of one oracle',
    right='signer = "dev:11"',
)
def signers_differ(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """Every source of an oracle has a signer of its own.

    A quorum counts signers; one key behind two sources would count as two.
    """
    for index, first, _ in repeated(
        oracle.sources, lambda source: (source.signer.dev, source.signer.address)
    ):
        message = f"source {first} has this signer already"
        yield at.finding("sources", index, "signer", message=message, remedy="give each source its own key")


@check(
    "quorum-above-sources",
    each="oracles.*",
    wrong="min_sources = 3\n# with two sources",
    right="min_sources = 2",
)
def quorum_can_be_met(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """An oracle has at least as many sources as a price needs.

    Otherwise no price ever counts.
    """
    n_sources = len(oracle.sources)
    if oracle.min_sources > n_sources:
        message = f"{oracle.min_sources} fresh reports are needed, but there are {n_sources} sources"
        yield at.finding("min_sources", message=message, remedy=f"write at most {n_sources}, or add sources")


@check(
    "trim-too-large",
    each="oracles.*",
    wrong='aggregate = "trimmed_mean"\ntrim = 1\nmin_sources = 2',
    right='aggregate = "trimmed_mean"\ntrim = 1\nmin_sources = 3',
)
def trimming_leaves_a_report(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """After trimming both ends at least one report is left.

    2 × trim < min_sources.
    """
    if oracle.trim is not None and 2 * oracle.trim >= oracle.min_sources:
        message = f"trimming {oracle.trim} from each end leaves nothing of {oracle.min_sources} reports"
        key = at.later("trim", "min_sources")
        yield at.at(*key, message=message, remedy=f"write min_sources of at least {2 * oracle.trim + 1}")


@check(
    "heartbeat-above-max-age",
    each="oracles.*",
    wrong='heartbeat = "60s"\nmax_age = "15s"',
    right='heartbeat = "5s"\nmax_age = "15s"',
)
def heartbeat_keeps_prices_fresh(at: Site, oracle: Oracle) -> Iterator[Finding]:
    """A quiet price is reported again before it is too old to count.

    heartbeat ≤ max_age; otherwise the oracle goes stale whenever the market is calm.
    """
    if oracle.heartbeat > oracle.max_age:
        message = f"heartbeat {oracle.heartbeat.text()} is above max_age {oracle.max_age.text()}"
        key = at.later("heartbeat", "max_age")
        yield at.at(*key, message=message, remedy="write a shorter heartbeat or a longer max_age")
