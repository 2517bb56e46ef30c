"""`l2forge message verify` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.helpers import l2forge

MESSAGES = Path(__file__).parent.parent / "vectors" / "signed_messages.json"


def test_the_public_signers_messages_are_valid() -> None:
    done = l2forge("message", "verify", MESSAGES)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "240 messages: 240 valid, 0 not\n"


def test_a_changed_digit_names_the_message(tmp_path: Path) -> None:
    changed = tmp_path / "changed.json"
    changed.write_text(MESSAGES.read_text().replace('"Price": 952158462', '"Price": 952158463'))
    done = l2forge("message", "verify", changed)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    name = "message 2 (type 14 create order, account 623347347958, nonce 28776045822626), line 29"
    assert [line.startswith(name) for line in lines] == [True, True]
    assert " hash: " in lines[0] and " signature tx_info.Sig: " in lines[1]
    assert done.stderr.endswith("240 messages: 239 valid, 1 not\n")
    report = json.loads(l2forge("message", "verify", changed, "--format", "json").stdout)
    assert (report["messages"], report["valid"]) == (240, 239)
    assert {(p["message"], p["nonce"], p["what"]) for p in report["problems"]} == {
        (2, 28776045822626, "hash"),
        (2, 28776045822626, "signature"),
    }


def test_a_file_of_something_else_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text('{"market": 1}')
    done = l2forge("message", "verify", tmp_path / "spec.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "spec.json: line 1 column 1" in done.stderr and "docs/messages.md" in done.stderr
    assert l2forge("message", "verify", tmp_path / "none.json").returncode == 2
    assert l2forge("message", "mend", MESSAGES).returncode == 2
