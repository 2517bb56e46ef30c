"""What the journal's records hold. The venue's state is a function of these and of nothing else.

| kind | data |
|---|---|
| MESSAGE | type (u16), digest (40 bytes), the message's JSON as the client sent it, its signature checked |
| REQUEST | an L1 request as JSON (`l2forge.chain.batch.Request`) |
| REPORT | an oracle report's JSON, signed by its source |
| WORK | an engine command of a keeper, eight words; its time is the record's |
| CLOSE | a batch is closed: the engine's digest at this place, and whether a remainder is closed too |
| PROVEN | the number of a batch that L1 has accepted |
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from l2forge.chain.batch import Request, RequestKind
from l2forge.venue.journal import Entry, Record

MESSAGE, REQUEST, REPORT, WORK, CLOSE, PROVEN = 1, 2, 3, 4, 5, 6

_WORDS = struct.Struct("<8q")
_DIGEST = struct.Struct("<5Q")


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A user's message whose signature has been checked."""

    tx_type: int
    digest: tuple[int, ...]
    info: str

    @property
    def tx_hash(self) -> str:
        """The hash as the public client prints it: the digest's words, little-endian, in hex."""
        return _DIGEST.pack(*self.digest).hex()


def message_entry(message: SignedMessage, time_ms: int) -> Entry:
    """The journal's form of a message."""
    head = message.tx_type.to_bytes(2, "little") + _DIGEST.pack(*message.digest)
    return Entry(MESSAGE, time_ms, head + message.info.encode())


def read_message(record: Record) -> SignedMessage:
    """The message of a record."""
    data = record.data
    return SignedMessage(int.from_bytes(data[:2], "little"), _DIGEST.unpack(data[2:42]), data[42:].decode())


def request_entry(request: Request, time_ms: int) -> Entry:
    """The journal's form of an L1 request; the words of a key, which exceed 63 bits, as text."""
    fields = asdict(request) | {"key": [str(word) for word in request.key]}
    return Entry(REQUEST, time_ms, orjson.dumps(fields))


def chained(digest: str, data: bytes) -> str:
    """The digest of a queue of requests that has one more, in the journal's form; "" is that of none."""
    return hashlib.sha256(digest.encode() + data).hexdigest()


def read_request(record: Record) -> Request:
    """The L1 request of a record."""
    fields: dict[str, Any] = orjson.loads(record.data)
    kind, key = RequestKind(fields["kind"]), tuple(int(word) for word in fields["key"])
    return Request(**(fields | {"kind": kind, "key": key}))


def report_entry(info: str, time_ms: int) -> Entry:
    """The journal's form of a signed oracle report."""
    return Entry(REPORT, time_ms, info.encode())


def work_entry(command: tuple[int, ...]) -> Entry:
    """The journal's form of a keeper's command (engine/commands.py)."""
    return Entry(WORK, command[7], _WORDS.pack(*command))


def read_work(record: Record) -> tuple[int, ...]:
    """The command of a record."""
    return _WORDS.unpack(record.data)


def close_entry(digest: bytes, time_ms: int, *, remainder: bool) -> Entry:
    """The journal's form of a batch closing."""
    return Entry(CLOSE, time_ms, digest + bytes([remainder]))


def read_close(record: Record) -> tuple[bytes, bool]:
    """Digest, and whether what does not fill a batch is closed too."""
    return record.data[:32], bool(record.data[32])


def proven_entry(number: int, time_ms: int) -> Entry:
    """The journal's form of a batch's acceptance on L1."""
    return Entry(PROVEN, time_ms, number.to_bytes(8, "little"))


def read_proven(record: Record) -> int:
    """The number of the batch."""
    return int.from_bytes(record.data, "little")
