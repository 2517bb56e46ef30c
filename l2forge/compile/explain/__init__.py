"""What follows from a spec: leaving, trust, soundness, costs, leverage, prices, liquidation, governance.

One file per subject, each a function from the spec to a section of facts; `render` prints them.
"""

from __future__ import annotations

from l2forge.compile.explain.curve import curve
from l2forge.compile.explain.facts import Explanation
from l2forge.compile.explain.governance import governance
from l2forge.compile.explain.leaving import leaving
from l2forge.compile.explain.money import alternatives, costs
from l2forge.compile.explain.soundness import soundness
from l2forge.compile.explain.trading import capital, liquidation, prices
from l2forge.compile.explain.trust import trust
from l2forge.compile.resolve import resolve
from l2forge.spec.load import LoadedSpec, SpecError

SECTIONS = (leaving, trust, soundness, costs, alternatives, capital, curve, prices, liquidation, governance)


def explain_spec(loaded: LoadedSpec) -> Explanation:
    """What follows from a loaded spec. Raises SpecError where it has an error, those of `resolve`"
    " included."""
    spec = loaded.require()
    errors = resolve(loaded)
    if errors:
        raise SpecError(errors)
    sections = (section(spec) for section in SECTIONS)
    return Explanation(spec.venue.name, loaded.hash(), tuple(one for one in sections if one is not None))


__all__ = ["SECTIONS", "explain_spec"]
