"""Schnorr signatures over ecGFp5, as the exchange's clients make and check them.

Key: a secret 0 < sk < n; public key enc(sk·G). Signature of a hash h (five field elements): for a nonce k,
R = k·G, e = H(enc(R) ‖ h) mod n, s = k − e·sk mod n; 80 bytes s ‖ e, both little-endian. It is valid when
H(enc(s·G + e·P) ‖ h) mod n = e. Checked strictly: s and e below n, key and hash canonical, the key a point of
the group and not the neutral element, and neither is R.

The nonce is derived from the secret and the hash, so signing twice signs alike and needs no randomness: as in
RFC 6979 and Ed25519, SHA-512 under a domain, here with 512 + 64 bits reduced modulo the 319 of n, whose bias
is below 2⁻²⁵⁶. Source of the scheme: elliottech/poseidon_crypto, signature/schnorr.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from l2forge.errors import InputError
from l2forge.ledger.curve import signatures as kernels
from l2forge.ledger.curve.windows import LIMBS, comb_of_generator
from l2forge.ledger.ecgfp5 import ORDER
from l2forge.stark.field import P, U64Array
from l2forge.stark.parallel import run_blocks

SCALAR_BYTES = 40
SIGNATURE_BYTES = 80
MIN_SEED_BYTES = 32

_NONCE_DOMAIN = b"l2forge/ecgfp5-schnorr/nonce/1"
_KEY_DOMAIN = b"l2forge/ecgfp5-schnorr/secret-key/1"


class InvalidKey(InputError):
    """A secret or a seed that cannot be one."""


def secret_from_seed(seed: bytes) -> int:
    """A secret key from at least 32 bytes of entropy. Raises `InvalidKey`."""
    if len(seed) < MIN_SEED_BYTES:
        raise InvalidKey(
            f"a seed of {len(seed)} bytes is too short", remedy=f"use {MIN_SEED_BYTES} random bytes or more"
        )
    return _scalar(seed, _KEY_DOMAIN)


def secret_from_bytes(data: bytes) -> int:
    """The secret in the signer's form: 40 bytes, little-endian, below n. Raises `InvalidKey`."""
    secret = int.from_bytes(data, "little")
    if len(data) != SCALAR_BYTES or not 0 < secret < ORDER:
        raise InvalidKey("no secret key: 40 bytes, little-endian, 0 < key < n", remedy="generate a new one")
    return secret


def public_key(secret: int) -> tuple[int, ...]:
    """enc(secret·G) as five canonical words. Raises `InvalidKey` for a secret outside of 1 … n − 1."""
    _check_secret(secret)
    encoded = np.empty(LIMBS, np.uint64)
    kernels.generator_multiple(_limbs(secret), comb_of_generator(), encoded)
    return tuple(int(word) for word in encoded)


def sign(secret: int, digest: Sequence[int]) -> bytes:
    """The signature of a hash: 80 bytes. Raises `InvalidKey`; ValueError for a hash not canonical."""
    _check_secret(secret)
    if len(digest) != LIMBS or not all(0 <= word < P for word in digest):
        raise ValueError("a signed hash is five canonical field elements")
    message = b"".join(int(word).to_bytes(8, "little") for word in digest)
    nonce = _scalar(secret.to_bytes(SCALAR_BYTES, "little"), _NONCE_DOMAIN + message)
    scratch = np.empty(kernels.SCRATCH_WORDS, np.uint64)
    kernels.commit(_limbs(nonce), np.array(digest, np.uint64), comb_of_generator(), scratch)
    e = int.from_bytes(scratch[:LIMBS].astype("<u8").tobytes(), "little")
    return join((nonce - e * secret) % ORDER, e)


def join(s: int, e: int) -> bytes:
    """The 80 bytes of a signature (s, e)."""
    return s.to_bytes(SCALAR_BYTES, "little") + e.to_bytes(SCALAR_BYTES, "little")


def split(signature: bytes) -> tuple[int, int]:
    """(s, e) of the 80 bytes of a signature, reduced or not. Raises ValueError for another length."""
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
    return (
        int.from_bytes(signature[:SCALAR_BYTES], "little"),
        int.from_bytes(signature[SCALAR_BYTES:], "little"),
    )


def verify(key: Sequence[int], digest: Sequence[int], signature: bytes) -> bool:
    """Whether the signature of a hash is valid for a public key; words of any size are allowed."""
    words = [*key, *digest]
    if len(signature) != SIGNATURE_BYTES or len(key) != LIMBS or len(digest) != LIMBS:
        return False
    if not all(0 <= word < P for word in words):
        return False
    row = np.frombuffer(signature, np.uint8)[None, :]
    return bool(verify_batch(np.array(key, np.uint64)[None, :], np.array(digest, np.uint64)[None, :], row)[0])


def verify_batch(keys: U64Array, digests: U64Array, signatures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of n signatures are valid: keys (n, 5), hashes (n, 5), signatures (n, 80) bytes."""
    n = len(keys)
    rows = np.ascontiguousarray(signatures, np.uint8)
    if keys.shape != (n, LIMBS) or digests.shape != (n, LIMBS) or rows.shape != (n, SIGNATURE_BYTES):
        raise ValueError(
            f"shapes {keys.shape}, {digests.shape}, {rows.shape} are not (n, 5), (n, 5), (n, 80)"
        )
    # copies, since a kernel is compiled anew for arrays that are read-only or strided
    keys, digests, words = (np.array(a, np.uint64, order="C") for a in (keys, digests, rows.view("<u8")))
    valid = np.zeros(n, np.bool_)
    comb = comb_of_generator()
    run_blocks(lambda a, b: kernels.verify_range(keys, digests, words, comb, valid, a, b), n)
    return valid


def _check_secret(secret: int) -> None:
    if not 0 < secret < ORDER:
        raise InvalidKey("a secret key lies in 1 … n − 1", remedy="generate a new one")


def _scalar(key: bytes, message: bytes) -> int:
    """A scalar in 1 … n − 1 from 576 bits of HMAC-SHA-512, uniform up to 2⁻²⁵⁶."""
    first = hmac.new(key, message + b"\x00", hashlib.sha512).digest()
    second = hmac.new(key, message + b"\x01" + first, hashlib.sha512).digest()
    return 1 + int.from_bytes(first + second[:8], "little") % (ORDER - 1)


def _limbs(scalar: int) -> U64Array:
    return np.frombuffer(scalar.to_bytes(SCALAR_BYTES, "little"), "<u8").astype(np.uint64)
