"""The ledger's words against the engine's, number by number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from l2forge.engine import layout as at
from l2forge.ledger import layout
from l2forge.ledger.layout import INDEX_SHIFT, KIND_SHIFT, Kind
from l2forge.ledger.ledger import Ledger
from l2forge.stark.field import P
from tests.ledger.programs.engine_run import EngineRun

MARKET_WORDS = {
    layout.INDEX: at.M_INDEX,
    layout.INDEX_TIME: at.M_INDEX_TIME,
    layout.TWAP: at.M_TWAP,
    layout.FRESH_UNTIL: at.M_FRESH_UNTIL,
    layout.FUNDING_INDEX: at.M_FUNDING_INDEX,
    layout.FUNDING_RATE: at.M_FUNDING_RATE,
    layout.FUNDING_TIME: at.M_FUNDING_TIME,
    layout.RATE_SINCE: at.M_RATE_SINCE,
    layout.PREMIUM_SUM: at.M_PREMIUM_SUM,
    layout.PREMIUM_TIME: at.M_PREMIUM_TIME,
    layout.LAST_PRICE: at.M_LAST_PRICE,
    layout.OPEN_INTEREST: at.M_OPEN_INTEREST,
    layout.INTEREST_LIMIT: at.M_OI_LIMIT,
    layout.CLEARING: at.M_FUNDING_CLEARING,
    layout.FUNDING_LOW: at.M_FUNDING_LOW,
    layout.FUNDING_HIGH: at.M_FUNDING_HIGH,
}
"""By offset in the market's leaf: the engine's word."""

VENUE_WORDS = {
    layout.INSURANCE: at.H_INSURANCE,
    layout.FEE_POOL: at.H_FEE_POOL,
    layout.DEPOSITS: at.H_DEPOSITS,
    layout.WITHDRAWALS: at.H_WITHDRAWALS,
}


def address(kind: Kind, index: int, offset: int) -> int:
    """The address of a state word."""
    return (kind << KIND_SHIFT) + (index << INDEX_SHIFT) + offset


def expected_words(run: EngineRun) -> Iterator[tuple[str, int, int]]:
    """(name, address, the engine's number) of every word that both have."""
    for offset, word in VENUE_WORDS.items():
        yield f"venue {offset}", address(Kind.VENUE, 0, offset), run.word(word)
    for config in run.config.markets:
        m = config.id
        for offset, word in MARKET_WORDS.items():
            yield f"market {m} word {offset}", address(Kind.MARKET, m, offset), run.market(m, word)
        for account in run.accounts:
            place = layout.position(m)
            size, settled = (run.position(account, m, word) for word in (at.P_SIZE, at.P_FUNDING))
            yield f"position of {account} in {m}", address(Kind.ACCOUNT, account, place), size
            yield f"funding of {account} in {m}", address(Kind.ACCOUNT, account, place + 1), settled
    for account in run.accounts:
        cash = run.account(account, at.A_CASH)
        yield f"cash of {account}", address(Kind.ACCOUNT, account, layout.CASH), cash


def differences(ledger: Ledger, run: EngineRun) -> list[str]:
    """Every number in which ledger and engine differ."""
    rows = list(expected_words(run))
    found = ledger.state.read_many(np.array([place for _, place, _ in rows], np.uint64)).tolist()
    return [
        f"{name}: ledger {value if value < P // 2 else value - P}, engine {expected}"
        for (name, _, expected), value in zip(rows, found, strict=True)
        if value != expected % P
    ]
