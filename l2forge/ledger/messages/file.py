"""Files of signed messages: a JSON list of objects, read one by one, so that a broken one can be named.

Each object has `public_key` (0x and 80 hex digits), `chain_id`, `tx_type`, `tx_info` (the object a client
sends, or its text), `hash` (80 hex digits), and maybe `secret_key`. Hex is in lower case, and every value has
one spelling only, so that no character of a message can change unseen.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from l2forge.errors import InputError
from l2forge.ledger.messages.fields import describe
from l2forge.ledger.messages.parse import STRICT

MAX_BYTES = 1 << 28
_SPACE = " \t\r\n"
_GLIMPSE = 4_000
_INFO = '"tx_info"'
_NUMBER = re.compile(r'"(tx_type|AccountIndex|FromAccountIndex|SourceIndex|Nonce)"\s*:\s*(\d{1,20})\s*[,}]')


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a file: its number from 1, its first line, its object, and whether its JSON is broken.

    Of a broken one, `raw` holds what could be made out of its type, account and nonce.
    """

    number: int
    line: int
    raw: dict[str, Any]
    broken: str = ""


class MessageFileError(InputError):
    """A file that is no list of messages."""


def read_entries(path: Path) -> list[Entry]:
    """The messages of a file; reading ends at the first whose JSON is broken.

    Raises `MessageFileError` with the place where the file is not such a list, and OSError.
    """
    if not path.is_file():
        raise MessageFileError(f"{path}: no such file", remedy="check the path")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise MessageFileError(f"{path}: {size} bytes are too many", remedy=f"split it below {MAX_BYTES}")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        reason = f"{path}: byte {problem.start} is not UTF-8"
        raise MessageFileError(reason, remedy="save it as UTF-8") from None
    return read_text(text, path)


def read_text(text: str, path: Path) -> list[Entry]:
    """The messages of a text; `path` is named in errors. Raises `MessageFileError`."""
    return list(_Reader(path, text).entries())


class _Reader:
    """A cursor over the text of a file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text, self._at = path, text, 0
        self._decoder = json.JSONDecoder(**STRICT)
        self._lines = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]

    def entries(self) -> Iterator[Entry]:
        """Every message, up to the first that is broken."""
        self._expect("[", "a list of messages begins with [")
        for number in count(1):
            entry = self._entry(number)
            yield entry
            if entry.broken:
                return
            if self._next() == "]":
                break
            self._at += 1  # past the comma that `_entry` has seen
        self._expect("]", "")
        if self._next():
            raise self._malformed("nothing follows a list of messages")

    def _entry(self, number: int) -> Entry:
        """The message at the cursor, which moves behind it; broken unless a comma or the end follows."""
        self._next()
        start = self._at
        line = bisect_right(self._lines, start)

        def broken(reason: str) -> Entry:
            return Entry(number, line, self._glimpse(start), reason)

        try:
            raw, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as problem:
            if problem.pos >= len(self._text.rstrip(_SPACE)):
                self._at = problem.pos
                raise self._malformed("a list of messages ends with ]") from None
            return broken(f"line {problem.lineno} column {problem.colno}: {problem.msg}")
        except (ValueError, RecursionError) as problem:
            return broken(str(problem) or "nested too deeply")
        follows = self._next()
        if not follows:
            raise self._malformed("a list of messages ends with ]")
        if follows not in (",", "]"):
            return broken(f"{self._place()}: {follows!r} follows the message")
        if not isinstance(raw, dict):
            return broken(f"{describe(raw)} is not an object")
        return Entry(number, line, raw)

    def _glimpse(self, start: int) -> dict[str, Any]:
        """Type, account and nonce of the message at `start` that is no JSON, as far as they can be seen."""
        text = self._text[start : start + _GLIMPSE]
        if text.count(_INFO) > 1:
            text = text[: text.find(_INFO, text.find(_INFO) + 1)]
        seen = {match[1]: int(match[2]) for match in reversed(list(_NUMBER.finditer(text)))}
        number = {"tx_type": seen.pop("tx_type")} if "tx_type" in seen else {}
        return {**number, "tx_info": seen}

    def _next(self) -> str:
        """The next character that is no white space, "" at the end."""
        while self._at < len(self._text) and self._text[self._at] in _SPACE:
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _expect(self, character: str, reason: str) -> None:
        if self._next() != character:
            raise self._malformed(reason)
        self._at += 1

    def _place(self) -> str:
        line = bisect_right(self._lines, self._at)
        return f"line {line} column {self._at - self._lines[line - 1] + 1}"

    def _malformed(self, reason: str) -> MessageFileError:
        found = describe(self._text[self._at : self._at + 12]) if self._next() else "the end of the file"
        return MessageFileError(
            f"{self._path}: {self._place()}: {found}, but {reason}",
            remedy="docs/messages.md says what such a file looks like",
        )
