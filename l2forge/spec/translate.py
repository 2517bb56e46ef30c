"""Pydantic's errors as diagnostics: placed where a person would edit, with what to write instead."""

from __future__ import annotations

from pydantic import ValidationError

from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.document import Document


def translate(error: ValidationError, document: Document) -> list[Diagnostic]:
    """One diagnostic for each error."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        path = tuple(part for part in item["loc"] if not str(part).startswith("@"))
        context = item.get("ctx", {})
        found.append(
            Diagnostic(
                *document.place(path),
                context.get("code", item["type"]),
                ".".join(map(str, path)),
                context.get("message", item["msg"]),
                context.get("remedy", ""),
            )
        )
    return found
