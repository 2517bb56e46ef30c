"""Sources of prices: simulated, replayed from a file, over HTTP, from a Chainlink feed. Prices are exact.

A source only says what it sees and when it saw it; what counts is decided by the oracle's rules (freshness,
quorum, step limit), and a source that cannot say anything raises `SourceUnavailable` and says why.
"""

from l2forge.venue.sources.opening import open_source
from l2forge.venue.sources.price import PriceSource, SeenPrice, SourceUnavailable, to_ticks

__all__ = ["PriceSource", "SeenPrice", "SourceUnavailable", "open_source", "to_ticks"]
