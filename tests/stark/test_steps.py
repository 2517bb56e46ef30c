"""The steps are those of the protocol's page."""

from __future__ import annotations

import re
from pathlib import Path

from l2forge.stark.steps import ProofRejected, Step

PAGE = Path(__file__).parent.parent.parent / "docs" / "protocol.md"
ROW = re.compile(r"^\| (\d+) \| ([A-Z_]+) \|", re.MULTILINE)


def test_numbers_and_names_are_those_of_the_page() -> None:
    assert ROW.findall(PAGE.read_text()) == [(str(step.value), step.name) for step in Step]


def test_a_rejection_says_step_and_detail() -> None:
    rejection = ProofRejected(Step.FRI_LAYER, "leaves of layer 1")
    assert rejection.step == 13
    assert str(rejection) == "proof rejected at step 13 (FRI_LAYER): leaves of layer 1"
    assert rejection.exit_status == 1
