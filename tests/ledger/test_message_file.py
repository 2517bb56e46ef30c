"""Files of messages: whatever single character changes, the message is named; and files that are none."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from l2forge.ledger.messages.file import Entry, MessageFileError, read_entries, read_text
from l2forge.ledger.messages.verify import Problem, title, unsigned_fields, verify_entries
from tests.ledger.signed_messages import MESSAGES, OTHER_MESSAGES, OTHER_PATH, PATH

FILE = Path("messages.json")
CHARACTERS = string.digits + string.ascii_letters + string.punctuation + " é"
EXAMPLES = {m["tx_type"]: m for m in [*OTHER_MESSAGES, *MESSAGES]}
# Leaves of a message: numbers, and the text between quotes, after a colon or in a list.
VALUE = re.compile(r'(?<=[:\[,]) *("[^"]*"|[0-9]+)(?! *:)')


def problems_of(text: str) -> list[Problem]:
    return verify_entries(read_text(text, FILE))


def value_places(text: str) -> Iterator[int]:
    """The places of all characters of values, the quotes around them left out."""
    for match in VALUE.finditer(text):
        start, end = match.span(1)
        quoted = text[start] == '"'
        yield from range(start + quoted, end - quoted)


def with_other(text: str, place: int, character: str) -> str:
    return text[:place] + character + text[place + 1 :]


def test_all_messages_of_the_public_signer_are_valid() -> None:
    for path, count in ((PATH, 240), (OTHER_PATH, 60)):
        entries = read_entries(path)
        assert [entry.number for entry in entries] == list(range(1, count + 1))
        assert verify_entries(entries) == []


@pytest.mark.parametrize("number", sorted(EXAMPLES))
def test_any_changed_character_of_a_value_is_found(number: int) -> None:
    """Every character of every value, once to another of its kind and once to any."""
    rng = random.Random(number)
    text = json.dumps([EXAMPLES[number]])
    entries = []
    for place in set(value_places(text)) - unsigned_places(text, EXAMPLES[number]["tx_info"]):
        kind = next(kind for kind in (string.digits, string.ascii_letters, CHARACTERS) if text[place] in kind)
        for character in {rng.choice(kind), rng.choice(CHARACTERS)} - {text[place]}:
            # a brace in a number may leave two pieces; the first is the message's
            entries.append(replace(read_text(with_other(text, place, character), FILE)[0], number=place))
    named = {problem.message for problem in verify_entries(entries)}
    unseen = [text[e.number - 20 : e.number + 20] for e in entries if e.number not in named]
    assert not unseen and len(entries) > 500


def unsigned_places(text: str, info: dict[str, Any]) -> set[int]:
    """The places of the values that the public format leaves out of its hash."""
    values = [json.dumps(info[name]) for name in ("Memo", "L1Sig") if info.get(name)]
    return {i for value in values for i in range(text.index(value), text.index(value) + len(value))}


def test_the_changed_message_of_many_is_named() -> None:
    text = PATH.read_text()
    changed = text.replace('"Price": 952158462', '"Price": 952158463')
    problems = problems_of(changed)
    assert [(p.message, p.what) for p in problems] == [(2, "hash"), (2, "signature")]
    for problem in problems:
        assert title(problem) == (
            "message 2 (type 14 create order, account 623347347958, nonce 28776045822626), line 29"
        )
        assert problem.reason and problem.remedy


@pytest.mark.parametrize(
    ("old", "new", "what", "place"),
    [
        ('"hash": "b7f2', '"hash": "b7f3', "hash", "hash"),
        ('"Sig": "qQq8', '"Sig": "qQq9', "signature", "tx_info.Sig"),
        ('"IsAsk": 1', '"IsAsk": 2', "field", "IsAsk"),
        ('"ReduceOnly"', '"ReduceOnlx"', "field", "tx_info"),
        ('"tx_type": 14', '"tx_type": 24', "field", "tx_type"),
        ('"chain_id": 88001', '"chain_id": 88002', "hash", "hash"),
        ('"secret_key": "0xd1', '"secret_key": "0xd2', "key", "secret_key"),
        ('"public_key": "0x91', '"public_key": "0x92', "signature", "tx_info.Sig"),
        ('"public_key": "0x91', '"public_key": "0X91', "field", "public_key"),
        ('"hash": "b7f2', '"hash": "B7f2', "field", "hash"),
        ('"hash"', '"Hash"', "field", "message"),
        ('"Price": 952158462', '"Price": 9521x8462', "format", ""),
        ('"Price": 952158462', '"Price": 0952158462', "format", ""),
        ('"Price": 952158462', '"Price": 952158462.0', "format", ""),
        ('"Nonce": 28', '"Price": 28', "format", ""),
        ('"chain_id": 88001', '"chain_id": 8}001', "format", ""),
        ('"Sig": "qQq8', '"Sig": "qQ"8', "format", ""),
    ],
)
def test_what_differs_is_said(old: str, new: str, what: str, place: str) -> None:
    text = json.dumps(MESSAGES[:3], indent=0)
    second = text.index('"secret_key"', text.index('"secret_key"') + 1)
    at = text.index(old, second)
    problems = problems_of(text[:at] + new + text[at + len(old) :])
    assert {problem.message for problem in problems} == {2}
    assert (what, place) in {(problem.what, problem.place) for problem in problems}
    assert "account 623347347958" in title(problems[0]) or '"tx_info"' in new


def test_a_broken_message_ends_the_reading_but_those_before_it_are_checked() -> None:
    text = json.dumps(MESSAGES[:4])
    first_price = json.dumps(MESSAGES[0]["tx_info"]["Price"])
    text = text.replace(first_price, str(int(first_price) ^ 1), 1)
    at = text.rindex('"tx_type"')
    problems = problems_of(text[:at] + text[at + 1 :])
    assert [problem.message for problem in problems] == [1, 1, 4]


def test_messages_whose_text_is_nested_or_without_secret() -> None:
    message: dict[str, Any] = {k: v for k, v in MESSAGES[0].items() if k != "secret_key"}
    message["tx_info"] = json.dumps(message["tx_info"])
    assert problems_of(json.dumps([message])) == []
    message["tx_info"] = message["tx_info"].replace('"IsAsk": 1', '"IsAsk": 0')
    assert [p.what for p in problems_of(json.dumps([message]))] == ["hash", "signature"]


def test_fields_that_the_signature_does_not_cover_are_listed() -> None:
    assert unsigned_fields(read_entries(PATH)) == []
    assert unsigned_fields(read_entries(OTHER_PATH)) == ["L1Sig", "Memo"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1 column 1"),
        ("{}", "line 1 column 1"),
        ("\ufeff[]", "line 1 column 1"),
        ("\n\n hello", "line 3 column 2"),
        ("[", "line 1 column 2"),
        ('[{"a": 1', "line 1 column 9"),
        ('[{"a": 1}', "line 1 column 10"),
        ('[{"a": 1}\n] x', "line 2 column 3"),
    ],
)
def test_files_that_are_no_list_are_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(MessageFileError, match=f"messages.json: {place}") as raised:
        read_text(text, FILE)
    assert raised.value.exit_status == 2 and raised.value.remedy


def test_nesting_without_end_is_refused() -> None:
    """As a broken message, or where the interpreter's stack reaches to its end, as a file that ends early."""
    try:
        entries: list[Entry] = read_text("[" * 5_000, FILE)
    except MessageFileError as error:
        assert "line 1 column 5001" in str(error)
    else:
        assert entries[-1].broken


@pytest.mark.parametrize("text", ["[]", "[5]", "[[]]", '[{"a": 1}, ]', '[{"a": 1, "a": 2}]'])
def test_lists_of_what_is_no_message(text: str) -> None:
    entries: list[Entry] = read_text(text, FILE)
    assert entries[-1].broken or entries[-1].raw == {"a": 1}
    assert verify_entries(entries)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MessageFileError, match="no such file"):
        read_entries(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'["\xe9"]')
    with pytest.raises(MessageFileError, match="byte 2 is not UTF-8"):
        read_entries(tmp_path / "latin.json")
