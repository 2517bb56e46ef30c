"""A Chainlink feed read from a contract on the local node."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from l2forge.chain.anvil import running_anvil
from l2forge.chain.client import connect
from l2forge.chain.solc import compile_sources
from l2forge.errors import InputError
from l2forge.spec.models.oracles import ChainlinkSource
from l2forge.venue.sources import SourceUnavailable, open_source

NOW = 1_700_000_100_000

AGGREGATOR = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
contract Aggregator {
    uint8 public decimals = 8;
    int256 answer;
    uint256 updatedAt;
    function set(int256 a, uint256 t) external { answer = a; updatedAt = t; }
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, answer, updatedAt, updatedAt, 1);
    }
}
"""


@pytest.fixture(scope="module")
def feed() -> Iterator[tuple[Any, Any]]:
    """(connection, deployed aggregator)."""
    artifact = compile_sources({"Aggregator.sol": AGGREGATOR})["Aggregator"]
    with running_anvil() as node:
        w3 = connect(node.url)
        sender = w3.eth.accounts[0]
        contract = w3.eth.contract(abi=artifact.abi, bytecode=artifact.initcode)
        sent = contract.constructor().transact({"from": sender})
        address = w3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
        assert address is not None
        yield w3, w3.eth.contract(address=address, abi=artifact.abi)


def opened(w3: Any, address: str) -> Any:
    source = ChainlinkSource.model_validate(
        {"kind": "chainlink", "name": "c", "signer": "dev:1", "feed": address}
    )
    return open_source(source, base=Path(), start_ms=0, l1=w3)


def answer(w3: Any, contract: Any, value: int, updated_at: int) -> None:
    w3.eth.wait_for_transaction_receipt(
        contract.functions.set(value, updated_at).transact({"from": w3.eth.accounts[0]})
    )


def test_the_answer_is_exact_and_keeps_its_own_time(feed: tuple[Any, Any]) -> None:
    w3, contract = feed
    answer(w3, contract, 6_123_456_789_012, 1_700_000_000)
    seen = opened(w3, contract.address).read(NOW)
    assert seen.price == Fraction(6_123_456_789_012, 10**8)
    assert seen.time_ms == 1_700_000_000_000  # a minute and a half ago: staleness is the oracle's to judge


@pytest.mark.parametrize(
    ("value", "updated_at", "said"),
    [
        (0, 1_700_000_000, "0 is not above zero"),
        (-5, 1_700_000_000, "-5 is not above zero"),
        (5, 0, "not finished"),
        (5, 1_800_000_000, "from the future"),
    ],
)
def test_a_useless_answer_is_refused(feed: tuple[Any, Any], value: int, updated_at: int, said: str) -> None:
    w3, contract = feed
    answer(w3, contract, value, updated_at)
    with pytest.raises(SourceUnavailable, match=said):
        opened(w3, contract.address).read(NOW)


def test_no_contract_no_node(feed: tuple[Any, Any]) -> None:
    w3, contract = feed
    with pytest.raises(SourceUnavailable, match="no contract"):
        opened(w3, "0x" + "11" * 20).read(NOW)
    with pytest.raises(InputError, match="there is no node"):
        opened(None, contract.address)
