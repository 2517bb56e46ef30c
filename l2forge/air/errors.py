"""What can be wrong with an AIR or a trace of one."""

from __future__ import annotations

from l2forge.errors import CheckFailed, L2forgeError


class AirError(L2forgeError):
    """A chip or an AIR is written wrongly: a degree too high, an unknown column, a bus of two widths."""

    exit_status = 2


class TraceError(L2forgeError):
    """A trace does not have the shape, height or element range that its table demands."""

    exit_status = 2


class Unsatisfied(CheckFailed):
    """A trace breaks a constraint or a bus; the message lists them by name, row and values."""
