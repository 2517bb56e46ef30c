"""Changes of margin tiers and of whole markets and oracles, in the words of a trader."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.compile.plan.changes import Audience, Change, Effect
from l2forge.compile.plan.leaves import grouped
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import MarginTier, Market
from l2forge.spec.models.oracles import Oracle

FORCED = "positions below it when it takes effect are liquidated"


def leverage(tier: MarginTier) -> str:
    """The largest leverage of a tier: the inverse of its initial margin."""
    return f"{float(1 / tier.initial.fraction):.4g}x"


def tier_changes(key: str, old: Market, new: Market) -> Iterator[Change]:
    """What a change of margin tiers means: leverage, maintenance, and what depends on size."""

    def change(text: str, consequence: str = "") -> Change:
        return Change(key, text, Audience.TRADERS, Effect.VERIFIER, consequence)

    before, after = old.margin_tiers, new.margin_tiers
    if before[0].initial != after[0].initial:
        yield change(f"maximum leverage in {new.symbol} {leverage(before[0])} → {leverage(after[0])}")
    if before[0].maintenance != after[0].maintenance:
        rises = after[0].maintenance > before[0].maintenance
        yield change(
            f"maintenance margin in {new.symbol} {before[0].maintenance.text()} →"
            f" {after[0].maintenance.text()}",
            FORCED if rises else "",
        )
    if _brackets(before) != _brackets(after):
        harder = _harder_for_large_positions(before, after)
        yield change(
            f"margin by size in {new.symbol}: {_table(before)} → {_table(after)}",
            "large positions need more margin when it takes effect" if harder else "",
        )


def _brackets(tiers: list[MarginTier]) -> list[tuple[object, ...]]:
    """What of the tiers is not said by leverage and maintenance of the first."""
    return [(tiers[0].up_to,), *((tier.up_to, tier.initial, tier.maintenance) for tier in tiers[1:])]


def _table(tiers: list[MarginTier]) -> str:
    parts = [
        f"{tier.initial.text()}/{tier.maintenance.text()}"
        + (f" up to {grouped(tier.up_to)}" if tier.up_to is not None else " above" if len(tiers) > 1 else "")
        for tier in tiers
    ]
    return ", ".join(parts)


def _harder_for_large_positions(before: list[MarginTier], after: list[MarginTier]) -> bool:
    """Whether maintenance margin rises anywhere: rates compared at every size at which either changes."""
    edges = sorted({tier.up_to for tiers in (before, after) for tier in tiers if tier.up_to is not None})
    sizes = [*edges, None]
    return any(_at(after, size).maintenance > _at(before, size).maintenance for size in sizes)


def _at(tiers: list[MarginTier], size: object) -> MarginTier:
    """The tier of a position of this size (None: as large as can be)."""
    for tier in tiers:
        if tier.up_to is None or (size is not None and size <= tier.up_to):  # type: ignore[operator]
            return tier
    return tiers[-1]


def listings(old: Spec, new: Spec) -> Iterator[Change]:
    """Markets that come and go. An id that changes its symbol is no listing: it is refused."""
    before = {market.id: market for market in old.markets}
    after = {market.id: market for market in new.markets}
    for number in sorted(after.keys() - before.keys()):
        market = after[number]
        best = leverage(market.margin_tiers[0])
        text = f"new market {market.symbol} (id {number}), up to {best}"
        yield Change(f"markets.{number}", text, Audience.TRADERS, Effect.VERIFIER)
    for number in sorted(before.keys() - after.keys()):
        text = f"market {before[number].symbol} (id {number}) is delisted"
        consequence = "open positions end; the id is never used again"
        yield Change(f"markets.{number}", text, Audience.TRADERS, Effect.VERIFIER, consequence)


def sources(old: Spec, new: Spec) -> Iterator[Change]:
    """Oracles and sources that come and go."""
    before = {oracle.id: oracle for oracle in old.oracles}
    after = {oracle.id: oracle for oracle in new.oracles}
    for name in sorted(before.keys() ^ after.keys()):
        verb = "new oracle" if name in after else "end of oracle"
        yield Change(f"oracles.{name}", f"{verb} {name}", Audience.TRADERS, Effect.VERIFIER)
    for name in sorted(before.keys() & after.keys()):
        yield from _sources_of(before[name], after[name])


def _sources_of(old: Oracle, new: Oracle) -> Iterator[Change]:
    before, after = ({source.name for source in oracle.sources} for oracle in (old, new))
    for names, verb in ((sorted(after - before), "gains"), (sorted(before - after), "loses")):
        if names:
            text = f"{new.id} {verb} {'a source' if len(names) == 1 else 'sources'}: {', '.join(names)}"
            consequence = f"{len(after)} sources, {new.min_sources} fresh ones needed"
            yield Change(f"oracles.{new.id}.sources", text, Audience.TRADERS, Effect.VERIFIER, consequence)
