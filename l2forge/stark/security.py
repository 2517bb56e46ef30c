"""Security accounting: bits of soundness round by round, and parameters chosen by them.

The protocol is round-by-round sound with the error of its worst round, so the level is the minimum over the
rounds; grinding counts only for the round that it precedes (the queries). With |K| = p³, list size L and the
line error ε of a regime (regimes.py):

    lookups        L·N·(w + 2)/|K|                 N interactions × rows, tuples of w
    fingerprints   L·E/|K|                         E elements in the longest public list
    constraints    L·C/|K|                         C constraints, combined by powers
    out-of-domain  L·(d(k + c − 1) + k − 1)/(|K| − k − n)   degree d, c points a column is opened at
    batching       ε(k)·(A − 1)                    A functions, combined by powers
    fold i         ε(k/8^i)·(8 − 1)
    queries        (1 − γ)^q · 2^−grinding
    commitments    2^−4·node_bytes                 birthday bound on a Merkle node

Sources: ethereum/soundcalc (circuits, pcs and proxgaps modules), Haböck (ePrint 2022/1216) theorem 8.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from l2forge.errors import InputError
from l2forge.stark.params import (
    EXTENSION_DEGREE,
    FIELD_MODULUS,
    LIMITS,
    LOG_FOLD,
    MAX_NODE_BYTES,
    TWO_ADICITY,
    ProofParameters,
    ProofShape,
)
from l2forge.stark.regimes import Regime, candidates

REGIMES = ("unique", "johnson", "conjectured")
FIELD_SIZE = float(FIELD_MODULUS**EXTENSION_DEGREE)
MAX_QUERIES = LIMITS["n_queries"][1]
DEFAULT_LOG_FINAL = 7


def grinding_for(log_blowup: int) -> int:
    """Bits of grinding of a venue's proofs.

    At blow-ups for settlement 24 bits replace eight to ten queries, each of which is paid for on L1. Below,
    where proofs serve development and are wanted soon, 2^24 hashes would take a fifth of the proving time: 20
    bits cost a twentieth of a second, and three queries more.
    """
    return 24 if log_blowup >= 4 else 20


class SecurityError(InputError):
    """Parameters do not reach the security level that is asked for, or no parameters can."""


@dataclass(frozen=True, slots=True)
class Row:
    """One round's bits of security, and how they were computed."""

    round: str
    bits: float
    formula: str


@dataclass(frozen=True, slots=True)
class SecurityTable:
    """The rounds of a proof in one regime; `bits` is the level: the minimum over the rounds."""

    regime: str
    assumption: str
    rows: tuple[Row, ...]

    @property
    def weakest(self) -> Row:
        """The round that decides the level."""
        return min(self.rows, key=lambda row: row.bits)

    @property
    def bits(self) -> float:
        """The level."""
        return self.weakest.bits


@dataclass(frozen=True, slots=True)
class System:
    """What the formulas read of an instance: a shape, the code's rate, folds, queries, grinding, field.

    Systems other than this one (folding by another number, another field) can be accounted for with it.
    """

    shape: ProofShape
    log_blowup: int
    folds: tuple[int, ...]
    n_queries: int
    grinding_bits: int
    field_size: float = FIELD_SIZE

    @classmethod
    def of(cls, params: ProofParameters, shape: ProofShape) -> System:
        """The system of docs/protocol.md under `params`."""
        folds = (1 << LOG_FOLD,) * params.n_layers(shape.log_height)
        return cls(shape, params.log_blowup, folds, params.n_queries, params.grinding_bits)


def security_table(params: ProofParameters, shape: ProofShape, regime: str = "johnson") -> SecurityTable:
    """Bits of security per round; in the Johnson regime for the multiplicity m that maximises the minimum.

    Raises SecurityError when `regime` is not one of REGIMES, a parameter lies outside of its limits, or the
    domain exceeds the field's 2-adicity.
    """
    for problem in params.problems():
        raise SecurityError(problem)
    system = System.of(params, shape)
    _check_sizes(system, regime)
    hash_row = Row("commitments", 4.0 * params.node_bytes, "2^(−4·node_bytes), collisions of Merkle nodes")
    regimes = candidates(regime, 2.0**-params.log_blowup)
    best = max(regimes, key=lambda one: (min(row.bits for row in rounds(system, one)), -_multiplicity(one)))
    return SecurityTable(best.name, best.assumption, (*rounds(system, best), hash_row))


