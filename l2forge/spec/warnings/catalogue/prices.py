"""The warnings of checks in `prices.py`, explained: the risk, and what a venue does about it."""

from l2forge.spec.warnings.catalogue.entry import define_warning

define_warning(
    "single-source-oracle",
    "an oracle has a single source",
    "With one source, its signer decides who is liquidated. Several sources of other origin, and a "
    "quorum of at least three, are what an index means.",
    'min_sources = 1\n[[oracles.sources]]\nname = "only"',
    "min_sources = 3\n# and four [[oracles.sources]]",
)
define_warning(
    "one-source-moves-price",
    "one lying source can move the price",
    "The quorum is so small that one lying report, sent while the others are late or kept away, sets "
    "or shifts the aggregate. Mango lost 115 million dollars in 2022 to a median of three thin "
    "venues.",
    "min_sources = 2",
    "min_sources = 3   # of four",
)
define_warning(
    "sources-share-origin",
    "sources of one oracle share their origin",
    "Two sources that read the same host, file or feed fail and lie together. A quorum counts them twice.",
    'url = "https://api.example.com/a"\nurl = "https://api.example.com/b"',
    'url = "https://api.example.com/a"\nurl = "https://prices.example.org/b"',
)
define_warning(
    "simulated-paths-differ",
    "simulated sources of one oracle follow different prices",
    "Each seed is a price path of its own. Sources of one oracle should share the seed and differ by noise.",
    "seed = 1\nseed = 2",
    'seed = 1\nseed = 1\nnoise = "2bps"',
)
define_warning(
    "no-spare-source",
    "every source must report",
    "When every source must report, the first outage makes the market reduce-only or halts it.",
    "min_sources = 3   # of three",
    "min_sources = 3   # of four",
)
define_warning(
    "halts-when-stale",
    "a stale price halts the market",
    'With on_stale = "halt" nobody can reduce a position while prices are missing, which is when they '
    "want to.",
    'on_stale = "halt"',
    'on_stale = "reduce_only"',
)
define_warning(
    "step-above-initial-margin",
    "one price step can exceed the initial margin",
    "max_step limits what a lying quorum can do in one tick. Where a step exceeds the initial margin, "
    "one tick can wipe out accounts at full leverage; only the average (twap) is left to protect "
    "them.",
    'max_step = { fraction = "20%", per = "1s" }\ninitial = "5%"',
    'max_step = { fraction = "2%", per = "3s" }\ninitial = "5%"',
)
define_warning(
    "twap-too-short",
    "the average holds fewer than three prices",
    "An account is liquidatable only below maintenance at spot and at the average. An average of "
    "fewer than three ticks follows a single bad price almost at once.",
    'twap = "5s"\nheartbeat = "5s"',
    'twap = "60s"\nheartbeat = "5s"',
)
define_warning(
    "feed-slower-than-max-age",
    "a pushed feed is slower than max_age",
    "A pushed Chainlink feed updates on a deviation or about once an hour. Its last round is usually "
    "older than max_age and then does not count.",
    'kind = "chainlink"\nmax_age = "15s"',
    'kind = "http"\nmax_age = "15s"',
)
define_warning(
    "oracle-load",
    "prices use up most of the prover",
    "Each price report is a signature that the proof checks. Fast heartbeats of many sources use up "
    "the rows of a batch and the prover before anyone trades.",
    'heartbeat = "250ms"\nmax_operations = 256',
    'heartbeat = "3s"\nmax_operations = 2048',
)
