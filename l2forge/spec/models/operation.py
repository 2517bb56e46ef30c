"""Tables about running the venue: [roles], [l1], [api]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from l2forge.spec.models.base import Table, select
from l2forge.spec.models.parties import Party, Url
from l2forge.spec.models.values import CallRate, Listen, PositiveDuration
from l2forge.units import Duration

LOCAL_CHAIN_ID = 31_337


class Roles(Table):
    """Who may do what."""

    operator: Party = Field(description="submits batches")
    guardian: Party = Field(description="may pause deposits and queue a pause of new positions; nothing else")
    governor: Party = Field(
        description="proposes changes through the timelock; puts in insurance and backing"
    )


class AnvilL1(Table):
    """A local chain, started and stopped with the venue."""

    kind: Literal["anvil"] = Field(description="the kind of chain")
    block_time: PositiveDuration = Field(default=Duration.parse("1s"), description="between blocks")
    chain_id: int = Field(default=LOCAL_CHAIN_ID, ge=1, le=2**53 - 1, description="of the local chain")


class RpcL1(Table):
    """An Ethereum chain reached through a node."""

    kind: Literal["rpc"] = Field(description="the kind of chain")
    url: Url = Field(description="of the node")
    chain_id: int = Field(ge=1, le=2**53 - 1, description="that the node must report")
    block_time: PositiveDuration = Field(default=Duration.parse("12s"), description="expected between blocks")


L1 = Annotated[
    Annotated[AnvilL1, Tag("@anvil")] | Annotated[RpcL1, Tag("@rpc")],
    Discriminator(select("kind"), custom_error_type="selector", custom_error_message="kind"),
]


class Api(Table):
    """Where the venue answers."""

    listen: Listen = Field(default="127.0.0.1:8080", description="address and port")
    rate_limit: CallRate = Field(default="200/s", description="requests per account")
