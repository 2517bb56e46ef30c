"""The per-user cache directory, and files that are either whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from l2forge.errors import EnvironmentFailure

CACHE_VARIABLE = "L2FORGE_CACHE"


def cache_dir() -> Path:
    """The user's cache for tools and compilations: $L2FORGE_CACHE, else the platform's place for caches."""
    override = os.environ.get(CACHE_VARIABLE, "")
    return Path(override).expanduser().absolute() if override else platformdirs.user_cache_path("l2forge")


@contextlib.contextmanager
def explained_os_errors(action: str, path: Path) -> Iterator[None]:
    """Turn an OSError about `path` into an EnvironmentFailure that says what to do about it."""
    try:
        yield
    except OSError as error:
        place = error.filename or path
        message = f"cannot {action} {place}: {error.strerror}"
        raise EnvironmentFailure(message, remedy=_remedy(error)) from error


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"free some disk space, or set {CACHE_VARIABLE} to a directory on a larger disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"make it writable, or set {CACHE_VARIABLE} to a directory you may write"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"remove the file that is in the way, or set {CACHE_VARIABLE} to another directory"
    return "run `l2forge doctor` to see what is wrong"


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path` so that a reader, or a crash at any moment, sees the old bytes or the new ones.

    The bytes are on the disk (fsync of the file and of its directory) before this returns. Errors: OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)  # mkstemp's 0600 suits secrets only
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames in `path` durable; a no-op where directories cannot be opened (Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
