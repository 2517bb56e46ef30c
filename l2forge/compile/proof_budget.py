"""The proof that a venue will need, bounded before its constraints are counted.

The bounds are the design's budgets, which the circuit is held to: opened columns, constraints and degree of
the largest venue, and rows in proportion to the batch. So a spec accepted here stays provable at its security
level whatever its circuit turns out to be within those budgets.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from l2forge.spec.models import Spec
from l2forge.stark.params import ProofParameters, ProofShape
from l2forge.stark.security import (
    DEFAULT_LOG_FINAL,
    choose_parameters,
    grinding_for,
    require_security,
)

MAX_OPENED_COLUMNS: Final = 480
QUOTIENT_COLUMNS: Final = 24  # 8 chunks of 3 base columns
MAX_CONSTRAINTS: Final = 600
MAX_DEGREE: Final = 9
MAX_LOOKUP_WIDTH: Final = 16
LOOKUPS_PER_ROW: Final = 64
# Each query opens every column: at 128 of them the openings alone are 0.5 MB, four full L1 transactions.
MAX_QUERIES: Final = 128
# One signature is about 640 additions and doublings on ecGFp5, the most that any operation causes.
ROWS_PER_OPERATION: Final = 1024
MIN_LOG_HEIGHT: Final = 16
REGIME_OF_SPEC: Final = {"johnson": "johnson", "unique_decoding": "unique", "conjectured": "conjectured"}


def planned_shape(spec: Spec) -> ProofShape:
    """Upper bounds on the statement of a full batch; the tallest table has 2^log_height rows."""
    rows = spec.proof.max_operations * ROWS_PER_OPERATION
    log_height = max(MIN_LOG_HEIGHT, (rows - 1).bit_length())
    return ProofShape(
        log_height=log_height,
        n_functions=MAX_OPENED_COLUMNS + QUOTIENT_COLUMNS,
        n_constraints=MAX_CONSTRAINTS,
        max_degree=MAX_DEGREE,
        n_lookups=LOOKUPS_PER_ROW << log_height,
        lookup_width=MAX_LOOKUP_WIDTH,
        n_list_elements=rows,
    )


def planned_parameters(spec: Spec) -> ProofParameters:
    """The parameters with the fewest queries that reach the spec's security level for a full batch.

    Raises SecurityError as `require_planned_security`.
    """
    require_planned_security(spec)
    proof = spec.proof
    return _choose(planned_shape(spec), proof.security_bits, REGIME_OF_SPEC[proof.regime], proof.log_blowup)


@lru_cache(maxsize=64)
def _choose(shape: ProofShape, security_bits: int, regime: str, log_blowup: int) -> ProofParameters:
    """Choosing takes tenths of a second, and one explanation asks for it a dozen times."""
    return choose_parameters(
        shape,
        security_bits=security_bits,
        regime=regime,
        log_blowup=log_blowup,
        grinding_bits=grinding_for(log_blowup),
    )


def require_planned_security(spec: Spec) -> None:
    """Whether any parameters with at most MAX_QUERIES queries reach the spec's level (fast: one evaluation).

    Raises SecurityError when not, with the regime, blow-up and batch size that the spec has.
    """
    log_blowup = spec.proof.log_blowup
    most = ProofParameters(
        log_blowup, MAX_QUERIES, grinding_for(log_blowup), DEFAULT_LOG_FINAL, node_bytes=32
    )
    regime = REGIME_OF_SPEC[spec.proof.regime]
    require_security(most, planned_shape(spec), spec.proof.security_bits, regime)
