"""Tables about prices: [[oracles]] and their sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from l2forge.spec.models.base import Lenient, Table, When, select
from l2forge.spec.models.parties import Address, Signer, Url
from l2forge.spec.models.values import (
    DataPath,
    JsonPath,
    Name,
    NonNegativeRate,
    PositiveAmount,
    PositiveDuration,
    PositiveShare,
)
from l2forge.units import Rate

MAX_ORACLES = 255
MAX_SOURCES = 32


class MaxStep(Table):
    """The largest move of the price; the allowance grows with the time since the last tick."""

    fraction: PositiveShare = Field(description="of the last price ...")
    per: PositiveDuration = Field(description="... for each such span since the last tick")


class _Source(Table):
    name: Name = Field(description="the source's name, once per oracle")
    signer: Signer = Field(description="the ecGFp5 key that signs its reports")
    weight: Annotated[int | None, When('aggregate "weighted_median"')] = Field(
        default=None, ge=1, le=1_000_000, description="of its report in the median"
    )


class SimulatedSource(_Source):
    """A geometric random walk; sources of one seed follow one path."""

    kind: Literal["simulated"] = Field(description="the kind of source")
    start: PositiveAmount = Field(description="first price")
    volatility: NonNegativeRate = Field(description="per year")
    seed: int = Field(ge=0, le=2**63 - 1, description="of the walk")
    noise: NonNegativeRate = Field(default=Rate(0), description="of this source around the common path")


class ReplaySource(_Source):
    """Prices from a file."""

    kind: Literal["replay"] = Field(description="the kind of source")
    path: DataPath = Field(description="a .csv or .parquet file, relative to the spec")


class HttpSource(_Source):
    """A price from a JSON document on the web."""

    kind: Literal["http"] = Field(description="the kind of source")
    url: Url = Field(description="where the document is")
    json_path: JsonPath = Field(description="keys and indices, joined by dots, that lead to the price")


class ChainlinkSource(_Source):
    """A Chainlink feed on L1."""

    kind: Literal["chainlink"] = Field(description="the kind of source")
    feed: Address = Field(description="the feed's contract")


Source = Annotated[
    Annotated[SimulatedSource, Tag("@simulated")]
    | Annotated[ReplaySource, Tag("@replay")]
    | Annotated[HttpSource, Tag("@http")]
    | Annotated[ChainlinkSource, Tag("@chainlink")],
    Discriminator(select("kind"), custom_error_type="selector", custom_error_message="kind"),
]


class Oracle(Table):
    """One index price: a quorum of signed reports, aggregated."""

    id: Name = Field(description="what markets refer to")
    aggregate: Literal["median", "trimmed_mean", "weighted_median"] = Field(
        description="how fresh reports become one price"
    )
    trim: Annotated[int | None, When('aggregate "trimmed_mean"')] = Field(
        default=None, ge=1, le=MAX_SOURCES, description="reports cut from each end"
    )
    min_sources: int = Field(ge=1, le=MAX_SOURCES, description="fresh reports that a price needs")
    heartbeat: PositiveDuration = Field(description="a new tick when this has passed ...")
    deviation: PositiveShare = Field(description="... or the price has moved this far")
    max_age: PositiveDuration = Field(description="older reports do not count")
    max_step: MaxStep = Field(description="how fast the price may move")
    twap: PositiveDuration = Field(
        description="window; an account is liquidatable only if below maintenance at spot and at this average"
    )
    on_stale: Literal["reduce_only", "halt"] = Field(
        default="reduce_only",
        description="what stays possible once fewer than min_sources of the last tick's reports are fresh",
    )
    sources: list[Annotated[Source, Lenient]] = Field(
        min_length=1, max_length=MAX_SOURCES, description="who reports"
    )
