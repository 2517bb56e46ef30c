"""The venue's process: `python -m l2forge.venue.server SETTINGS.json`."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from l2forge.venue.kernels import told_of_compiling, warm_venue
from l2forge.venue.opening import OpenVenue
from l2forge.venue.processes import run_process
from l2forge.venue.service import VenueService
from l2forge.venue.settings import Settings

_log = logging.getLogger("l2forge.venue")


def serve(path: Path) -> None:
    """Open the venue of a settings file and serve until SIGTERM. Errors: L2forgeError."""
    with told_of_compiling(_log.info):
        warm_venue()
    settings = Settings.read(path)
    service = VenueService(settings.load_spec(), settings)
    report_opening(service.opened)
    _log.info("serving on http://%s:%d", settings.host, settings.port)
    asyncio.run(service.serve())


def report_opening(opened: OpenVenue) -> None:
    """Log what the venue goes on from, and what it does not."""
    if opened.journal.cut_bytes:
        _log.warning(
            "%s ended in %d bytes that are no whole commit, and they were cut off: a write that the last end "
            "of this process interrupted, of which nobody was told; if the disk was changed or put back, "
            "commits may be missing",
            opened.journal.path,
            opened.journal.cut_bytes,
        )
    n_accounts = len(opened.state.registry.accounts)
    _log.info("%d records replayed, %d accounts", opened.replayed, n_accounts)


if __name__ == "__main__":
    sys.exit(run_process(lambda: serve(Path(sys.argv[1]))))
