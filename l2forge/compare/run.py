"""Running a flow through one venue: intents to commands, keepers between them, events into the record."""

from __future__ import annotations

from l2forge.compare.flow import form
from l2forge.compare.flow.form import Flow
from l2forge.compare.keeper import Keeper
from l2forge.compare.observe import Observer
from l2forge.compare.record import Record, Take
from l2forge.compare.translate import Command, Translator, account_of
from l2forge.compare.venue import Venue
from l2forge.engine import Outcome, batch, codes, command
from l2forge.errors import InputError
from l2forge.spec.models import Spec

PROVEN_EVERY_MS = 10_000
"""The prover is taken to keep up: what is older is proven. Prover and chain have measures of their own."""

WITHDRAWAL_STEPS = 20
"""A withdrawal of all that margin allows is found by halving; what is left is below a millionth."""


class Run:
    """One flow, one venue, one record."""

    def __init__(self, spec: Spec, flow: Flow, symbol: str) -> None:
        n_orders = 2 * (flow.intents[:, form.KIND] == form.REST).sum()
        self.flow = flow
        self.venue = Venue(spec, symbol, len(flow.actors), int(n_orders))
        self.words = Translator(self.venue, flow)
        self.record = Record(left_out=self.words.left_out)
        self.observer = Observer(self.venue, self.record, self.words)
        self.keeper = Keeper(self)
        oracle = self.venue.config.oracle
        self.sources_of_feed: dict[int, list[int]] = {}
        for source in range(len(oracle.weights)):
            self.sources_of_feed.setdefault(source % flow.n_feeds, []).append(source)
        self._proven = 0
        self._truth = self.venue.start_ticks
        self._opened = False

    def run(self) -> Record:
        """Every intent in order; returns the record."""
        if self.apply(self.words.opening()).results.any():
            raise InputError(
                f"the venue cannot hold the deposits of flow {self.flow.name}",
                remedy="choose a collateral with fewer decimals",
            )
        for actor in range(len(self.flow.actors)):
            self.apply(self.words.isolated_margin(actor))
        rows = self.flow.intents.tolist()
        self.observer.start()
        at = 0
        while at < len(rows):
            time = rows[at][form.TIME]
            end = at
            while end < len(rows) and rows[end][form.TIME] == time and rows[end][form.KIND] <= form.REPORT:
                end += 1
            if end > at:
                self._step(time, rows[at:end])
                at = end
            else:
                self.keeper.end_auctions(time)
                self._do(rows[at])
                at += 1
        self.observer.finish(self.flow)
        return self.record

    # -- commands ---------------------------------------------------------------------------------

    def apply(self, rows: list[Command]) -> Outcome:
        """Apply commands of the venue's own; their refusals are nobody's orders."""
        outcome = self.venue.engine.apply(batch(rows))
        self.observer.take_events(outcome.events)
        return outcome

    def submit(self, rows: list[Command]) -> Outcome:
        """Apply users' commands; refused orders are counted by reason."""
        outcome = self.apply(rows)
        results = outcome.results.tolist()
        for row, reason in zip(rows, results, strict=True):
            if row[0] & 0xFF == codes.CREATE_ORDER:
                self.record.orders += 1
                if reason != codes.OK:
                    self.record.refused[reason] += 1
        return outcome

    # -- one step of the flow: prices, keepers, a sample --------------------------------------------

    def _step(self, time: int, rows: list[list[int]]) -> None:
        commands = []
        for row in rows:
            if row[form.KIND] == form.TRUTH:
                self._truth = self.venue.ticks(row[form.PRICE])
            elif row[form.KIND] == form.RESTART:
                self.venue.restart()
            else:
                commands += self._reports(row)
        m = self.venue.m
        commands.append(command(codes.ORACLE_TICK, time, market=m))
        commands.append(command(codes.FUNDING, time, market=m))
        if time - self._proven >= PROVEN_EVERY_MS:
            commands.append(command(codes.PROVEN, time, market=m, aux=time))
            self._proven = time
        outcome = self.apply(commands)
        for sent, reason in zip(commands, outcome.results.tolist(), strict=True):
            if reason not in (codes.OK, codes.R_NOT_DUE) and sent[0] & 0xFF in (
                codes.ORACLE_REPORT,
                codes.ORACLE_TICK,
            ):
                self.record.price_refusals[reason] += 1
        if not self._opened and self.venue.index:
            self._opened = True
            for share in self.words.shares():
                if not self.apply([share]).results[0]:
                    self.record.shares_bought[share[1]] += share[4]
        self.keeper.end_auctions(time)
        self.keeper.liquidate(time)
        self.observer.sample(time, self._truth)

    def _reports(self, row: list[int]) -> list[Command]:
        price, time = row[form.PRICE], row[form.TIME]
        ticks = self.venue.ticks(price) if price > 0 else price
        return [
            command(
                codes.ORACLE_REPORT,
                time,
                market=self.venue.m,
                account=source,
                price=ticks,
                aux=max(0, time - row[form.ARGUMENT]),
            )
            for source in self.sources_of_feed.get(row[form.ACTOR], [])
        ]

    # -- intents ----------------------------------------------------------------------------------

    def _do(self, row: list[int]) -> None:
        kind = row[form.KIND]
        words = self.words
        if kind == form.QUOTE:
            rows = words.quote(row)
            if rows:
                self.submit(rows)
        elif kind == form.TAKE:
            self._take(row, words.take(row))
        elif kind == form.CHASE:
            rows = words.chase(row)
            if rows:
                self.submit(rows)
        elif kind == form.CLOSE:
            self._take(row, words.close(row))
        elif kind == form.PULL:
            self.apply([words.pull(row)])
        elif kind == form.REST:
            rows = words.rest(row)
            if rows:
                self.submit(rows)
        elif kind == form.CANCEL:
            rows = words.cancel(row)
            if rows:
                self.apply(rows)
        elif kind == form.WITHDRAW:
            self._withdraw(row)

    def _take(self, row: list[int], rows: list[Command]) -> None:
        """A taker's order, with the price it saw; its pieces follow each other within the millisecond."""
        if not rows:
            return
        actor = self.flow.actors[row[form.ACTOR]]
        venue = self.venue
        money = (
            row[form.MONEY]
            or venue.index * venue.quote * sum(r[4] for r in rows) * form.MONEY_SCALE // venue.unit
        )
        side = rows[0][0] >> 16 & codes.ASK
        take = Take(row[form.TIME], actor.role, side, money, venue.top().mid)
        self.record.takes.append(take)
        for one in rows:
            self.observer.open_takes[one[2]] = take
        self.submit(rows)

    def _withdraw(self, row: list[int]) -> None:
        """All that margin allows, by halving; each refused try changes nothing."""
        account = account_of(row[form.ACTOR])
        part = max(0, self.venue.equity(account)) + 1 >> 1
        for _ in range(WITHDRAWAL_STEPS):
            if part == 0:
                return
            ok = True
            for one in self.words.withdraw(row, part):
                ok = ok and self.apply([one]).results[0] == codes.OK
            if ok:
                self.record.withdrawn[account] += part
            part >>= 1


def run_flow(spec: Spec, flow: Flow, symbol: str) -> Record:
    """The record of one flow through one spec's venue, in the market of that symbol (else its first)."""
    return Run(spec, flow, symbol).run()
