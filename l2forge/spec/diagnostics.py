"""A diagnostic: one finding about a spec, at a place, with what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an error stops the build, a warning does not, a note only tells what was done."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding. Prints as `file:line:col: severity[code] key: message; remedy`.

    `line` and `col` count from 1; `key` is the dotted path ("markets.0.tick_size").
    """

    file: str
    line: int
    col: int
    code: str
    key: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.col}: {self.severity}[{self.code}]"
        key = f" {self.key}:" if self.key else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}{key} {self.message}{remedy}"
