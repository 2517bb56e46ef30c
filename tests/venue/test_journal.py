"""The journal: what was acknowledged is there, once, whatever happened to the process or the last frame."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l2forge.errors import EnvironmentFailure
from l2forge.venue.journal import START, Entry, Journal, opened

IDENTITY = bytes(range(32))


def entries(first: int, n: int) -> list[Entry]:
    """Entries whose data say which they are."""
    return [Entry(1, 1000 + i, f"record {i}".encode() * (1 + i % 5)) for i in range(first, first + n)]


def filled(path: Path, sizes: list[int]) -> None:
    """A journal of frames with these many records each."""
    with opened(path, IDENTITY) as journal:
        first = 1
        for size in sizes:
            journal.commit(entries(first, size))
            first += size


def read_all(path: Path) -> list[tuple[int, bytes]]:
    """Number and data of every record."""
    with opened(path, IDENTITY) as journal:
        return [(record.sequence, record.data) for record in journal.read()]


def expected(n: int) -> list[tuple[int, bytes]]:
    """What `filled` wrote, up to record n."""
    return [(i + 1, entry.data) for i, entry in enumerate(entries(1, n))]


def test_what_was_committed_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    filled(path, [1, 3, 2])
    assert read_all(path) == expected(6)


def test_reading_goes_on_from_a_position(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with opened(path, IDENTITY) as journal:
        journal.commit(entries(1, 3))
        middle = journal.end
        journal.commit(entries(4, 2))
        assert [record.sequence for record in journal.read(middle)] == [4, 5]
    reopened = Journal.open(path, IDENTITY, middle)
    assert reopened.end.sequence == 6
    reopened.close()


@pytest.mark.parametrize("cut", [1, 5, 19, 21, 30])
def test_a_torn_last_frame_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    filled(path, [2, 2])
    os.truncate(path, path.stat().st_size - cut)
    with opened(path, IDENTITY) as journal:
        assert journal.cut_bytes > 0
        assert [record.sequence for record in journal.read()] == [1, 2]
        assert journal.commit(entries(3, 1))[0].sequence == 3
    assert [sequence for sequence, _ in read_all(path)] == [1, 2, 3]


def test_a_last_frame_of_garbage_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    filled(path, [2])
    with path.open("ab") as file:
        file.write(os.urandom(100))
    assert read_all(path) == expected(2)


def test_a_middle_frame_that_is_damaged_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    filled(path, [2, 2, 2])
    content = bytearray(path.read_bytes())
    with opened(path, IDENTITY) as journal:
        second = next(
            end for records, end in journal._frames(START, len(content)) if records[0].sequence == 1
        )
    for place in range(second.offset, second.offset + 40):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(EnvironmentFailure, match=f"damaged at byte {second.offset}.*restore the file"):
            Journal.open(path, IDENTITY)
    path.write_bytes(content)
    assert read_all(path) == expected(6)


def test_another_spec_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    filled(path, [1])
    with pytest.raises(EnvironmentFailure, match="another spec"):
        Journal.open(path, bytes(32))


def test_two_processes_cannot_have_it(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with opened(path, IDENTITY), pytest.raises(EnvironmentFailure, match="in use"):
        Journal.open(path, IDENTITY)


def test_after_a_failed_write_nothing_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    with opened(path, IDENTITY) as journal:
        journal.commit(entries(1, 1))
        with monkeypatch.context() as patched:
            patched.setattr(os, "fdatasync", fails)
            with pytest.raises(EnvironmentFailure):
                journal.commit(entries(2, 1))
        with pytest.raises(EnvironmentFailure, match="failed before"):
            journal.commit(entries(2, 1))


WRITER = """
import sys
from pathlib import Path
from l2forge.venue.journal import Entry, Journal
journal = Journal.open(Path(sys.argv[1]), bytes(range(32)))
print("ready", flush=True)
while True:
    first = journal.end.sequence
    made = [Entry(1, i, b"%d" % i * (i % 7 * 40)) for i in range(first, first + 1 + first % 3)]
    for record in journal.commit(made):
        print(record.sequence, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    rng = random.Random(5)
    acknowledged = 0
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(rng.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        lines = writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        acknowledged = max([acknowledged, *(int(line) for line in lines if line.endswith("\n"))])
        found = read_all(path)
        assert [sequence for sequence, _ in found] == list(range(1, len(found) + 1))
        assert len(found) >= acknowledged
        assert all(data == b"%d" % i * (i % 7 * 40) for i, data in found)
    assert acknowledged > 0
