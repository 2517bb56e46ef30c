"""Findings as text, as JSON and as SARIF 2.1.0 (OASIS), the format that code hosts show beside a change."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from l2forge import __version__
from l2forge.spec.catalogue import entries
from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.load import LoadedSpec


def text_report(checked: list[LoadedSpec]) -> str:
    """One line for each finding; empty where there is none."""
    return "\n".join(str(item) for loaded in checked for item in loaded.diagnostics)


def summary(checked: list[LoadedSpec]) -> str:
    """How many findings of each severity, in one line."""
    counts = Counter(item.severity for loaded in checked for item in loaded.diagnostics)
    files = f"{len(checked)} spec" + ("s" if len(checked) > 1 else "")
    found = [f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in Severity if counts[kind]]
    return f"{files}: {', '.join(found) or 'no findings'}"


def json_report(checked: list[LoadedSpec]) -> str:
    """`{"specs": [{"file", "ok", "hash", "findings": [...]}]}`; hash is null where there are errors."""
    specs = [
        {
            "file": loaded.source.file,
            "ok": not loaded.errors,
            "hash": None if loaded.spec is None else loaded.hash(),
            "findings": [_finding(item) for item in loaded.diagnostics],
        }
        for loaded in checked
    ]
    return json.dumps({"l2forge": __version__, "specs": specs}, indent=2, ensure_ascii=False)


def _finding(item: Diagnostic) -> dict[str, Any]:
    names = ("file", "line", "col", "severity", "code", "key", "message", "remedy")
    return {name: getattr(item, name) for name in names}


def sarif_report(checked: list[LoadedSpec]) -> str:
    """One run with one result for each finding; columns count Unicode code points."""
    found = [item for loaded in checked for item in loaded.diagnostics]
    known = entries()
    rules = sorted({item.code for item in found})
    driver = {"name": "l2forge", "version": __version__, "rules": [_rule(code, known) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, rules) for item in found],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: str, known: dict[str, Any]) -> dict[str, Any]:
    entry = known[code]
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.why},
        "defaultConfiguration": {"level": str(entry.severity)},
    }


def _result(item: Diagnostic, rules: list[str]) -> dict[str, Any]:
    text = f"{item.key}: {item.message}" if item.key else item.message
    place = {
        "artifactLocation": {"uri": quote(item.file)},
        "region": {"startLine": item.line, "startColumn": item.col},
    }
    return {
        "ruleId": item.code,
        "ruleIndex": rules.index(item.code),
        "level": str(item.severity),
        "message": {"text": f"{text}; {item.remedy}" if item.remedy else text},
        "locations": [{"physicalLocation": place}],
    }
