"""The warnings of checks in `trading.py`, explained: the risk, and what a venue does about it."""

from l2forge.spec.warnings.catalogue.entry import define_warning

define_warning(
    "rebate-eats-fees",
    "the maker rebate takes most of the taker fee",
    "The rebate takes more than half of the taker fee. Referral programmes, L1 costs and the "
    "insurance fund live on the rest.",
    'maker = "-3bps"\ntaker = "4bps"',
    'maker = "-0.5bps"\ntaker = "4bps"',
)
define_warning(
    "free-wash-trades",
    "trading with oneself is free",
    "When maker and taker together pay nothing, trading with oneself is free: volume, fee tiers and "
    "the funding premium, which follows from fills, can be made up.",
    'maker = "0bps"\ntaker = "0bps"',
    'maker = "0bps"\ntaker = "1bps"',
)
define_warning(
    "funding-cap-strong",
    "funding at its cap liquidates within an hour",
    "Funding at its cap takes the whole maintenance margin within an hour. Whoever can push the "
    "premium for an hour liquidates the other side without moving the index.",
    'interval = "1h"\ncap = "4%"\nmaintenance = "3%"',
    'interval = "1h"\ncap = "0.5%"\nmaintenance = "3%"',
)
define_warning(
    "funding-cap-weak",
    "the funding cap is too small to matter",
    "A cap below 0.1% a day does not make a standing premium expensive to hold: the price drifts from "
    "the index, and the market stops being a perpetual on it.",
    'interval = "8h"\ncap = "1bps"',
    'interval = "8h"\ncap = "4%"',
)
define_warning(
    "funding-clamp-wide",
    "funding ignores the premium",
    "Inside ±clamp around the interest the rate equals the interest. A clamp of a percent and more "
    "makes funding ignore the premiums it exists for.",
    'clamp = "2%"',
    'clamp = "5bps"',
)
define_warning(
    "order-near-open-interest-cap",
    "one order can take a market's open interest",
    "One order can take more than a quarter of the market's open-interest cap: one account crowds the "
    "others out, and one liquidation is a large part of the market.",
    'max_order = "50000000"\nopen_interest_cap = "50000000"',
    'max_order = "2000000"\nopen_interest_cap = "50000000"',
)
define_warning(
    "price-band-narrow",
    "the price band is narrower than usual moves",
    "Orders outside the band are refused. A band inside the usual moves of one reaction time refuses "
    "quotes and liquidations exactly when they are needed.",
    'price_band = "5bps"',
    'price_band = "5%"',
)
define_warning(
    "price-band-wide",
    "the price band spans several initial margins",
    "A fill at the band's edge costs several initial margins at once: a mistyped or stolen order "
    "hands over the account, and manipulators get room. Keep the band near the initial margin.",
    'price_band = "50%"\ninitial = "5%"',
    'price_band = "5%"\ninitial = "5%"',
)
define_warning(
    "amm-too-shallow",
    "the curve is too shallow for the open-interest cap",
    "Liquidations trade against the curve. Where closing a tenth of the open-interest cap moves the "
    "curve by more than the maintenance margin, one liquidation causes the next.",
    'depth = "1000000"\nopen_interest_cap = "50000000"',
    'depth = "200000000"\nopen_interest_cap = "50000000"',
)
define_warning(
    "order-beyond-slippage",
    "the largest order never fills",
    "max_order is more than the curve fills within max_slippage, so that it always fails.",
    'max_slippage = "1%"\ndepth = "1000000"\nmax_order = "500000"',
    'max_slippage = "1%"\ndepth = "1000000"\nmax_order = "10000"',
)
define_warning(
    "backing-small",
    "the pool's backing does not last a bad day",
    "The pool holds the other side of the market's net position. After a bad day it owes traders more "
    "than the backing, and the venue turns reduce-only.",
    'backing = "10000"\nmax_net_exposure = "2000000"',
    'backing = "500000"\nmax_net_exposure = "2000000"',
)
define_warning(
    "recenter-too-eager",
    "the curve is recentred within the noise",
    "Moving the curve back to the oracle costs the fee pool. An edge within a minute's noise pays all day.",
    'recenter = "1bps"',
    'recenter = "5%"',
)
