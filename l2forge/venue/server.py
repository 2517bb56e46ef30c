"""The venue's process: `python -m l2forge.venue.server SETTINGS.json`."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from l2forge.errors import L2forgeError
from l2forge.venue.service import VenueService
from l2forge.venue.settings import Settings

_log = logging.getLogger("l2forge.venue")


def configure_logging() -> None:
    """One line an event on stderr: time, level, who, what."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s %(message)s", stream=sys.stderr
    )


def main(arguments: list[str]) -> int:
    """Open the venue and serve; the exit status."""
    configure_logging()
    try:
        settings = Settings.read(Path(arguments[0]))
        service = VenueService(settings.load_spec(), settings)
        _log.info(
            "%d records replayed, %d accounts, listening on %s:%d",
            service.opened.replayed,
            len(service.opened.state.registry.accounts),
            settings.host,
            settings.port,
        )
        asyncio.run(service.serve())
    except L2forgeError as error:
        _log.error("%s", error)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
