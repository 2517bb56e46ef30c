"""Phase resolve: the rules that need more than the spec itself. Form and places are those of its errors.

1. Rates that become constants in e9 are whole multiples of 10^-9.
2. Prices, positions and equity fit the circuit's widths, with room for large moves (`widths`).
3. The proof reaches its security level (`proof_budget`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from l2forge.compile.proof_budget import require_planned_security
from l2forge.compile.widths import check_widths
from l2forge.spec.catalogue import define
from l2forge.spec.checks.registry import Site
from l2forge.spec.diagnostics import Diagnostic
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models import Spec
from l2forge.stark.security import SecurityError
from l2forge.units import Rate

KeyPath = tuple[str | int, ...]

define(
    "rate-too-fine",
    "a rate is finer than the circuit's step",
    "The circuit holds every rate but those of funding as a whole multiple of 10^-9, which fits one 32-bit "
    "limb. A finer rate would have to be rounded: the venue would not run the rule that its spec states.",
    'taker = "0.000001bps"',
    'taker = "0.00001bps"',
)
define(
    "security-unreachable",
    "no parameters reach the security level",
    "The formulas of the regime bound what a proof of this height and blow-up can reach with as many queries "
    "as L1 can afford (128); the field bounds height times blow-up. The level is that of the worst round.",
    '[proof]\nsecurity_bits = 128\nregime = "unique_decoding"\nlog_blowup = 1',
    '[proof]\nsecurity_bits = 128\nregime = "johnson"\nlog_blowup = 4',
)


def resolve(loaded: LoadedSpec) -> list[Diagnostic]:
    """Every error that the rules above find in a spec which has passed its own checks."""
    spec = loaded.require()
    return sorted([*_check_rates(loaded, spec), *check_widths(loaded, spec), *_check_security(loaded, spec)])


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


def _check_security(loaded: LoadedSpec, spec: Spec) -> Iterator[Diagnostic]:
    """Keys in conflict: the error stands at the one of them that is written last."""
    try:
        require_planned_security(spec)
    except SecurityError as error:
        proof = Site(spec, ("proof",), loaded.source.document)
        path = proof.later("max_operations", "security_bits", "regime", "log_blowup")
        message = f"a batch of {spec.proof.max_operations} operations cannot be proven so: {error.message}"
        remedy = "write a larger log_blowup, a smaller max_operations or fewer security_bits"
        yield loaded.diagnostic("security-unreachable", path, message, remedy)
