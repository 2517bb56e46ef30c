"""Signatures: the public signer's, the oracle's and our own; and every way to be wrong."""

from __future__ import annotations

import base64
import random

import numpy as np
import pytest
from numba import njit

from l2forge.ledger import ecgfp5, fp5, schnorr
from l2forge.ledger.curve import extension, group, windows
from l2forge.ledger.ecgfp5 import ORDER
from l2forge.stark.field import P, U64Array
from tests.ledger import naive_schnorr
from tests.ledger.signed_messages import KEYS, MESSAGES, limbs

PUBLIC = np.array([limbs(m["public_key"]) for m in MESSAGES], np.uint64)
HASHES = np.array([limbs(m["hash"]) for m in MESSAGES], np.uint64)
SIGNATURES = np.array([list(base64.b64decode(m["tx_info"]["Sig"])) for m in MESSAGES], np.uint8)
SECRET = next(iter(KEYS))
KEY = KEYS[SECRET]
DIGEST = limbs(MESSAGES[0]["hash"])
SIGNATURE = bytes(SIGNATURES[0])
S, E = schnorr.split(SIGNATURE)


def random_words(rng: random.Random) -> tuple[int, ...]:
    return tuple(rng.randrange(P) for _ in range(5))


def test_the_signers_signatures_are_valid() -> None:
    assert schnorr.verify_batch(PUBLIC, HASHES, SIGNATURES).all()
    assert naive_schnorr.is_valid(KEY, DIGEST, SIGNATURE)


@pytest.mark.parametrize("secret", KEYS)
def test_public_keys(secret: int) -> None:
    assert schnorr.public_key(secret) == KEYS[secret]


def test_no_signature_is_valid_for_another_key_or_hash() -> None:
    assert not schnorr.verify_batch(np.roll(PUBLIC, 40, axis=0), HASHES, SIGNATURES).any()
    assert not schnorr.verify_batch(PUBLIC, np.roll(HASHES, 1, axis=0), SIGNATURES).any()


