"""A Chainlink feed on L1: AggregatorV3Interface, docs.chain.link/data-feeds/api-reference.

The price is `answer`/10^decimals, its time `updatedAt`: a feed that has stopped is stale to the oracle.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NoReturn

import requests
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.exceptions import Web3Exception

from l2forge.venue.sources.price import SeenPrice, SourceUnavailable

MAX_DECIMALS = 36

_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "decimals",
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": "uint8"}],
    },
    {
        "type": "function",
        "name": "latestRoundData",
        "stateMutability": "view",
        "inputs": [],
        "outputs": [
            {"name": "roundId", "type": "uint80"},
            {"name": "answer", "type": "int256"},
            {"name": "startedAt", "type": "uint256"},
            {"name": "updatedAt", "type": "uint256"},
            {"name": "answeredInRound", "type": "uint80"},
        ],
    },
]


class ChainlinkPrices:
    """A feed's latest round, read when asked. The number of decimals is read once: it is fixed per feed."""

    def __init__(self, name: str, w3: Web3, feed: str) -> None:
        self.name = name
        self._w3 = w3
        self._address: ChecksumAddress = Web3.to_checksum_address(feed)
        self._contract = w3.eth.contract(address=self._address, abi=_ABI)
        self._decimals: int | None = None

    def read(self, now_ms: int) -> SeenPrice:
        """The latest answer. Refused: no contract, zero or negative answers, unfinished or future rounds."""
        try:
            if self._decimals is None:
                self._decimals = self._read_decimals()
            _, answer, _, updated_at, _ = self._contract.functions.latestRoundData().call()
        except (requests.RequestException, Web3Exception, ValueError, OverflowError) as error:
            self._refuse(f"the feed does not answer ({type(error).__name__})")
        if answer <= 0:
            self._refuse(f"the answer {answer} is not above zero")
        if updated_at == 0:
            self._refuse("the round is not finished")
        time_ms = int(updated_at) * 1000
        if time_ms > now_ms + 60_000:
            self._refuse("the round is from the future")
        return SeenPrice(Fraction(int(answer), 10**self._decimals), min(time_ms, now_ms))

    def _read_decimals(self) -> int:
        if not self._w3.eth.get_code(self._address):
            self._refuse("there is no contract at its address")
        decimals = int(self._contract.functions.decimals().call())
        if decimals > MAX_DECIMALS:
            self._refuse(f"the feed has {decimals} decimals")
        return decimals

    def _refuse(self, reason: str) -> NoReturn:
        raise SourceUnavailable(f"{self.name}: {reason}", remedy="check the feed's address and the L1 node")
