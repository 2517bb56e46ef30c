"""The timelock: nothing before the delay, nobody but the governor, never a shorter delay than the spec's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode
from l2forge.chain.client import ContractClient
from l2forge.chain.deploy import Deployer
from l2forge.chain.reverts import ContractReverted

from .conftest import Deployed, compiled

GOVERNOR, STRANGER = dev_account(2), dev_account(7)
ZERO = "0x" + "00" * 20
NO_SALT = bytes(32)
Operation = tuple[str, int, str, bytes, bytes]


def pass_time(node: AnvilNode, seconds: int) -> None:
    """Let the chain's clock go on, up to a block of that time."""
    node.rpc("evm_increaseTime", seconds)
    node.rpc("evm_mine")


@pytest.fixture
def timelock(deploy: Callable[[str], Deployed]) -> ContractClient:
    """The timelock of the smallest venue, used by its governor."""
    return deploy("minimal").contracts["Timelock"].as_account(GOVERNOR)


@pytest.fixture
def delay_s() -> int:
    """The delay that the spec promises, rounded up to seconds."""
    return -(-compiled("minimal")[1].settlement.timelock_ms // 1000)


def change_delay(timelock: ContractClient, delay_s: int) -> Operation:
    """The operation that gives the timelock another delay."""
    return (timelock.address, 0, timelock.encode("updateDelay", delay_s), NO_SALT, NO_SALT)


def test_the_delay_is_the_spec_s(timelock: ContractClient, delay_s: int) -> None:
    assert timelock.call("getMinDelay") == timelock.call("SHORTEST_DELAY") == delay_s > 0


def test_a_change_waits_for_the_delay(node: AnvilNode, timelock: ContractClient, delay_s: int) -> None:
    operation = change_delay(timelock, delay_s + 5)
    receipt = timelock.send("schedule", *operation, delay_s)
    assert timelock.events(receipt, "CallScheduled")[0]["delay"] == delay_s
    pass_time(node, delay_s - 60)
    with pytest.raises(ContractReverted, match="TimelockUnexpectedOperationState"):
        timelock.send("execute", *operation)
    pass_time(node, 61)
    receipt = timelock.send("execute", *operation)
    assert timelock.events(receipt, "MinDelayChange") == [
        {"oldDuration": delay_s, "newDuration": delay_s + 5}
    ]
    assert timelock.call("getMinDelay") == delay_s + 5


def test_a_change_with_too_short_a_notice_is_refused(timelock: ContractClient, delay_s: int) -> None:
    with pytest.raises(ContractReverted, match="TimelockInsufficientDelay"):
        timelock.send("schedule", *change_delay(timelock, delay_s), delay_s - 1)


def test_a_cancelled_change_does_not_happen(node: AnvilNode, timelock: ContractClient, delay_s: int) -> None:
    operation = change_delay(timelock, delay_s + 5)
    timelock.send("schedule", *operation, delay_s)
    timelock.send("cancel", timelock.call("hashOperation", *operation))
    pass_time(node, delay_s + 1)
    with pytest.raises(ContractReverted, match="TimelockUnexpectedOperationState"):
        timelock.send("execute", *operation)


@pytest.mark.parametrize("function", ["schedule", "execute", "cancel"])
def test_a_stranger_may_do_nothing(
    node: AnvilNode, timelock: ContractClient, delay_s: int, function: str
) -> None:
    operation = change_delay(timelock, delay_s)
    arguments: dict[str, tuple[object, ...]] = {
        "schedule": (*operation, delay_s),
        "execute": operation,
        "cancel": (timelock.call("hashOperation", *operation),),
    }
    timelock.send("schedule", *operation, delay_s)
    pass_time(node, delay_s + 1)
    with pytest.raises(ContractReverted, match="AccessControlUnauthorizedAccount"):
        timelock.as_account(STRANGER).send(function, *arguments[function])


def test_the_deployer_has_no_role(timelock: ContractClient) -> None:
    roles = ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"]
    held = {name: timelock.call("hasRole", timelock.call(name), dev_account(0).address) for name in roles}
    assert held == dict.fromkeys(roles, False)
    governed = {name: timelock.call("hasRole", timelock.call(name), GOVERNOR.address) for name in roles}
    assert governed == {**dict.fromkeys(roles, True), "DEFAULT_ADMIN_ROLE": False}
    anyone = timelock.call("hasRole", timelock.call("EXECUTOR_ROLE"), ZERO)
    assert not anyone


def test_the_delay_never_falls_below_the_spec_s(
    node: AnvilNode, timelock: ContractClient, delay_s: int
) -> None:
    operation = change_delay(timelock, delay_s - 1)
    timelock.send("schedule", *operation, delay_s)
    pass_time(node, delay_s + 1)
    with pytest.raises(ContractReverted) as failure:
        timelock.send("execute", *operation)
    assert failure.value.revert.name == "DelayBelowSpec"
    assert failure.value.revert.arguments == {"delay": delay_s - 1, "shortest": delay_s}


def test_the_governor_cannot_change_the_delay_directly(timelock: ContractClient, delay_s: int) -> None:
    with pytest.raises(ContractReverted, match="TimelockUnauthorizedCaller"):
        timelock.send("updateDelay", delay_s + 1)


def test_no_governor(deployer: Deployer) -> None:
    with pytest.raises(ContractReverted, match="NoGovernor"):
        deployer.deploy("timelock", compiled("minimal")[2]["Timelock"], ZERO)
