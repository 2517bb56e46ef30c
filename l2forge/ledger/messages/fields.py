"""What a field of a message may hold, and which field elements stand for it in the hash.

Every value is checked exactly: an integer is an integer within its bounds (never a float, a bool or a text),
bytes are base64 as the signer writes it. So a value has one spelling, and no two texts share a hash.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Protocol

from l2forge.ledger.messages.codes import (
    INVALID_PUBLIC_KEY,
    INVALID_TX_INFO,
    Code,
    MessageError,
)
from l2forge.stark.field import P

Range = tuple[int, int]

KEY_BYTES = 40
SIGNATURE_BYTES = 80
MEMO_BYTES = 32
_HALF = 32


class Field(Protocol):
    """A named part of a message."""

    @property
    def name(self) -> str:
        """The key in the message's JSON."""

    def read(self, raw: Any, place: str) -> Any:
        """The checked value. Raises `MessageError`."""

    def elements(self, value: Any) -> list[int]:
        """The canonical field elements that the hash absorbs for a checked value."""


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer within `ranges` (both ends included); `halves` hashes it as its low and high 32 bits."""

    name: str
    ranges: tuple[Range, ...]
    code: Code
    halves: bool = False
    code_high: Code | None = None

    @property
    def bits(self) -> int:
        """Width that holds every allowed value."""
        return max(high for _, high in self.ranges).bit_length()

    def read(self, raw: Any, place: str) -> int:
        """An int within the ranges; below p by construction of the table, so never reduced."""
        if type(raw) is not int:  # a bool is an int to Python, and to nobody else
            raise MessageError(self.code, place, f"{describe(raw)} is not an integer", remedy=self._remedy())
        for low, high in self.ranges:
            if low <= raw <= high:
                return raw
        above = raw > self.ranges[-1][1]
        code = self.code_high if above and self.code_high else self.code
        raise MessageError(code, place, f"{raw} is out of range", remedy=self._remedy())

    def elements(self, value: int) -> list[int]:
        """The value, or its halves, low first."""
        return [value & ((1 << _HALF) - 1), value >> _HALF] if self.halves else [value]

    def _remedy(self) -> str:
        return "use an integer of " + " or ".join(f"{low} … {high}" for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: 40 bytes in base64, five little-endian words below p; hashed as these five."""

    name: str

    def read(self, raw: Any, place: str) -> tuple[int, ...]:
        """The five words."""
        limbs = words(read_base64(raw, place, KEY_BYTES, INVALID_PUBLIC_KEY))
        if any(limb >= P for limb in limbs):
            raise MessageError(
                INVALID_PUBLIC_KEY, place, "a word of the key is not below p", remedy="encode w canonically"
            )
        return limbs

    def elements(self, value: tuple[int, ...]) -> list[int]:
        """The five words."""
        return list(value)


@dataclass(frozen=True, slots=True)
class Memo:
    """32 bytes as a JSON list of integers, as the signer writes them; no part of the hash."""

    name: str

    def read(self, raw: Any, place: str) -> bytes:
        """The 32 bytes."""
        ok = isinstance(raw, list) and len(raw) == MEMO_BYTES
        if not ok or any(type(b) is not int or not 0 <= b < 256 for b in raw):
            raise MessageError(
                INVALID_TX_INFO, place, "a memo is a list of 32 bytes", remedy="use 32 integers of 0 … 255"
            )
        return bytes(raw)

    def elements(self, value: bytes) -> list[int]:
        """Nothing: the public format does not sign a memo."""
        return []


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the hash leaves out: the wallet signature "L1Sig", which authorises nothing here."""

    name: str

    def read(self, raw: Any, place: str) -> str:
        """The text."""
        if not isinstance(raw, str):
            raise MessageError(
                INVALID_TX_INFO, place, f"{describe(raw)} is not a text", remedy='use "" for none'
            )
        return raw

    def elements(self, value: str) -> list[int]:
        """Nothing."""
        return []


def words(data: bytes) -> tuple[int, ...]:
    """Bytes as little-endian 64-bit words."""
    return tuple(int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8))


def word_bytes(limbs: tuple[int, ...]) -> bytes:
    """Little-endian 64-bit words as bytes, the inverse of `words`."""
    return b"".join(limb.to_bytes(8, "little") for limb in limbs)


def read_base64(raw: Any, place: str, size: int, code: Code) -> bytes:
    """Exactly `size` bytes in standard base64, padded, unused bits zero. Raises `MessageError`."""
    remedy = f"use the base64 of {size} bytes as the signer wrote it"
    if not isinstance(raw, str):
        raise MessageError(code, place, f"{describe(raw)} is not a text", remedy=remedy)
    try:
        data = base64.b64decode(raw.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise MessageError(code, place, f"no base64 ({problem})", remedy=remedy) from None
    if len(data) != size:
        raise MessageError(code, place, f"{len(data)} bytes instead of {size}", remedy=remedy)
    if base64.b64encode(data).decode("ascii") != raw:
        raise MessageError(code, place, "unused bits of the base64 are not zero", remedy=remedy)
    return data


def describe(raw: Any) -> str:
    """A JSON value in few words, for a message."""
    shown = repr(raw)
    return shown if len(shown) <= 24 else f"{shown[:21]}..."
