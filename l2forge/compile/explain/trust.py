"""Trust, in the words of L2BEAT's five risks, and the stage that the parameters leave open.

Sources: L2BEAT, "The Stages Framework" (forum.l2beat.com/t/the-stages-framework/291) and its risk pages. The
exit window is the notice of a change less the time in which a user can leave without the operator's help.
"""

from __future__ import annotations

from l2forge.compile.explain.facts import Fact, Section
from l2forge.spec.models import Spec
from l2forge.spec.models.settlement import OptimisticCalldata, OptimisticValidium
from l2forge.spec.warnings.constants import DAY_S
from l2forge.spec.warnings.model import money, seconds
from l2forge.spec.warnings.words import amount, span


def exit_window(spec: Spec) -> float:
    """Seconds that a user has to react to an announced change: timelock − forced_grace, at least zero.

    In optimistic settlement the window of the batch that serves the request comes off, too.
    """
    window = seconds(spec.governance.timelock) - seconds(spec.withdrawals.forced_grace)
    if isinstance(spec.settlement, OptimisticCalldata | OptimisticValidium):
        window -= seconds(spec.settlement.challenge_window)
    return max(0.0, window)


def trust(spec: Spec) -> Section:
    """The section about trust."""
    window = exit_window(spec)
    facts = (
        _state_validation(spec),
        _data_availability(spec),
        Fact(
            "exit_window",
            "exit window",
            f"{span(window)}: every change waits {span(seconds(spec.governance.timelock))} in the timelock,"
            f" leaving"
            f" without the operator takes up to {span(seconds(spec.governance.timelock) - window)}"
            if window > 0
            else "none: a change can take effect before a user is out",
            window,
            "s",
            "formula",
        ),
        Fact(
            "sequencer_failure",
            "sequencer failure",
            f"users force withdrawals and closes through L1; unserved for"
            f" {span(seconds(spec.withdrawals.forced_grace))}"
            " the venue freezes",
            "force through L1",
        ),
        Fact(
            "proposer_failure",
            "proposer failure",
            "only the operator submits batches; if it stops, users freeze the venue and escape",
            "escape hatch",
        ),
        _stage(spec, window),
    )
    note = "Read from the spec. What is deployed is what counts; L2BEAT has not assessed this venue."
    return Section("trust", "Trust, by L2BEAT's five risks", facts, (note,))


def _state_validation(spec: Spec) -> Fact:
    settlement = spec.settlement
    if isinstance(settlement, OptimisticCalldata | OptimisticValidium):
        text = (
            f"optimistic: a batch counts after {span(seconds(settlement.challenge_window))} unless challenged"
            f" (bond"
            f" {amount(money(settlement.bond))}); then it must be proven within"
            f" {span(seconds(settlement.response_deadline))}. Needs one honest watcher"
        )
        return Fact("state_validation", "state validation", text, "fraud proof, answered by validity proof")
    text = "validity proofs (STARK, no trusted setup): no batch counts before its proof is verified on L1"
    return Fact("state_validation", "state validation", text, "validity proof")


def _data_availability(spec: Spec) -> Fact:
    settlement = spec.settlement
    if settlement.data_availability == "calldata":
        text = (
            "on L1: changed accounts are published, bound to the proof; orders are not, and end at a freeze"
        )
        return Fact("data_availability", "data availability", text, "on L1")
    size, threshold = len(settlement.committee), settlement.threshold
    text = (
        f"with a committee, {threshold} of {size} signatures per batch: {threshold} members together can let"
        f" a"
        " batch through whose data nobody has, and lock every account in"
    )
    return Fact("data_availability", "data availability", text, f"committee {threshold}/{size}")


def _stage(spec: Spec, window: float) -> Fact:
    if spec.settlement.data_availability != "calldata":
        text = "none: L2BEAT gives stages to rollups only, whose data is on L1"
        return Fact("stage", "stage", text, None, "", "formula")
    stage = 2 if window >= 30 * DAY_S else 1 if window >= 7 * DAY_S else 0
    limits = {
        2: "the exit window reaches 30 days",
        1: "the exit window reaches 7 days, 30 are asked for stage 2",
        0: "the exit window is below 7 days",
    }
    text = f"at most {stage} by these parameters: {limits[stage]}"
    if isinstance(spec.settlement, OptimisticCalldata | OptimisticValidium):
        text += "; five challengers outside the team are asked for besides"
    return Fact("stage", "stage", text, stage, "", "formula")
