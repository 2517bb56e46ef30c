"""The supervisor in the background: `python -m l2forge.launch.detached SPEC`."""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.launch.control import up
from l2forge.venue.processes import run_process


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    spec = Path(sys.argv[1])
    sys.exit(run_process(lambda: up(spec, _print, on_healthy=lambda _: _print("healthy"))))
