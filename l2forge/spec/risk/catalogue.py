"""What each economic warning means, for `l2forge explain-error`: the risk, and what a venue does about it."""

from __future__ import annotations

WARNINGS: dict[str, str] = {
    # margin, liquidation, insurance
    "maintenance-below-gap": (
        "The price can plausibly move further than the maintenance margin before a liquidation can start, so"
        " that"
        " accounts fall below zero and the insurance fund pays. The estimate is ten standard deviations over"
        " max_age + heartbeat + twap, longer where max_step holds the index back. Raise maintenance, or make"
        " the"
        " oracle faster."
    ),
    "liquidation-too-slow": (
        "Liquidating in steps leaves the last slice exposed while the price goes on moving. The margin should"
        " cover the move until the average slice is closed, and the penalty. Larger or more frequent steps"
        " help."
    ),
    "penalty-above-maintenance": (
        "A liquidation starts when less than the maintenance margin is left. A penalty above it cannot be"
        " paid by"
        " the account: the insurance fund pays liquidators, and anyone can farm it with small accounts."
    ),
    "initial-near-maintenance": (
        "A position opened at full leverage would be liquidated by the noise of the next minute. Users see"
        " this"
        " as theft. Leave more room between initial and maintenance margin."
    ),
    "insurance-small": (
        "The move that a year is expected to bring, with a tenth of the open interest at its liquidation"
        " price,"
        " costs more than the fund holds. What is missing is taken from winning positions (deleveraging)."
    ),
    "liquidator-unpaid": (
        "A third party liquidates for its share of the penalty. Below the price of a trade nobody comes, and"
        " the"
        " venue depends on the operator's keeper."
    ),
    "insurance-unfed": (
        "The insurance fund grows by its share of penalties. With none, every loss it takes is final."
    ),
    "operator-only-liquidation": (
        "With third_party = false the operator's keeper is a single point of failure for solvency."
    ),
    "close-below-min-order": (
        "A partial liquidation leaves a rest that is too small to be an order, so that its owner cannot close"
        " it."
        " close_below should be at least the market's min_order."
    ),
    "steps-faster-than-prices": (
        "Two liquidation steps on one price take more of a position than the price justifies: after the first"
        " step the account may be healthy, but nobody has looked again."
    ),
    # prices
    "single-source-oracle": (
        "With one source, its signer decides who is liquidated. Several sources of other origin, and a quorum"
        " of"
        " at least three, are what an index means."
    ),
    "one-source-moves-price": (
        "The quorum is so small that one lying report, sent while the others are late or kept away, sets or"
        " shifts"
        " the aggregate. Mango lost 115 million dollars in 2022 to a median of three thin venues."
    ),
    "sources-share-origin": (
        "Two sources that read the same host, file or feed, or sign with the same key, fail and lie together."
        " A"
        " quorum counts them twice."
    ),
    "simulated-paths-differ": (
        "Each seed is a price path of its own. Sources of one oracle should share the seed and differ by"
        " noise."
    ),
    "no-spare-source": (
        "When every source must report, the first outage makes the market reduce-only or halts it."
    ),
    "halts-when-stale": (
        'With on_stale = "halt" nobody can reduce a position while prices are missing, which is when they'
        " want to."
    ),
    "step-above-initial-margin": (
        "max_step limits what a lying quorum can do in one tick. Where a step exceeds the initial margin, one"
        " tick"
        " can wipe out accounts at full leverage; only the average (twap) is left to protect them."
    ),
    "twap-too-short": (
        "An account is liquidatable only below maintenance at spot and at the average. An average of fewer"
        " than"
        " three ticks follows a single bad price almost at once."
    ),
    "max-age-below-heartbeat": (
        "Reports expire before the next tick is due in a quiet market, so that the oracle is stale by design."
    ),
    "feed-slower-than-max-age": (
        "A pushed Chainlink feed updates on a deviation or about once an hour. Its last round is usually"
        " older"
        " than max_age and then does not count."
    ),
    "oracle-load": (
        "Each price report is a signature that the proof checks. Fast heartbeats of many sources use up the"
        " rows"
        " of a batch and the prover before anyone trades."
    ),
    # trading
    "rebate-eats-fees": (
        "The rebate takes more than half of the taker fee. Referral programmes, L1 costs and the insurance"
        " fund"
        " live on the rest."
    ),
    "free-wash-trades": (
        "When maker and taker together pay nothing, trading with oneself is free: volume, fee tiers and the"
        " funding premium, which follows from fills, can be made up."
    ),
    "funding-cap-strong": (
        "Funding at its cap takes the whole maintenance margin within an hour. Whoever can push the premium"
        " for"
        " an hour liquidates the other side without moving the index."
    ),
    "funding-cap-weak": (
        "A cap below 0.1% a day does not make a standing premium expensive to hold: the price drifts from the"
        " index, and the market stops being a perpetual on it."
    ),
    "funding-clamp-wide": (
        "Inside ±clamp around the interest the rate equals the interest. A clamp of a percent and more makes"
        " funding ignore the premiums it exists for."
    ),
    "order-near-open-interest-cap": (
        "One order can take more than a quarter of the market's open-interest cap: one account crowds the"
        " others"
        " out, and one liquidation is a large part of the market."
    ),
    "price-band-narrow": (
        "Orders outside the band are refused. A band inside the usual moves of one reaction time refuses"
        " quotes"
        " and liquidations exactly when they are needed."
    ),
    "price-band-wide": (
        "A fill at the band's edge costs several initial margins at once: a mistyped or stolen order hands"
        " over"
        " the account, and manipulators get room. Keep the band near the initial margin."
    ),
    "amm-too-shallow": (
        "Liquidations trade against the curve. Where closing a tenth of the open-interest cap moves the curve"
        " by"
        " more than the maintenance margin, one liquidation causes the next."
    ),
    "order-beyond-slippage": (
        "max_order is more than the curve fills within max_slippage, so that it always fails."
    ),
    "backing-small": (
        "The pool holds the other side of the market's net position. After a bad day it owes traders more"
        " than the"
        " backing, and the venue turns reduce-only."
    ),
    "recenter-too-eager": (
        "Moving the curve back to the oracle costs the fee pool. An edge within a minute's noise pays all"
        " day."
    ),
    # custody
    "forced-grace-short": (
        "Anyone may freeze the venue once an L1 request is older than forced_grace, and a freeze is final."
        " Outages"
        " and full blocks of some days happen; seven days is what rollups use."
    ),
    "timelock-short": (
        "L2BEAT's exit window: a user who dislikes an announced change must be able to leave before it takes"
        " effect, even when the operator does not help. That is forced_grace and the time for everyone to"
        " leave."
    ),
    "proving-slower-than-cadence": (
        "Batches close faster than they are proven at full load, so that withdrawals wait longer and longer,"
        " until"
        " max_lag turns trading reduce-only. The estimate rests on the prover's target rate on two cores."
    ),
    "max-lag-tight": (
        "max_lag should hold at least three batches with their proofs, so that a failed proof or a restarted"
        " worker does not stop trading."
    ),
    "security-conjectured": (
        "The conjectured regime counts bits that nobody has proven. Use `johnson` or `unique_decoding` for"
        " money."
    ),
    "security-low": (
        "Soundness below 100 bits is within reach of well-funded attackers over a venue's lifetime."
    ),
    "challenge-window-short": (
        "An optimistic batch counts unless challenged in time. Seven days is meant to outlast censorship of"
        " L1."
    ),
    "response-deadline-short": (
        "A challenge must be answered by a proof in L1. Too short a deadline lets a crowded L1 roll back an"
        " honest batch, and the challenger collects the bond."
    ),
    "bond-small": (
        "The bond is what a wrong batch costs its proposer, and what pays challengers for watching. Next to"
        " the"
        " deposits it is too small to deter or to pay anyone."
    ),
    "committee-minority": (
        "If half of the committee or fewer can sign, data may exist nowhere but with a minority, which can"
        " then"
        " withhold it from users after a freeze."
    ),
    "committee-of-one": (
        "One signature makes the committee one party, who can hold every balance to ransom."
    ),
    "committee-unanimous": (
        "If all must sign, one member that is down stops settlement and every withdrawal."
    ),
    "one-key-many-roles": (
        "Operator, guardian, governor, committee and price sources guard against one another. One key with"
        " two of"
        " these powers removes the guard."
    ),
    "rollout-missing": (
        "Without staged caps the first error is worth every deposit. Start small, raise by plan."
    ),
    "rollout-first-stage-large": ("The first stage should be an amount whose loss can be made good."),
    "rollout-steep": (
        "A cap that grows more than a hundredfold at once makes the stage before it a formality."
    ),
    "no-withdrawal-limit": (
        "A limit on claims gives people hours to notice a theft. It never binds forced requests or an escape."
    ),
    "withdrawals-slow": (
        "The limit on claims is so tight that leaving takes over a month when everyone leaves."
    ),
    "few-confirmations": (
        "A deposit counts before L1 is final. If L1 takes it back, the venue has credited money it does not"
        " hold."
    ),
}
