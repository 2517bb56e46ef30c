"""A batch file proven and verified on the command line; every way in which either is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.batches import START_MS, Signer, opening, order_book_preset, trades
from l2forge.errors import InputError
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.proving import BatchFile, Setup
from l2forge.resources import resource_dir
from l2forge.spec.load import loads_spec
from l2forge.stark.steps import ProofRejected
from tests.cli.helpers import l2forge

PRESETS = resource_dir("presets")


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four trades between eight accounts."""
    loaded = order_book_preset()
    rules = Rules.of(loaded.require())
    ledger, signer = Ledger(rules), Signer(rules.chain_id)
    ledger.execute(opening(signer, 8))
    path = tmp_path_factory.mktemp("batch") / "batch.json"
    path.write_text(BatchFile.of(loaded.source.text, ledger, trades(signer, 4, 8)).dumps())
    return path


@pytest.fixture(scope="module")
def proof(batch: Path) -> Path:
    """Its proof, at blow-up 8."""
    path = batch.parent / "proof.json"
    done = l2forge("prove", batch, "-o", path, "--log-blowup", "3", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["operations"] == 13
    assert {"LDE main", "constraints", "FRI"} <= set(report["phases_s"])
    assert all(seconds > 0 for seconds in report["phases_s"].values())
    return path


@pytest.mark.slow
def test_a_proof_verifies(proof: Path) -> None:
    done = l2forge("verify", proof, "--spec", PRESETS / "order_book.toml", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["security_bits"] == 100
    assert report["old_root"] != report["new_root"]
    assert len(report["phases_s"]) == 4 and all(seconds > 0 for seconds in report["phases_s"].values())


@pytest.mark.slow
def test_a_proof_of_something_else_is_refused(proof: Path, tmp_path: Path) -> None:
    other = l2forge("verify", proof, "--spec", PRESETS / "minimal.toml")
    assert other.returncode == 1
    assert "is about the rules of spec" in other.stderr
    raw = json.loads(proof.read_text())
    raw["scalars"][4] ^= 1
    bent = tmp_path / "bent.json"
    bent.write_text(json.dumps(raw))
    assert l2forge("verify", bent).returncode == 1


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    for text, why in (("{", "not JSON"), ("{}", '"format"'), ('{"format": "l2forge-proof-1"}', '"spec"')):
        path = tmp_path / "proof.json"
        path.write_text(text)
        done = l2forge("verify", path)
        assert done.returncode == 2
        assert why in done.stderr
    assert l2forge("verify", tmp_path / "absent.json").returncode == 2


def test_a_refused_operation_is_named_with_its_rule(batch: Path, tmp_path: Path) -> None:
    raw = json.loads(batch.read_text())
    raw["operations"][3]["price"] += 10**6
    path = tmp_path / "bent.json"
    path.write_text(json.dumps(raw))
    done = l2forge("prove", path, "-o", tmp_path / "proof.json")
    assert done.returncode == 1
    assert "price within the order's limit" in done.stderr
    assert not (tmp_path / "proof.json").exists()


@pytest.mark.parametrize(
    "operation",
    [
        "x",
        5,
        None,
        {"op": "clock", "time": "a"},
        {"op": "clock", "time": 2**64},
        {"op": "deposit", "account": 1.5, "owner": "0x" + "1" * 40, "amount": 1},
        {"op": "deposit", "account": 1, "owner": "0x" + "1" * 40, "amount": "5"},
        {"op": "deposit", "account": 1, "owner": "-0x1", "amount": 1},
        {"op": "register", "account": 1, "key": 4, "public_key": [1, 2]},
        {"op": "register", "account": 1, "key": 4, "public_key": "abcde"},
    ],
    ids=repr,
)
def test_a_malformed_operation_is_wrong_input(operation: Any) -> None:
    with pytest.raises(InputError, match="is malformed"):
        Ledger(Rules.of(order_book_preset().require())).execute([operation])


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["johnson", "unique_decoding", "conjectured"])
def test_a_venue_accepts_the_proofs_of_its_own_regime(regime: str) -> None:
    text = order_book_preset().source.text.replace('regime = "johnson"', f'regime = "{regime}"')
    setup = Setup.of(loads_spec(text, "venue.toml"), 3)
    proven = setup.prove(Ledger(setup.rules).execute([{"op": "clock", "time": START_MS}]))
    setup.verify(proven.public, proven.proof)
    johnson = replace(setup, regime="johnson")
    if regime == "conjectured":
        with pytest.raises(ProofRejected, match="below 100"):
            johnson.verify(proven.public, proven.proof)
    else:
        johnson.verify(proven.public, proven.proof)
