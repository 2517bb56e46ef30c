"""Pydantic's errors as diagnostics: placed where a person would edit, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.document import BareFloat, Document, Path, Place
from l2forge.spec.introspect import (
    Location,
    Shape,
    homes,
    keys_of,
    selector_of,
    selectors_of,
    shape_at,
    siblings,
)
from l2forge.spec.models.base import Table
from l2forge.spec.models.values import UnitText, a, show
from l2forge.spec.wording import example, expected
from l2forge.units import decimal_text

MAX_DIAGNOSTICS = 500


def translate(error: ValidationError, document: Document) -> list[Diagnostic]:
    """The diagnostics of all of pydantic's errors, at most MAX_DIAGNOSTICS."""
    found: list[Diagnostic] = []
    for item in error.errors(include_url=False):
        found += _one(item, item["loc"], document)
        if len(found) >= MAX_DIAGNOSTICS:
            last, more = found[-1], error.error_count() - len(found)
            if more > 0:
                remedy = "mend the ones above and check again"
                found.append(
                    replace(last, code="more-findings", key="", message=f"{more} more", remedy=remedy)
                )
            break
    return found


def plain(location: Location) -> Path:
    """A location without the tags of unions: the path of keys as written."""
    return tuple(part for part in location if not (isinstance(part, str) and part.startswith("@")))


def dotted(path: Path) -> str:
    """A path as diagnostics print it: "markets.0.tick_size"."""
    return ".".join(str(part) if isinstance(part, int) or part.isascii() else show(part) for part in path)


def _one(item: ErrorDetails, location: Location, document: Document) -> Iterator[Diagnostic]:
    path = plain(location)
    value = item["input"]
    match item["type"]:
        case "l2forge" if not isinstance(value, BareFloat):
            context = item["ctx"]
            yield _at(document.place(path), context["code"], path, context["message"], context["remedy"])
        case "missing" if not _is_misspelt(location, value):
            yield _missing(location, value, document)
        case "missing":
            return  # the misspelt key has its own diagnostic: one mistake, one diagnostic
        case "extra_forbidden":
            yield _extra(location, document)
        case "selector":
            yield from _selector(location, value, document)
        case "literal_error":
            yield _choice(path, value, shape_at(location).choices, document)
        case _:
            yield _value(item, location, document)


def _at(place: Place, code: str, path: Path, message: str, remedy: str) -> Diagnostic:
    return Diagnostic(*place, code, dotted(path), message, remedy)


def _is_misspelt(location: Location, table: dict[str, Any]) -> bool:
    owners = shape_at(location[:-1]).tables
    known = list(keys_of(owners[0][1])) if owners else []
    strangers = [key for key in table if key not in known]
    return any(_nearest(key, known) == location[-1] for key in strangers[:100])


def _missing(location: Location, table: Any, document: Document) -> Diagnostic:
    path = plain(location)
    key = str(path[-1])
    shape = shape_at(location)
    owner = shape_at(location[:-1]).tables
    selector = selector_of(owner[0][1], key) if owner else None
    remedy = f"write {example(key, shape, path)}"
    if selector is None:
        kind = "this table" if len(path) > 1 else "the spec"
        return _at(document.place(path[:-1]), "missing-key", path, f"{kind} lacks `{key}`", remedy)
    where = (*path[:-1], selector)
    message = f"{selector} {show(table[selector])} needs `{key}`"
    return _at(document.place(where), "missing-key", path, message, remedy)


def _extra(location: Location, document: Document) -> Diagnostic:
    path = plain(location)
    key = str(path[-1])
    place = document.key_place(path)
    here = shape_at(location[:-1]).tables
    known = list(keys_of(here[0][1])) if here else []
    for _, table in siblings(location[:-1]):
        if key in keys_of(table):
            selector = selector_of(table, key) or next(iter(selectors_of(table)))
            value = selectors_of(here[0][1]).get(selector, "")
            message = f"`{key}` is refused with {selector} {show(value)}"
            return _at(place, "forbidden-key", path, message, "remove it")
    return _at(place, "unknown-key", path, f"there is no key {show(key)} here", _suggest(key, known))


def _suggest(key: str, known: list[str]) -> str:
    close = _nearest(key, known)
    if close is not None:
        return f"did you mean `{close}`?"
    if key in homes():
        return f"did you mean {', '.join(f'`{home}`' for home in homes()[key][:3])}?"
    return "write one of " + ", ".join(known[:20]) if known else "remove it"


def _nearest(word: str, known: list[str]) -> str | None:
    close = get_close_matches(word, known, n=1) if len(word) <= 40 else []
    return close[0] if close else None


