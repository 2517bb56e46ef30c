"""What a batch costs: bytes of its proof, gas on L1, seconds of proving. Estimates, all constants named.

Bytes of a proof with q queries over a trace of 2^h rows at blow-up 2^b (docs/protocol.md, section 8):

    head     openings · 24 + final coefficients · 24
    rows     q · 8 · (opened columns + quotient columns)
    trees    3 · q · (h + b − log2 q) · node_bytes          the upper log2 q levels are shared
    layer l  q · (7 · 24 + (h + b − 3(l + 1) − log2 q) · node_bytes)

Gas of a batch is 40 for each byte (the floor of EIP-7623, which random bytes pay), 21,000 for each
transaction, and the update of the state. Execution is taken to stay below that floor, which the verifier is
designed for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from l2forge.compile.proof_budget import MIN_LOG_HEIGHT, planned_parameters
from l2forge.spec.models import Spec
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.model import oracle_rows, proving_time, seconds, signatures_per_s
from l2forge.stark.params import ProofParameters


@dataclass(frozen=True)
class Design:
    """How batches reach L1."""

    mode: str
    data_availability: str
    signatures: int = 0

    @classmethod
    def of(cls, spec: Spec) -> Design:
        """The design that a spec chooses."""
        chosen = spec.settlement
        return cls(chosen.mode, chosen.data_availability, int(getattr(chosen, "threshold", 0)))


@dataclass(frozen=True)
class Batch:
    """A batch as far as its costs go. `span_s` is how long it collects operations."""

    trades: float
    signatures: float
    span_s: float

    @property
    def log_height(self) -> int:
        """log2 of the rows of its tallest table."""
        rows = max(1.0, self.signatures * c.TRACE_ROWS_PER_SIGNATURE.value)
        return max(MIN_LOG_HEIGHT, math.ceil(math.log2(rows)))


@dataclass(frozen=True)
class Load:
    """A day of equal batches."""

    batch: Batch
    batches: float
    gas_per_batch: float

    @property
    def gas(self) -> float:
        """L1 gas of the day."""
        return self.batches * self.gas_per_batch

    @property
    def trades(self) -> float:
        """Trades of the day."""
        return self.batches * self.batch.trades

    @property
    def gas_per_trade(self) -> float | None:
        """L1 gas per trade; None where the oracles' reports leave the prover no time for a trade."""
        return self.gas_per_batch / self.batch.trades if self.batch.trades else None


def idle_batch(spec: Spec) -> Batch:
    """A batch without a trade: it closes by age, and holds what the oracles' heartbeats bring."""
    span = seconds(spec.proof.max_interval)
    return Batch(0.0, oracle_rows(spec.oracles, span)[1], span)


def busy_batch(spec: Spec) -> Batch:
    """A batch at the rate that the prover sustains beside the oracles; it closes by age or by size."""
    rows_per_s, signatures = oracle_rows(spec.oracles, 1.0)
    trades_per_s = max(0.0, signatures_per_s(spec.proof) - signatures) / c.SIGNATURES_PER_TRADE.value
    span = seconds(spec.proof.max_interval)
    all_rows_per_s = rows_per_s + trades_per_s * c.ROWS_PER_TRADE.value
    if all_rows_per_s > 0:
        span = min(span, spec.proof.max_operations / all_rows_per_s)
    trades = trades_per_s * span
    return Batch(trades, trades * c.SIGNATURES_PER_TRADE.value + signatures * span, span)


def day(spec: Spec, batch: Batch, design: Design) -> Load:
    """A day of such batches."""
    return Load(batch, c.DAY_S / batch.span_s, batch_gas(spec, batch, design))


def proof_bytes(params: ProofParameters, log_height: int) -> float:
    """Bytes of a proof; see the formula above."""
    q, log_q = params.n_queries, math.log2(params.n_queries)
    log_domain = log_height + params.log_blowup
    columns = c.OPENED_COLUMNS.value + c.QUOTIENT_COLUMNS.value
    openings = c.OPENED_COLUMNS.value * c.OUT_OF_DOMAIN_POINTS.value + c.QUOTIENT_COLUMNS.value / 3
    head = (openings + 2.0 ** params.log_final_size(log_height)) * c.EXTENSION_BYTES.value
    rows = q * c.BASE_BYTES.value * columns
    trees = c.COMMITTED_TREES.value * q * max(0.0, log_domain - log_q) * params.node_bytes
    layers = 0.0
    for layer in range(params.n_layers(log_height)):
        levels = max(0.0, log_domain - c.LOG_FOLD.value * (layer + 1) - log_q)
        layers += q * (7 * c.EXTENSION_BYTES.value + levels * params.node_bytes)
    return head + rows + trees + layers


def batch_gas(spec: Spec, batch: Batch, design: Design) -> float:
    """L1 gas of one batch under a design: its data, its proof where every batch is proven, its state"
    " update."""
    data = data_bytes(batch, design)
    proof = proof_bytes(planned_parameters(spec), batch.log_height) if design.mode == "validity" else 0.0
    gas = c.STATE_UPDATE_GAS.value + design.signatures * c.COMMITTEE_SIGNATURE_GAS.value
    transactions = max(1, math.ceil((data + proof) / c.MAX_TRANSACTION_BYTES.value))
    return gas + (data + proof) * c.GAS_PER_BYTE.value + transactions * c.GAS_PER_TRANSACTION.value


def data_bytes(batch: Batch, design: Design) -> float:
    """Bytes of data on L1: the changed leaves, or the committee's signatures over their hash."""
    if design.data_availability == "calldata":
        return batch.trades * c.CHANGED_LEAVES_PER_TRADE.value * c.LEAF_BYTES.value
    return design.signatures * c.COMMITTEE_SIGNATURE_BYTES.value


def challenge_gas(spec: Spec) -> float:
    """L1 gas of answering a challenge with the proof of a full batch."""
    proof = proof_bytes(planned_parameters(spec), busy_batch(spec).log_height)
    return proof * c.GAS_PER_BYTE.value + math.ceil(proof / c.MAX_TRANSACTION_BYTES.value) * 21_000


def proving_seconds(spec: Spec, batch: Batch) -> float:
    """Seconds to prove a batch on the two cores that the target names."""
    return proving_time(spec.proof, batch.signatures)
