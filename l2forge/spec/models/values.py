"""The kinds of values that keys hold: durations, rates, amounts, names, addresses, references to secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from l2forge.units import (
    AMOUNT_PATTERN,
    DURATION_PATTERN,
    RATE_PATTERN,
    Amount,
    Duration,
    Rate,
    UnitError,
)

Unit = type[Duration] | type[Rate] | type[Amount]


def refuse(code: str, message: str, remedy: str) -> PydanticCustomError:
    """The error that a value's validator raises; code and remedy reach the diagnostic unchanged."""
    return PydanticCustomError("l2forge", "{message}", {"code": code, "message": message, "remedy": remedy})


def show(value: object) -> str:
    """A value as it appears in a message: short, on one line, without control characters."""
    text = value if isinstance(value, str) else repr(value)
    short = text if len(text) <= 40 else text[:37] + "..."
    escaped = short.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', '\\"') + '"' if isinstance(value, str) else escaped


@dataclass(frozen=True)
class UnitText:
    """A string with a unit, between two bounds (written as strings; `above` excludes the bound itself)."""

    kind: str
    unit: Unit
    pattern: str
    above: str | None = None
    at_least: str | None = None
    below: str | None = None
    at_most: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.text()),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "x-unit": self.kind}

    def read(self, value: Any) -> Any:
        """The value of a string with its unit; already-read values pass."""
        if isinstance(value, self.unit):
            return value
        if not isinstance(value, str):
            raise refuse("wrong-type", f"{a(self.kind)} in quotes belongs here", self._example(value))
        try:
            parsed = self.unit.parse(value)
        except UnitError as error:
            raise refuse(f"bad-{self.kind}", error.message, error.remedy) from None
        self._check_bounds(value, parsed)
        return parsed

    def bounds(self) -> str:
        """The bounds in words: "> 0%, ≤ 100%"."""
        signs = ((">", self.above), ("≥", self.at_least), ("<", self.below), ("≤", self.at_most))
        return ", ".join(f"{sign} {bound}" for sign, bound in signs if bound is not None)

    def _check_bounds(self, text: str, value: Duration | Rate | Amount) -> None:
        parse = self.unit.parse
        too_small = (self.above is not None and value <= parse(self.above)) or (
            self.at_least is not None and value < parse(self.at_least)
        )
        too_large = (self.below is not None and value >= parse(self.below)) or (
            self.at_most is not None and value > parse(self.at_most)
        )
        if too_small or too_large:
            raise refuse(
                "out-of-range", f"{show(text)} is out of range", f"write a value that is {self.bounds()}"
            )

    def _example(self, value: Any) -> str:
        if self.kind == "amount" and isinstance(value, int) and not isinstance(value, bool):
            return f'write "{value}"'
        return {"duration": 'write e.g. "30s"', "rate": 'write e.g. "5%"', "amount": 'write e.g. "1000"'}[
            self.kind
        ]


def a(noun: str) -> str:
    """The noun with its article."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def _duration(**bounds: str) -> UnitText:
    return UnitText("duration", Duration, DURATION_PATTERN, **bounds)


def _rate(**bounds: str) -> UnitText:
    return UnitText("rate", Rate, RATE_PATTERN, **bounds)


def _amount(**bounds: str) -> UnitText:
    return UnitText("amount", Amount, AMOUNT_PATTERN, **bounds)


AnyDuration = Annotated[Duration, _duration()]
PositiveDuration = Annotated[Duration, _duration(above="0s")]
FundingInterval = Annotated[Duration, _duration(at_least="1s", at_most="30d")]
FeeRate = Annotated[Rate, _rate(at_least="0%", below="100%")]
SignedRate = Annotated[Rate, _rate(above="-100%", below="100%")]
Share = Annotated[Rate, _rate(at_least="0%", at_most="100%")]
PositiveShare = Annotated[Rate, _rate(above="0%", at_most="100%")]
PositiveRate = Annotated[Rate, _rate(above="0%")]
NonNegativeRate = Annotated[Rate, _rate(at_least="0%")]
AnyAmount = Annotated[Amount, _amount()]
PositiveAmount = Annotated[Amount, _amount(above="0")]


@dataclass(frozen=True)
class Text:
    """A string that matches a pattern or passes a reader; `form` says in words what belongs here."""

    kind: str
    pattern: str
    form: str
    code: str = "bad-text"
    also: Callable[[str], str] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "x-unit": self.kind}

    def read(self, value: Any) -> str:
        """The string in its canonical spelling, or the error that says what belongs here."""
        if not isinstance(value, str):
            raise refuse("wrong-type", f"{a(self.kind)} in quotes belongs here", f"write {self.form}")
        if re.fullmatch(self.pattern.removeprefix("^").removesuffix("$"), value, re.ASCII) is None:
            raise refuse(self.code, f"{show(value)} is not {a(self.kind)}", f"write {self.form}")
        return self.also(value) if self.also else value


def _check_port(text: str) -> str:
    port = text.rpartition(":")[2]
    if port.isdigit() and not 1 <= int(port) <= 65_535:
        raise refuse("bad-text", f"{port} is not a port", "write a port from 1 to 65535")
    return text


Name = Annotated[
    str, Text("name", r"^[a-z][a-z0-9-]{0,31}$", 'lower-case letters, digits and hyphens, such as "alpha"')
]
Symbol = Annotated[
    str, Text("symbol", r"^[A-Z0-9][A-Z0-9._-]{0,15}$", 'capitals, digits and hyphens, such as "BTC-USD"')
]
JsonPath = Annotated[
    str, Text("path into JSON", r"^[^\s]{1,200}$", 'keys and indices joined by dots, such as "data.0.price"')
]
DataPath = Annotated[
    str,
    Text("path of a file", r"^[^\x00-\x1f]{1,1000}\.(csv|parquet)$", "the path of a .csv or .parquet file"),
]
Workers = Annotated[
    str,
    Text(
        "place for workers",
        r"^(local|tcp://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]{1,253}):[0-9]{1,5})$",
        '"local" or "tcp://host:port"',
        also=_check_port,
    ),
]
Listen = Annotated[
    str,
    Text(
        "host and port",
        r"^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]{1,253}):[0-9]{1,5}$",
        'host:port, such as "127.0.0.1:8080"',
        also=_check_port,
    ),
]
CallRate = Annotated[
    str, Text("number of calls per time", r"^[1-9][0-9]{0,8}/(s|m|h)$", 'a number per s, m or h: "200/s"')
]

PositiveInt = Annotated[int, Field(ge=1, strict=True)]
