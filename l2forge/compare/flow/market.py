"""An ordinary market: a price that walks, feeds that report it, makers, takers, leveraged and informed ones.

Each kind of actor draws from a stream of its own; what a scenario adds (`extra`) is laid over the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from l2forge.compare.flow import form
from l2forge.compare.flow.draws import Anchors, along, pick_size, walk
from l2forge.compare.flow.form import MONEY_SCALE, PART_SCALE, PRICE_SCALE, Actor, Flow, in_order, intent
from l2forge.venue.draws import generator, normals_e6

M = MONEY_SCALE
SIZES = (
    (50, 200 * M, 1_000 * M),
    (35, 1_000 * M, 10_000 * M),
    (13, 10_000 * M, 60_000 * M),
    (2, 60_000 * M, 200_000 * M),
)
FEED_COSTS = tuple(thousands * 1_000 * M for thousands in (5, 12, 30, 80, 200, 500, 1_250, 3_000))
"""What moving each feed by 1% costs, cheapest first: from a thin spot pair to the deepest market there is."""

Rows = Iterator[tuple[int, ...]]


@dataclass(frozen=True)
class Setting:
    """Everything that a generated flow depends on. Money in 10^-6, prices in 10^-9, fractions in 10^-6."""

    duration: int = 600_000
    step: int = 1_000
    """Time between prices of the walk, reports and quotes."""
    volatility_e9: int = 100_000
    """Deviation of a step: 10^5 is 1 bp a second, 56% a year."""
    anchors: Anchors = ((0, PRICE_SCALE),)
    """The course that the walk goes along."""
    feeds: dict[int, Anchors] = field(default_factory=dict)
    """Feeds that leave the truth: their course over it."""
    silent: tuple[tuple[int, int, int], ...] = ()
    """(feed, from, to): spans without reports."""
    n_feeds: int = len(FEED_COSTS)
    feed_noise_e9: int = 30_000
    n_makers: int = 4
    maker_deposit: int = 1_000_000 * M
    half_spread: int = 150
    levels: int = 4
    level_money: int = 15_000 * M
    pull_when: int = 10_000
    """Makers leave when the price has moved this far within five steps."""
    n_takers: int = 20
    taker_deposit: int = 500_000 * M
    takes_per_minute: int = 90
    n_informed: int = 2
    informed_deposit: int = 2_000_000 * M
    chases_per_minute: int = 40
    chase_money: int = 40_000 * M
    chase_edge: int = 1_200
    n_leveraged: int = 24
    leveraged_deposit: tuple[int, int] = (2_000 * M, 12_000 * M)
    leverage: tuple[int, int] = (4, 18)
    longs_e6: int = 750_000
    """How many of the leveraged traders are long."""
    liquidator_deposit: int = 1_000_000 * M


@dataclass(frozen=True)
class Cast:
    """Who takes part, by numbers: actors of each role, in this order."""

    setting: Setting
    extra: tuple[Actor, ...]

    def actors(self, leveraged: list[int]) -> tuple[Actor, ...]:
        """All actors; leveraged traders have the deposits that were drawn for them."""
        s = self.setting
        return (
            *(Actor(form.MAKER, s.maker_deposit) for _ in range(s.n_makers)),
            *(Actor(form.TAKER, s.taker_deposit) for _ in range(s.n_takers)),
            *(Actor(form.INFORMED, s.informed_deposit) for _ in range(s.n_informed)),
            *(Actor(form.LEVERAGED, deposit) for deposit in leveraged),
            Actor(form.LIQUIDATOR, s.liquidator_deposit),
            *self.extra,
        )

    @property
    def first_extra(self) -> int:
        """The number of the first actor that a scenario adds."""
        return first_extra(self.setting)


def first_extra(s: Setting) -> int:
    """The number of the first actor that a scenario adds to a setting."""
    return s.n_makers + s.n_takers + s.n_informed + s.n_leveraged + 1


def truth_path(s: Setting, seed: int) -> list[int]:
    """What the asset is worth at each step: a walk along the anchors."""
    n = s.duration // s.step + 1
    noise = walk(generator(seed, 1), n, s.volatility_e9)
    return [level * along(s.anchors, i * s.step) // PRICE_SCALE for i, level in enumerate(noise)]


def build(
    name: str,
    seed: int,
    s: Setting,
    about: str,
    *,
    extra: list[tuple[int, ...]] | None = None,
    cast: tuple[Actor, ...] = (),
) -> Flow:
    """The flow of a setting with a scenario's own actors and intents."""
    truth = truth_path(s, seed)
    deposits, entries = _leveraged(s, seed)
    rows = [
        *(intent(i * s.step, form.TRUTH, price=price) for i, price in enumerate(truth)),
        *_reports(s, seed, truth),
        *_quotes(s, seed, truth),
        *_takes(s, seed),
        *_chases(s, seed, truth),
        *entries,
        *(extra or []),
    ]
    actors = Cast(s, cast).actors(deposits)
    return Flow(name, seed, about, actors, in_order(rows), s.n_feeds, FEED_COSTS[: s.n_feeds])


