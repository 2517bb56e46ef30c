"""The example that proves a statement and verifies it on a local chain, run as a user would."""

from __future__ import annotations

import pytest

from examples.proof_on_chain.run import main


@pytest.mark.slow
def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    printed = capsys.readouterr().out
    assert "bits proven" in printed
    for phase in ("LDE main", "hashing main", "lookups", "constraints", "DEEP", "FRI", "grinding"):
        assert phase in printed
    assert "accepted by the Python verifier" in printed
    assert printed.endswith("the contract knows the statement as proven\n")
