"""A directory that appears whole or not at all: written beside its place, then renamed into it.

At every moment the target is the old directory or the new one. What an interrupted run left behind is cleared
by the next one: under the lock, anything with our suffixes is nobody's work in progress.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def publish_directory(target: Path, write: Callable[[Path], None]) -> None:
    """Replace `target` by the directory that `write` fills; on any failure the old one stays.

    Concurrent calls for one parent directory run one after the other, also across processes.
    Raises what `write` raises, and OSError where the parent cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent):
        beside = target.with_name(f".{target.name}.part")
        aside = target.with_name(f".{target.name}.previous")
        if aside.exists() and not target.exists():  # killed between the two renames below
            aside.rename(target)
        _remove(beside)
        _remove(aside)
        try:
            beside.mkdir()
            write(beside)
            _sync(beside)
            _swap(beside, target, aside)
        finally:
            _remove(beside)
            _remove(aside)


def fill_directory(target: Path, write: Callable[[Path], None]) -> None:
    """Fill `target`, new or empty, with what `write` makes; on any failure it is again as it was.

    An empty directory that exists stays the same directory: somebody's shell may be in it.
    """
    if not target.exists():
        publish_directory(target, write)
        return
    beside = target / ".part"
    moved: list[Path] = []
    try:
        beside.mkdir()
        write(beside)
        _sync(beside)
        for entry in sorted(beside.iterdir()):
            moved.append(target / entry.name)
            entry.rename(target / entry.name)
    except BaseException:
        for path in moved:
            _remove(path)
        raise
    finally:
        _remove(beside)


def _swap(beside: Path, target: Path, aside: Path) -> None:
    """Put `beside` in the place of `target`, or leave `target` as it was."""
    try:
        if target.exists():
            target.rename(aside)
        beside.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the directory's own lock: no lock file stays behind, and the kernel frees it with the process."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(directory: Path) -> None:
    """Bring every file to the disk, so that a power cut cannot leave empty files under final names."""
    for path in directory.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
