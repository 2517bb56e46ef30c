"""What opens and closes a batch, and the clock."""

from __future__ import annotations

from l2forge.ledger.layout import BATCHES, NOW, Kind
from l2forge.ledger.machine.assembler import Program

TIME_LIMIT = 1 << 46


def begin() -> Program:
    """BEGIN: the batch gets the next number."""
    p = Program("begin")
    p.change(p.leaf(Kind.VENUE, 0), BATCHES, 1)
    return p


def clock() -> Program:
    """CLOCK: time moves on, never back."""
    p = Program("clock", ("time",))
    time = p.input("time")
    p.require_below(time, TIME_LIMIT, "time within its bound")
    p.require_at_least(time, p.write(p.leaf(Kind.VENUE, 0), NOW, time), "time does not run back")
    return p


def end() -> Program:
    """END: nothing follows."""
    p = Program("end")
    p.constant(0)
    return p
