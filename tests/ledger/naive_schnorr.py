"""Signatures written out on the slow curve: the oracle of `l2forge.ledger.schnorr`."""

from __future__ import annotations

from collections.abc import Sequence

from l2forge.ledger import ecgfp5
from l2forge.ledger.ecgfp5 import GENERATOR, ORDER, InvalidPoint, Point
from l2forge.stark import poseidon2
from l2forge.stark.field import P


def challenge(point: Point, digest: Sequence[int]) -> int:
    """H(enc(R) ‖ h) modulo n."""
    words = poseidon2.hash_ints([*ecgfp5.encode(point), *digest], 5)
    return sum(word << (64 * i) for i, word in enumerate(words)) % ORDER


def sign(secret: int, digest: Sequence[int], nonce: int) -> bytes:
    """s ‖ e for a given nonce."""
    e = challenge(ecgfp5.multiply(nonce, GENERATOR), digest)
    return ((nonce - e * secret) % ORDER).to_bytes(40, "little") + e.to_bytes(40, "little")


def is_valid(key: Sequence[int], digest: Sequence[int], signature: bytes) -> bool:
    """Every condition in words of the definition."""
    if len(signature) != 80 or any(not 0 <= word < P for word in digest):
        return False
    s, e = int.from_bytes(signature[:40], "little"), int.from_bytes(signature[40:], "little")
    try:
        point = ecgfp5.decode(key)
    except InvalidPoint:
        return False
    if s >= ORDER or e >= ORDER or point is None:
        return False
    commitment = ecgfp5.add(ecgfp5.multiply(s, GENERATOR), ecgfp5.multiply(e, point))
    return commitment is not None and challenge(commitment, digest) == e
