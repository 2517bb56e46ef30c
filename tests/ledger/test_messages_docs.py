"""The tables of docs/messages.md say what the code does."""

from __future__ import annotations

from pathlib import Path

from l2forge.ledger.messages import TYPES
from l2forge.ledger.messages.attributes import ATTRIBUTES, SELF_TRADE_BEHAVIOR, SKIP_NONCE
from l2forge.ledger.messages.fields import Integer
from l2forge.ledger.messages.served import REFUSED_ATTRIBUTES, REFUSED_TYPES

TEXT = (Path(__file__).parent.parent.parent / "docs" / "messages.md").read_text()
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and line[2].isdigit()]


def test_types() -> None:
    expected = []
    for kind in TYPES.values():
        fields = [f"{f.name} (2)" if isinstance(f, Integer) and f.halves else f.name for f in kind.hashed]
        code, remedy = REFUSED_TYPES.get(kind.number, (None, ""))
        served = f"{code.number}: {remedy}" if code else "yes"
        expected.append(f"| {kind.number} | {kind.name} | {', '.join(fields)} | {served} |")
    assert ROWS[: len(TYPES)] == expected


def test_attributes() -> None:
    expected = []
    for a in ATTRIBUTES.values():
        served = {SKIP_NONCE: "yes", SELF_TRADE_BEHAVIOR: "if it is the spec's own"}.get(a.number)
        served = served or f"no: {REFUSED_ATTRIBUTES[a.number]}"
        expected.append(f"| {a.number} | {a.name} | {a.low} … {a.high} | {a.neutral} | {served} |")
    assert ROWS[len(TYPES) :] == expected
