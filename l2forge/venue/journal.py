"""The write-ahead journal: what a venue has accepted, in order, on the disk before anybody is told.

    header   8 bytes magic, 32 bytes identity of the venue, crc32c of these 40
    frame    one group commit: magic, bytes of the body, crc32c, number of the first record; then records
    record   length of the data, kind, milliseconds, data

A frame is written whole and synced (fdatasync) before the next one begins, so the disk can tear only the
last: a damaged frame with nothing intact behind it is cut off at recovery, one in the middle is damage to
something that was acknowledged, and refused. Numbers are little-endian.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import google_crc32c

from l2forge.chain.files import explained_os_errors, write_atomically
from l2forge.errors import EnvironmentFailure

FILE_MAGIC = b"L2FJRNL\x01"
FRAME_MAGIC = b"\xf5L2F"
MAX_FRAME_BYTES = 1 << 24

_HEADER = struct.Struct("<8s32sI")
_FRAME = struct.Struct("<4sIIQ")
_CHECKED_FROM = 12  # the checksum covers the first record's number and the body
_RECORD = struct.Struct("<IBQ")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record is made of: a kind (0 … 255), when it was accepted, and its data."""

    kind: int
    time_ms: int
    data: bytes

    @property
    def n_bytes(self) -> int:
        """What it takes of a frame, of which `MAX_FRAME_BYTES` is the bound."""
        return _RECORD.size + len(self.data)


@dataclass(frozen=True, slots=True)
class Record:
    """An entry in its place: records count 1, 2, 3, …"""

    sequence: int
    kind: int
    time_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two frames: the number of the next record, and where its frame begins."""

    sequence: int
    offset: int


START = Position(1, _HEADER.size)


class Journal:
    """One venue's journal, open for this process alone."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._file = descriptor
        self._end = START
        self._failed = False
        self.cut_bytes = 0
        """How much of a torn last frame recovery has cut off."""

    @classmethod
    def open(cls, path: Path, identity: bytes, start: Position = START) -> Journal:
        """Open or create the journal of the venue with this identity (32 bytes), and recover its end.

        `start` is a position known to be intact (a snapshot's); what lies before it is not read.
        Errors: EnvironmentFailure if another process has it, if it is another venue's, or if it is damaged.
        """
        with explained_os_errors("open", path):
            if not path.exists():
                head = FILE_MAGIC + identity
                write_atomically(path, _HEADER.pack(FILE_MAGIC, identity, google_crc32c.value(head)))
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        journal = cls(path, descriptor)
        try:
            journal._lock()
            journal._check_identity(identity)
            journal._recover(start)
        except BaseException:
            os.close(descriptor)
            raise
        return journal

    @property
    def end(self) -> Position:
        """Where the next frame goes."""
        return self._end

    def commit(self, entries: Sequence[Entry]) -> list[Record]:
        """Append the entries as one frame and sync it: when this returns, they are on the disk.

        Errors: EnvironmentFailure. After one, nothing is known about the last frame, so every further commit
        is refused: only a restart, which reads what the disk has, may go on.
        """
        if self._failed:
            raise EnvironmentFailure(f"{self.path} has failed before", remedy="restart the venue")
        if not entries:
            return []
        body = b"".join(_RECORD.pack(len(e.data), e.kind, e.time_ms) + e.data for e in entries)
        frame = _frame(self._end.sequence, body)
        try:
            with explained_os_errors("write", self.path):
                _write_all(self._file, frame)
                os.fdatasync(self._file)
        except BaseException:
            self._failed = True
            raise
        first = self._end.sequence
        self._end = Position(first + len(entries), self._end.offset + len(frame))
        return [Record(first + i, e.kind, e.time_ms, e.data) for i, e in enumerate(entries)]

    def read(self, start: Position = START) -> Iterator[Record]:
        """The records from a position to the end. Errors: EnvironmentFailure where a frame is damaged."""
        for records, _ in self._frames(start, self._end.offset):
            yield from records

    def close(self) -> None:
        """Release the file. Harmless when repeated."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._failed = True

    # -- recovery ---------------------------------------------------------------------------------

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EnvironmentFailure(
                f"{self.path} is in use by another process", remedy="stop that venue first (l2forge down)"
            ) from None

    def _check_identity(self, identity: bytes) -> None:
        head = os.pread(self._file, _HEADER.size, 0)
        whole = len(head) == _HEADER.size
        magic, found, crc = _HEADER.unpack(head) if whole else (b"", b"", 0)
        if magic != FILE_MAGIC or crc != google_crc32c.value(head[:-4]):
            raise EnvironmentFailure(
                f"{self.path}: no journal's header", remedy="restore the file from a copy"
            )
        if found != identity:
            raise EnvironmentFailure(
                f"{self.path} is the journal of another spec, Venue contract or L1 chain",
                remedy="start with those it was written under, or `l2forge reset` to begin anew",
            )

    def _recover(self, start: Position) -> None:
        """Find the end, and cut off a torn last frame."""
        size = os.fstat(self._file).st_size
        if size < start.offset:
            raise EnvironmentFailure(
                f"{self.path} ends at byte {size}, before the snapshot's place {start.offset}",
                remedy="restore the journal from a copy, or remove the snapshots",
            )
        self._end = start
        for _, end in self._frames(start, size, tolerate_torn_end=True):
            self._end = end
        self.cut_bytes = size - self._end.offset
        if self.cut_bytes:
            with explained_os_errors("repair", self.path):
                os.ftruncate(self._file, self._end.offset)
                os.fsync(self._file)

    def _frames(
        self, start: Position, size: int, *, tolerate_torn_end: bool = False
    ) -> Iterator[tuple[list[Record], Position]]:
        """Each frame's records, and the position behind it."""
        if size <= start.offset:
            return
        with mmap.mmap(self._file, size, access=mmap.ACCESS_READ) as data:
            at = start
            while at.offset < size:
                body = _intact_body(data, at.offset, at.sequence)
                if body is None:
                    intact = _next_intact(data, at.offset + 1)
                    if tolerate_torn_end and intact is None:
                        return
                    raise EnvironmentFailure(
                        f"{self.path} is damaged at byte {at.offset} (record {at.sequence})"
                        + (f"; intact again from byte {intact}" if intact else ""),
                        remedy="restore the file from a copy: acknowledged records are lost otherwise",
                    )
                records = _records(body, at.sequence)
                at = Position(at.sequence + len(records), at.offset + _FRAME.size + len(body))
                yield records, at


