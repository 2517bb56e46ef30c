"""The table of cross-field checks and how they run.

A check is one function over one element of the spec (`each` names which: "markets.*" for every market), which
yields its findings. Checks run over what is healthy: where an element holds a value that could not be read,
the check ends for that element and no other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from l2forge.spec.catalogue import define
from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.document import Document, Path
from l2forge.spec.models import Spec
from l2forge.spec.models.base import UnhealthyError

Run = Callable[["Site", Any], "Iterable[Finding]"]


@dataclass(frozen=True)
class Finding:
    """What a check found: at the value of `path`, or at its key's name where the key itself is wrong."""

    path: Path
    message: str
    remedy: str
    at_key: bool = False


@dataclass(frozen=True)
class Site:
    """Where a check looks: the whole spec, the path of the element, and the places of keys."""

    spec: Spec
    path: Path
    document: Document

    def finding(self, *key: str | int, message: str, remedy: str, at_key: bool = False) -> Finding:
        """A finding at a key below the element."""
        return Finding((*self.path, *key), message, remedy, at_key)

    def at(self, *path: str | int, message: str, remedy: str, at_key: bool = False) -> Finding:
        """A finding at a key path from the root."""
        return Finding(path, message, remedy, at_key)

    def later(self, *keys: str | Path) -> Path:
        """Of two keys in conflict the path of the one written later; keys are below the element."""
        paths = [(*self.path, *((key,) if isinstance(key, str) else key)) for key in keys]
        written = [path for path in paths if path in self.document.values] or paths
        main = self.document.file
        return max(written, key=lambda path: _order(self.document, path, main))


def _order(document: Document, path: Path, main: str) -> tuple[bool, int, int]:
    place = document.place(path)
    return place.file == main, place.line, place.col


@dataclass(frozen=True)
class Check:
    """One check: its code, the elements it runs over, its function."""

    code: str
    each: str
    severity: Severity
    run: Run


CHECKS: list[Check] = []


def check(
    code: str, *, wrong: str, right: str, each: str = "", severity: Severity = Severity.ERROR
) -> Callable[[Run], Run]:
    """Enter a function as the check of a code; its docstring is the title and the reason."""

    def enter(run: Run) -> Run:
        title, _, why = inspect.cleandoc(run.__doc__ or "").partition("\n\n")
        define(code, title.rstrip("."), why, wrong, right, severity)
        CHECKS.append(Check(code, each, severity, run))
        return run

    return enter


def run_checks(spec: Spec, document: Document) -> list[Diagnostic]:
    """The findings of all checks, as diagnostics. `spec` may hold unreadable values."""
    found: list[Diagnostic] = []
    for entry in CHECKS:
        for path, element in _elements(spec, entry.each.split(".") if entry.each else []):
            found += _run(entry, Site(spec, path, document), element)
    return found


def _run(entry: Check, site: Site, element: Any) -> Iterator[Diagnostic]:
    try:
        for finding in entry.run(site, element):
            place = (site.document.key_place if finding.at_key else site.document.place)(finding.path)
            key = ".".join(map(str, finding.path))
            yield Diagnostic(*place, entry.code, key, finding.message, finding.remedy, entry.severity)
    except UnhealthyError:
        return


def _elements(element: Any, steps: list[str], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if not steps:
        yield path, element
        return
    step, rest = steps[0], steps[1:]
    try:
        inner = list(enumerate(element)) if step == "*" else [(step, getattr(element, step))]
    except UnhealthyError:
        return
    for key, value in inner:
        if value is not None:
            yield from _elements(value, rest, (*path, key))


def healthy(
    elements: Iterable[Any], read: Callable[[Any], Any] = lambda element: element
) -> Iterator[tuple[int, Any]]:
    """Index and value of every element whose value can be read."""
    for index, element in enumerate(elements):
        try:
            value = read(element)
            hash(value)
        except UnhealthyError:
            continue
        yield index, value


def repeated(elements: Iterable[Any], read: Callable[[Any], Any]) -> Iterator[tuple[int, int, Any]]:
    """(later index, first index, value) for every value that an earlier element has already."""
    first: dict[Any, int] = {}
    for index, value in healthy(elements, read):
        if value in first:
            yield index, first[value], value
        else:
            first[value] = index