def test_a_flipped_bit_anywhere_makes_it_invalid() -> None:
    n_bits = 8 * schnorr.SIGNATURE_BYTES
    flipped = np.tile(SIGNATURES[0], (n_bits, 1))
    for bit in range(n_bits):
        flipped[bit, bit // 8] ^= 1 << (bit % 8)
    keys, digests = np.tile(PUBLIC[0], (n_bits, 1)), np.tile(HASHES[0], (n_bits, 1))
    assert not schnorr.verify_batch(keys, digests, flipped).any()


def test_the_batch_says_which() -> None:
    broken = SIGNATURES.copy()
    broken[[3, 77], 5] ^= 1
    assert np.flatnonzero(~schnorr.verify_batch(PUBLIC, HASHES, broken)).tolist() == [3, 77]
    assert schnorr.verify_batch(PUBLIC[:0], HASHES[:0], SIGNATURES[:0]).shape == (0,)


def test_own_signatures_are_the_oracles() -> None:
    rng = random.Random(8)
    for _ in range(3):
        secret, digest = rng.randrange(1, ORDER), random_words(rng)
        signature = schnorr.sign(secret, digest)
        s, e = schnorr.split(signature)
        nonce = (s + e * secret) % ORDER
        assert signature == naive_schnorr.sign(secret, digest, nonce)
        assert schnorr.verify(schnorr.public_key(secret), digest, signature)
        assert naive_schnorr.is_valid(schnorr.public_key(secret), digest, signature)


def test_the_nonce_is_fixed_by_secret_and_hash() -> None:
    other_digest = limbs(MESSAGES[1]["hash"])
    other_secret = SECRET + 1

    def nonce(secret: int, digest: tuple[int, ...]) -> int:
        s, e = schnorr.split(schnorr.sign(secret, digest))
        return (s + e * secret) % ORDER

    assert schnorr.sign(SECRET, DIGEST) == schnorr.sign(SECRET, DIGEST)
    nonces = {nonce(SECRET, DIGEST), nonce(SECRET, other_digest), nonce(other_secret, DIGEST)}
    assert len(nonces) == 3 and all(n.bit_length() > 300 for n in nonces)


@pytest.mark.parametrize("secret", [1, 2, ORDER - 1, ORDER - 2, 1 << 318, (1 << 255) - 19])
def test_extreme_secrets(secret: int) -> None:
    key = schnorr.public_key(secret)
    assert key == ecgfp5.encode(ecgfp5.multiply(secret, ecgfp5.GENERATOR))
    assert schnorr.verify(key, DIGEST, schnorr.sign(secret, DIGEST))


@njit
def _sum(key: U64Array, s: U64Array, e: U64Array, comb: U64Array, out: U64Array) -> None:
    """enc(s·G + e·P) as a verification adds it up."""
    _, point = group.decode(extension.load(key))
    digits, odd = np.empty(windows.MAX_DIGITS, np.int8), np.empty((windows.N_ODD, 4, 5), np.uint64)
    point = windows.multiply(point, e, digits, odd)
    extension.store(out, group.encode(windows.add_comb(point, s, comb)))


def _words(scalar: int) -> U64Array:
    return np.frombuffer(scalar.to_bytes(40, "little"), "<u8").astype(np.uint64)


@pytest.mark.parametrize("s", [0, 1, 128, 129, 255, (1 << 64) - 1, 1 << 64, ORDER - 1])
def test_sums_of_extreme_multiples_are_the_oracles(s: int) -> None:
    key, comb, out = np.array(KEY, np.uint64), windows.comb_of_generator(), np.empty(5, np.uint64)
    for e in (0, 1, 16, 17, (1 << 64) - 1, (1 << 318) - 1, ORDER - 1):
        _sum(key, _words(s), _words(e), comb, out)
        point = ecgfp5.add(ecgfp5.multiply(s, ecgfp5.GENERATOR), ecgfp5.multiply(e, ecgfp5.decode(KEY)))
        assert tuple(out.tolist()) == ecgfp5.encode(point)


def _tampered() -> dict[str, tuple[tuple[int, ...], tuple[int, ...], bytes]]:
    join, e_key = schnorr.join, fp5.element(4)
    non_square = next(w for w in range(2, 50) if not _decodes((w, 0, 0, 0, 0)))
    return {
        "another key": (e_key, DIGEST, SIGNATURE),
        "the negated key": (fp5.neg(fp5.element(*KEY)), DIGEST, SIGNATURE),
        "another hash": (KEY, (DIGEST[0] ^ 1, *DIGEST[1:]), SIGNATURE),
        "s + n": (KEY, DIGEST, join(S + ORDER, E) if (S + ORDER).bit_length() <= 320 else SIGNATURE[:79]),
        "e + n": (KEY, DIGEST, join(S, E + ORDER)),
        "s = n − s": (KEY, DIGEST, join(ORDER - S, E)),
        "s and e swapped": (KEY, DIGEST, join(E, S)),
        "zeros": (KEY, DIGEST, bytes(80)),
        "the neutral key": (fp5.ZERO, DIGEST, SIGNATURE),
        "a key that is no point": ((non_square, 0, 0, 0, 0), DIGEST, SIGNATURE),
        "too short": (KEY, DIGEST, SIGNATURE[:79]),
        "too long": (KEY, DIGEST, SIGNATURE + b"\0"),
        "a key of four words": (KEY[:4], DIGEST, SIGNATURE),
        "a word of the key not canonical": ((KEY[0] + P, *KEY[1:]), DIGEST, SIGNATURE),
        "a word of the hash not canonical": (KEY, (*DIGEST[:4], DIGEST[4] + P), SIGNATURE),
        "a negative word": ((-1, *KEY[1:]), DIGEST, SIGNATURE),
    }


def _decodes(w: tuple[int, ...]) -> bool:
    try:
        return ecgfp5.decode(w) is not None
    except ecgfp5.InvalidPoint:
        return False


TAMPERED = _tampered()


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_refused(name: str) -> None:
    key, digest, signature = TAMPERED[name]
    assert not schnorr.verify(key, digest, signature)
    assert not naive_schnorr.is_valid(key, digest, signature)


def test_a_signature_for_the_neutral_key_is_refused_though_its_equation_holds() -> None:
    """Anyone can make e = H(enc(s·G) ‖ h): with P neutral the equation holds for every message."""
    s = 12345
    e = naive_schnorr.challenge(ecgfp5.multiply(s, ecgfp5.GENERATOR), DIGEST)
    assert not schnorr.verify(fp5.ZERO, DIGEST, schnorr.join(s, e))


def test_words_that_are_not_canonical_are_refused_by_the_batch_too() -> None:
    low = tuple(word % (1 << 32) for word in DIGEST)  # word + p still fits 64 bits
    signature = np.frombuffer(schnorr.sign(SECRET, low), np.uint8)[None, :]
    keys, hashes = np.array([KEY], np.uint64), np.array([low], np.uint64)
    assert schnorr.verify_batch(keys, hashes, signature)[0]
    assert not schnorr.verify_batch(keys, hashes + np.uint64(P), signature)[0]


def test_key_generation() -> None:
    secret = schnorr.secret_from_seed(bytes(range(32)))
    assert secret == schnorr.secret_from_seed(bytes(range(32))) != schnorr.secret_from_seed(bytes(32))
    assert schnorr.secret_from_bytes(SECRET.to_bytes(40, "little")) == SECRET
    with pytest.raises(schnorr.InvalidKey, match="too short"):
        schnorr.secret_from_seed(b"short")
    for data in (bytes(40), ORDER.to_bytes(40, "little"), b"\1" * 39):
        with pytest.raises(schnorr.InvalidKey):
            schnorr.secret_from_bytes(data)
    for secret in (0, ORDER, -1):
        with pytest.raises(schnorr.InvalidKey):
            schnorr.public_key(secret)
        with pytest.raises(schnorr.InvalidKey):
            schnorr.sign(secret, DIGEST)


def test_signing_refuses_what_is_no_hash() -> None:
    for digest in (DIGEST[:4], (P, 0, 0, 0, 0), (-1, 0, 0, 0, 0)):
        with pytest.raises(ValueError, match="canonical"):
            schnorr.sign(SECRET, digest)


def test_shapes() -> None:
    with pytest.raises(ValueError, match="shapes"):
        schnorr.verify_batch(PUBLIC, HASHES[:1], SIGNATURES)
    with pytest.raises(ValueError, match="80"):
        schnorr.split(SIGNATURE[:40])
