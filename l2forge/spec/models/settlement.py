"""Tables about proofs and L1: [proof], [settlement], [withdrawals], [rollout], [governance]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from l2forge.spec.models.base import Lenient, Table, select
from l2forge.spec.models.parties import Party
from l2forge.spec.models.values import (
    AnyAmount,
    AnyDuration,
    PositiveAmount,
    PositiveDuration,
    PositiveShare,
    Workers,
)
from l2forge.units import Duration

MAX_COMMITTEE = 32
MAX_STAGES = 32


class Proof(Table):
    """When batches close and how they are proven."""

    max_interval: PositiveDuration = Field(
        default=Duration.parse("30s"), description="cadence: a batch closes at this age ..."
    )
    max_operations: int = Field(
        default=2048,
        ge=16,
        le=2**20,
        description="... or at this many rows: messages, L1 requests, fills, ticks, liquidations",
    )
    security_bits: int = Field(default=100, ge=80, le=128, description="of the proof, in the chosen regime")
    regime: Literal["johnson", "unique_decoding", "conjectured"] = Field(
        default="johnson", description="what the security level rests on; the first two are proven bounds"
    )
    log_blowup: int = Field(default=4, ge=1, le=6, description="base-2 logarithm of the code's inverse rate")
    workers: Workers = Field(default="local", description='"local" or a Dask scheduler, "tcp://host:port"')
    max_lag: PositiveDuration = Field(
        default=Duration.parse("15m"),
        description="age of the oldest unproven operation; beyond it only reducing orders are taken",
    )


class _Settlement(Table):
    confirmations: int = Field(
        default=2, ge=0, le=1_000, description="L1 blocks after which the venue counts an L1 event"
    )


class _Validity(Table):
    mode: Literal["validity"] = Field(description="a batch counts when proven")


class _Optimistic(Table):
    mode: Literal["optimistic"] = Field(description="a batch counts after the window unless challenged")
    challenge_window: PositiveDuration = Field(description="in which anyone may challenge a batch")
    bond: PositiveAmount = Field(description="of the proposer and of a challenger, in collateral")
    response_deadline: PositiveDuration = Field(
        description="in which a challenge must be answered by a proof"
    )


class _Calldata(Table):
    data_availability: Literal["calldata"] = Field(description="changed leaves are published on L1")


class _Validium(Table):
    data_availability: Literal["validium"] = Field(description="changed leaves are kept by a committee")
    committee: list[Annotated[Party, Lenient]] = Field(
        min_length=1, max_length=MAX_COMMITTEE, description="who signs that the data is available"
    )
    threshold: int = Field(ge=1, le=MAX_COMMITTEE, description="signatures that a batch needs")


class ValidityCalldata(_Settlement, _Calldata, _Validity):
    """A validity rollup."""


class ValidityValidium(_Settlement, _Validium, _Validity):
    """A validium."""


class OptimisticCalldata(_Settlement, _Calldata, _Optimistic):
    """An optimistic rollup, answered by proof when challenged."""


class OptimisticValidium(_Settlement, _Validium, _Optimistic):
    """An optimistic venue whose data a committee keeps."""


Settlement = Annotated[
    Annotated[ValidityCalldata, Tag("@validity+calldata")]
    | Annotated[ValidityValidium, Tag("@validity+validium")]
    | Annotated[OptimisticCalldata, Tag("@optimistic+calldata")]
    | Annotated[OptimisticValidium, Tag("@optimistic+validium")],
    Discriminator(
        select("mode", "data_availability"),
        custom_error_type="selector",
        custom_error_message="mode data_availability",
    ),
]


class WithdrawalLimit(Table):
    """Of claims on L1; never of forced requests, never of escape."""

    fraction: PositiveShare = Field(description="of the deposits ...")
    window: PositiveDuration = Field(description="... per such window")


class Withdrawals(Table):
    """How users leave."""

    forced_grace: PositiveDuration = Field(
        description="age of the oldest unserved L1 request at which anyone may freeze the venue"
    )
    rate_limit: WithdrawalLimit | None = Field(
        default=None, description="limit of claims on L1; absent: none"
    )


class Stage(Table):
    """A cap on deposits from a time on."""

    after: AnyDuration = Field(description="since launch")
    total_deposits: AnyAmount = Field(
        description="cap on deposits not withdrawn, insurance and backing excluded"
    )


class Rollout(Table):
    """Deposit caps that rise in stages; absent: no cap."""

    stages: list[Annotated[Stage, Lenient]] = Field(
        min_length=1, max_length=MAX_STAGES, description="rising in time, not falling in deposits"
    )


class Governance(Table):
    """How the venue changes."""

    timelock: PositiveDuration = Field(
        description="notice of every change; at least forced_grace and the time to exit, else a warning"
    )
