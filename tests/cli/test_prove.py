"""A batch file proven and verified on the command line; every way in which either is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.batches import Signer, opening, order_book_preset, trades
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.proving import BatchFile
from l2forge.resources import resource_dir
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
    assert json.loads(done.stdout)["operations"] == 13
    return path


@pytest.mark.slow
def test_a_proof_verifies(proof: Path) -> None:
    done = l2forge("verify", proof, "--spec", PRESETS / "order_book.toml", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["security_bits"] == 100
    assert report["old_root"] != report["new_root"]


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
