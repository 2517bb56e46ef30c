"""Cross-field checks of a spec: a table of small functions, one rule each (see registry.py)."""

from l2forge.spec.checks import amounts, markets, oracles, sections, security, settlement
from l2forge.spec.checks.registry import CHECKS, run_checks

__all__ = ["CHECKS", "amounts", "markets", "oracles", "run_checks", "sections", "security", "settlement"]
