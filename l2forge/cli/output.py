"""Where output goes: results on stdout, all else on stderr; rich on a terminal, plain lines in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def print_result(text: str) -> None:
    """One piece of the command's result, on stdout."""
    print(text)


def print_note(text: str) -> None:
    """Something the user may want to know, on stderr."""
    print(text, file=sys.stderr)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Report the steps of a long command on stderr: a spinner on a terminal, a line each in a pipe.

    Yields the function that names the step which now begins.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda step: print_note(f"{title}: {step}")
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")
