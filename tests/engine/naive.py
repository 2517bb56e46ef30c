"""The engine once more, slow and obvious: dictionaries, lists and Python integers.

Written from the rules' statements, not from the kernels: floor and ceiling are Python's exact `//`, a book
is a
dictionary of lists, a search is a scan. The same commands must give the same reasons, events and contents.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from math import isqrt

from l2forge.engine import codes as c
from l2forge.engine.config import EngineConfig, MarketConfig, value_limit

E12 = 10**12
E6 = 10**6
NO_ASK = 1 << 30
WINDOW = 30 * 86_400_000


class Refused(Exception):
    """A command that changes nothing, with its reason."""


def refuse(when: bool, reason: int) -> None:
    if when:
        raise Refused(reason)


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def clamp(x: int, low: int, high: int) -> int:
    return max(low, min(high, x))


@dataclass
class Order:
    id: int
    account: int
    market: int
    flags: int
    price: int
    trigger: int
    lots: int
    expiry: int
    counter: int = 0

    @property
    def type(self) -> int:
        return self.flags >> 1 & 7

    @property
    def tif(self) -> int:
        return self.flags >> 4 & 3

    @property
    def ask(self) -> bool:
        return bool(self.flags & 1)

    @property
    def reduce_only(self) -> bool:
        return bool(self.flags & c.REDUCE_ONLY)

    @property
    def parked(self) -> bool:
        return self.type >= 2 or bool(self.flags & c.AUCTION)

    def words(self) -> list[int]:
        owner = self.account << 32 | self.market << 16 | self.flags
        return [self.lots, self.id, owner, self.trigger << 32 | self.price, self.counter, self.expiry]


@dataclass
class Position:
    size: int = 0
    cost: int = 0
    funding: int = 0
    mode: int = 0
    cash: int = 0
    least: int = 0
    bids: int = 0
    asks: int = 0
    risk: int = 0
    base: int = 0
    risk_time: int = 0

    def words(self) -> list[int]:
        return [
            self.size,
            self.cost,
            self.funding,
            self.mode,
            self.cash,
            self.least,
            self.bids,
            self.asks,
            self.risk,
            self.base,
            self.risk_time,
        ]


@dataclass
class Account:
    positions: list[Position]
    cash: int = 0
    shares: int = 0
    epoch: int = 0
    volume_last: int = 0
    volume_now: int = 0
    orders: dict[int, Order] = field(default_factory=dict)


@dataclass
class Market:
    cfg: MarketConfig
    last: int = 0
    index: int = 0
    index_time: int = 0
    twap: int = 0
    fresh_until: int = 0
    oi: int = 0
    oi_limit: int = 0
    f_index: int = 0
    f_time: int = 0
    f_low: int = 0
    f_high: int = 0
    clearing: int = 0
    premium_sum: int = 0
    premium_time: int = 0
    x: int = 0
    y: int = 0
    rate: int = 0
    adl_target: int = 0
    adl_cursor: int = 0
    rate_since: int = 0
    reports: dict[int, tuple[int, int]] = field(default_factory=dict)
    asks: dict[int, list[Order]] = field(default_factory=dict)
    bids: dict[int, list[Order]] = field(default_factory=dict)
    parked: list[Order] = field(default_factory=list)

    @property
    def value(self) -> int:
        return self.index * self.cfg.quote

    def side(self, ask: bool) -> dict[int, list[Order]]:
        return self.asks if ask else self.bids

    def words(self) -> list[int]:
        out = [
            self.last,
            self.index,
            self.index_time,
            self.twap,
            self.fresh_until,
            self.oi,
            self.oi_limit,
            self.f_index,
            self.f_time,
            self.f_low,
            self.f_high,
            self.clearing,
            self.premium_sum,
            self.premium_time,
            self.x,
            self.y,
            0,
            self.rate,
            self.adl_target,
            self.adl_cursor,
            0,
            self.rate_since,
        ]
        for i in range(len(self.cfg.oracle.weights)):
            out += self.reports.get(i, (0, 0))
        for price in sorted(self.asks):
            for order in self.asks[price]:
                out += order.words()
        for price in sorted(self.bids, reverse=True):
            for order in self.bids[price]:
                out += order.words()
        for order in reversed(self.parked):
            out += order.words()
        return out


class NaiveVenue:
    """The whole venue. `apply(row)` returns the reason; `events` collects what happened."""

    def __init__(self, config: EngineConfig) -> None:
        self.cfg = config
        self.n_markets = max(m.id for m in config.markets) + 1
        self.markets = {m.id: Market(m) for m in config.markets}
        self.value_limit = value_limit(len(config.markets))
        self.accounts: dict[int, Account] = {}
        self.orders: dict[int, Order] = {}
        self.now = self.sequence = self.counter = 0
        self.insurance = config.insurance
        self.deposits = config.insurance + config.backing
        self.fee_pool = self.withdrawals = self.shares = self.unproven = 0
        self.events: list[list[int]] = []
        if config.curve:
            self.accounts[0] = self._new_account()
            self.accounts[0].cash = config.backing
            for p in self.accounts[0].positions:
                p.mode = 0
            if config.curve == c.ORACLE_POOL:
                self.accounts[0].shares = self.shares = config.backing

    def _new_account(self) -> Account:
        mode = int(self.cfg.default_isolated)
        return Account([Position(mode=mode) for _ in range(self.n_markets)])

    # -- contents ---------------------------------------------------------------------------------
    def contents(self) -> list[int]:
        used = max(self.accounts, default=-1) + 1
        at_risk = sum(p.risk for a in self.accounts.values() for p in a.positions)
        out = [
            self.now,
            self.sequence,
            self.counter,
            len(self.orders),
            self.insurance,
            self.fee_pool,
            self.deposits,
            self.withdrawals,
            self.shares,
            self.unproven,
            used,
            at_risk,
        ]
        for m in sorted(self.markets):
            out += self.markets[m].words()
        for number in sorted(self.accounts):
            a = self.accounts[number]
            out += [number, a.cash, a.shares, a.epoch, a.volume_last, a.volume_now, len(a.orders)]
            for p in a.positions:
                out += p.words()
            out += list(reversed(a.orders))
        return out

    def digest(self) -> bytes:
        words = self.contents()
        return hashlib.sha256(struct.pack(f"<{len(words)}q", *words)).digest()

    # -- the machine ------------------------------------------------------------------------------
    def apply(self, row: tuple[int, ...]) -> int:
        op, self.account, self.id, self.price, self.size, self.aux, self.expiry, self.time = row
        self.kind, self.m, self.flags = op & 255, op >> 8 & 255, op >> 16 & 0xFFFF
        self.fills = self.stop = self.forced = self.filled = self.amount = 0
        handlers = {
            c.DEPOSIT: self.deposit,
            c.TRANSFER: self.transfer,
            c.WITHDRAW: self.withdraw,
            c.CREATE_ORDER: self.create,
            c.CANCEL_ORDER: self.cancel,
            c.CANCEL_ALL: self.cancel_all,
            c.MODIFY_ORDER: self.modify,
            c.MINT_SHARES: self.mint,
            c.BURN_SHARES: self.burn,
            c.UPDATE_LEVERAGE: self.update_leverage,
            c.UPDATE_MARGIN: self.update_margin,
            c.ORACLE_REPORT: self.report,
            c.ORACLE_TICK: self.tick,
            c.FUNDING: self.funding,
            c.LIQUIDATE: self.liquidate,
            c.DELEVERAGE: self.deleverage,
            c.TRIGGER_ORDER: self.trigger,
            c.EXPIRE_ORDER: self.expire,
            c.FUND: self.fund,
            c.COLLECT_FEES: self.collect,
            c.PROVEN: self.proven,
            c.CLOCK: lambda: None,
        }
        try:
            refuse(op >> 32 != 0 or not 0 <= self.account < self.cfg.capacity.accounts, c.R_RANGE)
            refuse(self.time < self.now, c.R_CLOCK)
            refuse(self.time >= 1 << 46, c.R_RANGE)
            refuse(any(abs(w) >= 1 << 62 for w in row[2:7]), c.R_RANGE)
            everywhere = self.m == c.ALL_MARKETS and self.kind == c.CANCEL_ALL
            refuse(self.m not in self.markets and not everywhere, c.R_MARKET_UNKNOWN)
            self.market = self.markets.get(self.m)
            refuse(self.kind not in handlers, c.R_UNKNOWN_COMMAND)
            bare = (c.CREATE_ORDER, c.CANCEL_ORDER, c.MODIFY_ORDER, c.EXPIRE_ORDER)
            refuse(not self.cfg.accounting and self.kind not in bare, c.R_NOT_SUPPORTED)
            handlers[self.kind]()
        except Refused as refusal:
            return refusal.args[0]
        self.now = self.time
        self.sequence += 1
        if self.unproven == 0 and self.kind != c.PROVEN:
            self.unproven = self.time
        return c.OK

    def emit(
        self,
        kind,
        account=0,
        id=0,
        price=0,
        size=0,
        other=0,
        other_id=0,
        fee=0,
        other_fee=0,
        amount=0,
        flags=0,
        reason=0,
    ):
        op = kind | self.m << 8 | flags << 16 | reason << 32
        self.events.append(
            [op, self.sequence, account, id, price, size, other, other_id, fee, other_fee, amount, self.time]
        )

    # -- margin -----------------------------------------------------------------------------------
    def tier_margin(self, m: Market, notional: int, maintenance: bool) -> int:
        """Marginal tiers with the deduction rounded down at each border."""
        deduction = 0
        for tier, above in zip(m.cfg.tiers, (*m.cfg.tiers[1:], None), strict=True):
            rate = tier.maintenance_e12 if maintenance else tier.initial_e12
            if tier.up_to is None or notional <= tier.up_to:
                return ceil_div(notional * rate, E12) - deduction
            next_rate = above.maintenance_e12 if maintenance else above.initial_e12
            deduction += tier.up_to * (next_rate - rate) // E12
        raise AssertionError

    def initial(self, m: Market, p: Position, notional: int) -> int:
        least = p.least
        if m.cfg.scaled_margin:
            lower, upper = m.cfg.scaled_margin
            base = m.cfg.tiers[0].initial_e12
            oi = m.oi * m.value
            if oi >= upper:
                scaled = E12
            elif oi <= lower:
                scaled = base
            else:
                scaled = base + (E12 - base) * (oi - lower) // (upper - lower) + 1
            least = max(least, scaled)
        return max(self.tier_margin(m, notional, False), ceil_div(notional * least, E12))

    def owed(self, m: Market, p: Position) -> int:
        return ceil_div(p.size * (m.f_index - p.funding), E6)

    def bucket(self, number: int, m: int) -> list[int]:
        """Market numbers of the bucket that holds market m."""
        ps = self.accounts[number].positions
        return [m] if ps[m].mode else [j for j in self.markets if not ps[j].mode]

    def bucket_cash(self, number: int, m: int) -> int:
        a = self.accounts[number]
        return a.positions[m].cash if a.positions[m].mode else a.cash

    def move_cash(self, number: int, m: int, amount: int) -> None:
        a = self.accounts[number]
        if a.positions[m].mode:
            a.positions[m].cash += amount
        else:
            a.cash += amount

    def totals(self, number: int, cash: int, markets: list[int], twap: bool = False) -> tuple[int, int, int]:
        equity, initial, maintenance = cash, 0, 0
        for j in markets:
            m, p = self.markets[j], self.accounts[number].positions[j]
            if p.size:
                worth = p.size * (m.twap >> 16 if twap else m.index) * m.cfg.quote
                equity += worth - self.owed(m, p)
                initial += self.initial(m, p, abs(worth))
                maintenance += self.tier_margin(m, abs(worth), True)
        return equity, initial, maintenance

    def bucket_totals(self, number: int, m: int, twap: bool = False) -> tuple[int, int, int]:
        return self.totals(number, self.bucket_cash(number, m), self.bucket(number, m), twap)

    def cross_totals(self, number: int, twap: bool = False) -> tuple[int, int, int]:
        a = self.accounts[number]
        return self.totals(number, a.cash, [j for j in self.markets if not a.positions[j].mode], twap)

    def below(self, number: int, m: int) -> bool:
        equity, _, maintenance = self.bucket_totals(number, m)
        slow, _, slow_maintenance = self.bucket_totals(number, m, True)
        return equity < maintenance and slow < slow_maintenance

    def mark_risk(self, number: int, m: int) -> None:
        risky = self.below(number, m)
        for j in self.bucket(number, m):
            p = self.accounts[number].positions[j]
            wanted = int(risky and p.size != 0)
            if p.risk != wanted:
                p.risk, p.base, p.risk_time = wanted, abs(p.size) * wanted, -wanted

    def review_risk(self, number: int) -> None:
        for j in self.markets:
            if self.accounts[number].positions[j].risk:
                self.mark_risk(number, j)

    def scan_risk(self, m: int) -> None:
        for number in sorted(self.accounts):
            if number and self.accounts[number].positions[m].size:
                self.mark_risk(number, m)

    def fresh(self, number: int, m: int) -> bool:
        ps = self.accounts[number].positions
        return all(self.time <= self.markets[j].fresh_until for j in self.bucket(number, m) if ps[j].size)

    def is_user(self, number: int) -> bool:
        return number != 0 and number in self.accounts

    # -- fills ------------------------------------------------------------------------------------
    def fee_rate(self, number: int, base: int, maker: bool) -> int:
        a = self.accounts[number]
        behind = self.time // WINDOW - a.epoch
        left = WINDOW - self.time % WINDOW
        volume = 0
        if behind == 0:
            volume = a.volume_now + a.volume_last * left // WINDOW
        elif behind == 1:
            volume = a.volume_now * left // WINDOW
        rate = base
        for tier in self.cfg.fee_tiers:
            if volume >= tier.volume:
                rate = min(base, tier.maker_e12 if maker else tier.taker_e12)
        return rate

    def add_volume(self, number: int, notional: int) -> None:
        if not self.cfg.fee_tiers:
            return
        a = self.accounts[number]
        behind = self.time // WINDOW - a.epoch
        if behind:
            a.volume_last = a.volume_now if behind == 1 else 0
            a.volume_now = 0
            a.epoch = self.time // WINDOW
        a.volume_now = min(1 << 59, a.volume_now + notional)

    def leaves_enough(self, number: int, lots: int, cash: int) -> bool:
        m, p = self.market, self.accounts[number].positions[self.m]
        if abs(self.bucket_cash(number, self.m) + cash) >= 1 << 60:
            return False
        equity, initial, maintenance = self.bucket_totals(number, self.m)
        before, after = abs(p.size) * m.value, abs(p.size + lots) * m.value
        new_equity = equity + cash + lots * m.value
        new_initial = initial - self.initial(m, p, before) + self.initial(m, p, after)
        if new_equity >= new_initial:
            return True
        if not (after < before and (p.size + lots == 0 or (p.size + lots > 0) == (p.size > 0))):
            return False
        new_maintenance = maintenance - self.tier_margin(m, before, True) + self.tier_margin(m, after, True)
        if new_maintenance == 0:
            return new_equity >= 0
        return new_equity * maintenance >= equity * new_maintenance

    def change_position(self, number: int, lots: int, paid: int, fee: int) -> None:
        m, p = self.market, self.accounts[number].positions[self.m]
        owed = self.owed(m, p)
        self.move_cash(number, self.m, -owed)
        m.clearing += owed
        p.funding = m.f_index
        new = p.size + lots
        if p.size == 0 or (p.size > 0) == (lots > 0):
            p.cost += paid
        elif new == 0:
            p.cost = 0
        else:
            kept = (new > 0) == (p.size > 0)
            source, part, whole = (p.cost, new, p.size) if kept else (paid, new, lots)
            share = abs(source) * abs(part) // abs(whole)
            p.cost = share if source >= 0 else -share
        p.size = new
        self.move_cash(number, self.m, -paid - fee)
        self.fee_pool += fee

    def grow_interest(self, growth: int) -> None:
        m = self.market
        m.oi += growth
        if m.oi == 0:
            self.insurance += m.clearing
            m.clearing = 0
            m.f_low = m.f_high = m.f_index

    def settle(self, maker: int, taker: int, lots: int, notional: int) -> tuple[int, bool]:
        """(reason, whether the maker failed); fees are left in maker_fee and taker_fee."""
        m = self.market
        sizes = [self.accounts[n].positions[self.m].size for n in (maker, taker)]
        growth = sum(
            max(size + change, 0) - max(size, 0) for size, change in zip(sizes, (-lots, lots), strict=True)
        )
        if growth > 0 and m.oi + growth > m.oi_limit:
            return c.R_OPEN_INTEREST, False
        paid = notional if lots > 0 else -notional
        fees = [0, 0]
        if not self.forced:
            fees[1] = ceil_div(notional * self.fee_rate(taker, m.cfg.taker_e12, False), E12)
        if maker != 0 and self.forced != 2:
            fees[0] = ceil_div(notional * self.fee_rate(maker, m.cfg.maker_e12, True), E12)
            if self.forced:
                fees[0] = max(0, fees[0])
        if not self.forced and not self.leaves_enough(taker, lots, -paid - fees[1]):
            return c.R_MARGIN, False
        if maker != 0 and not self.leaves_enough(maker, -lots, paid - fees[0]):
            return c.R_MARGIN, True
        self.change_position(taker, lots, paid, fees[1])
        self.change_position(maker, -lots, -paid, fees[0])
        self.grow_interest(growth)
        self.add_volume(taker, notional)
        self.add_volume(maker, notional)
        self.maker_fee, self.taker_fee = fees
        self.review_risk(taker)
        self.review_risk(maker)
        return c.OK, False

    def advance_premium(self) -> None:
        m = self.market
        elapsed = self.time - m.premium_time
        if elapsed > 0:
            if m.last and m.index:
                total = m.premium_sum + (m.last - m.index) * min(elapsed, 1 << 31)
                if abs(total) < 1 << 61:
                    m.premium_sum = total
            m.premium_time = self.time

    def note_fill(self, maker: int, maker_id: int, price: int, lots: int, notional: int) -> None:
        self.emit(
            c.EV_FILL,
            maker,
            maker_id,
            price,
            lots,
            self.account,
            self.id,
            self.maker_fee,
            self.taker_fee,
            notional,
            self.flags,
        )
        self.fills += 1
        self.filled += lots
        self.amount += notional
        if self.cfg.accounting:
            self.advance_premium()
        self.market.last = price

    # -- the book ---------------------------------------------------------------------------------
    def hold(self, order: Order, lots: int) -> None:
        if self.cfg.accounting and not order.reduce_only and not order.parked:
            p = self.accounts[order.account].positions[order.market]
            if order.ask:
                p.asks += lots
            else:
                p.bids += lots

    def unqueue(self, order: Order) -> None:
        m = self.markets[order.market]
        if order.parked:
            m.parked.remove(order)
        else:
            queue = m.side(order.ask)[order.price]
            queue.remove(order)
            if not queue:
                del m.side(order.ask)[order.price]

    def forget(self, order: Order) -> None:
        del self.orders[order.id]
        if self.cfg.accounting:
            del self.accounts[order.account].orders[order.id]

    def drop(self, order: Order, reason: int) -> None:
        here, self.m = self.m, order.market
        self.emit(
            c.EV_REMOVED, order.account, order.id, order.price, order.lots, flags=order.flags, reason=reason
        )
        self.m = here
        self.unqueue(order)
        self.hold(order, -order.lots)
        self.forget(order)

    def best(self, ask: bool) -> int | None:
        side = self.market.side(ask)
        return (min(side) if ask else max(side)) if side else None

    def reducible(self, number: int, ask: bool) -> int:
        size = self.accounts[number].positions[self.m].size
        return max(0, size if ask else -size)

    def match(self, limit: int, lots: int) -> int:
        m, buys = self.market, not self.flags & 1
        while lots:
            price = self.best(buys)
            if price is None or (price > limit if buys else price < limit):
                break
            if self.fills >= c.MAX_FILLS:
                self.stop = c.R_FILL_LIMIT
                break
            maker = m.side(buys)[price][0]
            obstacle = 0
            if maker.expiry and maker.expiry <= self.time:
                obstacle = c.R_EXPIRED
            elif maker.account == self.account:
                obstacle = c.R_SELF_TRADE
                if self.cfg.self_trade != c.EXPIRE_MAKER and not self.forced:
                    self.stop = c.R_SELF_TRADE
                    if self.cfg.self_trade == c.EXPIRE_TAKER:
                        break
            elif maker.reduce_only and self.cfg.accounting and not self.reducible(maker.account, maker.ask):
                obstacle = c.R_REDUCE_ONLY
            if obstacle:
                self.fills += 1
                self.drop(maker, obstacle)
                if self.stop:
                    break
                continue
            fill, notional = min(lots, maker.lots), 0
            self.maker_fee = self.taker_fee = 0
            if self.cfg.accounting:
                if maker.reduce_only:
                    fill = min(fill, self.reducible(maker.account, maker.ask))
                notional = fill * price * m.cfg.quote
                reason, by_maker = self.settle(maker.account, self.account, fill if buys else -fill, notional)
                if reason and by_maker:
                    self.fills += 1
                    self.drop(maker, c.R_MARGIN)
                    continue
                if reason:
                    self.stop = reason
                    break
                self.hold(maker, -fill)
            self.note_fill(maker.account, maker.id, price, fill, notional)
            maker.lots -= fill
            if maker.lots == 0:
                self.unqueue(maker)
                self.forget(maker)
            lots -= fill
        return lots

    # -- the curve --------------------------------------------------------------------------------
    def exposure(self, m: Market, number: int) -> int:
        return -self.accounts[0].positions[number].size * m.value

    def curve_notional(self, lots: int, buys: bool) -> int:
        m = self.market
        if self.cfg.curve == c.CONSTANT_PRODUCT:
            return ceil_div(m.y * lots, m.x - lots) if buys else m.y * lots // (m.x + lots)
        flat, e, d = m.value * lots, self.exposure(m, self.m), 2 * m.cfg.depth
        if buys:
            return flat + ceil_div(flat * (2 * e + flat), d)
        return flat + flat * (2 * e - flat) // d

    def pool_marginal(self, m: Market, number: int) -> int:
        d = m.cfg.depth
        return m.value + m.value * clamp(self.exposure(m, number), -d, d) // d

    def marginal(self) -> int:
        m = self.market
        return m.y // m.x if self.cfg.curve == c.CONSTANT_PRODUCT else self.pool_marginal(m, self.m)

    def room(self, buys: bool) -> int:
        m = self.market
        pool = self.accounts[0].positions[self.m].size
        room = max(0, m.cfg.max_exposure // m.value + (pool if buys else -pool))
        if self.cfg.curve == c.CONSTANT_PRODUCT:
            room = min(room, m.x - 1 if buys else (1 << 31) - 1 - m.x)
        return room

    def spent(self) -> bool:
        return self.cross_totals(0)[0] <= 0

    def lots_to_price(self, target: int, buys: bool) -> int:
        m = self.market
        if self.cfg.curve == c.CONSTANT_PRODUCT:
            if m.x * m.y >= ((1 << 62) - 1) * target:
                return 0 if buys else (1 << 31) - 1 - m.x
            squared = m.x * m.y // target
            root = isqrt(squared)
            if buys:
                if root * root * target != m.x * m.y:
                    root += 1
                return max(0, m.x - max(1, root))
            return max(0, min(root, (1 << 31) - 1) - m.x)
        d, p = m.cfg.depth, m.value
        end = d * min(target - p, p) // p if target >= p else -ceil_div(d * (p - target), p)
        end = clamp(end, 1 - d, d - 1)
        e = self.exposure(m, self.m)
        return max(0, end - e if buys else e - end) // p

    def lots_on_curve(self, price: int, most: int) -> int:
        if not self.cfg.curve or most <= 0:
            return 0
        m, buys = self.market, not self.flags & 1
        marginal = self.marginal()
        allowance = marginal * self.cfg.max_slippage_e12 // E12
        target = price * m.cfg.quote
        target = min(target, marginal + allowance) if buys else max(target, marginal - allowance)
        lots = min(self.lots_to_price(max(1, target), buys), most, self.room(buys))
        if lots > 0 and self.spent():
            lots = min(lots, self.reducible(self.account, not buys))
        if lots <= 0:
            return 0
        notional, limit = self.curve_notional(lots, buys), price * m.cfg.quote * lots
        return lots if (notional <= limit if buys else notional >= limit) else 0

    def take(self, lots: int) -> int:
        m, buys = self.market, not self.flags & 1
        notional = self.curve_notional(lots, buys)
        reason, _ = self.settle(0, self.account, lots if buys else -lots, notional)
        if reason:
            return reason
        if self.cfg.curve == c.CONSTANT_PRODUCT:
            m.x += -lots if buys else lots
            m.y += notional if buys else -notional
        self.note_fill(0, 0, notional // (lots * m.cfg.quote), lots, notional)
        return c.OK

    def swap(self, limit: int, lots: int) -> int:
        m, buys = self.market, not self.flags & 1
        if self.flags & c.REDUCE_ONLY:
            lots = min(lots, self.reducible(self.account, not buys))
            if not lots:
                return c.R_REDUCE_ONLY
        if lots > self.room(buys):
            return c.R_EXPOSURE
        if self.spent() and lots > self.reducible(self.account, not buys):
            return c.R_BACKING
        notional, worst = self.curve_notional(lots, buys), limit * m.cfg.quote * lots
        if notional > worst if buys else notional < worst:
            return c.R_LIMIT_PRICE
        if self.cfg.curve == c.CONSTANT_PRODUCT:
            fair = m.y * lots // m.x
            off = notional - fair if buys else fair - notional
        else:
            fair = lots * self.pool_marginal(m, self.m)
            off = abs(notional - fair)
        if off > fair * self.cfg.max_slippage_e12 // E12 + 1:
            return c.R_SLIPPAGE
        if m.y + notional >= 1 << 56:
            return c.R_EXPOSURE
        return self.take(lots)

    def take_some(self, lots: int) -> int:
        if not lots:
            return 0
        if self.fills >= c.MAX_FILLS:
            self.stop = c.R_FILL_LIMIT
            return 0
        self.stop = self.take(lots)
        return 0 if self.stop else lots

    def auctions(self) -> bool:
        if self.cfg.model != c.HYBRID or not self.cfg.maker_auction_ms:
            return False
        return not self.flags & c.AUCTION and not self.forced

    def fill_incoming(self, limit: int, lots: int) -> int:
        if self.cfg.model == c.BOOK:
            return self.match(limit, lots)
        if self.cfg.model == c.AMM:
            return lots - self.take_some(self.lots_on_curve(limit, lots))
        buys = not self.flags & 1
        share = lots * self.cfg.amm_max_share_e12 // E12
        while lots and not self.stop:
            best = self.best(buys)
            in_book = best is not None and (best <= limit if buys else best >= limit)
            n = self.lots_on_curve(best if in_book else limit, min(lots, share))
            if n:
                if self.auctions():
                    break
                taken = self.take_some(n)
                lots -= taken
                share -= taken
                if not lots or self.stop:
                    break
            if not in_book:
                break
            lots = self.match(best, lots)
        return lots

    # -- orders -----------------------------------------------------------------------------------
    def incoming(self, **changes: int) -> Order:
        fields = {
            "id": self.id,
            "account": self.account,
            "market": self.m,
            "flags": self.flags,
            "price": self.price,
            "trigger": self.aux,
            "lots": self.size,
            "expiry": self.expiry,
        }
        return Order(**{**fields, **changes})

    def band(self) -> tuple[int, int]:
        width = self.market.index * self.market.cfg.band_e12 // E12
        return max(1, self.market.index - width), self.market.index + width

    def limit(self) -> int:
        if self.price:
            return self.price
        most = (1 << self.cfg.capacity.log_price) - 1
        if not self.cfg.accounting:
            return 1 if self.flags & 1 else most
        low, high = self.band()
        return low if self.flags & 1 else min(high, most)

    def check(self, existing: bool) -> None:
        o, top = self.incoming(), 1 << self.cfg.capacity.log_price
        refuse(not 0 < o.id < 1 << 62 or not 0 < o.lots < 1 << 40, c.R_RANGE)
        known = 1 | 7 << 1 | 3 << 4 | c.REDUCE_ONLY | c.AUCTION
        refuse(bool(o.flags & ~known) or o.type > c.TAKE_PROFIT_LIMIT or o.tif > c.POST_ONLY, c.R_RANGE)
        refuse(not (0 <= o.price < top and 0 <= o.trigger < top and o.expiry >= 0), c.R_RANGE)
        refuse(o.price == 0 and o.type not in (c.MARKET, c.STOP_LOSS, c.TAKE_PROFIT), c.R_RANGE)
        refuse((o.trigger != 0) != (o.type >= 2), c.R_RANGE)
        refuse(o.tif == c.POST_ONLY and o.type in (c.MARKET, c.STOP_LOSS, c.TAKE_PROFIT), c.R_RANGE)
        refuse(o.expiry != 0 and o.expiry <= self.time, c.R_EXPIRED)
        if not existing:
            refuse(bool(o.flags & c.AUCTION), c.R_RANGE)
            refuse(o.id in self.orders, c.R_ORDER_EXISTS)
            refuse(len(self.orders) >= self.cfg.capacity.orders, c.R_NO_ROOM)
        if o.type == c.LIMIT and o.tif != c.IMMEDIATE_OR_CANCEL:
            refuse(self.cfg.model == c.AMM, c.R_NOT_SUPPORTED)
        if self.cfg.accounting:
            refuse(not self.is_user(o.account), c.R_ACCOUNT_UNKNOWN)
            full = len(self.accounts[o.account].orders) >= self.cfg.max_open_orders
            refuse(not existing and full, c.R_OPEN_ORDERS)
        if o.type >= 2:
            return
        if self.cfg.accounting:
            self.check_value(o)
            self.check_account(o)
        if o.tif == c.POST_ONLY:
            best = self.best(not o.ask)
            refuse(best is not None and (best >= o.price if o.ask else best <= o.price), c.R_POST_ONLY)
            refuse(self.cfg.model == c.HYBRID and self.lots_on_curve(o.price, 1) > 0, c.R_POST_ONLY)

    def check_value(self, o: Order) -> None:
        cfg = self.market.cfg
        refuse(self.market.index == 0, c.R_NO_PRICE)
        price = self.limit()
        low, high = self.band()
        refuse(not low <= price <= high, c.R_PRICE_BAND)
        value = price * cfg.quote * o.lots
        refuse(value > cfg.max_order, c.R_MAX_ORDER)
        refuse(value < cfg.min_order and not o.reduce_only, c.R_MIN_ORDER)

    def check_account(self, o: Order) -> None:
        p = self.accounts[o.account].positions[self.m]
        held = p.asks if o.ask else p.bids
        reduces = o.reduce_only or held + o.lots <= (p.size if o.ask else -p.size)
        halted = self.market.cfg.oracle.halt_when_stale
        refuse(self.time > self.market.fresh_until and (halted or not reduces), c.R_STALE)
        late = self.cfg.max_lag_ms and self.unproven and self.time - self.unproven > self.cfg.max_lag_ms
        refuse(bool(late) and not reduces, c.R_MAX_LAG)
        if o.reduce_only:
            refuse(self.reducible(o.account, o.ask) == 0, c.R_REDUCE_ONLY)
        elif not reduces:
            refuse(not self.orders_covered(o), c.R_MARGIN)

    def orders_covered(self, o: Order) -> bool:
        required = 0
        for j in self.bucket(o.account, self.m):
            m, p = self.markets[j], self.accounts[o.account].positions[j]
            extra = o.lots if j == self.m else 0
            long = p.size + p.bids + (0 if o.ask else extra)
            short = p.asks - p.size + (extra if o.ask else 0)
            worst = max(long, short, 0)
            if worst and worst * m.value > self.value_limit:
                return False
            required += self.initial(m, p, worst * m.value) if worst else 0
        return self.bucket_totals(o.account, self.m)[0] >= required

    def store(self, lots: int, flags: int, old: Order | None) -> Order:
        self.counter += 1
        order = self.incoming(lots=lots, flags=flags)
        if old is not None:
            for name in ("flags", "price", "trigger", "lots", "expiry"):
                setattr(old, name, getattr(order, name))
            order = old
        order.counter = self.counter
        self.orders[order.id] = order
        if self.cfg.accounting:
            self.accounts[order.account].orders[order.id] = order
        self.hold(order, lots)
        return order

    def say(self, kind: int, order: Order) -> None:
        self.emit(kind, order.account, order.id, order.price, order.lots, flags=order.flags)

    def leave(self, lots: int, reason: int, old: Order | None) -> None:
        if lots:
            self.emit(c.EV_REMOVED, self.account, self.id, self.price, lots, flags=self.flags, reason=reason)
        if old is not None:
            self.forget(old)

    def execute(self, old: Order | None) -> None:
        lots = self.size
        if self.flags & c.REDUCE_ONLY and self.cfg.accounting:
            lots = min(lots, self.reducible(self.account, bool(self.flags & 1)))
        limit = self.limit()
        lots = self.fill_incoming(limit, lots)
        o = self.incoming()
        if lots == 0 or self.stop:
            self.leave(lots, self.stop, old)
        elif self.auctions() and self.lots_on_curve(limit, lots) > 0:
            order = self.store(lots, self.flags | c.AUCTION, old)
            order.counter = self.time + self.cfg.maker_auction_ms
            self.market.parked.append(order)
            self.say(c.EV_PARKED, order)
        elif o.type == c.MARKET or o.tif == c.IMMEDIATE_OR_CANCEL:
            self.leave(lots, c.R_IMMEDIATE, old)
        else:
            order = self.store(lots, self.flags & ~c.AUCTION, old)
            self.market.side(order.ask).setdefault(order.price, []).append(order)
            self.emit(c.EV_RESTED, order.account, order.id, order.price, order.lots, flags=self.flags)

    def create(self) -> None:
        self.check(False)
        if self.cfg.model == c.AMM and self.flags >> 1 & 7 < 2:
            reason = self.swap(self.limit(), self.size)
            refuse(reason != c.OK, reason)
        elif self.flags >> 1 & 7 >= 2:
            order = self.store(self.size, self.flags, None)
            self.market.parked.append(order)
            self.say(c.EV_PARKED, order)
        else:
            self.execute(None)

    def own(self) -> Order:
        order = self.orders.get(self.id)
        refuse(order is None, c.R_ORDER_UNKNOWN)
        refuse(order.account != self.account, c.R_NOT_OWNER)
        refuse(order.market != self.m, c.R_ORDER_UNKNOWN)
        return order

    def cancel(self) -> None:
        self.drop(self.own(), c.R_CANCELLED)

    def cancel_all(self) -> None:
        if self.account not in self.accounts:
            return
        for order in reversed(list(self.accounts[self.account].orders.values())):
            if self.m in (c.ALL_MARKETS, order.market):
                self.drop(order, c.R_CANCELLED)

    def modify(self) -> None:
        old = self.own()
        refuse(bool(old.flags & c.AUCTION), c.R_NOT_SUPPORTED)
        self.flags = old.flags
        self.price = self.price or old.price
        self.size = self.size or old.lots
        self.aux = self.aux or old.trigger
        self.expiry = self.expiry or old.expiry
        if self.price == old.price and 0 < self.size < old.lots and not old.parked:
            self.hold(old, self.size - old.lots)
            old.lots = self.size
            self.say(c.EV_RESTED, old)
            return
        self.hold(old, -old.lots)
        try:
            self.check(True)
        except Refused:
            self.hold(old, old.lots)
            raise
        if old.parked:
            self.say(c.EV_PARKED, self.store(self.size, old.flags, old))
            return
        self.unqueue(old)
        self.execute(old)

    def trigger(self) -> None:
        old = self.orders.get(self.id)
        refuse(old is None or not old.parked or old.market != self.m, c.R_ORDER_UNKNOWN)
        m = self.market
        if old.flags & c.AUCTION:
            refuse(self.time < old.counter, c.R_NOT_TRIGGERED)
        else:
            refuse(self.time > m.fresh_until, c.R_STALE)
            stop = old.type in (c.STOP_LOSS, c.STOP_LOSS_LIMIT)
            below = old.ask == stop
            met = m.index <= old.trigger if below else m.index >= old.trigger
            refuse(not met, c.R_NOT_TRIGGERED)
        self.unqueue(old)
        self.account, self.price, self.size, self.expiry = old.account, old.price, old.lots, old.expiry
        self.aux, self.flags = 0, old.flags
        if not old.flags & c.AUCTION:
            kind = c.LIMIT if old.type in (c.STOP_LOSS_LIMIT, c.TAKE_PROFIT_LIMIT) else c.MARKET
            self.flags = old.flags & ~(7 << 1) | kind << 1
        try:
            self.check(True)
            if self.cfg.model == c.AMM:
                reason = self.swap(self.limit(), self.size)
                refuse(reason != c.OK, reason)
                self.forget(old)
                return
        except Refused as refusal:
            self.leave(self.size, refusal.args[0], old)
            return
        self.execute(old)

    def expire(self) -> None:
        order = self.orders.get(self.id)
        refuse(order is None or order.market != self.m, c.R_ORDER_UNKNOWN)
        refuse(order.expiry == 0 or order.expiry > self.time, c.R_NOT_EXPIRED)
        self.drop(order, c.R_EXPIRED)

    # -- funds ------------------------------------------------------------------------------------
    def add_cash(self, number: int, amount: int) -> None:
        self.accounts[number].cash += amount
        self.review_risk(number)

    def fits(self, number: int, amount: int) -> bool:
        return abs(self.accounts[number].cash + amount) < 1 << 60

    def has_spare(self, number: int, amount: int) -> bool:
        both = [self.cross_totals(number, twap) for twap in (False, True)]
        return all(equity - amount >= initial for equity, initial, _ in both)

    def balance(self, number: int, other: int, amount: int) -> None:
        self.emit(c.EV_BALANCE, number, other=other, amount=amount)

    def deposit(self) -> None:
        n, amount, limit = self.account, self.size, 1 << 58
        refuse(n == 0, c.R_ACCOUNT_UNKNOWN)
        refuse(not 0 < amount < limit or self.deposits + amount >= limit, c.R_RANGE)
        refuse(n in self.accounts and not self.fits(n, amount), c.R_RANGE)
        self.accounts.setdefault(n, self._new_account())
        self.deposits += amount
        self.add_cash(n, amount)
        self.balance(n, 0, amount)

    def withdraw(self) -> None:
        n, amount = self.account, self.size
        refuse(not self.is_user(n), c.R_ACCOUNT_UNKNOWN)
        refuse(not 0 < amount < 1 << 58 or not self.fits(n, -amount), c.R_RANGE)
        refuse(not self.has_spare(n, amount), c.R_MARGIN)
        self.withdrawals += amount
        self.add_cash(n, -amount)
        self.balance(n, 0, -amount)

    def transfer(self) -> None:
        n, other, amount = self.account, self.aux, self.size
        refuse(not self.is_user(n) or not self.is_user(other), c.R_ACCOUNT_UNKNOWN)
        refuse(n == other or not 0 < amount < 1 << 58, c.R_RANGE)
        refuse(not self.fits(n, -amount) or not self.fits(other, amount), c.R_RANGE)
        refuse(not self.has_spare(n, amount), c.R_MARGIN)
        self.add_cash(n, -amount)
        self.add_cash(other, amount)
        self.balance(n, other, -amount)

    def update_margin(self) -> None:
        n, amount = self.account, self.size
        refuse(not self.is_user(n), c.R_ACCOUNT_UNKNOWN)
        p = self.accounts[n].positions[self.m]
        refuse(not p.mode, c.R_NOT_SUPPORTED)
        refuse(amount == 0 or abs(amount) >= 1 << 58, c.R_RANGE)
        refuse(not self.fits(n, -amount) or abs(p.cash + amount) >= 1 << 60, c.R_RANGE)
        if amount > 0:
            refuse(not self.has_spare(n, amount), c.R_MARGIN)
        else:
            for twap in (False, True):
                equity, initial, _ = self.bucket_totals(n, self.m, twap)
                refuse(equity + amount < initial, c.R_MARGIN)
        p.cash += amount
        self.add_cash(n, -amount)
        self.balance(n, n, amount)

    def update_leverage(self) -> None:
        n, rate = self.account, self.size
        refuse(not self.is_user(n), c.R_ACCOUNT_UNKNOWN)
        refuse(not 0 <= rate <= E12, c.R_RANGE)
        p = self.accounts[n].positions[self.m]
        mode = int(bool(self.flags & c.ISOLATED))
        refuse(not (self.cfg.isolated if mode else self.cfg.cross), c.R_NOT_SUPPORTED)
        refuse(mode != p.mode and any((p.size, p.bids, p.asks, p.cash)), c.R_POSITION_OPEN)
        if rate > p.least and p.size:
            before, p.least = p.least, rate
            equity, initial, _ = self.bucket_totals(n, self.m)
            if equity < initial:
                p.least = before
                raise Refused(c.R_MARGIN)
        p.least, p.mode = rate, mode

    def fund(self) -> None:
        amount, limit = self.size, 1 << 58
        refuse(not 0 < amount < limit or self.deposits + amount >= limit, c.R_RANGE)
        if self.aux == c.FUND_INSURANCE:
            self.insurance += amount
        else:
            refuse(self.aux != c.FUND_BACKING or not self.cfg.curve, c.R_NOT_SUPPORTED)
            refuse(not self.fits(0, amount), c.R_RANGE)
            self.accounts[0].cash += amount
        self.deposits += amount
        self.balance(0, 0, amount)

    def collect(self) -> None:
        refuse(not self.is_user(self.account), c.R_ACCOUNT_UNKNOWN)
        refuse(not 0 < self.size <= self.fee_pool, c.R_BALANCE)
        refuse(not self.fits(self.account, self.size), c.R_RANGE)
        self.fee_pool -= self.size
        self.add_cash(self.account, self.size)
        self.balance(self.account, 0, self.size)

    def proven(self) -> None:
        refuse(not 0 <= self.aux <= self.time, c.R_RANGE)
        refuse(self.unproven == 0 or self.aux < self.unproven, c.R_NOT_DUE)
        self.unproven = 0 if self.aux >= self.now else self.aux

    # -- shares -----------------------------------------------------------------------------------
    def check_shares(self) -> list[int]:
        refuse(self.cfg.curve != c.ORACLE_POOL, c.R_NOT_SUPPORTED)
        refuse(not self.is_user(self.account), c.R_ACCOUNT_UNKNOWN)
        refuse(not 0 < self.size < 1 << 56, c.R_RANGE)
        refuse(not self.fresh(0, self.m), c.R_STALE)
        equities = [self.cross_totals(0, twap)[0] for twap in (False, True)]
        refuse(not all(0 < equity < 1 << 56 for equity in equities), c.R_BACKING)
        return equities

    def mint(self) -> None:
        equity = max(self.check_shares())
        amount, a = self.size, self.accounts[self.account]
        refuse(not self.has_spare(self.account, amount), c.R_MARGIN)
        refuse(not self.fits(self.account, -amount) or not self.fits(0, amount), c.R_RANGE)
        refuse(self.shares > 4 * equity, c.R_BACKING)
        shares = amount * self.shares // equity if self.shares else amount
        refuse(shares <= 0 or self.shares + shares >= 1 << 58, c.R_RANGE)
        a.shares += shares
        self.shares += shares
        self.add_cash(self.account, -amount)
        self.accounts[0].cash += amount
        self.balance(self.account, 0, -amount)

    def burn(self) -> None:
        equity = min(self.check_shares())
        shares, a = self.size, self.accounts[self.account]
        refuse(shares > a.shares, c.R_BALANCE)
        amount = shares * equity // self.shares
        refuse(not self.has_spare(0, amount), c.R_BACKING)
        refuse(not self.fits(self.account, amount) or not self.fits(0, -amount), c.R_RANGE)
        a.shares -= shares
        self.shares -= shares
        self.accounts[0].cash -= amount
        self.add_cash(self.account, amount)
        self.balance(self.account, 0, amount)

    # -- prices and funding -----------------------------------------------------------------------
    def report(self) -> None:
        m, cfg = self.market, self.market.cfg.oracle
        top = 1 << self.cfg.capacity.log_price
        refuse(self.account >= len(cfg.weights) or not 0 < self.price < top, c.R_RANGE)
        refuse(self.price * m.cfg.quote >= 1 << 42 or not 0 <= self.aux <= self.time, c.R_RANGE)
        refuse(self.account in m.reports and self.aux <= m.reports[self.account][1], c.R_OLD_REPORT)
        refuse(self.time - self.aux > cfg.max_age_ms, c.R_OLD_REPORT)
        m.reports[self.account] = (self.price, self.aux)

    def aggregate(self) -> int:
        m, cfg = self.market, self.market.cfg.oracle
        fresh = sorted(
            (price, cfg.weights[i]) for i, (price, t) in m.reports.items() if self.time - t <= cfg.max_age_ms
        )
        refuse(len(fresh) < cfg.min_sources, c.R_TOO_FEW_REPORTS)
        prices, n = [price for price, _ in fresh], len(fresh)
        if cfg.aggregate == 1:
            cut = min(cfg.trim, (n - 1) // 2)
            kept = prices[cut : n - cut]
            return sum(kept) // len(kept)
        if cfg.aggregate == 2:
            reached, total = 0, sum(weight for _, weight in fresh)
            for price, weight in fresh:
                reached += weight
                if 2 * reached >= total:
                    return price
        return (prices[(n - 1) // 2] + prices[n // 2]) // 2

    def accrue(self) -> None:
        m, cfg = self.market, self.market.cfg
        if not m.index:
            return
        self.advance_premium()
        elapsed = self.time - m.f_time
        if elapsed <= 0:
            return
        m.f_time = self.time
        per_interval = abs(m.rate) * m.value // E6
        change = 0
        if float(per_interval) * float(elapsed) < float(cfg.funding_interval_ms) * float(1 << 60):
            change = per_interval * elapsed // cfg.funding_interval_ms
        moved = m.f_index + (change if m.rate >= 0 else -change)
        low, high = min(m.f_low, moved), max(m.f_high, moved)
        if abs(moved) < 1 << 61 and high - low <= min(self.value_limit // max(1, m.oi), 1 << 40) * E6:
            m.f_index = moved
            m.f_low, m.f_high = (low, high) if m.oi else (moved, moved)
        since = self.time - m.rate_since
        if since >= cfg.funding_interval_ms:
            if self.cfg.model != c.AMM:
                total, scale = m.premium_sum, since
                if since > 1 << 26:
                    total, scale = total >> 10, since >> 10
                whole = m.index * scale
                premium = clamp(total, -whole, whole) * E12 // whole
            else:
                off = self.marginal() - m.value
                premium = clamp(off, -m.value, m.value) * E12 // m.value
            rate = premium + clamp(cfg.interest_e12 - premium, -cfg.clamp_e12, cfg.clamp_e12)
            m.rate = clamp(rate, -cfg.cap_e12, cfg.cap_e12)
            m.premium_sum, m.rate_since = 0, self.time
        self.emit(c.EV_FUNDING, price=m.rate, amount=m.f_index)

    def set_oi_limit(self) -> None:
        m = self.market
        top = max(m.index, (m.twap >> 16) + 1) * m.cfg.quote
        spread = (m.f_high - m.f_low) // E6 + 1
        m.oi_limit = min(
            self.value_limit // top,
            self.value_limit // spread,
            m.cfg.open_interest_cap // m.value,
            (1 << 40) - 1,
        )

    def funding(self) -> None:
        m = self.market
        refuse(m.index == 0, c.R_NO_PRICE)
        refuse(self.time > m.fresh_until, c.R_STALE)
        refuse(self.time - m.f_time < 1_000, c.R_NOT_DUE)
        self.accrue()
        self.set_oi_limit()
        self.scan_risk(self.m)

    def tick(self) -> None:
        m, cfg = self.market, self.market.cfg.oracle
        price = self.aggregate()
        elapsed = self.time - m.index_time
        twap = price << 16
        if m.index:
            if elapsed < cfg.twap_ms:
                gap = (m.index << 16) - m.twap
                twap = m.twap + gap // cfg.twap_ms * elapsed + gap % cfg.twap_ms * elapsed // cfg.twap_ms
            else:
                twap = m.index << 16
            off = abs(price - m.index)
            refuse(elapsed < cfg.heartbeat_ms and off * E12 < m.index * cfg.deviation_e12, c.R_NOT_DUE)
            if cfg.step_fraction_e12:
                allowed = m.index * min(elapsed, (1 << 31) - 1) * cfg.step_fraction_e12 // E12
                refuse(off * cfg.step_per_ms > allowed, c.R_STEP)
        top = max(price, (twap >> 16) + 1) * m.cfg.quote
        refuse(m.oi * top > self.value_limit, c.R_STEP)
        constant = self.cfg.curve == c.CONSTANT_PRODUCT
        deepest = max(m.cfg.depth, m.y) // (price * m.cfg.quote)
        refuse(constant and max(1, deepest) >= 1 << 31, c.R_RANGE)
        self.accrue()
        first = m.index == 0
        if first:
            m.f_time = m.rate_since = m.premium_time = self.time
        m.twap, m.index, m.index_time = twap, price, self.time
        newest = sorted((t for _, t in m.reports.values()), reverse=True)
        m.fresh_until = newest[cfg.min_sources - 1] + cfg.max_age_ms
        if constant:
            self.set_curve(first)
        self.set_oi_limit()
        self.emit(c.EV_PRICE, price=price, size=twap)
        self.scan_risk(self.m)

    @staticmethod
    def unwind(x: int, y: int, traders: int) -> int:
        if traders >= 0:
            return y * traders // (x + traders)
        lots = min(-traders, x - 1)
        return -ceil_div(y * lots, x - lots)

    def set_curve(self, first: bool) -> None:
        m = self.market
        if first:
            m.y = m.cfg.depth
            m.x = max(1, m.y // m.value)
            return
        fair = m.x * m.value
        far = fair > 1 << 60 or abs(m.y - fair) >= fair * self.cfg.recenter_e12 // E12
        if not self.cfg.recenter_e12 or not far:
            return
        moved = max(1, m.y // m.value)
        traders = -self.accounts[0].positions[self.m].size
        if moved <= max(0, traders) or moved + max(0, -traders) >= 1 << 31:
            return
        cost = max(0, self.unwind(moved, m.y, traders) - self.unwind(m.x, m.y, traders))
        if cost > self.fee_pool:
            return
        self.fee_pool -= cost
        self.accounts[0].cash += cost
        m.x = moved
        self.emit(c.EV_RECENTERED, price=m.index, size=moved, amount=cost)

    # -- liquidation ------------------------------------------------------------------------------
    def liquidate(self) -> None:
        cfg, m, target, liquidator = self.cfg, self.market, self.aux, self.account
        into_market = bool(self.flags & c.INTO_MARKET)
        refuse(not cfg.third_party and not self.flags & c.OPERATOR, c.R_NOT_PERMITTED)
        refuse(not self.is_user(target) or liquidator == target, c.R_ACCOUNT_UNKNOWN)
        refuse(not self.is_user(liquidator) and not into_market, c.R_ACCOUNT_UNKNOWN)
        refuse(self.size < 0 or not 0 <= self.price < 1 << cfg.capacity.log_price, c.R_RANGE)
        p = self.accounts[target].positions[self.m]
        refuse(p.size == 0, c.R_NO_POSITION)
        refuse(not self.fresh(target, self.m), c.R_STALE)
        refuse(not p.risk or not self.below(target, self.m), c.R_NOT_LIQUIDATABLE)
        refuse(p.risk_time >= 0 and self.time - p.risk_time < cfg.step_interval_ms, c.R_STEP_INTERVAL)
        size, long = abs(p.size), p.size > 0
        most = size
        if size * m.value >= cfg.close_below:
            most = min(size, ceil_div(max(size, p.base) * cfg.max_fraction_e12, E12))
        lots = min(self.size or most, most)
        if into_market:
            width = m.index * cfg.penalty_e12 // E12
            limit = max(1, m.index - width) if long else m.index + width
            if self.price:
                limit = max(limit, self.price) if long else min(limit, self.price)
            self.forced, self.account, self.id, self.flags = 1, target, 0, int(long)
            self.fill_incoming(min(limit, (1 << cfg.capacity.log_price) - 1), lots)
            lots, amount = self.filled, self.amount
        else:
            self.forced, amount = 2, lots * m.value
            reason, _ = self.settle(liquidator, target, -lots if long else lots, amount)
            refuse(reason != c.OK, reason)
        shortfall = lots * m.value - amount if long else amount - lots * m.value
        due = lots * m.value * cfg.penalty_e12 // E12 - max(0, shortfall)
        charged = max(0, min(due, self.bucket_totals(target, self.m)[0]))
        part = charged * cfg.liquidator_share_e12 // E12 if self.is_user(liquidator) else 0
        self.move_cash(target, self.m, -charged)
        self.insurance += charged - part
        if part:
            self.add_cash(liquidator, part)
        self.emit(
            c.EV_LIQUIDATED,
            target,
            price=m.index,
            size=lots,
            other=liquidator,
            fee=charged,
            other_fee=part,
            amount=amount,
        )
        self.mark_risk(target, self.m)
        if p.risk and lots:
            p.risk_time = self.time
        self.cover(target)

    def cover(self, number: int) -> None:
        ps = self.accounts[number].positions
        cash = self.bucket_cash(number, self.m)
        if any(ps[j].size for j in self.bucket(number, self.m)) or cash >= 0:
            return
        paid = min(self.insurance, -cash)
        self.insurance -= paid
        self.move_cash(number, self.m, paid)
        self.emit(c.EV_BAD_DEBT, number, amount=paid, fee=-cash - paid)

    def rank(self, number: int) -> int:
        p = self.accounts[number].positions[self.m]
        worth = p.size * self.market.value
        equity = self.bucket_totals(number, self.m)[0]

        def ratio(part: int, whole: int) -> int:
            if whole <= 0 or part // 1000 >= whole:
                return 1 << 30
            if whole >= 1 << 56:
                part, whole = part >> 8, whole >> 8
            return min(1 << 30, part * E6 // whole)

        leverage, profit = ratio(abs(worth), equity), worth - p.cost
        if profit >= 0:
            return ratio(profit, abs(p.cost)) * leverage
        return -(ratio(-profit, abs(p.cost)) * E6 // max(1, leverage))

    def opposite(self, long: bool) -> list[int]:
        sizes = {n: a.positions[self.m].size for n, a in sorted(self.accounts.items())}
        return [n for n, size in sizes.items() if size and (size > 0) != long]

    def hand_over(self, target: int, other: int, lots: int, deficit: int) -> int:
        m = self.market
        p, q = (self.accounts[n].positions[self.m] for n in (target, other))
        change = -lots if p.size > 0 else lots
        cut = min(ceil_div(deficit * lots, abs(p.size)), max(0, self.bucket_totals(other, self.m)[0]))
        growth = max(p.size + change, 0) - max(p.size, 0) + max(q.size - change, 0) - max(q.size, 0)
        paid = change * m.value
        self.change_position(target, change, paid, 0)
        self.change_position(other, -change, -paid, 0)
        self.move_cash(target, self.m, cut)
        self.move_cash(other, self.m, -cut)
        self.grow_interest(growth)
        self.emit(c.EV_DELEVERAGED, target, price=m.index, size=lots, other=other, amount=cut)
        self.review_risk(other)
        return cut

    def deleverage(self) -> None:
        m, target = self.market, self.aux
        refuse(not self.is_user(target), c.R_ACCOUNT_UNKNOWN)
        p = self.accounts[target].positions[self.m]
        refuse(p.size == 0, c.R_NO_POSITION)
        refuse(not self.fresh(target, self.m), c.R_STALE)
        spot = self.bucket_totals(target, self.m)[0]
        slow = self.bucket_totals(target, self.m, True)[0]
        refuse(spot >= 0 or slow >= 0, c.R_NOT_BANKRUPT)
        refuse(self.insurance >= -spot, c.R_INSURED)
        long = p.size > 0
        refuse(not self.opposite(long), c.R_NO_COUNTERPARTY)
        paid, self.insurance = self.insurance, 0
        self.move_cash(target, self.m, paid)
        self.emit(c.EV_BAD_DEBT, target, amount=paid)
        deficit = -spot - paid
        if self.cfg.pro_rata:
            start = m.adl_cursor if m.adl_target == target else 0
            queue = [n for n in self.opposite(long) if n >= start]
            left = sum(abs(self.accounts[n].positions[self.m].size) for n in queue)
            done, last = 0, start - 1
            for n in queue:
                if p.size == 0 or done >= c.MAX_FILLS:
                    break
                size = abs(self.accounts[n].positions[self.m].size)
                wanted = min(abs(p.size), left)
                lots = min(wanted, ceil_div(wanted * size, left))
                left -= size
                last = n
                if lots:
                    deficit -= self.hand_over(target, n, lots, deficit)
                    done += 1
            unfinished = p.size != 0 and left > 0
            m.adl_target, m.adl_cursor = (target, last + 1) if unfinished else (0, 0)
        else:
            for _ in range(64):
                if p.size == 0:
                    break
                n = max(self.opposite(long), key=lambda n: (self.rank(n), -n))
                lots = min(abs(p.size), abs(self.accounts[n].positions[self.m].size))
                deficit -= self.hand_over(target, n, lots, deficit)
        self.mark_risk(target, self.m)
        self.cover(target)
