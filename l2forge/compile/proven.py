"""What the circuit proves, of all that a spec can ask for.

`build` and `up` refuse a spec that asks for more, with every key that does: no venue ever runs by rules that
its proofs do not state. What such a spec can do meanwhile is `check`, `explain`, `plan` and `compare`.
"""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.spec.catalogue import define
from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.load import LoadedSpec, SpecError
from l2forge.spec.models import Spec

KeyPath = tuple[str | int, ...]

MAX_PROVEN_MARKETS = 120
"""An account's leaf has 256 words: 8, and two for each market."""

ALWAYS_FITS = 4_096
"""Operations whose tables are below 2^24 rows whatever they touch: 4,096 rows each."""

NOT_DONE = (
    "liquidation and deleveraging (the [liquidation] section is not acted on)",
    "collection of fees (they stay in the proven fee pool)",
)
"""What every spec has, and no venue does yet, since no program of the circuit does."""

define(
    "not-proven",
    "the circuit does not prove this yet",
    "Everything that a venue does is stated by its proofs, so a spec that asks for a rule without a program "
    "in the circuit is not built and not launched. It can be checked, explained and compared in memory.",
    '[matching]\nmodel = "amm"',
    '[matching]\nmodel = "order_book"',
)


def unproven(loaded: LoadedSpec) -> list[Diagnostic]:
    """Every key of a valid spec that asks for what is not proven, with what to write instead."""
    spec = loaded.require()
    findings = list(_findings(spec)) or list(_too_tall(spec))
    return sorted(
        loaded.diagnostic("not-proven", path, f"{what} is not proven yet", remedy)
        for path, what, remedy in findings
    )


def require_proven(loaded: LoadedSpec) -> None:
    """Raise SpecError, with every such key, for a spec that asks for what is not proven."""
    findings = unproven(loaded)
    if findings:
        raise SpecError(findings)


def _too_tall(spec: Spec) -> Iterator[tuple[KeyPath, str, str]]:
    """A batch whose tallest table may be higher than tables can be."""
    from l2forge.air.chip import MAX_LOG_HEIGHT
    from l2forge.ledger.ledger import Rules
    from l2forge.ledger.proving import largest_log_height

    asked = most = spec.proof.max_operations
    if asked <= ALWAYS_FITS:
        return
    rules = Rules.of(spec)
    while largest_log_height(rules, most) > MAX_LOG_HEIGHT:
        most //= 2
    if most < asked:
        yield ("proof", "max_operations"), f"a batch of {asked} operations", f"write at most {most}"


def _findings(spec: Spec) -> Iterator[tuple[KeyPath, str, str]]:
    """Key path, what it asks for, what to write."""
    if spec.matching.model != "order_book":
        yield ("matching", "model"), f'matching model "{spec.matching.model}"', 'write model = "order_book"'
        for section in ("amm", "hybrid"):
            if getattr(spec, section) is not None:
                yield (section,), "a curve", "leave the section out"
        for k, market in enumerate(spec.markets):
            if market.amm is not None:
                yield ("markets", k, "amm"), "a curve", "leave it out"
    if spec.margin.modes != ["cross"]:
        yield ("margin", "modes"), "isolated margin", 'write modes = ["cross"]'
    if spec.fees.tiers:
        yield ("fees", "tiers"), "a fee schedule by volume", "leave the tiers out"
    if spec.settlement.mode != "validity":
        yield ("settlement", "mode"), f'settlement mode "{spec.settlement.mode}"', 'write mode = "validity"'
    if spec.settlement.data_availability != "calldata":
        where = ("settlement", "data_availability")
        yield where, f'data availability "{spec.settlement.data_availability}"', 'write "calldata"'
    if spec.proof.workers != "local":
        yield ("proof", "workers"), "proving on a cluster", 'write workers = "local"'
    if len(spec.markets) > MAX_PROVEN_MARKETS:
        many = f"more than {MAX_PROVEN_MARKETS} markets"
        yield ("markets", MAX_PROVEN_MARKETS), many, "leave some out"
    for k, market in enumerate(spec.markets):
        if market.id != k:
            yield ("markets", k, "id"), f"market number {k} with id {market.id}", f"write id = {k}"
        if market.open_interest_margin is not None:
            yield ("markets", k, "open_interest_margin"), "margin by open interest", "leave it out"
    for k, oracle in enumerate(spec.oracles):
        if oracle.aggregate != "median":
            asked = f'aggregate "{oracle.aggregate}"'
            yield ("oracles", k, "aggregate"), asked, 'write aggregate = "median"'
