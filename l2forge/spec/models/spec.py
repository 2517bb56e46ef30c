"""The whole spec."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from l2forge.spec.models.base import Lenient, Table, When
from l2forge.spec.models.markets import MAX_MARKETS, Insurance, Liquidation, Margin, Market
from l2forge.spec.models.operation import L1, Api, Roles
from l2forge.spec.models.oracles import MAX_ORACLES, Oracle
from l2forge.spec.models.settlement import Governance, Proof, Rollout, Settlement, Withdrawals
from l2forge.spec.models.trading import Amm, Fees, Hybrid, Matching, Venue

SCHEMA_VERSION = 1


class Spec(Table):
    """A derivatives venue."""

    version: Literal[1] = Field(alias="schema", description="version of this format")
    venue: Venue = Field(description="what it is")
    matching: Matching = Field(description="how orders meet")
    amm: Annotated[Amm | None, When('model "amm" or "hybrid"')] = Field(
        default=None, description="the curve behind the markets"
    )
    hybrid: Annotated[Hybrid | None, When('model "hybrid"')] = Field(
        default=None, description="how makers and the curve share the flow"
    )
    fees: Fees = Field(description="what trading costs")
    margin: Margin = Field(default_factory=lambda: Margin(), description="margin modes")
    liquidation: Liquidation = Field(description="what happens below maintenance")
    insurance: Insurance = Field(description="what pays bad debt")
    markets: list[Annotated[Market, Lenient]] = Field(
        min_length=1, max_length=MAX_MARKETS, description="what is traded"
    )
    oracles: list[Annotated[Oracle, Lenient]] = Field(
        min_length=1, max_length=MAX_ORACLES, description="where prices come from"
    )
    proof: Proof = Field(default_factory=lambda: Proof(), description="batches, security, provers")
    settlement: Settlement = Field(description="when a batch counts on L1")
    withdrawals: Withdrawals = Field(description="how users leave")
    rollout: Rollout | None = Field(default=None, description="staged deposit caps; absent: no cap")
    governance: Governance = Field(description="how the venue changes")
    roles: Roles = Field(description="who may do what")
    l1: L1 = Field(description="the chain that holds the money")
    api: Api = Field(default_factory=lambda: Api(), description="where the venue answers")
