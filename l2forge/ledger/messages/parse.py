"""From the text that a client sends to a checked message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from l2forge.ledger.messages import attributes as attribute_table
from l2forge.ledger.messages.codes import (
    INVALID_SIGNATURE,
    INVALID_TX_INFO,
    UNSUPPORTED_TX_TYPE,
    MessageError,
)
from l2forge.ledger.messages.fields import SIGNATURE_BYTES, describe, read_base64
from l2forge.ledger.messages.orders import check_keys
from l2forge.ledger.messages.table import TYPES, MessageType

SIGNATURE = "Sig"
ATTRIBUTES = attribute_table.KEY


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose every value is within its bounds; whether its signature is valid is not said here."""

    kind: MessageType
    values: Mapping[str, Any]
    attributes: Mapping[int, int] = field(default_factory=dict)
    signature: bytes | None = None

    @property
    def account_index(self) -> int:
        """The account whose key signs (the source, for an oracle report)."""
        return int(self.values[self.kind.account])

    @property
    def api_key_index(self) -> int | None:
        """The index of the signing key, if the type has one."""
        return self.values.get("ApiKeyIndex")

    @property
    def nonce(self) -> int | None:
        """The nonce of the signing key, if the type has one."""
        return self.values.get("Nonce")

    @property
    def skips_nonces(self) -> bool:
        """Whether the nonce may be anything above the last one, instead of the last one plus 1."""
        return attribute_table.SKIP_NONCE in self.attributes


def load_json(text: str) -> Any:
    """A JSON document in which no key occurs twice and every number is an integer. Raises ValueError."""
    try:
        return json.loads(text, **STRICT)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'key "{next(k for k in keys if keys.count(k) > 1)}" occurs twice')
    return found


def _integer(text: str) -> int:
    if text == "-0":
        raise ValueError("-0 is no number of a message")
    return int(text)


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is not an integer")


STRICT: dict[str, Any] = {
    "object_pairs_hook": _object,
    "parse_int": _integer,
    "parse_float": _no_float,
    "parse_constant": _no_float,
}
"""Arguments for the JSON decoder that refuse a second spelling of the same value."""


def type_of(number: Any) -> MessageType:
    """The message type with this number. Raises `MessageError`."""
    kind = TYPES.get(number) if type(number) is int else None
    if kind is None:
        known = ", ".join(str(n) for n in TYPES)
        raise MessageError(
            UNSUPPORTED_TX_TYPE, "tx_type", f"{describe(number)} is no type", remedy=f"known are {known}"
        )
    return kind


def parse(tx_type: int, tx_info: Mapping[str, Any] | str, *, signed: bool = True) -> Message:
    """The checked message of a type from its JSON text or object; without "Sig" only if not `signed`.

    Raises `MessageError` with the client's error code for an unknown type, an unknown, missing or double key,
    a value out of its bounds, or fields that contradict each other.
    """
    kind = type_of(tx_type)
    raw = _loaded(tx_info)
    required, known = _keys(tx_type, signed)
    check_keys(raw, required, known, "tx_info")
    attributes = attribute_table.read(raw.get(ATTRIBUTES))
    values = {f.name: f.read(raw[f.name], f.name) for f in kind.fields}
    if kind.rule is not None:
        kind.rule(values, attributes)
    return Message(kind, values, attributes, _signature(raw, signed=signed))


@cache
def _keys(tx_type: int, signed: bool) -> tuple[frozenset[str], frozenset[str]]:
    """The keys that a message of a type must have, and those that it may have."""
    kind = TYPES[tx_type]
    required = frozenset(f.name for f in kind.fields) | ({SIGNATURE} if signed else set())
    return required, required | {SIGNATURE} | ({ATTRIBUTES} if kind.has_attributes else set())


def _loaded(tx_info: Mapping[str, Any] | str) -> dict[str, Any]:
    if isinstance(tx_info, str):
        try:
            tx_info = load_json(tx_info)
        except ValueError as problem:
            raise MessageError(INVALID_TX_INFO, "tx_info", f"no valid JSON ({problem})") from None
    if not isinstance(tx_info, Mapping):
        raise MessageError(INVALID_TX_INFO, "tx_info", f"{describe(tx_info)} is not an object")
    return dict(tx_info)


def _signature(raw: dict[str, Any], *, signed: bool) -> bytes | None:
    if not signed and raw.get(SIGNATURE) is None:
        return None
    return read_base64(raw[SIGNATURE], SIGNATURE, SIGNATURE_BYTES, INVALID_SIGNATURE)
