"""Hash and signature of every message of a file, and what is wrong with those that fail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from l2forge.ledger import schnorr
from l2forge.ledger.messages.codes import INVALID_PUBLIC_KEY, INVALID_TX_INFO, MessageError
from l2forge.ledger.messages.digest import digest_of
from l2forge.ledger.messages.fields import KEY_BYTES, describe, word_bytes, words
from l2forge.ledger.messages.file import Entry
from l2forge.ledger.messages.orders import check_keys
from l2forge.ledger.messages.parse import Message, parse
from l2forge.ledger.messages.table import TYPES
from l2forge.stark.field import P

_REQUIRED = {"public_key", "chain_id", "tx_type", "tx_info", "hash"}
_SECRET = "secret_key"
_HEX = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one message."""

    message: int
    line: int
    tx_type: Any
    type_name: str
    account: Any
    nonce: Any
    what: str
    """"format", "field", "hash", "signature" or "key"."""
    place: str
    reason: str
    remedy: str
    code: int | None = None
    """The client's error code, for a field."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """A well-formed entry: what it says its hash and key are, and what its message hashes to."""

    entry: Entry
    message: Message
    digest: tuple[int, ...]
    said: tuple[int, ...]
    key: tuple[int, ...]
    secret: int | None


def verify_entries(entries: Sequence[Entry]) -> list[Problem]:
    """Everything that is wrong with the messages, in their order; empty when all are right."""
    problems, checked = [], []
    for entry in entries:
        try:
            checked.append(_check(entry))
        except MessageError as error:
            number = error.code.number
            problems.append(_problem(entry, "field", error.place, error.reason, error.remedy, number))
        except _BrokenEntry as error:
            remedy = "copy it again from where it was signed"
            problems.append(_problem(entry, "format", "", str(error), remedy))
    valid = schnorr.verify_batch(
        np.array([c.key for c in checked], np.uint64).reshape(-1, 5),
        np.array([c.digest for c in checked], np.uint64).reshape(-1, 5),
        np.array([list(c.message.signature or b"") for c in checked], np.uint8).reshape(-1, 80),
    )
    for item, is_valid in zip(checked, valid, strict=True):
        problems += _differences(item, is_valid=bool(is_valid))
    return sorted(problems, key=lambda problem: problem.message)


def unsigned_fields(entries: Sequence[Entry]) -> list[str]:
    """Names of fields in these messages that the public format leaves out of its hash."""
    kinds = {TYPES[n] for entry in entries if type(n := entry.raw.get("tx_type")) is int and n in TYPES}
    return sorted({f.name for kind in kinds for f in kind.unhashed})


class _BrokenEntry(Exception):
    """An entry whose JSON could not be read."""


def _check(entry: Entry) -> _Checked:
    if entry.broken:
        raise _BrokenEntry(entry.broken)
    raw = entry.raw
    check_keys(raw, _REQUIRED, _REQUIRED | {_SECRET}, "message")
    message = parse(raw["tx_type"], raw["tx_info"])
    secret = None
    if _SECRET in raw:
        secret = int.from_bytes(_read_hex(raw, _SECRET, "0x"), "little")
    key = words(_read_hex(raw, "public_key", "0x"))
    if max(key) >= P:
        raise MessageError(INVALID_PUBLIC_KEY, "public_key", "a word of it is not below p")
    said = words(_read_hex(raw, "hash", ""))
    return _Checked(entry, message, digest_of(message, raw["chain_id"]), said, key, secret)


def _read_hex(raw: dict[str, Any], name: str, prefix: str) -> bytes:
    value = raw[name]
    digits = value.removeprefix(prefix) if isinstance(value, str) and value.startswith(prefix) else ""
    if not _HEX.fullmatch(digits):
        form = f"{prefix} and " if prefix else ""
        remedy = f"use {form}{2 * KEY_BYTES} hex digits in lower case"
        raise MessageError(INVALID_TX_INFO, name, f"{describe(value)} is malformed", remedy=remedy)
    return bytes.fromhex(digits)


def _differences(item: _Checked, *, is_valid: bool) -> list[Problem]:
    found = []
    if item.digest != item.said:
        computed = word_bytes(item.digest).hex()
        reason = f"the fields hash to {computed}"
        found.append(_problem(item.entry, "hash", "hash", reason, "restore the fields or the hash"))
    if not is_valid:
        reason = "not valid for these fields and this public key"
        found.append(_problem(item.entry, "signature", "tx_info.Sig", reason, "sign the message anew"))
    if item.secret is not None and not _is_secret_of(item.secret, item.key):
        reason = "not the secret of the public key"
        found.append(_problem(item.entry, "key", _SECRET, reason, "take the pair as it was generated"))
    return found


def _is_secret_of(secret: int, key: tuple[int, ...]) -> bool:
    try:
        return schnorr.public_key(secret) == key
    except schnorr.InvalidKey:
        return False


def _problem(
    entry: Entry, what: str, place: str, reason: str, remedy: str, code: int | None = None
) -> Problem:
    """The problem with the message's name, as far as the message says it."""
    info = entry.raw.get("tx_info")
    fields = info if isinstance(info, dict) else {}
    number = entry.raw.get("tx_type")
    kind = TYPES.get(number) if type(number) is int else None
    account = fields.get(kind.account if kind else "AccountIndex")
    return Problem(
        message=entry.number,
        line=entry.line,
        tx_type=number,
        type_name=kind.name if kind else "",
        account=account,
        nonce=fields.get("Nonce"),
        what=what,
        place=place,
        reason=reason,
        remedy=remedy,
        code=code,
    )


def title(problem: Problem) -> str:
    """ "message 17 (type 14 create order, account 5, nonce 9), line 402", with what is known of it."""
    parts = []
    if problem.tx_type is not None:
        parts.append(f"type {describe(problem.tx_type)} {problem.type_name}".rstrip())
    if problem.account is not None:
        parts.append(f"account {describe(problem.account)}")
    if problem.nonce is not None:
        parts.append(f"nonce {describe(problem.nonce)}")
    named = f" ({', '.join(parts)})" if parts else ""
    return f"message {problem.message}{named}, line {problem.line}"
