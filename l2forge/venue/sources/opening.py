"""From a spec's source to one that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from l2forge.errors import InputError
from l2forge.spec.models.oracles import ChainlinkSource, HttpSource, ReplaySource, SimulatedSource, Source
from l2forge.venue.sources.price import PriceSource
from l2forge.venue.sources.replay import ReplayedPrices
from l2forge.venue.sources.simulated import SimulatedPrices

if TYPE_CHECKING:
    from web3 import Web3


def open_source(source: Source, *, base: Path, start_ms: int, l1: Web3 | None = None) -> PriceSource:
    """The source of a spec whose folder is `base`; simulations and replays begin at `start_ms`.

    Errors: InputError where a file is wrong, a URL's variable is not set, or a feed has no L1 to be on.
    """
    match source:
        case SimulatedSource():
            return SimulatedPrices(source, start_ms)
        case ReplaySource():
            return ReplayedPrices(source.name, base / source.path, start_ms)
        case HttpSource():
            from l2forge.venue.sources.http import HttpPrices

            return HttpPrices(source.name, source.url, source.json_path)
        case ChainlinkSource():
            if l1 is None:
                raise InputError(
                    f"the feed of {source.name} is on L1, and there is no node", remedy="set l1.rpc"
                )
            from l2forge.venue.sources.chainlink import ChainlinkPrices

            return ChainlinkPrices(source.name, l1, str(source.feed))