def _frame(first: int, body: bytes) -> bytes:
    if len(body) > MAX_FRAME_BYTES:
        raise EnvironmentFailure(f"a commit of {len(body)} bytes is beyond the journal's limit")
    checked = struct.pack("<Q", first) + body
    return _FRAME.pack(FRAME_MAGIC, len(body), google_crc32c.value(checked), first) + body


def _intact_body(data: mmap.mmap, offset: int, sequence: int | None) -> bytes | None:
    """The body of the frame at `offset`, or None where there is no whole frame (with that first record)."""
    head = data[offset : offset + _FRAME.size]
    if len(head) < _FRAME.size:
        return None
    magic, length, crc, first = _FRAME.unpack(head)
    end = offset + _FRAME.size + length
    if magic != FRAME_MAGIC or length > MAX_FRAME_BYTES or end > len(data):
        return None
    if google_crc32c.value(data[offset + _CHECKED_FROM : end]) != crc:
        return None
    return data[offset + _FRAME.size : end] if sequence in (None, first) else None


def _next_intact(data: mmap.mmap, offset: int) -> int | None:
    """Where the next whole frame begins, whatever lies before it."""
    while (offset := data.find(FRAME_MAGIC, offset)) >= 0:
        if _intact_body(data, offset, None) is not None:
            return offset
        offset += 1
    return None


def _records(body: bytes, first: int) -> list[Record]:
    records: list[Record] = []
    at = 0
    while at < len(body):
        length, kind, time_ms = _RECORD.unpack_from(body, at)
        at += _RECORD.size + length
        records.append(Record(first + len(records), kind, time_ms, body[at - length : at]))
    return records


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view)
        view = view[written:]


@contextlib.contextmanager
def opened(path: Path, identity: bytes) -> Iterator[Journal]:
    """A journal for the length of a `with` block."""
    journal = Journal.open(path, identity)
    try:
        yield journal
    finally:
        journal.close()
