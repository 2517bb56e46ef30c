"""Clients of contracts: values, receipts, events, and reverts by name. Keys: ours, and refused ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_abi.abi import encode
from web3 import Web3

from l2forge.chain.accounts import account_of, dev_account, is_dev_address
from l2forge.chain.anvil import AnvilNode, AnvilOptions, running_anvil
from l2forge.chain.client import ContractClient, await_receipt, connect, send_transaction
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.reverts import ContractReverted, decode_revert, selector
from l2forge.chain.solc import Settings, compile_sources
from l2forge.errors import CheckFailed, EnvironmentFailure, InputError

SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract Jar {
    struct Lid { address owner; uint96 height; }
    error TooMuch(address who, uint256 asked, bytes2 code);
    error Locked(Lid lid);
    event Filled(address indexed who, uint256 level);
    uint256 public level;
    function fill(uint256 amount) external payable {
        if (amount > 100) revert TooMuch(msg.sender, amount, 0xabcd);
        level += amount;
        emit Filled(msg.sender, level);
    }
    function pair() external view returns (uint256, address) { return (level, address(this)); }
    function locked() external view { revert Locked(Lid(address(this), 7)); }
    function say() external pure { require(false, "not today"); }
    function overflow(uint8 x) external pure returns (uint8) { return x + 1; }
    function silent() external pure { revert(); }
    function burn(uint256 n) external { for (uint256 i = 0; i < n; ++i) level = i; }
}
"""


@pytest.fixture
def jar(w3: Web3, tmp_path: Path) -> ContractClient:
    """A deployed Jar, used by dev:0."""
    artifact = compile_sources({"Jar.sol": SOURCE}, settings=Settings(via_ir=False))["Jar"]
    record = DeploymentRecord.open(tmp_path / "record.json", w3.eth.chain_id)
    return Deployer(w3, dev_account(0), record).deploy("jar", artifact)


def test_calls_transactions_and_events(jar: ContractClient) -> None:
    receipt = jar.send("fill", 40)
    assert 21_000 < receipt.gas_used < 100_000
    assert jar.events(receipt, "Filled") == [{"who": dev_account(0).address, "level": 40}]
    jar.as_account(dev_account(1)).send("fill", 2, value=5)
    assert jar.call("level") == 42
    assert list(jar.call("pair")) == [42, jar.address]
    assert jar.call("level", block=receipt.block_number) == 40
    assert jar.w3.eth.get_balance(Web3.to_checksum_address(jar.address)) == 5


@pytest.mark.parametrize("gas", [None, 200_000])
def test_a_transaction_that_reverts_is_named_with_its_arguments(jar: ContractClient, gas: int | None) -> None:
    with pytest.raises(ContractReverted) as failure:
        jar.send("fill", 101, gas=gas)
    revert = failure.value.revert
    assert revert.name == "TooMuch"
    assert revert.arguments["asked"] == 101
    assert str(failure.value).startswith("Jar.fill reverted: TooMuch(who=0xf39f")
    assert str(failure.value).endswith("code=0xabcd)")
    assert failure.value.exit_status == 1


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        ("say", (), "not today"),
        ("overflow", (255,), "panic 0x11: arithmetic overflow"),
        ("silent", (), "no reason given"),
        ("locked", (), "Locked(lid="),
    ],
)
def test_calls_that_revert(
    jar: ContractClient, function: str, arguments: tuple[int, ...], words: str
) -> None:
    with pytest.raises(ContractReverted) as failure:
        jar.call(function, *arguments)
    assert words in str(failure.value)


def test_running_out_of_gas_is_a_failure(jar: ContractClient) -> None:
    with pytest.raises(CheckFailed, match=r"failed in block|reverted"):
        jar.send("burn", 1_000, gas=50_000)


def test_sending_without_an_account(jar: ContractClient) -> None:
    reader = ContractClient(jar.w3, "Jar", jar.address, jar.abi)
    assert reader.call("level") == 0
    with pytest.raises(InputError, match="needs an account"):
        reader.send("fill", 1)


def test_events_of_other_contracts_are_left_out(jar: ContractClient, w3: Web3, tmp_path: Path) -> None:
    artifact = compile_sources({"Jar.sol": SOURCE}, settings=Settings(via_ir=False))["Jar"]
    other = Deployer(w3, dev_account(0), DeploymentRecord(tmp_path / "b", 31_337)).deploy("b", artifact)
    assert other.events(jar.send("fill", 1), "Filled") == []


def test_unknown_and_truncated_revert_data() -> None:
    abi = [{"type": "error", "name": "Bad", "inputs": [{"name": "", "type": "uint256"}]}]
    good = selector(abi[0]) + encode(["uint256"], [7])
    assert str(decode_revert(good, abi)) == "Bad(arg0=7)"
    assert str(decode_revert(good[:20], abi)).startswith("unknown error 0x")
    assert str(decode_revert(b"\1\2\3\4", abi)) == "unknown error 0x01020304"


def test_a_transaction_that_is_not_mined_in_time(node: AnvilNode) -> None:
    with running_anvil(AnvilOptions(extra=("--no-mining",))) as idle:
        w3 = connect(idle.url)
        tx_hash = send_transaction(w3, dev_account(0), {"to": dev_account(1).address, "value": 1})
        with pytest.raises(EnvironmentFailure, match="was not mined"):
            await_receipt(w3, tx_hash, timeout_s=0.2)


def test_a_node_that_does_not_answer_is_reported_without_its_url() -> None:
    with pytest.raises(EnvironmentFailure) as failure:
        connect("http://127.0.0.1:9/v2/secret-key")
    assert "secret" not in str(failure.value)
    assert failure.value.__suppress_context__


def test_a_development_key_is_refused_on_a_real_chain(
    jar: ContractClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l2forge.chain.client.is_local_chain", lambda w3: False)
    with pytest.raises(InputError, match="development key, known to everyone"):
        jar.send("fill", 1)
    own = account_of_hex("0x" + "11" * 32, monkeypatch)
    assert not is_dev_address(own.address)
    with pytest.raises(CheckFailed, match="refused the transaction"):  # it has no money, but it may try
        send_transaction(jar.w3, own, {"to": jar.address, "value": 1}, gas=21_000)


def account_of_hex(key: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The account of a key that stands in the environment."""
    monkeypatch.setenv("VENUE_KEY", key)
    return account_of("env:VENUE_KEY")


def test_where_keys_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account_of("dev:0").address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    (tmp_path / "key").write_text("0x" + "22" * 32 + "\n")
    assert account_of(f"file:{tmp_path / 'key'}").key.hex() == "22" * 32
    assert account_of_hex("33" * 32, monkeypatch).key.hex() == "33" * 32


@pytest.mark.parametrize("text", ["", "0x1234", "00" * 32, "ff" * 32, "not a key", "ff" * 31 + "zz"])
def test_what_is_no_key_is_refused_without_showing_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError) as failure:
        account_of_hex(text, monkeypatch)
    assert not text or text not in str(failure.value)


@pytest.mark.parametrize("reference", ["dev:-1", "dev:10000", "dev:x", "0x12", "", "file:/nowhere", "env"])
def test_what_refers_to_no_key_is_refused(reference: str) -> None:
    with pytest.raises(InputError):
        account_of(reference)
