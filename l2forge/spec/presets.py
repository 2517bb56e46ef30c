"""The presets that travel with l2forge, and `extends`, which lays a spec on one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from l2forge.resources import resource_dir
from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.document import Document, Place, merge, parse
from l2forge.spec.migrations import migrate
from l2forge.spec.text import UnreadableError, read_text

# A document with one of these findings lacks what the preset would have given it.
BROKEN_EXTENDS = frozenset({"bad-extends", "extends-cycle", "unknown-preset", "file-unreadable"})

_REFERENCE = re.compile(r"preset:([A-Za-z0-9_-]{1,64})", re.ASCII)


def preset_names() -> list[str]:
    """The names of all presets, sorted."""
    return sorted(path.stem for path in resource_dir("presets").glob("*.toml"))


def preset_path(name: str) -> Path:
    """The file of a preset."""
    return resource_dir("presets") / f"{name}.toml"


def preset_title(name: str) -> str:
    """The first sentence of a preset's comment at its head."""
    comment: list[str] = []
    for line in preset_path(name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# ").strip())
    return " ".join(comment).split(". ")[0].rstrip(".")


def extend(document: Document) -> tuple[Document, list[Diagnostic]]:
    """A document, migrated, laid on the preset that it extends, and that one on its own, and so on.

    Tables merge key by key; arrays are replaced whole. Inherited values keep their places in the preset's
    file.
    """
    findings: list[Diagnostic] = []
    layers = [document]
    for layer in _layers(document, findings):
        layers.append(layer)
    merged = layers[-1]
    for layer in reversed(layers[:-1]):
        merged = merge(merged, layer)
    return merged, findings


def _layers(document: Document, findings: list[Diagnostic]) -> Iterator[Document]:
    """The presets below a document, from the nearest to the farthest; each is migrated on its own."""
    seen: set[str] = set()
    findings += migrate(document)
    while "extends" in document.data:
        place = document.place(("extends",))
        name, problem = _referent(document.take(("extends",)), seen, place)
        if problem is not None:
            findings.append(problem)
            return
        seen.add(name)
        try:
            document = parse(read_text(preset_path(name)), str(preset_path(name)))
        except UnreadableError as error:
            findings.append(error.diagnostic)
            return
        findings += migrate(document)
        yield document


def _referent(reference: object, seen: set[str], place: Place) -> tuple[str, Diagnostic | None]:
    """The preset's name that a value of `extends` refers to, or what is wrong with it."""
    names = preset_names()
    match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    if match is None:
        message, remedy = "a spec extends a preset by name", 'write extends = "preset:NAME"'
        return "", Diagnostic(*place, "bad-extends", "extends", message, remedy)
    name = match[1]
    if name in seen:
        message = f'the preset "{name}" extends itself, directly or through others'
        return name, Diagnostic(*place, "extends-cycle", "extends", message, "remove this line")
    if name not in names:
        close = get_close_matches(name, names, n=1)
        remedy = f'did you mean "preset:{close[0]}"?' if close else f"write one of {', '.join(names)}"
        message = f'there is no preset "{name}"'
        return name, Diagnostic(*place, "unknown-preset", "extends", message, remedy)
    return name, None
