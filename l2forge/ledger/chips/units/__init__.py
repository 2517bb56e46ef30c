"""The tables that serve the calls of programs: memory and ranges, wide products, hashes and lists."""

from l2forge.ledger.chips.units.access import Access, Touched, fill_access
from l2forge.ledger.chips.units.gather import OPERAND_DISTANCES, Gather, fill_gather, published
from l2forge.ledger.chips.units.muldiv import MulDiv, fill_muldiv

__all__ = [
    "OPERAND_DISTANCES",
    "Access",
    "Gather",
    "MulDiv",
    "Touched",
    "fill_access",
    "fill_gather",
    "fill_muldiv",
    "published",
]
