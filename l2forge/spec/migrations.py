"""Older specs are brought to the present version of the format when they are loaded.

`MIGRATIONS[n]` turns a document of version n into one of version n + 1, in place: it moves, takes and puts
keys (Document.move, take, put), so that findings still point at the lines that the user wrote. Every step
that ran is reported as a note. A version, once released, is never changed; a change of meaning is a new
version with its migration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.document import Document
from l2forge.spec.models.spec import SCHEMA_VERSION

Migration = Callable[[Document], None]

MIGRATIONS: dict[int, Migration] = {}


def migrate(
    document: Document, migrations: Mapping[int, Migration] = MIGRATIONS, version: int = SCHEMA_VERSION
) -> list[Diagnostic]:
    """Bring a document to `version`; what was done, or why not, as diagnostics.

    After an error the document has the version key of the present format, so that the other errors of a spec
    whose version is missing can still be found.
    """
    found = document.data.get("schema")
    place = document.place(("schema",))
    if found is None:
        document.data["schema"] = version
        remedy = f"write schema = {version} as its first line"
        message = "the spec does not say which version of the format it is written in"
        return [Diagnostic(*place, "schema-missing", "schema", message, remedy)]
    oldest = min([*migrations, version])
    if not isinstance(found, int) or isinstance(found, bool) or found < oldest:
        document.data["schema"] = version
        message = "this is no version of the format"
        return [Diagnostic(*place, "schema-unknown", "schema", message, f"write schema = {version}")]
    if found > version:
        document.data["schema"] = version
        message = f"version {found} of the format is newer than {version}, the newest that is known here"
        return [Diagnostic(*place, "schema-too-new", "schema", message, "upgrade l2forge")]
    notes = []
    for step in range(found, version):
        migrations[step](document)
        document.data["schema"] = step + 1
        message = f"read as version {step + 1} of the format"
        remedy = f"see docs/spec.md, and write schema = {step + 1} when you next change the spec"
        notes.append(Diagnostic(*place, "schema-migrated", "schema", message, remedy, Severity.NOTE))
    return notes
