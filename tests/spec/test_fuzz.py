"""Mutated specs: never a traceback, findings always well-formed.

Mutations act on bytes, on lines and on keys of the examples. In addition to the search, a mutation that only
breaks one line must not hide an error elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2forge.compile.resolve import resolve
from l2forge.spec import Severity, loads_spec
from l2forge.spec.catalogue import entries
from l2forge.spec.introspect import walk
from l2forge.spec.text import UnreadableError, decode
from l2forge.spec.warnings import economic_warnings
from tests.spec.bad_specs import EXAMPLES

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.toml"))]
KEYS = sorted({key for _, key in walk()})
VALUES = r"""
0
-1
255
1e400
nan
true
""
"0%"
"-5%"
"dev:0"
"0s"
[]
{}
[[]]
"999999999999999999"
"0.000000000000000001"
99999999999999999999999999
1979-05-27
"env:X"
"order_book"
"hybrid"
"validium"
"http"
"trimmed_mean"
"\u0000"
"𝒳"
{ a = 1 }
[{ after = "0s" }]
"18446744073709551616"
""".split("\n")[1:-1]  # noqa: SIM905 - a list would fill a page


def look(text: str) -> None:
    """Load a text and hold what comes back to its form."""
    loaded = loads_spec(text, "venue.toml")
    later = [] if loaded.spec is None else [*economic_warnings(loaded), *resolve(loaded)]
    assert (loaded.spec is None) == any(item.severity is Severity.ERROR for item in loaded.diagnostics)
    known = entries()
    n_lines = text.count("\n") + 1
    for item in [*loaded.diagnostics, *later]:
        assert item.code in known
        assert 1 <= item.line <= n_lines and item.col >= 1
        assert item.message and item.remedy
        assert "\n" not in str(item) and str(item).isprintable()
    if loaded.spec is not None:
        assert len(loaded.hash()) == 64


SEARCH = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@SEARCH
@given(st.sampled_from(TEXTS), st.integers(0, 5_000), st.integers(0, 40), st.binary(max_size=12))
def test_bytes(text: str, start: int, length: int, replacement: bytes) -> None:
    data = text.encode()
    try:
        look(decode(data[:start] + replacement + data[start + length :], "venue.toml"))
    except UnreadableError as error:
        assert error.diagnostic.code in entries()


@SEARCH
@given(st.sampled_from(TEXTS), st.data())
def test_lines(text: str, data: st.DataObject) -> None:
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
            case 2:
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    look("\n".join(lines))


@SEARCH
@given(st.sampled_from(TEXTS), st.data())
def test_keys_and_values(text: str, data: st.DataObject) -> None:
    lines = text.split("\n")
    assignments = [number for number, line in enumerate(lines) if " = " in line and not line.startswith(" ")]
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.sampled_from(assignments))
        key, _, value = lines[at].partition(" = ")
        if data.draw(st.booleans()):
            key = data.draw(st.sampled_from(KEYS))
        if data.draw(st.booleans()):
            value = data.draw(st.sampled_from(VALUES))
        lines[at] = f"{key} = {value}"
    look("\n".join(lines))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_one_bad_value_hides_no_other_error(path: Path) -> None:
    """Every value in turn is broken, beside an error in the last line and one in the first table."""
    text = path.read_text(encoding="utf-8")
    text = text.replace('rate_limit = "200/s"', 'rate_limit = "200"').replace('name = "', 'name = " ', 1)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if equals and not line.startswith((" ", "#", "schema", 'name = " ', 'rate_limit = "200"')):
            broken = "\n".join([*lines[:number], f"{key} = 0.5", *lines[number + 1 :]])
            found = {(item.line, item.code) for item in loads_spec(broken).errors}
            if not line.startswith("stages"):
                assert (number + 1, "bare-float") in found, line
                assert sum(code == "bad-text" for _, code in found) == 2, line
