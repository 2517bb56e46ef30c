"""Matching, risk, funding, liquidation and oracle aggregation: one deterministic state machine."""

from l2forge.engine import codes
from l2forge.engine.commands import COMMAND, batch, command, order_flags
from l2forge.engine.config import Capacity, EngineConfig, from_spec
from l2forge.engine.engine import Engine, Outcome

__all__ = [
    "COMMAND",
    "Capacity",
    "Engine",
    "EngineConfig",
    "Outcome",
    "batch",
    "codes",
    "command",
    "from_spec",
    "order_flags",
]
