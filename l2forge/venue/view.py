"""Reading the engine's state: prices, positions, margin. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.engine import Engine
from l2forge.engine import layout as at
from l2forge.rules.margin import equity, funding_owed, initial_margin, maintenance_margin, position_value
from l2forge.rules.prices import TWAP_SCALE_LOG


@dataclass(frozen=True, slots=True)
class Position:
    """A position: lots (signed), what was paid for it, what it is worth at the index, its margins, funding
    that it owes.
    """

    market: int
    lots: int
    cost: int
    value: int
    initial: int
    maintenance: int
    owed: int


@dataclass(frozen=True, slots=True)
class Money:
    """What an account has, in units, at the index."""

    cash: int
    equity: int
    initial: int
    maintenance: int
    positions: tuple[Position, ...]

    @property
    def available(self) -> int:
        """What is not bound by initial margin."""
        return max(0, self.equity - self.initial)


class EngineView:
    """One engine's state by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.market_ids = [market.id for market in engine.config.markets]

    def word(self, offset: int) -> int:
        """A word of the header."""
        return int(self._engine.state[offset])

    def market_word(self, market: int, offset: int) -> int:
        """A word of a market's row."""
        return int(self._engine.state[self._market(market) + offset])

    def index_ticks(self, market: int) -> int:
        """The index price; 0 before the first tick."""
        return self.market_word(market, at.M_INDEX)

    def index_time_ms(self, market: int) -> int:
        """When the last tick was."""
        return self.market_word(market, at.M_INDEX_TIME)

    def twap_ticks(self, market: int) -> int:
        """The time-weighted index, rounded down."""
        return self.market_word(market, at.M_TWAP) >> TWAP_SCALE_LOG

    def is_fresh(self, market: int, now_ms: int) -> bool:
        """Whether enough of the reports that made the index are fresh."""
        return self.index_ticks(market) > 0 and now_ms <= self.market_word(market, at.M_FRESH_UNTIL)

    def open_interest_lots(self, market: int) -> int:
        """The sum of long positions."""
        return self.market_word(market, at.M_OPEN_INTEREST)

    def funding_rate_e12(self, market: int) -> int:
        """The rate that accrues now, per funding interval."""
        return self.market_word(market, at.M_FUNDING_RATE)

    def is_beyond_band(self, market: int, price: int, is_ask: bool) -> bool:
        """Whether a limit is more generous than the price band: a market order's then means the band."""
        if is_ask:
            return price < self.market_word(market, at.M_BAND_LOW)
        return price > self.market_word(market, at.M_BAND_HIGH)

    def is_open(self, account: int) -> bool:
        """Whether the engine has the account."""
        inside = 0 <= account < self.word(at.H_N_ACCOUNTS)
        return inside and bool(self._engine.state[self._account(account) + at.A_OPEN])

    def size_lots(self, account: int, market: int) -> int:
        """The account's position, signed."""
        return int(self._engine.state[self._position(account, market) + at.P_SIZE])

    def money(self, account: int) -> Money:
        """Cash, equity, margins and positions of an open account."""
        s = self._engine.state
        cash = int(s[self._account(account) + at.A_CASH])
        positions = tuple(
            self._read_position(account, market)
            for market in self.market_ids
            if self.size_lots(account, market) != 0
        )
        return Money(
            cash,
            equity(cash, sum(p.value - p.owed for p in positions)),
            sum(p.initial for p in positions),
            sum(p.maintenance for p in positions),
            positions,
        )

    def _read_position(self, account: int, market: int) -> Position:
        s, p, m = self._engine.state, self._position(account, market), self._market(market)
        lots = int(s[p + at.P_SIZE])
        value = int(position_value(lots, int(s[m + at.M_INDEX]), int(s[m + at.M_QUOTE])))
        tiers, least = int(s[m + at.M_TIERS_AT]), int(s[p + at.P_LEAST_RATE])
        return Position(
            market,
            lots,
            int(s[p + at.P_COST]),
            value,
            int(initial_margin(abs(value), s, tiers, least)),
            int(maintenance_margin(abs(value), s, tiers)),
            int(funding_owed(lots, int(s[m + at.M_FUNDING_INDEX]), int(s[p + at.P_FUNDING]))),
        )

    def _market(self, market: int) -> int:
        return self.word(at.H_MARKETS_AT) + market * at.MARKET_WORDS

    def _account(self, account: int) -> int:
        return self.word(at.H_ACCOUNTS_AT) + account * self.word(at.H_ACCOUNT_WORDS)

    def _position(self, account: int, market: int) -> int:
        return self._account(account) + at.ACCOUNT_WORDS + market * at.POSITION_WORDS
