"""From two specs to the changes between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from l2forge.compile.plan.changes import Audience, Change
from l2forge.compile.plan.keys import KEYS, Meaning
from l2forge.compile.plan.leaves import leaves, same, words
from l2forge.compile.plan.markets import listings, sources, tier_changes
from l2forge.spec.models import Spec

NOTES = {
    "venue.chain_id": "messages signed for the old one would count nowhere",
    "markets.*.tick_size": "orders count in ticks: list a new market instead",
    "markets.*.lot_size": "positions count in lots: list a new market instead",
    "markets.*.symbol": "an id is never reused: list a new market under the next free id",
    "amm.backing": "the governor puts more in by a transaction",
    "insurance.initial": "the governor puts more in by a transaction",
}


def differences(old: Spec, new: Spec) -> tuple[Change, ...]:
    """Every change from `old` to `new`, the most far-reaching audience first, then in the order of keys."""
    found = [*listings(old, new), *sources(old, new), *_values(old, new)]
    audiences, order = list(Audience), list(KEYS)
    return tuple(sorted(found, key=lambda change: (audiences.index(change.audience), _rank(change, order))))


def pattern_of(key: str) -> str:
    """The pattern of a dotted key: identities become `*`."""
    parts = key.split(".")
    for place in (1, 3) if parts[0] == "oracles" else (1,) if parts[0] == "markets" else ():
        if place < len(parts) and (place == 1 or parts[2] == "sources"):
            parts[place] = "*"
    return ".".join(parts)


def _rank(change: Change, order: list[str]) -> tuple[int, str]:
    pattern = pattern_of(change.key)
    first = next((index for index, one in enumerate(order) if one.startswith(pattern)), len(order))
    return first, change.key


def _values(old: Spec, new: Spec) -> Iterator[Change]:
    before, after = leaves(old), leaves(new)
    gone_or_new = _elements(before) ^ _elements(after)
    for key in sorted(before.keys() | after.keys()):
        if any(key.startswith(f"{element}.") for element in gone_or_new):
            continue
        was, will = before.get(key), after.get(key)
        if was is None or will is None or not same(was, will):
            yield from _change(key, was, will, old, new)


def _elements(keys: dict[str, Any]) -> set[str]:
    """The markets, oracles and sources that a spec has, by key."""
    found = set()
    for key in keys:
        parts = key.split(".")
        if parts[0] in ("markets", "oracles"):
            found.add(".".join(parts[:2]))
            if parts[2] == "sources":
                found.add(".".join(parts[:4]))
    return found


def _change(key: str, was: Any, will: Any, old: Spec, new: Spec) -> Iterator[Change]:
    pattern = pattern_of(key)
    if pattern == "markets.*.margin_tiers":
        number = int(key.split(".")[1])
        pair = [next(market for market in spec.markets if market.id == number) for spec in (old, new)]
        yield from tier_changes(key, *pair)
        return
    meaning = KEYS[pattern]
    text = f"{_label(meaning, key, new)} {_words(was)} → {_words(will)}"
    yield Change(
        key, text, meaning.audience, meaning.effect, NOTES.get(pattern, _consequence(pattern, was, will))
    )


def _words(value: Any) -> str:
    return "none" if value is None else words(value)


def _label(meaning: Meaning, key: str, spec: Spec) -> str:
    parts = key.split(".")
    names = {"id": parts[1] if len(parts) > 1 else "", "market": "", "oracle": "", "source": ""}
    if parts[0] == "markets":
        names["market"] = next(market.symbol for market in spec.markets if str(market.id) == parts[1])
    if parts[0] == "oracles":
        names |= {"oracle": parts[1], "source": parts[3] if len(parts) > 3 else ""}
    return meaning.label.format(**names)


def _consequence(pattern: str, was: Any, will: Any) -> str:
    if pattern.startswith("markets.*.open_interest_margin.") and will is not None:
        return "positions stay; opening and withdrawing take more margin" if was is None or will < was else ""
    if was is None or will is None:
        return ""
    if pattern == "markets.*.open_interest_cap" and will < was:
        return "positions stay; nothing new opens above it"
    if pattern == "governance.timelock" and will < was:
        return "later changes give users less time to leave"
    if pattern == "settlement.data_availability" and will == "validium":
        return "after a freeze, leaving needs the committee's data"
    if pattern == "settlement.mode" and will == "optimistic":
        return "withdrawals wait for the challenge window"
    return ""
