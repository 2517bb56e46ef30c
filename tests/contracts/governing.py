"""Changes by way of the timelock, for tests."""

from __future__ import annotations

from typing import Any

from l2forge.chain.client import Receipt
from l2forge.chain.reverts import ContractReverted, decode_revert
from l2forge.chain.venue_deployment import DeployedVenue

from .venues import GOVERNOR, pass_time

NONE = bytes(32)


def through_the_timelock(deployed: DeployedVenue, function: str, *arguments: Any) -> Receipt:
    """Schedule a call of the venue, wait, execute. A refusal of the venue is decoded by its own errors."""
    venue = deployed.client.venue
    timelock = deployed.contracts["Timelock"].as_account(GOVERNOR)
    delay = timelock.call("getMinDelay")
    operation = (
        venue.address,
        0,
        venue.encode(function, *arguments),
        NONE,
        venue.w3.eth.block_number.to_bytes(32, "big"),
    )
    timelock.send("schedule", *operation, delay)
    pass_time(deployed.client, delay + 1)
    try:
        return timelock.send("execute", *operation)
    except ContractReverted as error:
        raise ContractReverted(venue.name, function, decode_revert(error.revert.data, venue.abi)) from error
