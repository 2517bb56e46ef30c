"""The parameters of a proof, and the shape of a statement that their security depends on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FIELD_MODULUS = 2**64 - 2**32 + 1
EXTENSION_DEGREE = 3
LOG_FOLD = 3
TWO_ADICITY = 32
MAX_NODE_BYTES = 32
LIMITS = {
    "log_blowup": (1, TWO_ADICITY),
    "n_queries": (1, 1024),
    "grinding_bits": (0, 40),
    "log_final": (LOG_FOLD - 1, 16),
    "node_bytes": (16, MAX_NODE_BYTES),
}
"""What each parameter may be. Folding by 8 leaves at least one coefficient when 2^log_final ≥ 4."""


@dataclass(frozen=True, slots=True)
class ProofParameters:
    """What prover and verifier agree on before any proof (docs/protocol.md, T1).

    log_blowup: b of docs/protocol.md; n_queries: drawn with replacement; grinding_bits: leading zero bits
    that the nonce before the queries must give; log_final: folding ends at a degree bound of at most
    2^log_final; node_bytes: bytes kept of a keccak-256 Merkle node (collisions cost 2^(4·node_bytes)).
    """

    log_blowup: int
    n_queries: int
    grinding_bits: int
    log_final: int
    node_bytes: int

    def problems(self) -> Iterator[str]:
        """Which parameters lie outside of LIMITS."""
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                yield f"{name} is {value}, not {least} to {most}"

    def n_layers(self, log_height: int) -> int:
        """FRI layers of a proof whose tallest table has 2^log_height rows."""
        return max(0, -((self.log_final - log_height) // LOG_FOLD))

    def log_final_size(self, log_height: int) -> int:
        """log2 of the number of final coefficients: at most log_final."""
        return log_height - LOG_FOLD * self.n_layers(log_height)

    def encode(self, n_chunks: int) -> bytes:
        """The eight u32 of T1."""
        words = (
            self.log_blowup,
            self.n_queries,
            self.grinding_bits,
            LOG_FOLD,
            self.log_final,
            self.node_bytes,
            n_chunks,
            0,
        )
        return b"".join(word.to_bytes(4, "big") for word in words)


@dataclass(frozen=True, slots=True)
class ProofShape:
    """What a statement's security depends on, besides the parameters.

    log_height: H; n_functions: A + M functions batched by DEEP; n_constraints; max_degree: of a constraint in
    the trace columns; n_lookups: Σ over tables of interactions × rows; lookup_width: w of the widest tuple;
    n_list_elements: elements of the longest public list; n_points: points that one column is opened at.
    """

    log_height: int
    n_functions: int
    n_constraints: int
    max_degree: int
    n_lookups: int = 0
    lookup_width: int = 0
    n_list_elements: int = 0
    n_points: int = 2
