"""Flows by name, and files of order messages as flows."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from l2forge.compare.flow import stress
from l2forge.compare.flow.form import Flow
from l2forge.compare.flow.history import SCENARIOS
from l2forge.compare.flow.messages import read_messages
from l2forge.errors import InputError

DEFAULT = "mixed"

_BUILDERS: dict[str, Callable[[int], Flow]] = {
    "mixed": stress.mixed,
    "calm": stress.calm,
    "flash-crash": stress.flash_crash,
    "oracle-attack": stress.oracle_attack,
    **{f"history/{name}": builder for name, builder in SCENARIOS.items()},
}


def flow_names() -> list[str]:
    """The flows that have a name."""
    return list(_BUILDERS)


def load_flow(name: str, seed: int) -> Flow:
    """The flow of that name and seed, or from a file of order messages (then the seed changes nothing)."""
    if name in _BUILDERS:
        return _BUILDERS[name](seed)
    path = Path(name)
    if path.suffix == ".csv" or path.exists():
        return read_messages(path)
    close = get_close_matches(name, flow_names(), n=1, cutoff=0.5)
    hint = f'did you mean "{close[0]}"?' if close else "write a .csv file of order messages, or"
    raise InputError(f'there is no flow "{name}"', remedy=f"{hint} one of {', '.join(flow_names())}")