def _choice(path: Path, value: Any, choices: tuple[Any, ...], document: Document) -> Diagnostic:
    place = document.place(path)
    listed = " or ".join(show(choice) for choice in choices)
    if isinstance(value, BareFloat):
        return _at(place, "bare-float", path, f"{value} is a bare float", f"write {listed}")
    if not isinstance(value, str):
        return _at(place, "wrong-type", path, "one of a few words belongs here", f"write {listed}")
    close = _nearest(value, list(choices))
    remedy = f"did you mean {show(close)}?" if close else f"write {listed}"
    return _at(place, "unknown-choice", path, f"{show(value)} is none of {listed}", remedy)


def _selector(location: Location, table: Any, document: Document) -> Iterator[Diagnostic]:
    """A union whose selectors do not select: each bad selector, and what is wrong in any case.

    What is wrong in any case are the errors that every member of the union would report.
    """
    path = plain(location)
    members = [member for _, member in shape_at(location).tables]
    if not isinstance(table, dict):
        yield _wrong_type(path, table, Shape(tables=(("", members[0]),)), document)
        return
    for selector in selectors_of(members[0]):
        choices = tuple(dict.fromkeys(selectors_of(member)[selector] for member in members))
        where = (*path, selector)
        if selector not in table:
            remedy = "write " + " or ".join(f'{selector} = "{choice}"' for choice in choices)
            yield _at(document.place(path), "missing-key", where, f"this table lacks `{selector}`", remedy)
        elif table[selector] not in choices:
            yield _choice(where, table[selector], choices, document)
    possible = [
        m for m in members if all(table.get(k, v) == v for k, v in selectors_of(m).items())
    ] or members
    for item in _shared_errors(possible, table):
        yield from _one(item, (*location, f"@{_tag(possible[0])}", *item["loc"]), document)


def _tag(member: type[Table]) -> str:
    return "+".join(selectors_of(member).values())


def _shared_errors(members: list[type[Table]], table: dict[str, Any]) -> list[ErrorDetails]:
    """The errors that validation of `table` meets whichever of `members` was meant."""
    shared: dict[tuple[Location, str], ErrorDetails] = {}
    for number, member in enumerate(members):
        errors: dict[tuple[Location, str], ErrorDetails] = {}
        try:
            member.model_validate(table | selectors_of(member))
        except ValidationError as error:
            errors = {(item["loc"], item["type"]): item for item in error.errors(include_url=False)}
        shared = errors if number == 0 else {key: shared[key] for key in shared if key in errors}
    return list(shared.values())


def _value(item: ErrorDetails, location: Location, document: Document) -> Diagnostic:
    path = plain(location)
    value = item["input"]
    shape = shape_at(location)
    place = document.place(path)
    context = item.get("ctx", {})
    match item["type"]:
        case "greater_than_equal" | "less_than_equal":
            bounds = expected(shape)
            return _at(place, "out-of-range", path, f"{value} is out of range", f"write {bounds}")
        case "too_long":
            limit = context["max_length"]
            message = f"{context['actual_length']} entries are too many"
            return _at(place, "wrong-length", path, message, f"write at most {limit}")
        case "too_short":
            return _at(
                place, "wrong-length", path, "this is empty", f"write at least {context['min_length']}"
            )
        case _:
            return _wrong_type(path, value, shape, document)


def _wrong_type(path: Path, value: Any, shape: Shape, document: Document) -> Diagnostic:
    place = document.place(path)
    key = str(next((part for part in reversed(path) if isinstance(part, str)), "key"))
    if isinstance(value, BareFloat):
        remedy = f"write {_float_remedy(value.text, shape)}"
        return _at(place, "bare-float", path, f"{show(value)} is a bare float", remedy)
    message = f"{a(expected(shape))} belongs here" if shape.item is None else "an array belongs here"
    if shape.base is int and isinstance(value, str) and value.isascii() and value.isdigit():
        return _at(place, "wrong-type", path, message, f"write {value[:20]} without quotes")
    if shape.item is not None and isinstance(value, dict):
        remedy = f"write [[{dotted(path)}]] with double brackets"
        return _at(place, "wrong-type", path, message, remedy)
    return _at(place, "wrong-type", path, message, f"write {example(key, shape, path)}")


def _float_remedy(text: str, shape: Shape) -> str:
    unit = shape.find(UnitText)
    if unit is None:
        return expected(shape)
    match = re.fullmatch(r"(-?)([0-9]{1,18})\.([0-9]{1,18})", text, re.ASCII)
    if match is None:
        return example("", shape)
    if unit.kind == "rate":
        hundredth = Fraction(int(match[2] + match[3]), 10 ** len(match[3])) * 100
        return f'"{match[1]}{decimal_text(hundredth)}%"'
    return f'"{text}" in quotes' if unit.kind == "amount" else f'"{text}s" if it is in seconds'
