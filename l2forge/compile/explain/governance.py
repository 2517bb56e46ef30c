"""Who may change what, with how much notice, and how much the venue admits while it is young."""

from __future__ import annotations

from l2forge.compile.explain.facts import Fact, Scalar, Section
from l2forge.spec.models import Spec
from l2forge.spec.models.parties import KeyedAddress, Named
from l2forge.spec.warnings.model import money, seconds
from l2forge.spec.warnings.words import amount, span


def governance(spec: Spec) -> Section:
    """The section about governance and rollout."""
    roles = spec.roles
    facts = (
        Fact(
            "timelock_s",
            "notice of every change",
            f"{span(seconds(spec.governance.timelock))}: parameters, verifier, roles alike; a new rule means"
            f" a new circuit and"
            " a new verifier",
            seconds(spec.governance.timelock),
            "s",
        ),
        Fact(
            "operator",
            "operator",
            f"{_party(roles.operator)}: orders and proves; cannot apply other rules",
            _party(roles.operator),
        ),
        Fact(
            "guardian",
            "guardian",
            f"{_party(roles.guardian)}: may pause deposits and queue a pause of new positions, never"
            f" withdrawals",
            _party(roles.guardian),
        ),
        Fact(
            "governor",
            "governor",
            f"{_party(roles.governor)}: proposes to the timelock",
            _party(roles.governor),
        ),
        _rollout(spec),
    )
    return Section("governance", "Governance and rollout", facts)


def _party(party: Named | KeyedAddress) -> str:
    return f"dev:{party.dev}" if party.dev is not None else str(party.address)


def _rollout(spec: Spec) -> Fact:
    if spec.rollout is None:
        return Fact("rollout", "deposits", "no cap from the first day on", [])
    symbol = spec.venue.collateral.symbol
    stages = [(seconds(stage.after), money(stage.total_deposits)) for stage in spec.rollout.stages]
    text = ", ".join(
        f"{amount(cap)} {symbol} " + (f"after {span(after)}" if after else "at first")
        for after, cap in stages
    )
    values: list[Scalar] = [cap for _, cap in stages]
    return Fact("rollout", "deposits at most", text, values, symbol)
