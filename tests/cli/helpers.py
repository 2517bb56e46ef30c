"""Running the command line as a user does: in a process of its own, in a pipe or on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

COMMAND = [sys.executable, "-m", "l2forge"]


def l2forge(
    *arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `l2forge` in a pipe."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def on_terminal(
    *arguments: object, keys: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run `l2forge` on a pseudo-terminal and press each of `keys` when it waits; its status and output."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", **(env or {})},
        close_fds=True,
        start_new_session=True,
    )
    os.close(slave)
    shown, pending, deadline = b"", list(keys), time.monotonic() + 120
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.5)
        if ready:
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            shown += piece
            if b"\x1b[6n" in piece:  # it asks where the cursor is, as prompt_toolkit does
                os.write(master, b"\x1b[1;1R")
        elif pending and process.poll() is None:  # quiet: it waits for a key
            os.write(master, bytes([pending.pop(0)]))
        elif process.poll() is not None:
            break
    os.close(master)
    return process.wait(timeout=30), shown.decode(errors="replace")
