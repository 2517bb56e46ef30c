"""The command line: parse, call, print. No logic, and nothing heavy imported before a command needs it.

A command `some-name` is the function `some_name` in `l2forge/cli/some_name.py`, and a line in `commands.py`.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run `l2forge` with the process's arguments and exit with its status."""
    try:
        from l2forge.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the modules were still being imported
        status = 130
    sys.exit(status)
