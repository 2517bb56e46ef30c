"""The warnings of checks in `margins.py`, explained: the risk, and what a venue does about it."""

from l2forge.spec.warnings.catalogue.entry import define_warning

define_warning(
    "open-interest-margin-idle",
    "margin begins to grow at an open interest that is never reached",
    "Initial margin grows from open_interest_margin.lower on, but no order may bring open interest above "
    "open_interest_cap: only a risen price could. The rule stands in the spec and does nothing.",
    'open_interest_cap = "10000000"\n[markets.open_interest_margin]\nlower = "10000000"\nupper = "50000000"',
    'open_interest_cap = "10000000"\n[markets.open_interest_margin]\nlower = "5000000"\nupper = "15000000"',
)
define_warning(
    "open-interest-margin-steep",
    "one order changes everyone's leverage",
    "Between lower and upper initial margin grows with every trade. Where one order of max_order raises "
    "it by more than a tenth of all notional, one account can stop others from opening and from withdrawing.",
    '[markets.open_interest_margin]\nlower = "5000000"\nupper = "6000000"   # with max_order = "1000000"',
    '[markets.open_interest_margin]\nlower = "5000000"\nupper = "20000000"',
)

define_warning(
    "maintenance-below-gap",
    "maintenance margin is below the plausible price gap",
    "The price can plausibly move further than the maintenance margin before a liquidation can start, "
    "so that accounts fall below zero and the insurance fund pays. The estimate is ten standard "
    "deviations over max_age + heartbeat + twap, longer where max_step holds the index back. Raise "
    "maintenance, or make the oracle faster.",
    'maintenance = "0.5%"\nmax_age = "60s"\ntwap = "5m"',
    'maintenance = "3%"\nmax_age = "10s"\ntwap = "30s"',
)
define_warning(
    "liquidation-too-slow",
    "a liquidation in steps takes longer than the margin lasts",
    "Liquidating in steps leaves the last slice exposed while the price goes on moving. The margin "
    "should cover the move until the average slice is closed, and the penalty. Larger or more "
    "frequent steps help.",
    'max_fraction = "5%"\nstep_interval = "1m"',
    'max_fraction = "25%"\nstep_interval = "10s"',
)
define_warning(
    "penalty-above-maintenance",
    "the liquidation penalty exceeds the maintenance margin",
    "A liquidation starts when less than the maintenance margin is left. A penalty above it cannot be "
    "paid by the account: the insurance fund pays liquidators, and anyone can farm it with small "
    "accounts.",
    'penalty = "5%"\nmaintenance = "3%"',
    'penalty = "1%"\nmaintenance = "3%"',
)
define_warning(
    "initial-near-maintenance",
    "initial and maintenance margin are too close",
    "A position opened at full leverage would be liquidated by the noise of the next minute. Users "
    "see this as theft. Leave more room between initial and maintenance margin.",
    'initial = "3.1%"\nmaintenance = "3%"',
    'initial = "5%"\nmaintenance = "3%"',
)
define_warning(
    "insurance-small",
    "the insurance fund is small against the open-interest caps",
    "The move that a year is expected to bring, with a tenth of the open interest at its liquidation "
    "price, costs more than the fund holds. What is missing is taken from winning positions "
    "(deleveraging).",
    '[insurance]\ninitial = "1000"',
    '[insurance]\ninitial = "250000"',
)
define_warning(
    "liquidator-unpaid",
    "third-party liquidators earn next to nothing",
    "A third party liquidates for its share of the penalty. Below the price of a trade nobody comes, "
    "and the venue depends on the operator's keeper.",
    'third_party = true\npenalty = "1%"\nliquidator_share = "0%"',
    'third_party = true\npenalty = "1%"\nliquidator_share = "50%"',
)
define_warning(
    "insurance-unfed",
    "nothing refills the insurance fund",
    "The insurance fund grows by its share of penalties. With none, every loss it takes is final.",
    'liquidator_share = "100%"',
    'liquidator_share = "50%"',
)
define_warning(
    "operator-only-liquidation",
    "only the operator may liquidate",
    "With third_party = false the operator's keeper is a single point of failure for solvency.",
    "third_party = false",
    "third_party = true",
)
define_warning(
    "close-below-min-order",
    "a partial liquidation can leave a rest that cannot be traded",
    "A partial liquidation leaves a rest that is too small to be an order, so that its owner cannot "
    "close it. close_below should be at least the market's min_order.",
    'close_below = "5"\nmin_order = "10"',
    'close_below = "1000"\nmin_order = "10"',
)
define_warning(
    "steps-faster-than-prices",
    "liquidation steps come faster than prices",
    "Two liquidation steps on one price take more of a position than the price justifies: after the "
    "first step the account may be healthy, but nobody has looked again.",
    'step_interval = "1s"\nheartbeat = "5s"',
    'step_interval = "10s"\nheartbeat = "5s"',
)
