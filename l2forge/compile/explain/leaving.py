"""How a user leaves: with the operator's help, without it, and after the venue has stopped."""

from __future__ import annotations

from l2forge.compile.explain.facts import Fact, Section
from l2forge.spec.models import Spec
from l2forge.spec.models.settlement import OptimisticCalldata, OptimisticValidium
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.model import exit_time, full_batch_signatures, proving_time, seconds, share
from l2forge.spec.warnings.words import percent, span


def normal_withdrawal(spec: Spec, mode: str) -> float:
    """Seconds at most until a withdrawal can be claimed while the operator serves: batch, proof, L1,"
    " window."""
    wait = seconds(spec.proof.max_interval)
    wait += (spec.settlement.confirmations + c.L1_INCLUSION_BLOCKS.value) * seconds(spec.l1.block_time)
    if mode == "validity":
        return wait + proving_time(spec.proof, full_batch_signatures(spec.proof))
    window = getattr(spec.settlement, "challenge_window", None)
    return wait + (seconds(window) if window is not None else c.MIN_CHALLENGE_WINDOW_S)


def leaving(spec: Spec) -> Section:
    """The section about leaving."""
    mode, grace = spec.settlement.mode, seconds(spec.withdrawals.forced_grace)
    normal = normal_withdrawal(spec, mode)
    facts = [
        Fact(
            "normal_s",
            "withdrawal, operator serving",
            f"about {span(normal)} until it can be claimed on L1 ({_parts(spec)})",
            normal,
            "s",
            "estimate",
        ),
        _limit(spec, exit_time(spec)),
        _forced(spec, grace),
        Fact("after_freeze", "after a freeze", _escape(spec), spec.settlement.data_availability),
        Fact(
            "worst_s",
            "worst case, without the operator",
            f"{span(grace)} of grace, then one transaction to freeze and one to escape; positions are settled"
            f" at the"
            " last index price that counted, resting orders end",
            grace,
            "s",
        ),
    ]
    return Section("leaving", "Leaving", tuple(facts))


def _forced(spec: Spec, grace: float) -> Fact:
    settlement, wait = spec.settlement, grace
    text = f"served, or shown to be invalid, within {span(grace)}"
    if isinstance(settlement, OptimisticCalldata | OptimisticValidium):
        window = seconds(settlement.challenge_window)
        text += f", and its batch counts {span(window)} later"
        wait += window
    text += "; unserved after that, anyone may freeze the venue"
    return Fact("forced_s", "forced withdrawal, through L1", text, wait, "s")


def _parts(spec: Spec) -> str:
    parts = [f"batch up to {span(seconds(spec.proof.max_interval))}"]
    settlement = spec.settlement
    if isinstance(settlement, OptimisticCalldata | OptimisticValidium):
        parts.append(f"challenge window {span(seconds(settlement.challenge_window))}")
    else:
        proving = proving_time(spec.proof, full_batch_signatures(spec.proof))
        parts.append(f"proof up to {span(proving)}, a target")
    return ", ".join([*parts, "L1 inclusion"])


def _limit(spec: Spec, everyone: float) -> Fact:
    limit = spec.withdrawals.rate_limit
    if limit is None:
        return Fact("everyone_s", "if everyone leaves", "claims have no limit", None, "s", "estimate")
    text = (
        f"about {span(everyone)}: claims are limited to {percent(share(limit.fraction))} of the deposits per"
        f" {span(seconds(limit.window))}; forced requests and escape are exempt"
    )
    return Fact("everyone_s", "if everyone leaves", text, everyone, "s", "estimate")


def _escape(spec: Spec) -> str:
    settlement = spec.settlement
    if settlement.data_availability == "calldata":
        return "escape with a Merkle path to the last root that counted, rebuilt by anyone from L1 data alone"
    size, threshold = len(settlement.committee), settlement.threshold
    return (
        f"escape with a Merkle path that one of the {threshold} members who signed the last batch must"
        f" supply;"
        f" with {size - threshold + 1} honest ones among {size} there always is one"
    )
