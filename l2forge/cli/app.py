"""The top of the command line: the group of commands, loaded lazily, and the one place where errors end."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from l2forge import __version__
from l2forge.cli.commands import COMMANDS
from l2forge.cli.failures import BROKEN_PIPE, report_failure


class LazyCommand(TyperCommand):
    """A command known by name and help line, whose module is imported when it is called (or completed)."""

    def make_context(self, *args: Any, **kwargs: Any) -> typer.Context:
        """Hand over to the real command, so that its own parameters and callback are used."""
        context: typer.Context = self.load().make_context(*args, **kwargs)
        return context

    def load(self) -> Any:
        """The real command: function `some_name` of module `l2forge.cli.some_name`."""
        assert self.name is not None
        identifier = self.name.replace("-", "_")
        function = getattr(importlib.import_module(f"l2forge.cli.{identifier}"), identifier)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(self.name)(function)
        return typer.main.get_command(single)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"l2forge {__version__}")
        raise typer.Exit


def l2forge(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One TOML file becomes a running, STARK-proven derivatives venue.

    Exit status: 0 done; 1 a check failed; 2 wrong input; 3 the environment lacks something;
    4 `plan` found differences.
    """


def build_group() -> Any:
    """The command `l2forge`: a typer group whose commands are all lazy."""
    # rich_markup_mode=None: rich costs more to import than all the rest of the help page
    app = typer.Typer(
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    app.callback()(l2forge)
    group: Any = typer.main.get_command(app)
    for name, line in COMMANDS.items():
        group.add_command(LazyCommand(name, help=line, rich_markup_mode=None))
    return group


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; every failure is reported on stderr."""
    _escape_what_cannot_be_encoded()
    try:
        status = build_group().main(list(arguments), prog_name="l2forge", standalone_mode=False)
        sys.stdout.flush()  # a full disk or a closed pipe shows here, while it can still be reported
    except (Exception, KeyboardInterrupt) as failure:
        status = report_failure(failure)
    except SystemExit as ending:  # typer's own way out when stdout is a closed pipe, and after completion
        closed_pipe = isinstance(ending.__context__, BrokenPipeError)
        status = BROKEN_PIPE if closed_pipe else ending.code  # typer's 1 would read as "a check failed"
    if status and not _stdout_is_usable():
        _discard_stdout()
    return status if isinstance(status, int) else 0


def _escape_what_cannot_be_encoded() -> None:
    """Print "\\u2265" for "≥" where the terminal's encoding lacks it, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a test may have put something else in its place
            stream.reconfigure(errors="backslashreplace")


def _stdout_is_usable() -> bool:
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        return False
    return True


def _discard_stdout() -> None:
    """Give stdout a harmless end, so that the interpreter's last flush does not print a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
