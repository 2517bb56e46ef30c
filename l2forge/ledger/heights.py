"""How tall the tables of a batch can get: a bound that no batch of so many operations exceeds.

A verifier accepts heights up to a limit, so a batch that went beyond it would stop the venue for good.
"""

from __future__ import annotations

import numpy as np

from l2forge.air.chips.poseidon2_rows import ROWS
from l2forge.ledger.chips.signature_points import N_MULTIPLES, N_WINDOWS
from l2forge.ledger.layout import ACCOUNT_BITS, KEY_BITS, SLOT_BITS, Kind
from l2forge.ledger.ledger import Rules
from l2forge.ledger.machine.code import Code
from l2forge.ledger.machine.isa import SLOTS, Unit

MESSAGE_HASHES = 5
"""Two blocks of a message, one of attributes, two for both together."""
SIGNATURE_HASHES = 2
SLOTS_TOUCHED = 2
"""Orders' slots that one operation touches, each of a key and an account of its own: both sides of a fill."""


def most_rows(rules: Rules, operations: int) -> int:
    """Rows of the tallest table of any batch of so many operations, at most."""
    programs = max(_rows_of_program(rules.code, name) for name in rules.code.routines)
    hashes = ROWS * _hashes_of_operation(rules)
    per_operation = max(programs, hashes, N_WINDOWS + N_MULTIPLES)
    return operations * per_operation + ROWS * _hashes_of_globals(rules) + _rows_once(rules)


def _rows_of_program(code: Code, name: str) -> int:
    """Rows of cpu, or calls of one unit table, that one run of a program takes, whichever are more."""
    routine = code.routines[name]
    units = code.units[SLOTS * routine.row : SLOTS * (routine.row + routine.rows)] & 255
    accesses, ranges = np.isin(units, (Unit.READ, Unit.WRITE)), units == Unit.RANGE
    return max(routine.rows, *(int(calls.sum()) for calls in (accesses, ranges, units > Unit.DIVREM)))


def _hashes_of_operation(rules: Rules) -> int:
    """Permutations: message, signature, and each leaf and node on the ways to the slots, before and after."""
    shape = rules.shape
    leaves = sum(shape.blocks(kind) for kind in (Kind.ORDER, Kind.KEY, Kind.ACCOUNT))
    way = SLOT_BITS + KEY_BITS + ACCOUNT_BITS + leaves
    return MESSAGE_HASHES + SIGNATURE_HASHES + 2 * SLOTS_TOUCHED * way


def _hashes_of_globals(rules: Rules) -> int:
    """Permutations that each batch needs once: venue, markets, the nodes above them, the state's root."""
    shape = rules.shape
    leaves = shape.blocks(Kind.VENUE) + shape.n_markets * shape.blocks(Kind.MARKET)
    return 2 * (leaves + (1 + shape.n_markets) * ACCOUNT_BITS + 1)


def _rows_once(rules: Rules) -> int:
    """Rows of the programs that open and close a batch, and of the generator's multiples."""
    return sum(rules.code.routines[name].rows for name in ("begin", "end")) + N_MULTIPLES
