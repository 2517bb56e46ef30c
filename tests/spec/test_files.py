"""Whatever a path leads to, the answer is one finding with a place and a remedy, soon."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from l2forge.spec import load_spec
from l2forge.spec.text import MAX_BYTES
from tests.spec.bad_specs import EXAMPLES

BOOK = (EXAMPLES / "order_book.toml").read_bytes()
JUNK = bytes(range(256)) * 64


MAX_CALLS = 4_000_000


@contextmanager
def work_within_budget() -> Iterator[None]:
    """Hold the number of calls below what takes about a second, on any machine and under any load."""
    n_calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
    assert n_calls < MAX_CALLS


def codes(path: Path) -> list[tuple[str, int, int]]:
    """(code, line, column) of what is found."""
    loaded = load_spec(path)
    assert loaded.spec is None
    assert all(item.message and item.remedy and "\n" not in str(item) for item in loaded.diagnostics)
    return [(item.code, item.line, item.col) for item in loaded.errors]


@pytest.mark.parametrize(
    "data, code, line, col",
    [
        (JUNK, "not-utf8", 2, 118),
        (b"\x7fELF\x00\x01", "not-text", 1, 5),
        (BOOK.replace(b"alpha", "größe".encode("latin-1")), "not-utf8", 6, 11),
        (BOOK.decode().encode("utf-16"), "not-utf8", 1, 1),
        (BOOK + b"# " + b"x" * MAX_BYTES, "file-too-large", 1, 1),
        (b"x = " + b"[" * 200_000, "too-large", 1, 21),
        (b"x = " + b"{a=" * 200_000, "too-large", 1, 51),
        (b".".join([b"a"] * 200_000) + b" = 1", "too-large", 1, 32),
        (b"[" + b".".join([b"a"] * 200_000) + b"]", "too-large", 1, 33),
        (b"[[a]]\n" * 100_000, "too-large", 20_001, 1),
        (b"x = [" + b"1," * 100_000 + b"]", "too-large", 1, 40_004),
        (b"x = " + b"1" * 500_000, "too-large", 1, 5),
        (b"x" * 500_000 + b" = 1", "too-large", 1, 1),
        (b'x = "' + b"a" * 500_000, "syntax", 1, 500_006),
        (b"x = 1\r", "syntax", 1, 6),
    ],
)
def test_what_is_no_spec(tmp_path: Path, data: bytes, code: str, line: int, col: int) -> None:
    path = tmp_path / "venue.toml"
    path.write_bytes(data)
    with work_within_budget():
        assert codes(path) == [(code, line, col)]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"k{n} = 1" for n in range(19_000)),
        "\n".join(f"[t{n}]\nname = 1.5" for n in range(9_000)),
        "schema = 1\n" + "[[markets]]\n" * 19_000,
        "schema = 1\nmarkets = [" + "{}," * 19_000 + "]",
        "schema = 1\n" + "".join(f'[[oracles]]\nid = "o{n}"\n' for n in range(9_000)),
        "schema = 1\nvenue = [" + "[[[[[[[[[[1]]]]]]]]]]," * 1_500 + "]",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o"
        + ".p = 1\n"
        + "\n".join(f"[a{n}.b.c.d.e.f.g.h]" for n in range(15_000)),
        "x = '''" + "'" * 400_000,
        "[" * 400_000,
        '"' * 400_000,
        "\n" * 900_000 + "=",
        "# comment\n" * 90_000 + "=",
        "x = " + "{ " * 400_000,
    ],
    ids=range(13),
)
def test_large_nonsense_is_answered_soon(tmp_path: Path, text: str) -> None:
    path = tmp_path / "venue.toml"
    path.write_text(text)
    with work_within_budget():
        assert codes(path)


def test_a_file_of_50_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "venue.toml"
    with path.open("wb") as file:
        file.truncate(50 << 20)
    assert codes(path) == [("file-too-large", 1, 1)]


def test_a_missing_file_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "venue.toml").write_bytes(BOOK)
    (finding,) = load_spec(tmp_path / "venu.toml").diagnostics
    assert finding.code == "file-missing"
    assert finding.remedy == f"did you mean {tmp_path / 'venue.toml'}?"
    assert codes(tmp_path / "none" / "venue.toml") == [("file-missing", 1, 1)]


def test_a_directory_is_answered_with_the_spec_inside(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_bytes(BOOK)
    (finding,) = load_spec(tmp_path).diagnostics
    assert (finding.code, finding.remedy) == (
        "file-is-directory",
        f"name a file, such as {tmp_path / 'my.toml'}",
    )


@pytest.mark.parametrize("name", ["a\x00b", "a" * 5_000, ""])
def test_a_path_that_cannot_be(name: str) -> None:
    assert load_spec(name).errors


def test_a_name_of_odd_bytes_is_printable(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.toml")
    (finding,) = load_spec(path).errors
    assert str(finding).encode("utf-8").isascii() and "\n" not in str(finding)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + BOOK, BOOK.replace(b"\n", b"\r\n"), BOOK.rstrip(b"\n")])
def test_marks_and_line_ends_of_other_editors_are_accepted(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "venue.toml"
    path.write_bytes(data)
    assert load_spec(path).spec is not None


def test_columns_count_characters_and_lines_survive_other_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "venue.toml"
    text = BOOK.decode().replace('{ symbol = "USDC", decimals = 6 }', '{ symbol = "ÜSDC", decimals = 99 }')
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert codes(path) == [("bad-text", 8, 25), ("out-of-range", 8, 44)]


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root, as whom tests may run, may read everything
    assert codes(tmp_path / "venue.toml") == [("file-unreadable", 1, 1)]


def test_a_device_is_read_no_further_than_the_limit() -> None:
    assert codes(Path("/dev/zero")) == [("file-too-large", 1, 1)]
