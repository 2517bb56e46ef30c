"""Phase resolve: the rules that need more than the spec itself. Form and places are those of its errors.

1. Rates that become constants in e9 are whole multiples of 10^-9.
2. Amounts are whole units of the collateral, and fewer than 2^CASH_BITS of them.
3. Prices, positions and equity fit the circuit's widths, with room for large moves (`widths`).
4. The proof reaches its security level (`proof_budget`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from l2forge.compile.constants import CASH_BITS
from l2forge.compile.proof_budget import require_planned_security
from l2forge.compile.widths import check_widths
from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models import Spec
from l2forge.stark.security import SecurityError
from l2forge.units import Amount, Rate, UnitError

KeyPath = tuple[str | int, ...]

_NOT_COLLATERAL: Final = {"tick_size", "lot_size", "start"}


def resolve(loaded: LoadedSpec) -> list[Diagnostic]:
    """Every error that the rules above find in a spec which has passed its own checks."""
    spec = loaded.require()
    findings = [*_check_rates(loaded, spec), *_check_amounts(loaded, spec), *_check_security(loaded, spec)]
    if not any(finding.code.startswith("amount-") for finding in findings):
        findings += check_widths(loaded, spec)
    return sorted(findings)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value of a spec with its key path, tables and arrays walked through."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from leaves(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def _check_rates(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    for path, value in leaves(spec):
        if isinstance(value, Rate) and "funding" not in path and value.e12 % 1000:
            yield loaded.diagnostic(
                "rate-too-fine",
                path,
                f'"{value.text()}" is finer than 10^-9, the step of rates in the proof',
                f'write "{Rate(round(value.e12, -3)).text()}"',
            )


def _check_amounts(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    decimals = spec.venue.collateral.decimals
    for path, value in leaves(spec):
        if not isinstance(value, Amount) or path[-1] in _NOT_COLLATERAL:
            continue
        try:
            units = value.units(decimals)
        except UnitError as error:
            symbol = spec.venue.collateral.symbol
            yield loaded.diagnostic(
                "amount-too-fine",
                path,
                f"{error.message}, which is all that {symbol} has here",
                f"{error.remedy}, or raise venue.collateral.decimals",
            )
            continue
        if units >= 2**CASH_BITS:
            yield loaded.diagnostic(
                "amount-too-large",
                path,
                f'"{value.text()}" is beyond the {CASH_BITS} bits of an amount in units of 10^-{decimals}',
                f"write less than {2**CASH_BITS // 10**decimals}",
            )


def _check_security(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    """Keys in conflict: the error stands at the one of them that is written last."""
    try:
        require_planned_security(spec)
    except SecurityError as error:
        keys = ("max_operations", "security_bits", "regime", "log_blowup")
        written = [key for key in keys if _is_written(loaded, ("proof", key))] or ["security_bits"]
        last = max(written, key=lambda key: loaded.source.positions(("proof", key)))
        yield loaded.diagnostic(
            "security-unreachable",
            ("proof", last),
            f"a batch of {spec.proof.max_operations} operations cannot be proven so: {error.message}",
            error.remedy,
        )


def _is_written(loaded: LoadedSpec, path: KeyPath) -> bool:
    """Whether a key stands in the spec (or the preset that it extends), and is not a default."""
    table: Any = loaded.source.document.data
    for key in path:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True
