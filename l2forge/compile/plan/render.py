"""A plan as text for people, or as JSON for programs."""

from __future__ import annotations

import json
import textwrap

from l2forge import __version__
from l2forge.compile.plan.changes import Audience, Change, Effect, Plan
from l2forge.spec.warnings.words import span

WIDTH = 110


def as_text(plan: Plan) -> str:
    """One paragraph per audience, one line per change, and what it takes at the end of the line."""
    if plan.is_same:
        return f"{plan.venue}: nothing to do, the build is what the spec says ({plan.spec_hash[:16]})"
    lines = [*textwrap.wrap(summary(plan), WIDTH), f"spec {plan.built_hash[:16]} → {plan.spec_hash[:16]}"]
    for audience in Audience:
        changes = [change for change in plan.changes if change.audience is audience]
        if changes:
            lines += ["", f"For {audience}"]
            for change in changes:
                lines += textwrap.wrap(_line(change), WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(lines)


def summary(plan: Plan) -> str:
    """What the plan amounts to: "beta: 3 changes; new verifier; users get 14 days' notice"."""
    n = len(plan.changes)
    parts = [f"{plan.venue}: {n} change{'s' if n > 1 else ''}"]
    if plan.needs_verifier:
        parts.append("new verifier")
    parts.append(_notice(plan))
    if plan.impossible:
        parts.append(f"{len(plan.impossible)} cannot be made in a running venue")
    return "; ".join(parts)


def _notice(plan: Plan) -> str:
    if not plan.needs_notice:
        return "nothing waits in the timelock"
    notice = span(plan.notice_s)
    notice += "'" if notice.endswith("days") else " of"
    more = f"{span(plan.exit_window_s)} more than leaving by force takes"
    return f"users get {notice} notice, " + (
        more if plan.exit_window_s else "less than leaving by force takes"
    )


def _line(change: Change) -> str:
    consequence = f"; {change.consequence}" if change.consequence else ""
    return f"{change.text}{consequence} [{change.effect}]"


def as_json(plan: Plan) -> str:
    """The plan as an object; `changes` has key, text, audience, effect, possible and consequence of each."""
    tree = {
        "l2forge": __version__,
        "venue": plan.venue,
        "same": plan.is_same,
        "summary": as_text(plan) if plan.is_same else summary(plan),
        "built_hash": plan.built_hash,
        "spec_hash": plan.spec_hash,
        "notice_s": plan.notice_s if plan.needs_notice else 0,
        "exit_window_s": plan.exit_window_s,
        "new_verifier": plan.needs_verifier,
        "changes": [
            {
                "key": change.key,
                "text": change.text,
                "audience": change.audience.name.lower(),
                "effect": change.effect.name.lower(),
                "possible": change.effect is not Effect.NEVER,
                "consequence": change.consequence,
            }
            for change in plan.changes
        ],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False)
