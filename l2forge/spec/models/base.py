"""The base of all tables of a spec, and how a spec with errors is still read as far as it is healthy.

Every table refuses unknown keys, converts nothing silently and cannot be changed after loading. Validation
runs twice at most. The first run is strict and finds every error of type and shape. Where there were some,
the second run (context `LENIENT`) puts `Bad` in the place of what could not be read, so that the cross-field
checks still run over all healthy values; a check that touches a `Bad` value ends for that element only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, ValidationError

LENIENT: dict[str, bool] = {"lenient": True}


class UnhealthyError(Exception):
    """A check touched a value that could not be read; its error is already reported."""


class Bad:
    """The place of a value that could not be read. Whatever is done with it raises UnhealthyError."""

    def _touched(self, *_: object) -> NoReturn:
        raise UnhealthyError

    __getattr__ = __iter__ = __len__ = __bool__ = __getitem__ = __contains__ = _touched
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __mul__ = __rmul__ = _touched
    __pow__ = __rpow__ = __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __abs__ = _touched
    __sub__ = __rsub__ = __neg__ = __int__ = __index__ = __str__ = __hash__ = _touched
    __eq__ = __ne__ = _touched


BAD = Bad()


def _is_lenient(info: ValidationInfo) -> bool:
    return info.context is LENIENT


def _bad_where_unreadable(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    if not _is_lenient(info):
        return handler(value)
    if value is BAD:
        return BAD
    try:
        return handler(value)
    except (ValidationError, PydanticCustomError):
        return BAD


Lenient = WrapValidator(_bad_where_unreadable)
"""For items of a list: one unreadable item leaves the others standing."""


class Table(BaseModel):
    """One table of the spec: known keys only, strict types, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _fill_what_is_missing(cls, value: Any, info: ValidationInfo) -> Any:
        if not _is_lenient(info) or not isinstance(value, dict):
            return value
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        missing = {key: BAD for key, field in fields.items() if field.is_required()}
        return missing | {key: item for key, item in value.items() if key in fields}

    @field_validator("*", mode="wrap")
    @classmethod
    def _read_field(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        return _bad_where_unreadable(value, handler, info)


@dataclass(frozen=True)
class When:
    """Where an optional key belongs, in words: for docs/spec.md. A check in checks/ enforces it."""

    condition: str


def select(*keys: str) -> Callable[[Any], str | None]:
    """The discriminator of a union: the tag "@value" (or "@value+value") of the table's selector keys."""

    def tag(table: Any) -> str | None:
        fields = table if isinstance(table, dict) else vars(table) if isinstance(table, Table) else {}
        values = [value for key in keys if isinstance(value := fields.get(key), str)]
        return "@" + "+".join(values) if len(values) == len(keys) else None

    return tag
