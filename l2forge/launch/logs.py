"""The logs of all processes as one stream, in the order of their times."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from l2forge.errors import InputError
from l2forge.launch.home import Home

POLL_S = 0.3
TAIL_BYTES = 1 << 20
_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3}")


def log_files(home: Home, names: Sequence[str] | None) -> list[Path]:
    """The logs of these processes, or of all. Errors: InputError for a name that is none."""
    found = {path.stem: path for path in sorted((home.root / "logs").glob("*.log"))}
    for name in names or ():
        if name not in found:
            raise InputError(f"there is no log of {name}", remedy=f"there are {', '.join(found) or 'none'}")
    return [path for name, path in found.items() if not names or name in names]


def last_lines(home: Home, names: Sequence[str] | None, n: int) -> list[str]:
    """The last n lines of all of them together, each with its process's name.

    A line without a time (a traceback's) stays with the one before it.
    """
    stamped: list[tuple[str, int, str]] = []
    for path in log_files(home, names):
        when = ""
        for line in _tail(path).splitlines():
            found = _TIME.match(line)
            when = found[0] if found else when
            stamped.append((when, len(stamped), _named(path, line)))
    return [line for _, _, line in sorted(stamped)[-n:]] if n else []


def follow_logs(home: Home, names: Sequence[str] | None) -> Iterator[str]:
    """Lines as they are said, for ever."""
    places = {path: path.stat().st_size for path in log_files(home, names)}
    while True:
        for path in log_files(home, names):
            with path.open("rb") as file:
                file.seek(places.get(path, 0))
                said = file.read()
            whole, _, rest = said.rpartition(b"\n")
            places[path] = places.get(path, 0) + len(said) - len(rest)
            for line in whole.decode(errors="replace").splitlines():
                yield _named(path, line)
        time.sleep(POLL_S)


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode(errors="replace")


def _named(path: Path, line: str) -> str:
    return f"{path.stem:<10} {line}"
