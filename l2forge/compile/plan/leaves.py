"""A spec as leaves: dotted key → value, elements of arrays by their identity rather than by their place.

Markets go by id, oracles by id, sources by name, so that a reordered spec has the same leaves. Other arrays
(tiers, stages, members of a committee) are one value each. Absent optional keys have no leaf. A party and a
signer are one value: where their secrets are kept changes nothing for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.models.parties import KeyedAddress, KeyedSigner, Named
from l2forge.units import Amount, Duration, Rate


def leaves(spec: Spec) -> dict[str, Any]:
    """Every value of a spec by its key."""
    return {".".join(path): value for path, value in _walk(spec, ()) if path != ("schema",)}


def _walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, BaseModel) and not isinstance(value, KeyedAddress | KeyedSigner):
        for name, field in type(value).model_fields.items():
            yield from _walk(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, list) and path[-1] in ("markets", "oracles", "sources"):
        for item in value:
            yield from _walk(item, (*path, identity(item)))
    elif value is not None:
        yield path, value


def identity(element: Any) -> str:
    """What an element of an array is known by."""
    return str(element.id) if isinstance(element, Market | Oracle) else str(element.name)


def same(old: Any, new: Any) -> bool:
    """Whether two values mean the same."""
    return words(old) == words(new)


def words(value: Any) -> str:
    """A value as a reader knows it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Amount():
            return grouped(value)
        case Duration() | Rate():
            return value.text()
        case Named() | KeyedAddress() | KeyedSigner():
            return f"dev:{value.dev}" if value.dev is not None else str(value.address)
        case list():
            return ", ".join(words(item) for item in value) or "none"
        case BaseModel():
            fields = ((name, getattr(value, name)) for name in type(value).model_fields)
            return "(" + ", ".join(f"{name} {words(one)}" for name, one in fields if one is not None) + ")"
        case _:
            return str(value)


def grouped(value: Amount) -> str:
    """An amount, exact, with separators: "1,250,000.5"."""
    whole, _, decimals = value.text().partition(".")
    return f"{int(whole):,}" + (f".{decimals}" if decimals else "")
