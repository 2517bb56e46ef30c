"""Whatever a spec without errors says, warnings and explanation have words for it."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2forge.compile.explain import explain_spec
from l2forge.compile.explain.render import as_json, as_text
from l2forge.compile.resolve import resolve
from l2forge.resources import resource_dir
from l2forge.spec.load import loads_spec
from l2forge.spec.warnings import economic_warnings

TEXTS = [
    (resource_dir("presets") / f"{name}.toml").read_text()
    for name in ("minimal", "perp_v1", "drift", "validium", "optimistic")
]
EXTREMES = {
    "duration": ["1ms", "250ms", "1s", "1h", "36500d"],
    "rate": ["0%", "0.0000001%", "1bps", "50%", "99%", "100%", "100000000%"],
    "amount": ["0", "0.000001", "1", "1000000", "999999999999"],
    "integer": ["0", "1", "2", "16", "255", "1048576"],
}
FORMS = {
    "duration": re.compile(r'"[0-9.]+(?:ms|s|m|h|d)"'),
    "rate": re.compile(r'"-?[0-9.]+(?:%|bps)"'),
    "amount": re.compile(r'"[0-9.]+"'),
    "integer": re.compile(r"(?<== )[0-9]+\b"),
}


@st.composite
def extreme_specs(draw: st.DrawFn) -> str:
    """A preset with a few values replaced by extreme ones of the same form."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(FORMS)))
        places = [match.span() for match in FORMS[kind].finditer(text)]
        start, end = draw(st.sampled_from(places))
        value = draw(st.sampled_from(EXTREMES[kind]))
        text = text[:start] + (value if kind == "integer" else f'"{value}"') + text[end:]
    return text


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(extreme_specs())
def test_extreme_values_have_words(text: str) -> None:
    loaded = loads_spec(text)
    warnings = economic_warnings(loaded)
    if loaded.spec is None:
        assert warnings == []
        return
    for warning in warnings:
        assert not re.search(r"\b(nan|inf)\b", warning.message)
    if resolve(loaded):
        return
    explanation = explain_spec(loaded)
    assert as_text(explanation)
    assert as_json(explanation)
    values = [fact.value for section in explanation.sections for fact in section.facts]
    assert all(math.isfinite(value) for value in values if isinstance(value, float))


@pytest.mark.parametrize("text", TEXTS)
def test_the_texts_are_specs(text: str) -> None:
    assert loads_spec(text).errors == []
