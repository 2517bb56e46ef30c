"""What every warning looks at: a spec without error, and the way to raise a finding at one of its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market
from l2forge.spec.models.oracles import Oracle
from l2forge.spec.warnings.model import volatility

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """A loaded spec under the eyes of a risk team."""

    loaded: LoadedSpec
    spec: Spec

    def warn(self, code: str, path: KeyPath, message: str, remedy: str) -> Diagnostic:
        """A warning at the value of a key path."""
        return self.loaded.diagnostic(code, path, message, remedy, Severity.WARNING)

    def markets(self) -> Iterator[tuple[KeyPath, Market, Oracle]]:
        """Each market with its key path and its oracle."""
        oracles = {oracle.id: oracle for oracle in self.spec.oracles}
        for index, market in enumerate(self.spec.markets):
            yield ("markets", index), market, oracles[market.oracle]

    def oracles(self) -> Iterator[tuple[KeyPath, Oracle]]:
        """Each oracle with its key path."""
        for index, oracle in enumerate(self.spec.oracles):
            yield ("oracles", index), oracle

    def volatility(self, market: Market, oracle: Oracle) -> float:
        """Annual volatility that the estimates for a market use."""
        return volatility(market, oracle)


Warnings = Iterator[Diagnostic]
Check = Callable[[Case], Warnings]
