"""What the venue's processes share: logging, an orderly end, and ending with whoever started them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from l2forge.chain.files import write_atomically
from l2forge.errors import L2forgeError

PARENT_VARIABLE = "L2FORGE_PARENT"
READY_VARIABLE = "L2FORGE_READY_FILE"
PARENT_POLL_S = 0.5

_log = logging.getLogger("l2forge")


def configure_logging() -> None:
    """One line an event on stderr: time, level, who, what."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s %(message)s", stream=sys.stderr
    )


def end_with_parent() -> None:
    """Send this process SIGTERM when the one named by $L2FORGE_PARENT is not its parent any more."""
    named = os.environ.get(PARENT_VARIABLE, "")
    if not named.isdigit():
        return

    def watch() -> None:
        while os.getppid() == int(named):
            time.sleep(PARENT_POLL_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def tell_ready() -> None:
    """Tell the supervisor that this process has begun its work, by the file $L2FORGE_READY_FILE."""
    path = os.environ.get(READY_VARIABLE, "")
    if path:
        write_atomically(Path(path), str(os.getpid()).encode())


def run_process(work: Callable[[], None]) -> int:
    """Run a process's work; its exit status. Errors that users can mend are one line."""
    configure_logging()
    end_with_parent()
    try:
        work()
    except L2forgeError as error:
        _log.error("%s", error)
        return error.exit_status
    except KeyboardInterrupt:
        return 0
    return 0


def stop_event() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
