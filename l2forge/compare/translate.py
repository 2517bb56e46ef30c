"""From a venue-independent intent to the commands of one venue.

What a venue has no word for is left out and counted, never bent into something else: on a venue without a
book makers cannot rest orders (their capital backs the pool where the pool takes shares).
"""

from __future__ import annotations

from collections import Counter

from l2forge.compare.flow import form
from l2forge.compare.flow.form import PART_SCALE, Flow
from l2forge.compare.venue import FIRST_ORDER, Venue
from l2forge.engine import codes, command, order_flags

Command = tuple[int, ...]

SAFETY = 900_000
"""Leveraged traders use at most this part (10^-6) of what initial margin allows them."""

_SCALE = PART_SCALE


def account_of(actor: int) -> int:
    """Actors' accounts follow the pool's, which is 0."""
    return actor + 1


class Translator:
    """Commands for one venue; remembers the ids of orders and what could not be said."""

    def __init__(self, venue: Venue, flow: Flow) -> None:
        self.venue = venue
        self.flow = flow
        self.next_id = FIRST_ORDER
        self.rested: dict[int, tuple[int, int]] = {}
        self.left_out: Counter[str] = Counter()
        self.has_book = venue.model != codes.AMM
        self._most_leverage = 10**12 / venue.config.tiers[0].initial_e12
        max_order = venue.config.max_order
        self._max_order = max_order * form.MONEY_SCALE // venue.unit

    def new_id(self) -> int:
        """An order id that was not used."""
        self.next_id += 1
        return self.next_id

    def opening(self) -> list[Command]:
        """Deposits, and makers' shares of a pool that takes them."""
        rows = []
        for actor, who in enumerate(self.flow.actors):
            amount = self.venue.units(who.deposit)
            rows.append(command(codes.DEPOSIT, 0, account=account_of(actor), size=amount))
        return rows

    def isolated_margin(self, actor: int) -> list[Command]:
        """Where margin is isolated: all cash goes into the market's position."""
        if not self.venue.is_isolated(account_of(actor)):
            return []
        amount = self.venue.units(self.flow.actors[actor].deposit)
        return [command(codes.UPDATE_MARGIN, 0, market=self.venue.m, account=account_of(actor), size=amount)]

    def shares(self) -> list[Command]:
        """Where an oracle pool takes shares: makers put half of their capital into it."""
        if self.venue.curve != codes.ORACLE_POOL:
            return []
        return [
            command(
                codes.MINT_SHARES,
                0,
                market=self.venue.m,
                account=account_of(actor),
                size=self.venue.units(who.deposit) // 2,
            )
            for actor, who in enumerate(self.flow.actors)
            if who.role == form.MAKER
        ]

    def quote(self, row: list[int]) -> list[Command]:
        """A maker's new quotes instead of its old ones: post-only orders, level by level."""
        count = row[form.COUNT]
        if not self.has_book:
            self.left_out["quotes"] += 2 * count
            return []
        rows = [self.pull(row)]
        center, half = row[form.PRICE], row[form.ARGUMENT]
        for level in range(1, count + 1):
            for ask in (False, True):
                edge = half * level
                price = center * (_SCALE + edge if ask else _SCALE - edge) // _SCALE
                made = self._order(row, ask, price, row[form.MONEY], codes.POST_ONLY)
                if made:
                    rows.append(made)
        return rows

    def pull(self, row: list[int]) -> Command:
        """Cancel all of the account's orders in the market."""
        return command(
            codes.CANCEL_ALL, row[form.TIME], market=self.venue.m, account=account_of(row[form.ACTOR])
        )

    def rest(self, row: list[int]) -> list[Command]:
        """A limit order that waits."""
        if not self.has_book:
            self.left_out["limit orders"] += 1
            return []
        made = self._order(
            row, row[form.SIDE] == form.SELL, row[form.PRICE], row[form.MONEY], codes.GOOD_TILL_TIME
        )
        if made is None:
            return []
        self.rested[row[form.COUNT]] = (made[2], account_of(row[form.ACTOR]))
        return [made]

    def cancel(self, row: list[int]) -> list[Command]:
        """The end of a limit order, or less of it; an order that is gone is nobody's concern."""
        known = self.rested.get(row[form.COUNT])
        if known is None:
            return []
        order, account = known
        time, m = row[form.TIME], self.venue.m
        if row[form.MONEY] == 0:
            del self.rested[row[form.COUNT]]
            return [command(codes.CANCEL_ORDER, time, market=m, account=account, id=order)]
        size = self.venue.lots(row[form.MONEY], self.venue.ticks(row[form.PRICE]))
        if size == 0:
            return []
        return [command(codes.MODIFY_ORDER, time, market=m, account=account, id=order, size=size)]

    def take(self, row: list[int]) -> list[Command]:
        """A market order, in pieces of the venue's largest order; leveraged traders within their margin."""
        actor = self.flow.actors[row[form.ACTOR]]
        money = row[form.MONEY]
        if actor.role == form.LEVERAGED:
            most = int(actor.deposit * self._most_leverage) * SAFETY // _SCALE
            if money > most:
                self.left_out["leverage beyond the venue's"] += 1
                money = most
        rows: list[Command] = []
        piece_limit = self._max_order * 95 // 100  # the price may be worse than the index by then
        while money > 0 and len(rows) < 64:
            piece = min(money, piece_limit)
            made = self._order(
                row, row[form.SIDE] == form.SELL, row[form.PRICE], piece, codes.IMMEDIATE_OR_CANCEL
            )
            if made:
                rows.append(made)
            money -= piece
        return rows

    def chase(self, row: list[int]) -> list[Command]:
        """What is better than the informed trader's price by its edge; nothing if nothing is."""
        venue, top = self.venue, self.venue.top()
        edge = row[form.ARGUMENT]
        low = venue.ticks(row[form.PRICE] * (_SCALE - edge) // _SCALE)
        high = venue.ticks(row[form.PRICE] * (_SCALE + edge) // _SCALE)
        if top.ask is not None and top.ask < low:
            ask, limit = False, low
        elif top.bid is not None and top.bid > high:
            ask, limit = True, high
        else:
            return []
        lots = venue.lots(min(row[form.MONEY], self._max_order * 95 // 100), limit)
        if not self.has_book:
            lots = min(lots, venue.lots_on_curve(limit, not ask))
        if lots * limit * venue.quote < venue.config.min_order:
            return []
        flags = order_flags(ask=ask, time_in_force=codes.IMMEDIATE_OR_CANCEL)
        return [self._command(row, flags, limit, lots)]

    def close(self, row: list[int]) -> list[Command]:
        """The whole position at the market, reducing only, in pieces that the venue takes."""
        size = self.venue.position(account_of(row[form.ACTOR]))
        price = max(1, self.venue.index)
        most = max(1, self.venue.config.max_order * 9 // 10 // (price * self.venue.quote))
        rows: list[Command] = []
        flags = order_flags(
            ask=size > 0,
            order_type=codes.MARKET,
            time_in_force=codes.IMMEDIATE_OR_CANCEL,
            reduce_only=True,
        )
        left = abs(size)
        while left > 0 and len(rows) < 64:
            rows.append(self._command(row, flags, 0, min(left, most)))
            left -= min(left, most)
        return rows

    def withdraw(self, row: list[int], amount: int) -> list[Command]:
        """Take out `amount` units, out of the isolated position first where margin is isolated."""
        account, time = account_of(row[form.ACTOR]), row[form.TIME]
        rows = []
        if self.venue.is_isolated(account):
            rows.append(
                command(codes.UPDATE_MARGIN, time, market=self.venue.m, account=account, size=-amount)
            )
        return [*rows, command(codes.WITHDRAW, time, market=self.venue.m, account=account, size=amount)]

    def _order(
        self, row: list[int], ask: bool, price_e9: int, money: int, time_in_force: int
    ) -> Command | None:
        venue = self.venue
        limit = venue.ticks(price_e9) if price_e9 else 0
        lots = venue.lots(money, limit or max(1, venue.index or venue.start_ticks))
        if lots == 0:
            self.left_out["orders below a lot"] += 1
            return None
        kind = codes.LIMIT if limit else codes.MARKET
        return self._command(
            row, order_flags(ask=ask, order_type=kind, time_in_force=time_in_force), limit, lots
        )

    def _command(self, row: list[int], flags: int, price: int, lots: int) -> Command:
        return command(
            codes.CREATE_ORDER,
            row[form.TIME],
            market=self.venue.m,
            flags=flags,
            account=account_of(row[form.ACTOR]),
            id=self.new_id(),
            price=price,
            size=lots,
        )
