"""Where every key and value of a TOML document stands: one pass over the text, linear and bounded.

The scanner follows the document's structure (tables, arrays of tables, dotted keys, inline tables, arrays)
and notes an offset for each key and each value; tomli gives the values themselves. It runs before tomli, so
that its limits (depth, number of keys, length of a number) protect tomli as well. Where the text is not
TOML, the scanner stops in silence: tomli then says why.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field

import tomli

Path = tuple[str | int, ...]

MAX_DEPTH = 16
MAX_ENTRIES = 20_000
MAX_KEY_LENGTH = 200
MAX_NUMBER_LENGTH = 200

_BLANK = re.compile(r"(?>[ \t\n]++|#[^\n]*+)*+")
_SPACE = re.compile(r"[ \t]*+")
_LINE_END = re.compile(r"[ \t]*+(?:#[^\n]*+)?(?:\n|\Z)")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?>[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
_STRING = re.compile(
    r'"""(?>[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?>[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?>[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
)
_SCALAR = re.compile(r"[^\s,\]}\[{#=\"']++(?: [0-9]{2}:[0-9:.]++[^\s,\]}#]*+)?")


class LimitError(Exception):
    """The document is larger or deeper than a spec may be."""

    def __init__(self, offset: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.remedy = remedy


class _StopScan(Exception):
    """Not TOML from here on."""


@dataclass
class Positions:
    """Offsets of keys and values by path, and the keys written twice (path, second offset, first offset)."""

    text: str
    values: dict[Path, int] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)
    twice: list[tuple[Path, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lines = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_col(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset into the text."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def scan(text: str) -> Positions:
    """The positions in a document with Unix line ends. Raises LimitError."""
    scanner = _Scanner(text)
    with suppress(_StopScan):
        scanner.document()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Positions(text)
        self.table: Path = ()
        self.array_lengths: dict[Path, int] = {}
        self.headers: set[Path] = set()
        self.entries = 0

    def document(self) -> None:
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table)
            match = _LINE_END.match(self.text, self.at)
            if match is None:
                raise _StopScan
            self.at = match.end()

    def _header(self) -> None:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        self._skip(_SPACE)
        path: Path = ()
        parts = self._dotted_key()
        for part, offset in parts[:-1]:
            path = self._enter((*path, part), start, offset)
        path = (*path, parts[-1][0])
        self._expect("]]" if is_array else "]")
        self._note_key(path, parts[-1][1])
        self._count(path, start)
        is_known_array = path in self.array_lengths
        if (
            (path in self.found.values and not is_known_array)
            if is_array
            else (path in self.headers or is_known_array)
        ):
            self.found.twice.append((path, parts[-1][1], self.found.keys[path]))
        if is_array:
            index = self.array_lengths.get(path, 0)
            self.array_lengths[path] = index + 1
            self.found.values.setdefault(path, start)
            path = (*path, index)
            self.found.keys[path] = self.found.values[path] = start
        else:
            self.headers.add(path)
            self.found.values[path] = start
        self.table = path

    def _enter(self, path: Path, value: int, key: int) -> Path:
        """The path of a table on the way of a dotted key: an array of tables means its last table."""
        self._count(path, key)
        self._note_key(path, key)
        self.found.values.setdefault(path, value)
        if path in self.array_lengths:
            return (*path, self.array_lengths[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        parts = self._dotted_key()
        path = table
        for part, offset in parts[:-1]:
            path = (*path, part)
            self._count(path, offset)
            self._note_key(path, offset)
            self.found.values.setdefault(path, offset)
        path = (*path, parts[-1][0])
        offset = parts[-1][1]
        self._count(path, offset)
        self._expect("=")
        self._skip(_SPACE)
        if path in self.found.values:
            self.found.twice.append((path, offset, self.found.keys.get(path, offset)))
        self._note_key(path, offset)
        self._value(path)

    def _value(self, path: Path) -> None:
        self.found.values.setdefault(path, self.at)
        char = self.text[self.at : self.at + 1]
        if char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            if match is None:
                raise _StopScan
            if char not in "\"'" and match.end() - match.start() > MAX_NUMBER_LENGTH:
                raise LimitError(self.at, "this number is too long", "write fewer digits")
            self.at = match.end()

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            item = (*path, index)
            self._count(item, self.at)
            self.found.keys[item] = self.at
            self._value(item)
            index += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise _StopScan

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("}", self.at):
                raise _StopScan

    def _dotted_key(self) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        while True:
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise _StopScan
            parts.append((self._key_text(match[0]), self.at))
            self.at = match.end()
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            if len(parts) >= MAX_DEPTH:
                raise LimitError(self.at, f"more than {MAX_DEPTH} levels", "write the keys that a spec has")
            self.at += 1
            self._skip(_SPACE)

    def _key_text(self, raw: str) -> str:
        if len(raw) > MAX_KEY_LENGTH:
            raise LimitError(self.at, "this key is too long", "write the keys that a spec has")
        if raw[0] == "'":
            return raw[1:-1]
        if raw[0] != '"':
            return raw
        if "\\" not in raw:
            return raw[1:-1]
        try:
            return str(tomli.loads(f"x = {raw}")["x"])
        except tomli.TOMLDecodeError:
            raise _StopScan from None

    def _note_key(self, path: Path, offset: int) -> None:
        self.found.keys.setdefault(path, offset)

    def _count(self, path: Path, offset: int) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise LimitError(offset, f"more than {MAX_ENTRIES} keys and values", "a spec has a few hundred")
        if len(path) > MAX_DEPTH:
            raise LimitError(offset, f"more than {MAX_DEPTH} levels", "a spec has at most five")

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def _expect(self, token: str) -> None:
        self._skip(_SPACE)
        if not self.text.startswith(token, self.at):
            raise _StopScan
        self.at += len(token)
