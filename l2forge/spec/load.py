"""Loading a spec: read, parse, extend, migrate, validate, check. All errors at once, each with its place."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from pydantic import ValidationError

from l2forge.errors import InputError
from l2forge.spec.canonical import canonical_json
from l2forge.spec.checks import run_checks
from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.document import Document, Path, Place, parse
from l2forge.spec.models import Spec
from l2forge.spec.models.base import LENIENT
from l2forge.spec.presets import BROKEN_EXTENDS, extend
from l2forge.spec.text import UnreadableError, display_name, read_text
from l2forge.spec.translate import translate


class SpecError(InputError):
    """A spec with errors; `diagnostics` has them all."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


@dataclass
class Source:
    """What a spec was read from. `document` maps key paths to places, presets included."""

    file: str
    text: str
    document: Document

    def place(self, path: Path) -> Place:
        """File, line and column of a value, of the table around it where it is absent."""
        return self.document.place(path)

    def key_place(self, path: Path) -> Place:
        """File, line and column of a key's name."""
        return self.document.key_place(path)

    def positions(self, path: Path) -> tuple[int, int]:
        """Line and column of a value, as `place`."""
        place = self.document.place(path)
        return place.line, place.col


@dataclass
class LoadedSpec:
    """A spec as far as it could be read: `spec` is None when there is any error among the diagnostics."""

    source: Source
    spec: Spec | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that are errors."""
        return [item for item in self.diagnostics if item.severity is Severity.ERROR]

    def require(self) -> Spec:
        """The spec, or SpecError with every error."""
        if self.spec is None:
            raise SpecError(self.errors)
        return self.spec

    def canonical(self) -> str:
        """The spec after presets and defaults, as canonical JSON (see canonical.py)."""
        return canonical_json(self.require())

    def hash(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits: the venue's identity."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def diagnostic(
        self, code: str, path: Path, message: str, remedy: str = "", severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        """A finding of a later phase, at the value of a key path."""
        place = self.source.place(path)
        return Diagnostic(*place, code, ".".join(map(str, path)), message, remedy, severity)


def load_spec(path: str | os.PathLike[str]) -> LoadedSpec:
    """The spec in a file. Never raises for what a file may contain: errors are in `diagnostics`."""
    name = display_name(path)
    try:
        text = read_text(path)
    except UnreadableError as error:
        return _unread(name, "", error)
    return loads_spec(text, name)


def loads_spec(text: str, file: str = "<spec>") -> LoadedSpec:
    """The spec in a text; `file` is its name in messages."""
    try:
        document = parse(text, file)
    except UnreadableError as error:
        return _unread(file, text, error)
    return _validate(document)


def _unread(name: str, text: str, error: UnreadableError) -> LoadedSpec:
    return LoadedSpec(Source(name, text, Document(name, text, {})), None, [error.diagnostic])


def _validate(written: Document) -> LoadedSpec:
    document, found = extend(written)
    blocked = {item.code for item in found}
    if "schema-too-new" not in blocked:
        found += _findings(document, is_whole=not blocked & BROKEN_EXTENDS)
    found.sort(key=lambda item: (item.file != document.file, item))
    loaded = LoadedSpec(Source(document.file, document.text, document), None, found)
    if not loaded.errors:
        loaded.spec = Spec.model_validate(document.data)
    return loaded


def _findings(document: Document, is_whole: bool) -> list[Diagnostic]:
    """What is wrong with a document; what it lacks only where it `is_whole`, with all that it extends."""
    found: list[Diagnostic] = []
    try:
        spec = Spec.model_validate(document.data)
    except ValidationError as error:
        found = translate(error, document)
        spec = Spec.model_validate(document.data, context=LENIENT)
    found += run_checks(spec, document)
    return found if is_whole else [item for item in found if "missing" not in item.code]
