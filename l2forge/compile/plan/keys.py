"""What each key of a spec means to whom when it changes. A test holds the table to the models.

Patterns are dotted key paths, `*` for the identity of an element (a market's id, an oracle's id, a source's
name). {market}, {oracle} and {source} in a label are filled in.
"""

from __future__ import annotations

from typing import NamedTuple

from l2forge.compile.plan.changes import Audience, Effect

EVERYONE, TRADERS, PROVIDERS = Audience.EVERYONE, Audience.TRADERS, Audience.PROVIDERS
LIQUIDATORS, OPERATOR = Audience.LIQUIDATORS, Audience.OPERATOR
VERIFIER, TIMELOCK, AT_ONCE = Effect.VERIFIER, Effect.TIMELOCK, Effect.OPERATOR
LAUNCH, NEVER = Effect.LAUNCH, Effect.NEVER


class Meaning(NamedTuple):
    """Whom a key concerns, what changing it takes, what it is called."""

    audience: Audience
    effect: Effect
    label: str


KEYS: dict[str, Meaning] = {
    "venue.name": Meaning(EVERYONE, TIMELOCK, "name of the venue"),
    "venue.chain_id": Meaning(EVERYONE, NEVER, "chain id in every signed message"),
    "venue.collateral.symbol": Meaning(EVERYONE, NEVER, "collateral"),
    "venue.collateral.decimals": Meaning(EVERYONE, NEVER, "decimals of the collateral"),
    "venue.collateral.address": Meaning(EVERYONE, NEVER, "token of the collateral"),
    "matching.model": Meaning(TRADERS, VERIFIER, "matching model"),
    "matching.self_trade_prevention": Meaning(TRADERS, VERIFIER, "self-trade prevention"),
    "matching.max_open_orders": Meaning(TRADERS, AT_ONCE, "open orders per account"),
    "amm.curve": Meaning(PROVIDERS, VERIFIER, "curve"),
    "amm.max_slippage": Meaning(TRADERS, VERIFIER, "largest slippage of a trade against the curve"),
    "amm.recenter": Meaning(PROVIDERS, VERIFIER, "distance at which the curve is moved back to the oracle"),
    "amm.backing": Meaning(PROVIDERS, LAUNCH, "backing of the pool at launch"),
    "hybrid.maker_auction": Meaning(TRADERS, AT_ONCE, "time for makers before the curve fills"),
    "hybrid.amm_max_share": Meaning(TRADERS, VERIFIER, "part of an order that the curve may fill"),
    "fees.maker": Meaning(TRADERS, VERIFIER, "maker fee"),
    "fees.taker": Meaning(TRADERS, VERIFIER, "taker fee"),
    "fees.recipient": Meaning(OPERATOR, TIMELOCK, "recipient of fees"),
    "fees.tiers": Meaning(TRADERS, VERIFIER, "fees by volume"),
    "margin.modes": Meaning(TRADERS, VERIFIER, "margin modes"),
    "liquidation.third_party": Meaning(LIQUIDATORS, VERIFIER, "liquidation by anyone"),
    "liquidation.max_fraction": Meaning(TRADERS, VERIFIER, "part of a position liquidated per step"),
    "liquidation.step_interval": Meaning(TRADERS, VERIFIER, "time between liquidation steps"),
    "liquidation.close_below": Meaning(TRADERS, VERIFIER, "position that is liquidated whole"),
    "liquidation.penalty": Meaning(TRADERS, VERIFIER, "liquidation penalty"),
    "liquidation.liquidator_share": Meaning(LIQUIDATORS, VERIFIER, "liquidator's share of the penalty"),
    "liquidation.deleverage": Meaning(TRADERS, VERIFIER, "deleveraging"),
    "insurance.initial": Meaning(EVERYONE, LAUNCH, "insurance fund at launch"),
    "markets.*.id": Meaning(TRADERS, NEVER, "id of {market}"),
    "markets.*.symbol": Meaning(TRADERS, NEVER, "symbol of market {id}"),
    "markets.*.tick_size": Meaning(TRADERS, NEVER, "tick size of {market}"),
    "markets.*.lot_size": Meaning(TRADERS, NEVER, "lot size of {market}"),
    "markets.*.oracle": Meaning(TRADERS, VERIFIER, "oracle of {market}"),
    "markets.*.min_order": Meaning(TRADERS, VERIFIER, "smallest order in {market}"),
    "markets.*.max_order": Meaning(TRADERS, VERIFIER, "largest order in {market}"),
    "markets.*.price_band": Meaning(TRADERS, VERIFIER, "price band of {market}"),
    "markets.*.open_interest_cap": Meaning(TRADERS, VERIFIER, "open-interest cap of {market}"),
    "markets.*.margin_tiers": Meaning(TRADERS, VERIFIER, "margin tiers of {market}"),
    "markets.*.open_interest_margin.lower": Meaning(
        TRADERS, VERIFIER, "open interest in {market} from which on margin grows"
    ),
    "markets.*.open_interest_margin.upper": Meaning(
        TRADERS, VERIFIER, "open interest in {market} at which initial margin is 100%"
    ),
    "markets.*.funding.interval": Meaning(TRADERS, VERIFIER, "funding interval of {market}"),
    "markets.*.funding.interest": Meaning(TRADERS, VERIFIER, "funding interest of {market}"),
    "markets.*.funding.clamp": Meaning(TRADERS, VERIFIER, "funding clamp of {market}"),
    "markets.*.funding.cap": Meaning(TRADERS, VERIFIER, "funding cap of {market}"),
    "markets.*.amm.depth": Meaning(PROVIDERS, VERIFIER, "depth of the curve of {market}"),
    "markets.*.amm.max_net_exposure": Meaning(
        PROVIDERS, VERIFIER, "largest exposure of the pool in {market}"
    ),
    "markets.*.fees.maker": Meaning(TRADERS, VERIFIER, "maker fee in {market}"),
    "markets.*.fees.taker": Meaning(TRADERS, VERIFIER, "taker fee in {market}"),
    "oracles.*.id": Meaning(TRADERS, VERIFIER, "id of oracle {oracle}"),
    "oracles.*.aggregate": Meaning(TRADERS, VERIFIER, "how {oracle} is made of its reports"),
    "oracles.*.trim": Meaning(TRADERS, VERIFIER, "reports of {oracle} cut from each end"),
    "oracles.*.min_sources": Meaning(TRADERS, VERIFIER, "fresh reports that a price of {oracle} needs"),
    "oracles.*.heartbeat": Meaning(TRADERS, VERIFIER, "longest time between prices of {oracle}"),
    "oracles.*.deviation": Meaning(TRADERS, VERIFIER, "move that makes a new price of {oracle}"),
    "oracles.*.max_age": Meaning(TRADERS, VERIFIER, "age up to which a report of {oracle} counts"),
    "oracles.*.max_step.fraction": Meaning(TRADERS, VERIFIER, "largest step of {oracle}"),
    "oracles.*.max_step.per": Meaning(TRADERS, VERIFIER, "time for the largest step of {oracle}"),
    "oracles.*.twap": Meaning(TRADERS, VERIFIER, "average of {oracle} that liquidation looks at"),
    "oracles.*.on_stale": Meaning(TRADERS, VERIFIER, "what stays possible without prices of {oracle}"),
    "oracles.*.sources.*.name": Meaning(TRADERS, VERIFIER, "name of source {source}"),
    "oracles.*.sources.*.signer": Meaning(TRADERS, VERIFIER, "key that signs {source}'s prices of {oracle}"),
    "oracles.*.sources.*.weight": Meaning(TRADERS, VERIFIER, "weight of {source} in {oracle}"),
    "oracles.*.sources.*.kind": Meaning(TRADERS, AT_ONCE, "kind of source {source} of {oracle}"),
    "oracles.*.sources.*.start": Meaning(OPERATOR, AT_ONCE, "first simulated price of {source}"),
    "oracles.*.sources.*.volatility": Meaning(OPERATOR, AT_ONCE, "simulated volatility of {source}"),
    "oracles.*.sources.*.seed": Meaning(OPERATOR, AT_ONCE, "seed of {source}"),
    "oracles.*.sources.*.noise": Meaning(OPERATOR, AT_ONCE, "simulated noise of {source}"),
    "oracles.*.sources.*.path": Meaning(OPERATOR, AT_ONCE, "file of {source}"),
    "oracles.*.sources.*.url": Meaning(TRADERS, AT_ONCE, "where {source} gets its prices of {oracle}"),
    "oracles.*.sources.*.json_path": Meaning(OPERATOR, AT_ONCE, "place of the price in {source}'s document"),
    "oracles.*.sources.*.feed": Meaning(TRADERS, AT_ONCE, "feed of {source}"),
    "proof.max_interval": Meaning(EVERYONE, AT_ONCE, "time until a batch closes"),
    "proof.max_operations": Meaning(OPERATOR, AT_ONCE, "largest batch, in operations"),
    "proof.security_bits": Meaning(EVERYONE, VERIFIER, "security of the proof, in bits"),
    "proof.regime": Meaning(EVERYONE, VERIFIER, "what the proof's security rests on"),
    "proof.log_blowup": Meaning(OPERATOR, VERIFIER, "logarithm of the proof's blow-up"),
    "proof.workers": Meaning(OPERATOR, AT_ONCE, "proof workers"),
    "proof.max_lag": Meaning(TRADERS, AT_ONCE, "unproven time after which only reducing orders are taken"),
    "settlement.mode": Meaning(EVERYONE, VERIFIER, "settlement"),
    "settlement.data_availability": Meaning(EVERYONE, VERIFIER, "where the data is"),
    "settlement.challenge_window": Meaning(EVERYONE, TIMELOCK, "challenge window"),
    "settlement.bond": Meaning(EVERYONE, TIMELOCK, "bond of a proposer and of a challenger"),
    "settlement.response_deadline": Meaning(OPERATOR, TIMELOCK, "time to answer a challenge"),
    "settlement.committee": Meaning(EVERYONE, TIMELOCK, "committee that keeps the data"),
    "settlement.threshold": Meaning(EVERYONE, TIMELOCK, "signatures of the committee per batch"),
    "settlement.confirmations": Meaning(EVERYONE, AT_ONCE, "L1 blocks until a deposit counts"),
    "withdrawals.forced_grace": Meaning(EVERYONE, TIMELOCK, "time to serve a forced withdrawal"),
    "withdrawals.rate_limit.fraction": Meaning(
        EVERYONE, TIMELOCK, "part of the deposits claimable per window"
    ),
    "withdrawals.rate_limit.window": Meaning(EVERYONE, TIMELOCK, "window of the limit on claims"),
    "rollout.stages": Meaning(EVERYONE, TIMELOCK, "cap on deposits"),
    "governance.timelock": Meaning(EVERYONE, TIMELOCK, "notice of changes"),
    "roles.operator": Meaning(EVERYONE, TIMELOCK, "operator"),
    "roles.guardian": Meaning(EVERYONE, TIMELOCK, "guardian"),
    "roles.governor": Meaning(EVERYONE, TIMELOCK, "governor"),
    "l1.kind": Meaning(EVERYONE, NEVER, "kind of L1"),
    "l1.chain_id": Meaning(EVERYONE, NEVER, "L1 chain"),
    "l1.url": Meaning(OPERATOR, AT_ONCE, "L1 node"),
    "l1.block_time": Meaning(OPERATOR, AT_ONCE, "expected time between L1 blocks"),
    "api.listen": Meaning(OPERATOR, AT_ONCE, "address of the API"),
    "api.rate_limit": Meaning(TRADERS, AT_ONCE, "requests per account"),
}
