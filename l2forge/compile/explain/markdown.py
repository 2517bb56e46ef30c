"""The risk page of a venue's repository: what its users trust and how they leave, as Markdown."""

from __future__ import annotations

from typing import Final

from l2forge import __version__
from l2forge.compile.explain.facts import Explanation, Fact, Section

# What a user decides by; what the venue costs its operator is not on the page.
SECTIONS: Final = ("leaving", "trust", "soundness", "prices", "liquidation", "governance")


def as_markdown(explanation: Explanation) -> str:
    """The page; it names the spec by its hash, so that a page that is out of date can be seen."""
    sections = [section for section in explanation.sections if section.key in SECTIONS]
    head = (
        f"# What users of {explanation.venue} trust\n\n"
        f"Made by l2forge {__version__} from the spec {explanation.spec_hash}. Do not edit: change "
        "venue.toml, then `make risks`. Estimates are marked ≈."
    )
    return "\n\n".join([head, *map(_section, sections)])


def _section(section: Section) -> str:
    rows = ["| | |", "|---|---|", *map(_row, section.facts)]
    return "\n\n".join([f"## {section.title}", "\n".join(rows), *section.notes])


def _row(fact: Fact) -> str:
    mark = "≈ " if fact.basis == "estimate" else ""
    return f"| {mark}{_cell(fact.label)} | {_cell(fact.text)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
