"""How a failure becomes lines on stderr and an exit status. No traceback for what a user can mend."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Final

import typer

from l2forge.errors import EnvironmentFailure, L2forgeError

INTERRUPTED: Final = 130  # 128 + SIGINT, as a shell reports it
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE
BUG: Final = 70  # EX_SOFTWARE of sysexits.h: none of the statuses that mean something to a script

_REMEDIES: Final = {
    errno.ENOSPC: "free some room on that disk",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EDQUOT: "free some room within your quota",
    errno.EROFS: "choose a directory that can be written to",
    errno.EACCES: "check the permissions, or choose another directory",
    errno.EPERM: "check the permissions, or choose another directory",
    errno.ENOENT: "check the path",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
}


def report_failure(failure: BaseException) -> int:
    """Print `failure` on stderr and return the process's exit status."""
    if os.environ.get("L2FORGE_TRACEBACK"):
        traceback.print_exception(failure)
    match failure:
        case KeyboardInterrupt():
            _print("interrupted", "")
            return INTERRUPTED
        case typer.Abort():
            _print("interrupted", "")
            return INTERRUPTED
        case BrokenPipeError():
            return BROKEN_PIPE
        case typer.TyperException():
            return _report_usage(failure)
        case L2forgeError():
            if hasattr(failure, "diagnostics"):  # they carry their own places and severities
                print(failure.message, file=sys.stderr)
            else:
                _print(failure.message, failure.remedy)
            return failure.exit_status
        case OSError() if failure.errno is not None:
            _print(_describe(failure), _REMEDIES.get(failure.errno, ""))
            return EnvironmentFailure.exit_status
        case _:
            return _report_bug(failure)


def _report_usage(failure: typer.TyperException) -> int:
    """A command line that typer refused: what is wrong, and where the help is."""
    context = getattr(failure, "ctx", None)
    if type(failure).__name__ == "NoArgsIsHelpError":
        print(failure.format_message(), file=sys.stderr)
    else:
        _print(
            failure.format_message().rstrip("."), f"see `{context.command_path} --help`" if context else ""
        )
    return failure.exit_code


def _report_bug(failure: BaseException) -> int:
    if not os.environ.get("L2FORGE_TRACEBACK"):
        traceback.print_exception(failure)
    _print("this is a bug in l2forge", "please report it with the lines above")
    return BUG


def _describe(failure: OSError) -> str:
    where = f": {failure.filename}" if failure.filename is not None else ""
    return f"{failure.strerror}{where}"


def _print(message: str, remedy: str) -> None:
    label = "error:"
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        label = typer.style(label, fg="red", bold=True)
    print(f"{label} {message}" + (f"; {remedy}" if remedy else ""), file=sys.stderr)
