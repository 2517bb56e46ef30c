"""The tables that serve the calls of programs: memory and ranges, wide products, hashes and lists."""

from l2forge.ledger.chips.units.access import Access, Touched, fill_access
from l2forge.ledger.chips.units.gather import OPERAND_DISTANCES, Gather, fill_gather, published
from l2forge.ledger.chips.units.muldiv import MulDiv, fill_muldiv
from l2forge.ledger.chips.units.ranges import Ranges, fill_ranges

__all__ = [
    "OPERAND_DISTANCES",
    "Access",
    "Gather",
    "MulDiv",
    "Ranges",
    "Touched",
    "fill_access",
    "fill_gather",
    "fill_muldiv",
    "fill_ranges",
    "published",
]
