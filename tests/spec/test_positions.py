"""The scanner finds every key and value that tomli finds, where a reader sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from l2forge.spec.positions import LimitError, scan

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.toml"))

DOCUMENT = """\
# comment with "quotes" and = [brackets]
top = "a # b"  # after
dotted.inner = 1
"quoted key".'literal' = 2

[table]   # comment
  array = [
    1, # one
    { x = 2 },
  ]
  text = \"\"\"
[not.a.table]
"" still text\"\"\"
[[list]]
a = 1
[list.sub]
b = 2
[[list]]
a = 3
[list.sub]
b = 4
"""


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values in a parsed document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


@pytest.mark.parametrize(
    "path, line, col",
    [
        (("top",), 2, 7),
        (("dotted",), 3, 1),
        (("dotted", "inner"), 3, 16),
        (("quoted key", "literal"), 4, 26),
        (("table",), 6, 1),
        (("table", "array"), 7, 11),
        (("table", "array", 0), 8, 5),
        (("table", "array", 1), 9, 5),
        (("table", "array", 1, "x"), 9, 11),
        (("table", "text"), 11, 10),
        (("list", 0), 14, 1),
        (("list", 0, "sub", "b"), 17, 5),
        (("list", 1), 18, 1),
        (("list", 1, "a"), 19, 5),
        (("list", 1, "sub"), 20, 1),
    ],
)
def test_places(path: tuple[str | int, ...], line: int, col: int) -> None:
    found = scan(DOCUMENT)
    assert found.line_col(found.values[path]) == (line, col)


@pytest.mark.parametrize("text", [DOCUMENT, *(path.read_text() for path in EXAMPLES)])
def test_every_value_has_a_place(text: str) -> None:
    found = scan(text)
    expected = set(paths(tomli.loads(text)))
    assert expected <= set(found.values)
    assert expected <= set(found.keys)


KEYS = st.text("ab-_9", min_size=1, max_size=3) | st.text(min_size=0, max_size=4).map(
    lambda text: (
        '"' + "".join(f"\\U{ord(char):08X}" for char in text if not 0xD800 <= ord(char) < 0xE000) + '"'
    )
)
SCALARS = st.sampled_from(
    [
        "1",
        "-0.5e3",
        "true",
        "inf",
        "'lit # ]'",
        '"s \\" }"',
        "1979-05-27 07:32:00Z",
        "0xDEAD",
        '"""a\n"b"\n"""',
        "'''x\n]'''",
    ]
)
SPACE = st.sampled_from(["", " ", "\t "])
BREAK = st.sampled_from(["", " ", "\n", " # c ] }\n", "\n\n"])


def arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Arrays of values with spaces, line breaks and comments."""
    item = st.builds(lambda a, v, b: a + v + b, BREAK, values, BREAK)
    return st.lists(item, max_size=3).map(lambda items: "[" + ",".join(items) + "]")


def inline_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Inline tables of values."""
    pair = st.builds(lambda key, space, value: f"{space}{key}{space}={space}{value}", KEYS, SPACE, values)
    return st.lists(pair, max_size=3).map(lambda pairs: "{" + ",".join(pairs) + "}")


VALUES = st.recursive(SCALARS, lambda values: arrays(values) | inline_tables(values), max_leaves=6)
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
LINES = (
    st.builds(lambda key, space, value: f"{space}{key}{space}={space}{value}", DOTTED, SPACE, VALUES)
    | DOTTED.map(lambda key: f"[{key}]")
    | DOTTED.map(lambda key: f"[[ {key} ]] # c")
)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_the_scanner_agrees_with_tomli(text: str) -> None:
    found = scan(text)
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    assert not found.twice
    assert set(paths(data)) <= set(found.values)
    for path, offset in found.values.items():
        assert 0 <= offset <= len(text), path


@given(st.text(alphabet="[]{}=\"'.,\n# ab1\\", max_size=60))
def test_any_text_is_scanned(text: str) -> None:
    try:
        found = scan(text)
        data = tomli.loads(text)
    except (tomli.TOMLDecodeError, LimitError):
        return
    assert not found.twice
    assert set(paths(data)) <= set(found.values)
