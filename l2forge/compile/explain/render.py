"""An explanation as text for people, or as JSON for programs."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from l2forge import __version__
from l2forge.compile.explain.facts import Explanation, Fact, Section
from l2forge.spec.warnings.constants import all_constants

WIDTH = 110
LABEL_WIDTH = 30


def as_text(explanation: Explanation) -> str:
    """Sections with their facts, labels in one column; estimates are marked with ≈."""
    head = f"{explanation.venue}, spec {explanation.spec_hash[:16]}"
    return "\n\n".join([head, *(_section(section) for section in explanation.sections)])


def _section(section: Section) -> str:
    lines = [section.title, "-" * len(section.title)]
    lines += [_fact(fact) for fact in section.facts]
    for note in section.notes:
        lines += textwrap.wrap(note, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _fact(fact: Fact) -> str:
    mark = "≈" if fact.basis == "estimate" else " "
    indent = " " * (LABEL_WIDTH + 4)
    label = f"{mark} {fact.label}"
    first = f"{label:<{LABEL_WIDTH + 2}}  "
    if len(label) > LABEL_WIDTH + 2:
        first = f"{label}\n{indent}"
        return (
            first + textwrap.fill(fact.text, WIDTH, initial_indent=indent, subsequent_indent=indent).lstrip()
        )
    return textwrap.fill(fact.text, WIDTH, initial_indent=first, subsequent_indent=indent)


def as_json(explanation: Explanation) -> str:
    """`{"venue", "spec_hash", "sections": {key: {"title", "facts": {key: {...}}, "notes"}}, "constants"}`."""
    tree = {
        "l2forge": __version__,
        "venue": explanation.venue,
        "spec_hash": explanation.spec_hash,
        "sections": {section.key: _section_dict(section) for section in explanation.sections},
        "constants": {
            name: {"value": one.value, "unit": one.unit, "basis": one.basis, "source": one.source}
            for name, one in all_constants().items()
        },
    }
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False)


def _section_dict(section: Section) -> dict[str, Any]:
    facts = {
        fact.key: {
            "label": fact.label,
            "text": fact.text,
            "value": fact.value,
            "unit": fact.unit,
            "basis": fact.basis,
        }
        for fact in section.facts
    }
    return {"title": section.title, "facts": facts, "notes": list(section.notes)}