def _reports(s: Setting, seed: int, truth: list[int]) -> Rows:
    for feed in range(s.n_feeds):
        noises = normals_e6(generator(seed, 100 + feed), len(truth))
        for i, price in enumerate(truth):
            time = i * s.step
            if any(f == feed and start <= time < end for f, start, end in s.silent):
                continue
            seen = price * along(s.feeds.get(feed, ()), time) // PRICE_SCALE
            seen += seen * (noises[i] * s.feed_noise_e9 // 10**6) // PRICE_SCALE
            yield intent(time, form.REPORT, feed, price=seen)


def _quotes(s: Setting, seed: int, truth: list[int]) -> Rows:
    """Makers see the price of the step before; they leave while it runs away."""
    for maker in range(s.n_makers):
        noises = normals_e6(generator(seed, 200 + maker), len(truth))
        offset = (maker + 1) * s.step // (s.n_makers + 1)
        for i in range(1, len(truth)):
            seen = truth[i - 1]
            moved = abs(seen - truth[max(0, i - 6)]) * PART_SCALE // seen
            time = i * s.step + offset
            if moved > s.pull_when:
                yield intent(time, form.PULL, maker)
                continue
            center = seen + seen * noises[i] // (PART_SCALE * 20_000)  # half a basis point of own opinion
            half = s.half_spread * (2 + maker) // 2 + moved // 2
            yield intent(
                time, form.QUOTE, maker, price=center, money=s.level_money, argument=half, count=s.levels
            )


def _takes(s: Setting, seed: int) -> Rows:
    rng = generator(seed, 2)
    for _ in range(s.takes_per_minute * s.duration // 60_000):
        time = int(rng.integers(5_000, s.duration))
        actor = s.n_makers + int(rng.integers(0, max(1, s.n_takers)))
        yield intent(time, form.TAKE, actor, int(rng.integers(0, 2)), money=pick_size(rng, SIZES))


def _chases(s: Setting, seed: int, truth: list[int]) -> Rows:
    rng = generator(seed, 3)
    for _ in range(s.chases_per_minute * s.duration // 60_000 if s.n_informed else 0):
        time = int(rng.integers(5_000, s.duration))
        actor = s.n_makers + s.n_takers + int(rng.integers(0, s.n_informed))
        price = truth[time // s.step]
        yield intent(time, form.CHASE, actor, price=price, money=s.chase_money, argument=s.chase_edge)


def _leveraged(s: Setting, seed: int) -> tuple[list[int], list[tuple[int, ...]]]:
    """Deposits and entries of traders who open early with leverage and hold."""
    rng = generator(seed, 4)
    deposits, entries = [], []
    first = s.n_makers + s.n_takers + s.n_informed
    for number in range(s.n_leveraged):
        low, high = s.leveraged_deposit
        deposits.append(int(rng.integers(low, high + 1)))
        times = int(rng.integers(s.leverage[0], s.leverage[1] + 1))
        side = form.BUY if int(rng.integers(0, PART_SCALE)) < s.longs_e6 else form.SELL
        time = int(rng.integers(10_000, max(10_001, s.duration // 4)))
        entries.append(intent(time, form.TAKE, first + number, side, money=deposits[-1] * times))
    return deposits, entries
