"""What the models say about a key: its table, its kind of value, which selector asks for it.

The diagnostics, the generated page docs/spec.md and the suggestions read the models through this file, so
that none of them repeats what a model says.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Tag
from pydantic.fields import FieldInfo

from l2forge.spec.models.base import Table
from l2forge.spec.models.spec import Spec

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Shape:
    """What belongs in a place: a value (`base`, `metadata`), items (`item`), or a table (one of `tables`)."""

    base: Any = None
    metadata: tuple[Any, ...] = ()
    item: Any = None
    choices: tuple[Any, ...] = ()
    tables: tuple[tuple[str, type[Table]], ...] = ()

    def find(self, kind: type[Any]) -> Any:
        """The first piece of metadata of a type, or None."""
        return next((entry for entry in self.metadata if isinstance(entry, kind)), None)


def shape_of(annotation: Any, metadata: tuple[Any, ...] = ()) -> Shape:
    """The shape that an annotation describes."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return shape_of(inner, (*extra, *metadata))
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return shape_of(members[0], metadata)
        return _union(members, metadata)
    if origin is list:
        return Shape(item=get_args(annotation)[0], metadata=metadata)
    if origin is Literal:
        return Shape(choices=get_args(annotation), metadata=metadata)
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return Shape(tables=(("", annotation),), metadata=metadata)
    return Shape(base=annotation, metadata=metadata)


def _union(members: list[Any], metadata: tuple[Any, ...]) -> Shape:
    shapes = [shape_of(member) for member in members]
    tables = tuple(
        (tag.tag if (tag := shape.find(Tag)) else "", table) for shape in shapes for _, table in shape.tables
    )
    text = next((shape for shape in shapes if not shape.tables), Shape())
    return Shape(base=text.base, metadata=(*text.metadata, *metadata), tables=tables)


def field_shape(field: FieldInfo) -> Shape:
    """The shape of a model's field."""
    return shape_of(field.annotation, tuple(field.metadata))


@cache
def keys_of(table: type[Table]) -> dict[str, FieldInfo]:
    """A table's keys as they are written in TOML."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def shape_at(location: Location) -> Shape:
    """The shape at a place of pydantic's error location (tags of unions included); empty where unknown."""
    shape = Shape(tables=(("", Spec),))
    for part in location:
        if isinstance(part, int):
            shape = shape_of(shape.item) if shape.item is not None else Shape()
        elif part.startswith("@"):
            chosen = tuple(entry for entry in shape.tables if entry[0] == part)
            shape = Shape(tables=chosen) if chosen else Shape(base=shape.base, metadata=shape.metadata)
        else:
            fields = [keys_of(table)[part] for _, table in shape.tables if part in keys_of(table)]
            shape = field_shape(fields[0]) if fields else Shape()
    return shape


def siblings(location: Location) -> tuple[tuple[str, type[Table]], ...]:
    """All tables that could stand where the table of a location stands: the members of its union."""
    if location and isinstance(location[-1], str) and location[-1].startswith("@"):
        return shape_at(location[:-1]).tables
    return shape_at(location).tables


def selector_of(table: type[Table], key: str) -> str | None:
    """The selector that asks for a key: the one whose value the class that brings the key in decides."""
    for cls in table.__mro__:
        own = get_annotations(cls)
        if key in own:
            chosen = [name for name in own if name in table.model_fields and is_selector(table, name)]
            return chosen[0] if chosen and chosen[0] != key else None
    return None


def is_selector(table: type[Table], key: str) -> bool:
    """Whether a key has one fixed value in this table, so that it selects the table."""
    field = keys_of(table).get(key)
    return field is not None and field.is_required() and len(field_shape(field).choices) == 1


def selectors_of(table: type[Table]) -> dict[str, str]:
    """The selectors of a table of a union, and the values that select it."""
    return {
        key: field_shape(field).choices[0] for key, field in keys_of(table).items() if is_selector(table, key)
    }


@cache
def homes() -> dict[str, list[str]]:
    """For every key the paths at which it stands in a spec."""
    found: dict[str, set[str]] = {}
    for path, key in walk():
        found.setdefault(key, set()).add(".".join((*path, key)))
    return {key: sorted(paths) for key, paths in found.items()}


def walk(table: type[Table] = Spec, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every key of the spec: (path of its table, key). Items of arrays add nothing to the path."""
    for key, field in keys_of(table).items():
        yield path, key
        shape = field_shape(field)
        if shape.item is not None:
            shape = shape_of(shape.item)
        for _, inner in shape.tables:
            yield from walk(inner, (*path, key))
