"""Deployment: recorded, checked, and resumed from wherever it was interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain import deploy as module
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode
from l2forge.chain.artifacts import Artifact
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.solc import Settings, compile_sources
from l2forge.errors import CheckFailed, EnvironmentFailure, InputError

SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract Box {
    error Empty();
    uint256 public immutable SIZE;
    bytes public content;
    constructor(uint256 size, bytes memory c) { if (size == 0) revert Empty(); SIZE = size; content = c; }
}
contract Other { uint256 public x = 1; }
"""


@pytest.fixture(scope="module")
def compiled() -> dict[str, Artifact]:
    """The artefacts of SOURCE by name."""
    found = compile_sources({"Box.sol": SOURCE}, settings=Settings(via_ir=False))
    return {artifact.name: artifact for artifact in found.contracts.values()}


@pytest.fixture
def box(compiled: dict[str, Artifact]) -> Artifact:
    """The contract with an immutable and a constructor that may refuse."""
    return compiled["Box"]


def deployer(w3: Web3, path: Path) -> Deployer:
    """A deployer that starts from what the record on disk says, as after a restart."""
    return Deployer(w3, dev_account(0), DeploymentRecord.open(path, w3.eth.chain_id))


def nonce(w3: Web3) -> int:
    """How many transactions dev:0 has sent."""
    return w3.eth.get_transaction_count(dev_account(0).address)


def test_a_deployment_is_recorded_with_its_gas_and_not_repeated(
    w3: Web3, box: Artifact, tmp_path: Path
) -> None:
    path, said = tmp_path / "deep" / "record.json", list[str]()
    record = DeploymentRecord.open(path, w3.eth.chain_id)
    first = Deployer(w3, dev_account(0), record, report=said.append).deploy("box", box, 7, b"x")
    assert first.call("SIZE") == 7
    entry = json.loads(path.read_text())["contracts"]["box"]
    assert entry["address"] == first.address
    assert entry["gas_used"] == record.gas_used > 53_000
    assert f"{entry['gas_used']:,} gas" in said[0]
    before = nonce(w3)
    assert deployer(w3, path).deploy("box", box, 7, b"x").address == first.address
    assert nonce(w3) == before


def test_other_arguments_or_other_code_are_deployed_anew(
    w3: Web3, compiled: dict[str, Artifact], tmp_path: Path
) -> None:
    path, box = tmp_path / "record.json", compiled["Box"]
    first = deployer(w3, path).deploy("box", box, 7, b"")
    second = deployer(w3, path).deploy("box", box, 8, b"")
    assert second.address != first.address
    assert second.call("SIZE") == 8
    assert deployer(w3, path).deploy("box", compiled["Other"]).call("x") == 1


def test_a_chain_that_was_reset_is_deployed_to_again(
    node: AnvilNode, w3: Web3, box: Artifact, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    snapshot = node.rpc("evm_snapshot")
    deployer(w3, path).deploy("box", box, 7, b"")
    node.rpc("evm_revert", snapshot)
    before = nonce(w3)
    assert deployer(w3, path).deploy("box", box, 7, b"").call("SIZE") == 7
    assert nonce(w3) == before + 1


@pytest.mark.parametrize("moment", ["broadcast", "await_receipt"])
def test_a_deployment_killed_at_any_moment_is_resumed(
    w3: Web3, box: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Killed before the transaction is sent, or after: there is one contract in the end, on record."""
    path, before = tmp_path / "record.json", nonce(w3)
    with monkeypatch.context() as patch:
        patch.setattr(module, moment, _killed)
        with pytest.raises(KeyboardInterrupt):
            deployer(w3, path).deploy("box", box, 7, b"")
    assert json.loads(path.read_text())["contracts"]["box"]["block"] is None
    resumed = deployer(w3, path).deploy("box", box, 7, b"")
    assert resumed.call("SIZE") == 7
    assert nonce(w3) == before + 1
    entry = json.loads(path.read_text())["contracts"]["box"]
    assert (entry["address"], entry["block"] is not None) == (resumed.address, True)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_constructor_that_refuses(w3: Web3, box: Artifact, tmp_path: Path) -> None:
    with pytest.raises(ContractReverted, match=r"Box\.constructor reverted: Empty\(\)"):
        deployer(w3, tmp_path / "record.json").deploy("box", box, 0, b"")
    assert not (tmp_path / "record.json").exists()


@pytest.mark.parametrize("arguments", [(), (1,), (1, b"", 2), ("one", b""), (-1, b"")])
def test_wrong_constructor_arguments(
    w3: Web3, box: Artifact, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(InputError, match="constructor of Box"):
        deployer(w3, tmp_path / "record.json").deploy("box", box, *arguments)


def test_initcode_beyond_the_limit(w3: Web3, box: Artifact, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="limit 49152"):
        deployer(w3, tmp_path / "record.json").deploy("box", box, 1, bytes(49_152))


def test_a_record_of_another_chain_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('{"schema": 1, "chain_id": 1, "contracts": {}}')
    with pytest.raises(InputError, match="one record per chain"):
        DeploymentRecord.open(path, 31_337)
    assert DeploymentRecord.open(path, 1).contracts == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"schema": 2}',
        '{"schema": 1, "chain_id": 1, "contracts": {"a": {"x": 1}}}',
        '"x"',
        "7",
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(InputError, match="no deployment record"):
        DeploymentRecord.open(tmp_path / "record.json", 1)


def test_a_record_that_cannot_be_written(w3: Web3, box: Artifact, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = nonce(w3)
    with pytest.raises(EnvironmentFailure):
        deployer(w3, tmp_path / "file" / "record.json").deploy("box", box, 7, b"")
    assert nonce(w3) == before
