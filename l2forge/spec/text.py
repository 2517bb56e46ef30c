"""Reading a spec's file: bytes within limits, then text. What is wrong with it is one diagnostic."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from l2forge.spec.diagnostics import Diagnostic

MAX_BYTES = 1 << 20
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


class UnreadableError(Exception):
    """The file is not a text that can be parsed; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def display_name(path: str | os.PathLike[str]) -> str:
    """The file's name as messages print it: on one line, encodable everywhere."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def read_text(path: str | os.PathLike[str]) -> str:
    """The file's text with Unix line ends and without a byte-order mark. Raises UnreadableError."""
    name = display_name(path)
    return decode(_read_bytes(path, name), name)


def _read_bytes(path: str | os.PathLike[str], name: str) -> bytes:
    def fail(code: str, message: str, remedy: str) -> UnreadableError:
        return UnreadableError(Diagnostic(name, 1, 1, code, "", message, remedy))

    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise fail("file-missing", "there is no such file", _nearby(path)) from None
    except IsADirectoryError:
        raise fail("file-is-directory", "this is a directory", _specs_inside(path)) from None
    except PermissionError:
        raise fail("file-unreadable", "no permission to read this file", "run `chmod +r` on it") from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        if isinstance(error, OSError) and error.errno == errno.ENXIO:
            reason = "it is a device or a socket"
        raise fail("file-unreadable", f"this file cannot be read ({reason})", "name a TOML file") from None
    if len(data) > MAX_BYTES:
        raise fail(
            "file-too-large", f"a spec has at most {MAX_BYTES} bytes", "check that this is the spec you mean"
        )
    return data


def decode(data: bytes, name: str) -> str:
    """The text of a spec's bytes. Raises UnreadableError at the first byte that is not text."""
    if data.startswith(_WIDE_MARKS):
        raise UnreadableError(
            Diagnostic(name, 1, 1, "not-utf8", "", "this file is UTF-16", "save it as UTF-8")
        )
    data = data.removeprefix(_UTF8_MARK)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, col = _line_col(data[: error.start])
        byte = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise UnreadableError(
            Diagnostic(name, line, col, "not-utf8", "", byte, "save the file as UTF-8 text")
        ) from None
    nul = text.find("\x00")
    if nul >= 0:
        line, col = _line_col(text[:nul].encode())
        raise UnreadableError(
            Diagnostic(name, line, col, "not-text", "", "a zero byte", "name a TOML file, not a binary one")
        )
    return text.replace("\r\n", "\n")


def _line_col(before: bytes) -> tuple[int, int]:
    line = before.count(b"\n") + 1
    return line, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1


def _nearby(path: str | os.PathLike[str]) -> str:
    from difflib import get_close_matches

    wanted = Path(path)
    try:
        names = [entry.name for entry in os.scandir(wanted.parent) if entry.name.endswith(".toml")][:1000]
    except OSError:
        return f"there is no directory {display_name(wanted.parent)} either"
    close = get_close_matches(wanted.name, names, n=1)
    if close:
        return f"did you mean {display_name(wanted.parent / close[0])}?"
    return "run `l2forge new DIR` to make a venue, or `l2forge presets` to see complete specs"


def _specs_inside(path: str | os.PathLike[str]) -> str:
    try:
        names = sorted(entry.name for entry in os.scandir(path) if entry.name.endswith(".toml"))
    except OSError:
        names = []
    example = names[0] if names else "venue.toml"
    return f"name a file, such as {display_name(Path(path) / example)}"