def rounds(system: System, regime: Regime) -> tuple[Row, ...]:
    """The rows of a proof in one regime, in the protocol's order."""
    return (*_algebraic_rounds(system, regime), *_proximity_rounds(system, regime))


def _algebraic_rounds(system: System, regime: Regime) -> Iterable[Row]:
    shape, size, length = system.shape, system.field_size, regime.list_size
    k = 2.0**shape.log_height
    n = k * 2.0**system.log_blowup
    if shape.n_lookups:
        factor = regime.lookup_list_size * (shape.lookup_width + regime.LOOKUP_SLACK)
        yield Row("lookups", _bits(factor * shape.n_lookups / size), "L·N·(w + 2)/|K|")
    if shape.n_list_elements:
        yield Row("fingerprints", _bits(length * shape.n_list_elements / size), "L·E/|K|")
    yield Row("constraints", _bits(length * max(1, shape.n_constraints) / size), "L·C/|K|")
    points = shape.max_degree * (k + shape.n_points - 1) + k - 1
    error = length * max(1.0, points) / (size - k - n)
    yield Row("out-of-domain", _bits(error), "L·(d(k + c − 1) + k − 1)/(|K| − k − n)")


def _proximity_rounds(system: System, regime: Regime) -> Iterable[Row]:
    k, size = 2.0**system.shape.log_height, system.field_size
    if system.shape.n_functions > 1:
        error = regime.line_error(k) * (system.shape.n_functions - 1) / size
        yield Row("batching", _bits(error), "ε(k)·(A − 1)")
    for index, fold in enumerate(system.folds):
        k /= fold
        yield Row(f"fold {index + 1}", _bits(regime.line_error(k) * (fold - 1) / size), f"ε(k)·({fold} − 1)")
    bits = -system.n_queries * math.log2(1 - regime.gamma) + system.grinding_bits
    yield Row("queries", bits, "(1 − γ)^q · 2^−grinding")


def _bits(error: float) -> float:
    return -math.log2(error)


def _multiplicity(regime: Regime) -> int:
    return int(getattr(regime, "m", 0))


def _check_sizes(system: System, regime: str) -> None:
    if regime not in REGIMES:
        raise SecurityError(f"unknown security regime {regime!r}", remedy=f"use one of {', '.join(REGIMES)}")
    if not 1 <= system.log_blowup <= TWO_ADICITY - system.shape.log_height:
        raise SecurityError(
            f"a trace of 2^{system.shape.log_height} rows at blow-up 2^{system.log_blowup}: "
            f"the blow-up must be 2 or more and the evaluation domain at most 2^{TWO_ADICITY} points",
            remedy="lower the height or the blow-up",
        )


def require_security(params: ProofParameters, shape: ProofShape, level: int, regime: str) -> SecurityTable:
    """The security table, if it reaches `level` bits; SecurityError, naming the weakest round, if not."""
    table = security_table(params, shape, regime)
    if table.bits < level:
        weakest = table.weakest
        raise SecurityError(
            f"the parameters give {table.bits:.1f} bits ({table.regime}), below {level}: "
            f"{weakest.round} has {weakest.bits:.1f}",
            remedy=_remedy(weakest.round),
        )
    return table


def _remedy(weakest_round: str) -> str:
    if weakest_round == "queries":
        return "raise the number of queries, the grinding or the blow-up"
    if weakest_round == "commitments":
        return "keep more bytes of each Merkle node"
    return "lower the maximal height or the number of columns, or ask for fewer bits"


def choose_parameters(
    shape: ProofShape,
    *,
    security_bits: int = 100,
    regime: str = "johnson",
    log_blowup: int = 4,
    grinding_bits: int = 24,
    log_final: int = DEFAULT_LOG_FINAL,
) -> ProofParameters:
    """The parameters with the fewest queries that reach `security_bits` for `shape`.

    The smallest number of queries is found by bisection: more queries never lower the level.
    Raises SecurityError when no number of queries up to MAX_QUERIES reaches the level.
    """
    node_bytes = min(MAX_NODE_BYTES, max(20, -(-security_bits // 4)))
    most = ProofParameters(log_blowup, MAX_QUERIES, grinding_bits, log_final, node_bytes)
    require_security(most, shape, security_bits, regime)
    low, high = 1, MAX_QUERIES
    while low < high:
        middle = (low + high) // 2
        params = replace(most, n_queries=middle)
        enough = security_table(params, shape, regime).bits >= security_bits
        low, high = (low, middle) if enough else (middle + 1, high)
    return replace(most, n_queries=low)
