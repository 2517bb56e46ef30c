"""The local chain's collateral: nobody but the minter creates it, and no other chain can have it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from web3 import Web3

from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilOptions, running_anvil
from l2forge.chain.client import ContractClient, connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.reverts import ContractReverted

from .conftest import Deployed, compiled

MINTER, USER, OTHER = dev_account(4), dev_account(5), dev_account(6)


@pytest.fixture
def token(deploy: Callable[[str], Deployed]) -> ContractClient:
    """The token of the smallest venue."""
    return deploy("minimal").contracts["TestToken"]


def test_it_is_the_collateral_of_the_spec(token: ContractClient) -> None:
    venue = compiled("minimal")[1]
    assert token.call("symbol") == venue.collateral
    assert token.call("decimals") == venue.decimals
    assert token.call("totalSupply") == 0
    assert token.call("MINTER") == MINTER.address
    assert token.call("LOCAL_CHAIN_ID") == 31_337


def test_the_minter_creates_units_and_holders_move_them(token: ContractClient) -> None:
    receipt = token.as_account(MINTER).send("mint", USER.address, 1_000)
    (event,) = token.events(receipt, "Transfer")
    assert (event["from"], event["to"], event["value"]) == ("0x" + "00" * 20, USER.address, 1_000)
    token.as_account(USER).send("transfer", OTHER.address, 400)
    token.as_account(OTHER).send("approve", MINTER.address, 100)
    token.as_account(MINTER).send("transferFrom", OTHER.address, USER.address, 100)
    assert [token.call("balanceOf", a.address) for a in (USER, OTHER)] == [700, 300]
    assert token.call("totalSupply") == 1_000


def test_nobody_else_creates_units(token: ContractClient) -> None:
    with pytest.raises(ContractReverted) as failure:
        token.as_account(USER).send("mint", USER.address, 1)
    assert failure.value.revert.name == "NotTheMinter"
    assert token.call("totalSupply") == 0


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        ("transfer", (OTHER.address, 1), "ERC20InsufficientBalance"),
        ("transferFrom", (OTHER.address, USER.address, 1), "ERC20InsufficientAllowance"),
        ("transfer", ("0x" + "00" * 20, 0), "ERC20InvalidReceiver"),
    ],
)
def test_what_nobody_owns_or_allowed_is_not_moved(
    token: ContractClient, function: str, arguments: tuple[object, ...], error: str
) -> None:
    with pytest.raises(ContractReverted, match=error):
        token.as_account(USER).send(function, *arguments)


def test_no_minter(deployer: Deployer) -> None:
    with pytest.raises(ContractReverted, match="NoMinter"):
        deployer.deploy("token", compiled("minimal")[2]["TestToken"], "0x" + "00" * 20)


def test_another_chain_refuses_it(deployer: Deployer, w3: Web3) -> None:
    artifact = compiled("minimal")[2]["TestToken"]
    with running_anvil(AnvilOptions(chain_id=11_155_111)) as node:
        elsewhere = connect(node.url)
        record = DeploymentRecord(deployer.record.path, elsewhere.eth.chain_id)
        with pytest.raises(ContractReverted, match=r"NotTheLocalChain\(chainId=11155111\)"):
            Deployer(elsewhere, dev_account(0), record).deploy("token", artifact, MINTER.address)
