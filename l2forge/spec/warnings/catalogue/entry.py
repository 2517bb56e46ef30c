"""How a warning's code enters the catalogue of all codes."""

from __future__ import annotations

from l2forge.spec.catalogue import Entry, define
from l2forge.spec.diagnostics import Severity


def define_warning(code: str, title: str, why: str, wrong: str, right: str) -> Entry:
    """Enter the code of a warning."""
    return define(code, title, why, wrong, right, Severity.WARNING)
