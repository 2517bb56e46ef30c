"""The Fiat–Shamir transcript: a keccak-256 chain in the order of docs/protocol.md, section 3.

`Transcript` is the chain; `ProtocolTranscript` has one method for each row T0 … T11 of the page, so that
prover and verifier cannot differ in the order. A test compares `log` with the page.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2forge.stark.ext import Ext
from l2forge.stark.field import P
from l2forge.stark.keccak import keccak256

DOMAIN_TAG = b"l2forge/stark/1"
CHUNK_BITS = 85
WORD_BITS = 32
WORDS_PER_DIGEST = 8


class Transcript:
    """A 32-byte state; what is absorbed changes it, what is squeezed becomes it."""

    def __init__(self, tag: bytes) -> None:
        self.state = keccak256(tag)

    def absorb(self, data: bytes) -> None:
        """state ← keccak(state ‖ data). Raises ValueError for empty data."""
        if not data:
            raise ValueError("nothing to absorb: an absorption binds at least one byte")
        self.state = keccak256(self.state + data)

    def squeeze(self) -> bytes:
        """state ← keccak(state); returns the new state."""
        self.state = keccak256(self.state)
        return self.state

    def challenge(self) -> Ext:
        """c_k = ((d >> 85k) mod 2^85) mod p of one squeeze d; the bias is below 2^−20 per coefficient."""
        digest = int.from_bytes(self.squeeze(), "big")
        mask = (1 << CHUNK_BITS) - 1
        c0, c1, c2 = (((digest >> (CHUNK_BITS * k)) & mask) % P for k in range(3))
        return Ext(c0, c1, c2)

    def words(self, count: int) -> list[int]:
        """`count` 32-bit words, eight of each squeeze, the most significant first."""
        drawn: list[int] = []
        while len(drawn) < count:
            digest = self.squeeze()
            drawn += [int.from_bytes(digest[4 * k : 4 * k + 4], "big") for k in range(WORDS_PER_DIGEST)]
        return drawn[:count]


def ext_bytes(elements: Sequence[Ext]) -> bytes:
    """Elements of K as c0, c1, c2, each 8 bytes big-endian."""
    return b"".join(c.to_bytes(8, "big") for element in elements for c in element)


def grinding_digest(state: bytes, nonce: int) -> bytes:
    """keccak(state ‖ nonce), the nonce as u64 big-endian."""
    return keccak256(state + nonce.to_bytes(8, "big"))


def has_leading_zeros(digest: bytes, n_bits: int) -> bool:
    """Whether the first `n_bits` bits of a 32-byte digest are 0."""
    return int.from_bytes(digest, "big") >> (256 - n_bits) == 0


class ProtocolTranscript:
    """The rows T0 … T11 in order; `log` keeps (row, "absorb" or what was drawn)."""

    def __init__(self) -> None:
        self._chain = Transcript(DOMAIN_TAG)
        self.log: list[tuple[str, str]] = [("T0", "absorb")]

    @property
    def state(self) -> bytes:
        """The chain's state, which the nonce is searched for."""
        return self._chain.state

    def _absorb(self, row: str, data: bytes) -> None:
        self._chain.absorb(data)
        self.log.append((row, "absorb"))

    def _draw(self, row: str, name: str) -> Ext:
        self.log.append((row, name))
        return self._chain.challenge()

    def identity(self, air_hash: bytes, spec_hash: bytes, parameters: bytes) -> None:
        """T1: which AIR, which spec, which parameters."""
        self._absorb("T1", air_hash + spec_hash + parameters)

    def heights(self, encoded: bytes) -> None:
        """T2: one byte per table."""
        self._absorb("T2", encoded)

    def public(self, encoded: bytes) -> None:
        """T3: public scalars and lists."""
        self._absorb("T3", encoded)

    def main(self, root: bytes) -> tuple[Ext, Ext, Ext]:
        """T4: the main root; draws α, β, ρ."""
        self._absorb("T4", root)
        return self._draw("T4", "α"), self._draw("T4", "β"), self._draw("T4", "ρ")

    def interaction(self, root: bytes, sums: Sequence[Ext], fingerprints: Sequence[Ext]) -> Ext:
        """T5: interaction root (or nothing), sums, fingerprints; draws γ."""
        self._absorb("T5", (root + ext_bytes(sums) + ext_bytes(fingerprints)) or b"\0")
        return self._draw("T5", "γ")

    def quotient(self, root: bytes) -> Ext:
        """T6: the quotient root; draws z."""
        self._absorb("T6", root)
        return self._draw("T6", "z")

    def openings(self, values: Sequence[Ext]) -> Ext:
        """T7: all openings; draws λ."""
        self._absorb("T7", ext_bytes(values))
        return self._draw("T7", "λ")

    def layer(self, root: bytes) -> Ext:
        """T8: a FRI layer's root; draws its ζ."""
        self._absorb("T8", root)
        return self._draw("T8", "ζ_l")

    def final(self, coefficients: Sequence[Ext]) -> None:
        """T9: the final coefficients."""
        self._absorb("T9", ext_bytes(coefficients))

    def nonce(self, nonce: int) -> bytes:
        """T10: the nonce; returns the new state, whose first bits must be 0."""
        self._absorb("T10", nonce.to_bytes(8, "big"))
        return self.state

    def queries(self, n_queries: int, log_domain: int) -> list[int]:
        """T11: positions in the evaluation domain of 2^log_domain ≤ 2^32 points, with replacement."""
        self.log.append(("T11", "queries"))
        mask = (1 << log_domain) - 1
        return [word & mask for word in self._chain.words(n_queries)]
