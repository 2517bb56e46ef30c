"""A parsed TOML document: its values, and the place of each key and value through merges and moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import tomli

from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.positions import LimitError, Path, Positions, scan
from l2forge.spec.text import UnreadableError, display_name

__all__ = ["BareFloat", "Document", "Path", "Place", "parse"]


class Place(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    col: int


@dataclass(frozen=True, slots=True)
class BareFloat:
    """A number with a point or exponent outside quotes; never a value of a spec."""

    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass
class Document:
    """Values with their places. `values` holds the place of a value or table, `keys` that of its name."""

    file: str
    text: str
    data: dict[str, Any]
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """The place of a value; of the table around it where it is absent; of the file's start at last."""
        return self._nearest(self.values, path)

    def key_place(self, path: Path) -> Place:
        """The place of a key's name, or as `place`."""
        return self.keys[path] if path in self.keys else self._nearest(self.values, path)

    def take(self, path: Path) -> Any:
        """Remove a key that is there, with all below it, and return its value."""
        table = self._table(path[:-1])
        value = table.pop(path[-1])
        for places in (self.values, self.keys):
            for below in [other for other in places if other[: len(path)] == path]:
                del places[below]
        return value

    def move(self, old: Path, new: Path) -> None:
        """Give a key that is there another path; its places go with it. Tables on the way are made."""
        moved = [
            (places, path, places[path])
            for places in (self.values, self.keys)
            for path in places
            if path[: len(old)] == old
        ]
        value = self.take(old)
        self.put(new, value)
        for places, path, place in moved:
            places[(*new, *path[len(old) :])] = place

    def put(self, path: Path, value: Any) -> None:
        """Write a value; it has no place of its own, so findings about it point at the table around it."""
        table: Any = self.data
        for part in path[:-1]:
            table = table[part] if isinstance(part, int) else table.setdefault(part, {})
        table[path[-1]] = value

    def _table(self, path: Path) -> Any:
        table: Any = self.data
        for part in path:
            table = table[part]
        return table

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        for length in range(len(path), 0, -1):
            found = places.get(path[:length])
            if found is not None:
                return found
        return Place(self.file, 1, 1)


def parse(text: str, file: str) -> Document:
    """The document of a TOML text with Unix line ends. Raises UnreadableError."""
    name = display_name(file)
    try:
        found = scan(text)
    except LimitError as error:
        line, col = Positions(text).line_col(error.offset)
        raise UnreadableError(
            Diagnostic(name, line, col, "too-large", "", error.message, error.remedy)
        ) from None
    if found.twice:
        raise UnreadableError(_written_twice(found, name))
    data = _load(text, name)

    def place(offset: int) -> Place:
        return Place(name, *found.line_col(offset))

    return Document(
        file=name,
        text=text,
        data=data,
        values={path: place(offset) for path, offset in found.values.items()},
        keys={path: place(offset) for path, offset in found.keys.items()},
    )


def merge(base: Document, over: Document) -> Document:
    """`over` laid on `base`: tables merge key by key, anything else (arrays too) is replaced whole."""
    merged = Document(over.file, over.text, {}, dict(base.values), dict(base.keys))
    merged.data = _merge_tables(base.data, over.data, (), merged)
    for places, own in ((merged.values, over.values), (merged.keys, over.keys)):
        places.update(own)
    return merged


def _merge_tables(base: dict[str, Any], over: dict[str, Any], path: Path, merged: Document) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        inner = (*path, key)
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            result[key] = _merge_tables(base[key], value, inner, merged)
        else:
            result[key] = value
            if isinstance(base.get(key), list | dict):
                for places in (merged.values, merged.keys):
                    for below in [other for other in places if other[: len(inner)] == inner]:
                        del places[below]
    return result


def _load(text: str, name: str) -> dict[str, Any]:
    try:
        return tomli.loads(text, parse_float=BareFloat)
    except tomli.TOMLDecodeError as error:
        raise UnreadableError(
            Diagnostic(name, error.lineno, error.colno, "syntax", "", _lower(error.msg), _remedy(error))
        ) from None
    except (RecursionError, ValueError, OverflowError):
        raise UnreadableError(
            Diagnostic(name, 1, 1, "syntax", "", "this is not TOML", 'write keys and values: name = "alpha"')
        ) from None


def _written_twice(found: Positions, name: str) -> Diagnostic:
    path, second, first = found.twice[0]
    line, col = found.line_col(second)
    key = ".".join(map(str, path))
    first_line = found.line_col(first)[0]
    return Diagnostic(
        name, line, col, "duplicate-key", key, f"already written in line {first_line}", "keep one of the two"
    )


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _remedy(error: tomli.TOMLDecodeError) -> str:
    message = error.msg
    for part, remedy in _REMEDIES:
        if part in message:
            return remedy
    return "a line of TOML is key = value, [table] or [[array of tables]]"


_REMEDIES = (
    ("Invalid value", 'write text in quotes ("alpha"), integers plain (6), true or false'),
    ("Unterminated string", "close the string with a quote on the same line"),
    ("Expected '=' after a key", "write key = value, and put text in quotes"),
    ("Invalid initial character for a key part", "a key is made of letters, digits, hyphens and underscores"),
    ("Unclosed array", "close the array with ]"),
    ("Unclosed inline table", "close the table with }"),
    ("Expected newline or end of document", "put each key on a line of its own"),
    ("Cannot declare", "write each table once; [[...]] starts another one of an array"),
    ("Cannot overwrite", "keep one of the two values"),
    ("Cannot mutate immutable", "add the key inside the braces"),
    ("Illegal character", "remove the control character (a lone carriage return is one)"),
)
