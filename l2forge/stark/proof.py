"""The format of a proof: its head as dataclasses and bytes (docs/protocol.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from l2forge.stark.ext import Ext
from l2forge.stark.layout import INTERACTION, MAIN, NONCE_BYTES, QUOTIENT, ProofLayout, encode_heights
from l2forge.stark.opened import Reader
from l2forge.stark.transcript import ext_bytes


@dataclass(frozen=True)
class Head:
    """What the prover sends before the queries, without what belongs to the commitment scheme."""

    log_heights: tuple[int, ...]
    roots: dict[str, bytes]
    """by tree: main, interaction (when there is one), quotient"""
    sums: tuple[Ext, ...]
    fingerprints: tuple[Ext, ...]
    openings: tuple[Ext, ...]
    """at z, then at zω_n"""

    def encode(self) -> bytes:
        """The head's bytes."""
        parts = [
            encode_heights(self.log_heights),
            self.roots[MAIN],
            self.roots.get(INTERACTION, b""),
            ext_bytes(self.sums),
            ext_bytes(self.fingerprints),
            self.roots[QUOTIENT],
            ext_bytes(self.openings),
        ]
        return b"".join(parts)


@dataclass(frozen=True)
class FriHead:
    """What FRI sends before the queries."""

    roots: tuple[bytes, ...]
    final: tuple[Ext, ...]
    nonce: int

    def encode(self) -> bytes:
        """Its bytes: roots, final coefficients, nonce."""
        return b"".join(self.roots) + ext_bytes(self.final) + self.nonce.to_bytes(NONCE_BYTES, "big")


def read_elements(reader: Reader, count: int) -> tuple[Ext, ...]:
    """The next `count` elements of K."""
    values = reader.elements(3 * count)
    return tuple(Ext(*values[3 * k : 3 * k + 3]) for k in range(count))


def read_head(reader: Reader, layout: ProofLayout) -> Head:
    """The head after its log-heights, which `layout` already knows."""
    size = layout.params.node_bytes
    roots = {MAIN: reader.take(size)}
    if layout.has_tree(INTERACTION):
        roots[INTERACTION] = reader.take(size)
    sums = read_elements(reader, len(layout.summed))
    fingerprints = read_elements(reader, len(layout.air.lists))
    roots[QUOTIENT] = reader.take(size)
    openings = read_elements(reader, layout.n_openings)
    return Head(layout.log_heights, roots, sums, fingerprints, openings)


def read_fri_head(reader: Reader, layout: ProofLayout) -> FriHead:
    """FRI's part of the head."""
    roots = reader.nodes(layout.n_layers, layout.params.node_bytes)
    final = read_elements(reader, layout.n_final)
    return FriHead(tuple(roots), final, int.from_bytes(reader.take(NONCE_BYTES), "big"))
