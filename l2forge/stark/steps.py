"""The verifier's steps by number, and the one error that a proof can be refused with.

The numbers are those of docs/protocol.md, section 6, and of the Solidity verifier.
"""

from __future__ import annotations

from enum import IntEnum

from l2forge.errors import L2forgeError


class Step(IntEnum):
    """A check of the verifier."""

    PARAMETERS = 1
    HEIGHTS = 2
    PUBLIC = 3
    FORMAT = 4
    SUMS = 5
    FINGERPRINT = 6
    CONSTRAINTS = 7
    GRINDING = 8
    QUERIES = 9
    MAIN_OPENING = 10
    INTERACTION_OPENING = 11
    QUOTIENT_OPENING = 12
    FRI_LAYER = 13
    FRI_FINAL = 14


class ProofRejected(L2forgeError):
    """A verifier's step refused a proof: `step` says which check, `detail` what it saw."""

    def __init__(self, step: Step, detail: str) -> None:
        super().__init__(f"proof rejected at step {step.value} ({step.name}): {detail}")
        self.step = step
        self.detail = detail
