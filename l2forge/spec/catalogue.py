"""The catalogue of codes: what each finding means, why it is one, a wrong and a right example.

Codes are kebab-case names and stable: a code is never reused for something else. The codes of the cross-field
checks are defined with them (checks/), those of later phases where these are; `define` enters them here.
`l2forge explain-error CODE` prints an entry, docs/errors.md lists them all (`entries`).
"""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.spec.diagnostics import Severity


@dataclass(frozen=True)
class Entry:
    """One code, explained."""

    code: str
    title: str
    why: str
    wrong: str
    right: str
    severity: Severity = Severity.ERROR

    def text(self) -> str:
        """The entry as `l2forge explain-error` prints it."""
        wrong, right = _indent(self.wrong), _indent(self.right)
        return (
            f"{self.severity}[{self.code}]: {self.title}\n\n{self.why}\n\nWrong:\n{wrong}\n\nRight:\n{right}"
        )


ENTRIES: dict[str, Entry] = {}


def define(
    code: str, title: str, why: str, wrong: str, right: str, severity: Severity = Severity.ERROR
) -> Entry:
    """Enter a code into the catalogue. A code is defined once."""
    if code in ENTRIES:
        raise ValueError(f"the code {code} is defined twice")
    ENTRIES[code] = Entry(code, title, why, wrong, right, severity)
    return ENTRIES[code]


def entries() -> dict[str, Entry]:
    """All codes of the spec layer, and those of later phases that are loaded."""
    from l2forge.spec import checks, codes, warnings

    assert checks and codes and warnings  # loading them has defined their codes
    return ENTRIES


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
