"""Economic warnings: what an exchange's risk team would say about a spec, with reasons and numbers.

A warning never stops a build. Each names a key, the numbers on both sides, and what to write instead; the
assumptions behind the numbers are all in `constants.py`, the meaning of each code in `catalogue/`. One small
function per finding, grouped by subject.
"""

from __future__ import annotations

from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.load import LoadedSpec
from l2forge.spec.warnings import catalogue, custody, margins, prices, trading
from l2forge.spec.warnings.case import Case, Check

CHECKS: tuple[Check, ...] = margins.CHECKS + prices.CHECKS + trading.CHECKS + custody.CHECKS


def economic_warnings(loaded: LoadedSpec) -> list[Diagnostic]:
    """All economic warnings of a spec, in the order of its lines; none for a spec that has errors."""
    if loaded.spec is None:
        return []
    case = Case(loaded, loaded.spec)
    return sorted({warning for check in CHECKS for warning in check(case)})


__all__ = ["CHECKS", "catalogue", "economic_warnings"]
