"""Checks of proof, settlement and rollout."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from l2forge.spec.checks.registry import Finding, Site, check, healthy, repeated
from l2forge.spec.models.settlement import OptimisticValidium, Proof, Rollout, ValidityValidium
from l2forge.spec.models.spec import Spec


@check(
    "lag-below-interval",
    each="proof",
    wrong='max_interval = "30m"\nmax_lag = "15m"',
    right='max_interval = "30s"\nmax_lag = "15m"',
)
def lag_allows_a_batch(at: Site, proof: Proof) -> Iterator[Finding]:
    """The tolerated proof lag is above the age at which a batch closes.

    Otherwise the venue stops taking orders before the first batch could be proven.
    """
    if proof.max_lag <= proof.max_interval:
        message = f"max_lag {proof.max_lag.text()} is not above max_interval {proof.max_interval.text()}"
        key = at.later("max_interval", "max_lag")
        yield at.at(*key, message=message, remedy="write a longer max_lag or a shorter max_interval")


@check(
    "threshold-above-committee",
    wrong='committee = ["dev:20", "dev:21"]\nthreshold = 3',
    right="threshold = 2",
)
def threshold_can_be_met(at: Site, spec: Spec) -> Iterator[Finding]:
    """The committee has at least as many members as signatures are needed.

    Otherwise no batch can ever settle.
    """
    settlement = spec.settlement
    if isinstance(settlement, ValidityValidium | OptimisticValidium):
        n_members = len(settlement.committee)
        if settlement.threshold > n_members:
            message = (
                f"{settlement.threshold} signatures are needed, but the committee has {n_members} members"
            )
            yield at.at("settlement", "threshold", message=message, remedy=f"write at most {n_members}")


@check(
    "duplicate-committee-member",
    wrong='committee = ["dev:20", "dev:20"]',
    right='committee = ["dev:20", "dev:21"]',
)
def committee_members_differ(at: Site, spec: Spec) -> Iterator[Finding]:
    """Every member of the committee is there once.

    A threshold counts members; one key twice would count as two.
    """
    settlement = spec.settlement
    if isinstance(settlement, ValidityValidium | OptimisticValidium):
        for index, first, _ in repeated(settlement.committee, lambda member: (member.dev, member.address)):
            message = f"member {first} of the committee is the same"
            yield at.at("settlement", "committee", index, message=message, remedy="write each member once")


@check(
    "first-stage-late",
    each="rollout",
    wrong='stages = [{ after = "7d", total_deposits = "1000000" }]',
    right='stages = [{ after = "0s", total_deposits = "1000000" }]',
)
def rollout_begins_at_launch(at: Site, rollout: Rollout) -> Iterator[Finding]:
    """The first stage begins at launch.

    Before the first stage no cap would be stated.
    """
    for index, after in healthy(rollout.stages, lambda stage: stage.after):
        if index == 0 and after != 0:
            message = f"the first stage begins after {after.text()}, not at launch"
            yield at.finding("stages", 0, "after", message=message, remedy='write after = "0s"')


@check(
    "stages-not-rising",
    each="rollout",
    wrong='stages = [\n  { after = "0s", total_deposits = "1000000" },\n'
    '  { after = "30d", total_deposits = "500000" },\n]',
    right='stages = [\n  { after = "0s", total_deposits = "1000000" },\n'
    '  { after = "30d", total_deposits = "5000000" },\n]',
)
def stages_rise(at: Site, rollout: Rollout) -> Iterator[Finding]:
    """Stages rise in time, and their caps do not fall.

    1. `after` is above that of the stage before. 2. `total_deposits` is not below: a falling cap would leave
    a venue over its cap from one moment to the next.
    """
    times = list(healthy(rollout.stages, lambda stage: stage.after))
    for (_, earlier), (index, after) in pairwise(times):
        if after <= earlier:
            message = f"{after.text()} is not later than the {earlier.text()} of the stage before"
            yield at.finding("stages", index, "after", message=message, remedy="let times rise")
    caps = list(healthy(rollout.stages, lambda stage: stage.total_deposits))
    for (_, lower), (index, cap) in pairwise(caps):
        if cap < lower:
            message = f"the cap {cap.text()} is below the {lower.text()} of the stage before"
            yield at.finding("stages", index, "total_deposits", message=message, remedy="let caps rise")
