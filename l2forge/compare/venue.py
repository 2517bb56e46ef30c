"""One spec's venue in memory, and what can be read from it: prices, depth, positions, equity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2forge.compare.flow.form import MONEY_SCALE, PRICE_SCALE
from l2forge.engine import Capacity, Engine, codes
from l2forge.engine import layout as at
from l2forge.errors import InputError
from l2forge.rules import constant_product, oracle_pool
from l2forge.rules.margin import funding_owed
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import SimulatedSource

FIRST_ORDER = 1 << 40
"""Ids of orders start here: a free slot's link, which is small, is never taken for one."""

DEFAULT_START_TICKS = 100_000
"""First price of a market whose sources do not say one: fine enough that a tick is 0.1 bps."""

_CAPACITY = Capacity(accounts=256, orders=1 << 13, pages=192, event_rows=1 << 13)


@dataclass(frozen=True)
class Top:
    """The best prices in ticks; None where nobody quotes."""

    bid: float | None
    ask: float | None

    @property
    def mid(self) -> float | None:
        """Between the two, or None."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


class Venue:
    """An engine, one market of it, and views on its state."""

    def __init__(self, spec: Spec, symbol: str, n_accounts: int, n_orders: int) -> None:
        self.spec = spec
        self.market = next((market for market in spec.markets if market.symbol == symbol), spec.markets[0])
        self.m = self.market.id
        capacity = Capacity(
            accounts=max(_CAPACITY.accounts, n_accounts + 1),
            orders=max(_CAPACITY.orders, n_orders),
            pages=_CAPACITY.pages,
            event_rows=_CAPACITY.event_rows,
        )
        self.engine = Engine.from_spec(spec, capacity)
        config = self.engine.config
        self.config = next(market for market in config.markets if market.id == self.m)
        self.model = config.model
        self.curve = config.curve
        self.quote = self.config.quote
        self.unit: int = 10**spec.venue.collateral.decimals
        self.start_ticks = _start_ticks(spec, self.market)
        self._row = int(self.state[at.H_MARKETS_AT]) + self.m * at.MARKET_WORDS

    @property
    def state(self) -> NDArray[np.int64]:
        """The engine's flat state."""
        return self.engine.state

    def word(self, offset: int) -> int:
        """A word of the market's row."""
        return int(self.state[self._row + offset])

    # -- units ------------------------------------------------------------------------------------

    def ticks(self, price_e9: int) -> int:
        """The price in ticks, rounded to the nearest, at least 1."""
        return max(1, (price_e9 * self.start_ticks + PRICE_SCALE // 2) // PRICE_SCALE)

    def units(self, money: int) -> int:
        """Collateral units of an amount in 10^-6."""
        return money * self.unit // MONEY_SCALE

    def lots(self, money: int, ticks: int) -> int:
        """Lots that an amount of money is worth at a price."""
        return self.units(money) // (ticks * self.quote)

    def dollars(self, units: float) -> float:
        """Whole collateral from its smallest units."""
        return units / self.unit

    # -- prices and depth -------------------------------------------------------------------------

    @property
    def index(self) -> int:
        """The index in ticks; 0 before the first tick."""
        return self.word(at.M_INDEX)

    def marginal(self) -> float | None:
        """The curve's price in ticks, or None without one."""
        if self.curve == codes.NO_CURVE or self.index == 0:
            return None
        if self.curve == codes.CONSTANT_PRODUCT:
            return self.word(at.M_RESERVE_QUOTE) / (self.word(at.M_RESERVE_LOTS) * self.quote)
        value = self.index * self.quote
        worth: int = oracle_pool.marginal_value(value, self.exposure(), self.config.depth)
        return worth / self.quote

    def top(self) -> Top:
        """Best bid and ask over book and curve."""
        bid = self.word(at.M_BEST_BID) or None
        ask = self.word(at.M_BEST_ASK)
        best_bid, best_ask = (float(bid) if bid else None), (None if ask == at.PRICE_NONE else float(ask))
        curve = self.marginal()
        if curve is None:
            return Top(best_bid, best_ask)
        buys, sells = self.room()
        if sells > 0:
            best_bid = max(best_bid or 0.0, curve)
        if buys > 0:
            best_ask = curve if best_ask is None else min(best_ask, curve)
        return Top(best_bid, best_ask)

    def room(self) -> tuple[int, int]:
        """Lots that the pool's exposure limit still lets traders buy from and sell to the curve."""
        pool = self.position(codes.POOL_ACCOUNT)
        cap = self.config.max_exposure // (self.index * self.quote)
        return max(0, cap + pool), max(0, cap - pool)

    def exposure(self) -> int:
        """Traders' net exposure to the pool at the index, in units."""
        return -self.position(codes.POOL_ACCOUNT) * self.index * self.quote

    def lots_on_curve(self, ticks: float, buys: bool) -> int:
        """Lots that the curve gives until its price meets `ticks`, within what it may hold and slip."""
        marginal = self.marginal()
        if marginal is None:
            return 0
        slip = marginal * self.engine.config.max_slippage_e12 / 10**12
        target = int((min(ticks, marginal + slip) if buys else max(ticks, marginal - slip)) * self.quote)
        if self.curve == codes.CONSTANT_PRODUCT:
            reserves = self.word(at.M_RESERVE_LOTS), self.word(at.M_RESERVE_QUOTE)
            lots = constant_product.lots_to_price(*reserves, max(1, target), buys)
        else:
            value = self.index * self.quote
            lots = oracle_pool.lots_to_price(value, self.exposure(), self.config.depth, max(1, target), buys)
        return int(max(0, min(lots, self.room()[0 if buys else 1])))

    def resting(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """(price, lots, is it an ask) of the market's resting orders."""
        s = self.state
        first = int(s[at.H_ORDERS_AT]) + at.ORDER_WORDS
        used = int(s[at.H_ORDERS_USED])
        rows = s[first : first + used * at.ORDER_WORDS].reshape(used, at.ORDER_WORDS)
        owner = rows[:, at.O_OWNER]
        kind = owner >> codes.ORDER_TYPE_SHIFT & codes.ORDER_TYPE_MASK
        rests = (rows[:, at.O_ID] >= FIRST_ORDER) & (owner >> 16 & 0xFF == self.m)
        rests &= (kind < codes.STOP_LOSS) & (owner & codes.AUCTION == 0)
        rows = rows[rests]
        return rows[:, at.O_PRICES] & at.LOW32, rows[:, at.O_LOTS], rows[:, at.O_OWNER] & codes.ASK == 1

    def depth(self, mid: float, fraction: float) -> float:
        """Notional (units) that can be traded within ±fraction of mid, the mean of both sides."""
        prices, lots, asks = self.resting()
        low, high = mid * (1 - fraction), mid * (1 + fraction)
        near = np.where(asks, prices <= high, prices >= low)
        booked = float((lots * near).sum())
        curve = self.lots_on_curve(high, True) + self.lots_on_curve(low, False)
        return (booked + curve) / 2 * mid * self.quote

    # -- accounts ---------------------------------------------------------------------------------

    def _account(self, account: int) -> int:
        return int(self.state[at.H_ACCOUNTS_AT]) + account * int(self.state[at.H_ACCOUNT_WORDS])

    def _position(self, account: int) -> int:
        return self._account(account) + at.ACCOUNT_WORDS + self.m * at.POSITION_WORDS

    def position(self, account: int) -> int:
        """The account's lots, signed."""
        return int(self.state[self._position(account) + at.P_SIZE])

    def buckets(self, account: int) -> tuple[int, int]:
        """Equity at the index in units: (cross, isolated)."""
        s, p = self.state, self._position(account)
        size = int(s[p + at.P_SIZE])
        owed = funding_owed(size, self.word(at.M_FUNDING_INDEX), int(s[p + at.P_FUNDING])) if size else 0
        worth = size * self.index * self.quote - owed
        cross, isolated = int(s[self._account(account) + at.A_CASH]), int(s[p + at.P_CASH])
        return (cross, isolated + worth) if s[p + at.P_MODE] else (cross + worth, isolated)

    def equity(self, account: int) -> int:
        """All that the account is worth at the index, in units; below zero it owes."""
        return sum(self.buckets(account))

    def is_isolated(self, account: int) -> bool:
        """Whether the account's margin in this market is isolated."""
        return bool(self.state[self._position(account) + at.P_MODE])

    def at_risk(self) -> list[int]:
        """Accounts in the liquidation queue of the market."""
        s = self.state
        if s[at.H_N_AT_RISK] == 0:
            return []
        words = int(s[at.H_ACCOUNT_WORDS])
        first = int(s[at.H_ACCOUNTS_AT])
        used = int(s[at.H_ACCOUNTS_USED])
        rows = s[first : first + used * words].reshape(used, words)
        flags = rows[:, at.ACCOUNT_WORDS + self.m * at.POSITION_WORDS + at.P_AT_RISK]
        return [int(account) for account in np.flatnonzero(flags)]

    def restart(self) -> None:
        """Replace the engine by a new process's: configuration from the spec, state from the snapshot.

        The state hash must come back as it was, funding indices included; a venue that cannot show that
        must not start.
        """
        before, snapshot = self.engine.digest(), self.engine.snapshot()
        self.engine = Engine(self.engine.config)
        self.engine.restore(snapshot)
        if self.engine.digest() != before:
            raise InputError("the venue came back from its snapshot with another state")


def _start_ticks(spec: Spec, market: Market) -> int:
    """The first price: that of the market's first simulated source, else a round number of ticks."""
    oracle = next(oracle for oracle in spec.oracles if oracle.id == market.oracle)
    for source in oracle.sources:
        if isinstance(source, SimulatedSource):
            ticks = source.start.fraction / market.tick_size.fraction
            return max(1, round(ticks))
    return DEFAULT_START_TICKS
