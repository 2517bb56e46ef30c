"""The signature table: what it accepts, and for each of these a twin that it refuses."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from l2forge.air.check import check, require_satisfied
from l2forge.air.errors import TraceError
from l2forge.air.proving import prove, verify
from l2forge.ledger import ecgfp5, fp5, schnorr
from l2forge.ledger.chips.hash_requests import HashRequests
from l2forge.ledger.chips.multiples import GENERATOR_ENCODING, Multiples
from l2forge.ledger.chips.signature import Signatures
from l2forge.ledger.chips.signature_points import N_MULTIPLES, N_WINDOWS, OFFSET, OFFSET_TEXT, START
from l2forge.ledger.chips.signature_witness import TILE, signature_trace
from l2forge.ledger.ecgfp5 import GENERATOR, ORDER
from l2forge.ledger.fp5 import Fp5
from l2forge.stark.field import P
from l2forge.stark.keccak import keccak256
from l2forge.stark.params import ProofParameters
from l2forge.stark.poseidon2 import hash_ints
from l2forge.stark.steps import ProofRejected
from tests.ledger.signature_oracle import Block, Key, Signature, count_asks, key_trace, scalar_of
from tests.ledger.signature_statements import (
    Statement,
    bare,
    first_block,
    generator,
    key,
    made,
    one_signature,
    proven,
    signature_air,
    signed,
    words,
)
from tests.ledger.signed_messages import MESSAGES

SIGNATURE, MULTIPLES = 1, 2
"""Places of the two tables."""
LIMB = 2**64 - 1


def column(name: str) -> int:
    """Index of a column of the signature table."""
    return Signatures.columns.names.index(name)


def signed_with(s: int, seed: int) -> Signature:
    """A valid signature with this s: the key is chosen after the nonce, sk = (k − s)/e."""
    rng = random.Random(seed)
    digest = fp5.element(*(rng.randrange(P) for _ in range(5)))
    nonce = rng.randrange(1, ORDER)
    e = scalar_of(hash_ints([*ecgfp5.encode(ecgfp5.multiply(nonce, GENERATOR)), *digest], 5))
    secret = (nonce - s) * pow(e, -1, ORDER) % ORDER
    return Signature(ecgfp5.encode(ecgfp5.multiply(secret, GENERATOR)), digest, s, e)


# --- the fixed points


def test_the_offset_is_the_hash_of_a_text() -> None:
    root = fp5.element(
        *(int.from_bytes(keccak256(OFFSET_TEXT.encode() + bytes([k])), "big") for k in range(5))
    )
    x, y = OFFSET
    assert x == fp5.square(root)
    assert ecgfp5.is_on_curve(OFFSET)
    assert y[0] % 2 == 0


def test_start_cancels_the_offsets() -> None:
    steps = (32**N_WINDOWS - 1) // 31
    last = ecgfp5.multiply(32 ** (N_WINDOWS - 1), START)
    assert ecgfp5.add(last, ecgfp5.multiply(2 * steps, OFFSET)) is None


# --- the witness


def test_the_fast_witness_is_the_slow_one() -> None:
    signatures = [*signed(3), signed_with(0, 1)]
    _, traces, _ = proven(signatures)
    encodings = sorted({x.encoding for x in signatures})
    keys = [generator(), *map(key, encodings)]
    blocks = []
    for k, signature in enumerate(signatures):
        number = 1 + encodings.index(signature.encoding)
        blocks.append(Block(signature, keys[number], generator(), 2 * k, number))
    table = key_trace(keys)
    count_asks(blocks, table)
    assert np.array_equal(traces[SIGNATURE], np.concatenate([b.cells for b in blocks], axis=1))
    assert np.array_equal(traces[MULTIPLES], table)


def test_the_circuit_computes_the_commitment() -> None:
    signature = one_signature()
    block = first_block()
    point = ecgfp5.add(
        ecgfp5.multiply(signature.s, GENERATOR),
        ecgfp5.multiply(signature.e, ecgfp5.decode(signature.encoding)),
    )
    assert block.commitment == ecgfp5.encode(point)
    assert scalar_of(block.challenge) == signature.e
    assert hash_ints([*block.commitment, *signature.digest], 5) == block.challenge


def test_blocks_without_a_signature_are_on_no_bus() -> None:
    air, traces, public = proven(signed(3))
    trace = traces[SIGNATURE]
    assert trace is not None
    assert trace.shape == (len(Signatures.columns), 4 * N_WINDOWS)
    assert trace[column("is_real")].sum() == 3 * N_WINDOWS
    require_satisfied(air, traces, public)


def test_a_key_has_one_block_however_often_it_signs() -> None:
    signatures = signed(8)
    assert len({x.encoding for x in signatures}) == 1
    _, traces, _ = proven(signatures)
    assert traces[MULTIPLES] is not None
    assert traces[MULTIPLES].shape == (len(Multiples.columns), 2 * N_MULTIPLES)


def test_cells_of_a_signature() -> None:
    air = signature_air()
    width = {t.name: t.n_main + 3 * t.n_interaction for t in air.tables}
    assert N_WINDOWS * width["signature"] == 4544
    assert N_MULTIPLES * width["multiples"] == 1024


# --- accepted


def test_all_messages_of_the_public_signer_are_proven() -> None:
    require_satisfied(*proven(signed(len(MESSAGES))))


def test_signatures_of_many_keys_are_proven() -> None:
    """More signatures than a tile, made by our own signer, a third of them under a key of their own."""
    rng = random.Random(8)
    keys, digests, s, e = [], [], [], []
    for k in range(TILE + 6):
        secret = 1 + k % 7 if k % 3 else rng.randrange(1, ORDER)
        keys.append(schnorr.public_key(secret))
        digests.append([rng.randrange(P) for _ in range(5)])
        pair = schnorr.split(schnorr.sign(secret, digests[-1]))
        s.append(pair[0])
        e.append(pair[1])
    arrays = np.array(keys, np.uint64), np.array(digests, np.uint64), words(s)
    require_satisfied(*proven(made(*arrays, words(e))))


@pytest.mark.parametrize("s", [0, 1, 31, 32, ORDER - 1, ORDER - 32, 2**318])
def test_edge_values_of_s(s: int) -> None:
    require_satisfied(*proven([signed_with(s, s & 0xFFFF)]))


@pytest.mark.parametrize(
    "limbs",
    [
        (0, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
        (P - 1,) * 5,
        (0, P - 1, 0, P - 1, 0),
        (2**32 - 1,) * 5,
        (2**32 - 2 << 32,) * 5,
        ((2**32 - 2 << 32) + 2**32 - 1,) * 5,
    ],
)
def test_edge_values_of_the_challenge(limbs: tuple[int, ...]) -> None:
    """No message is known whose hash is this, so the hash is given."""
    true = one_signature()
    block = first_block(replace(true, e=scalar_of(limbs)))
    assert block.challenge == list(limbs)
    require_satisfied(*bare([block], [generator(), key(true.encoding)]))


def test_a_multiple_of_the_order_in_s_says_the_same() -> None:
    """The table's statement is that there is an s below the order, so s + n proves nothing else."""
    true = one_signature()
    block, shifted = first_block(true), first_block(replace(true, s=true.s + ORDER))
    assert shifted.commitment == block.commitment
    require_satisfied(*bare([shifted], [generator(), key(true.encoding)]))


def test_the_unreduced_hash() -> None:
    signatures = signed(16)
    e = [x.e for x in signatures]
    assert any(value >= ORDER for value in e)
    for signature in signatures[:3]:
        point = ecgfp5.add(
            ecgfp5.multiply(signature.s, GENERATOR),
            ecgfp5.multiply(signature.e % ORDER, ecgfp5.decode(signature.encoding)),
        )
        assert hash_ints([*ecgfp5.encode(point), *signature.digest], 5) == words([signature.e])[0].tolist()


def test_signatures_are_proven_and_verified() -> None:
    air, traces, public = proven(signed(16))
    params = ProofParameters(log_blowup=3, n_queries=8, grinding_bits=0, log_final=7, node_bytes=25)
    proof = prove(air, traces, public, params).data
    verify(air, public, proof, params, security_bits=10)
    spoilt = proof[:200] + bytes([proof[200] ^ 1]) + proof[201:]
    with pytest.raises(ProofRejected):
        verify(air, public, spoilt, params, security_bits=10)


# --- refused: forgeries


def plus_one(value: Fp5) -> Fp5:
    """Another element."""
    return fp5.add(value, fp5.ONE)


def other_key() -> Fp5:
    """A key that signed nothing here."""
    return ecgfp5.encode(ecgfp5.multiply(12345, GENERATOR))


@pytest.mark.parametrize(
    "forge",
    [
        lambda x: replace(x, s=x.s + 1),
        lambda x: replace(x, s=0),
        lambda x: replace(x, e=x.e + 1),
        lambda x: replace(x, e=x.e ^ 1 << 319),
        lambda x: replace(x, digest=plus_one(x.digest)),
        lambda x: replace(x, encoding=other_key()),
        lambda x: replace(x, encoding=fp5.neg(x.encoding)),
    ],
    ids=["s", "no s", "e", "top of e", "digest", "key", "opposite key"],
)
def test_a_forged_signature_has_another_hash(forge: Callable[[Signature], Signature]) -> None:
    true, forged = signed(2)[0], forge(signed(2)[1])
    assert check(*proven([true, forged])).names == {"bus hash_output5"}
    arrays = [words([x]) for x in (forged.s, forged.e % ORDER)]
    key_and_digest = [np.array([x], np.uint64) for x in (forged.encoding, forged.digest)]
    with pytest.raises(TraceError, match="signature 0 is not valid"):
        signature_trace(*key_and_digest, *arrays, HashRequests())


@pytest.mark.parametrize("cell", range(1, 11))
def test_only_what_is_signed_is_answered(cell: int) -> None:
    air, traces, public = proven(signed(2))
    assert traces[0] is not None
    traces[0][cell, 1] ^= np.uint64(1)
    assert check(air, traces, public).names == {"bus signature"}


# --- refused: numbers


@pytest.mark.parametrize("s", [ORDER, ORDER + 1, 2**319, 2**320 - 1])
def test_the_witness_takes_no_s_above_the_order(s: int) -> None:
    with pytest.raises(TraceError, match="below the group's order"):
        proven([replace(one_signature(), s=s)])


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize("above", [0, 1, 2**32 - 2])
def test_limbs_are_canonical(k: int, above: int) -> None:
    """p + c for c < 2³² − 1 is another number with the same residue."""
    true = one_signature()
    e = true.e & ~(LIMB << (64 * k))
    canonical, other = (first_block(replace(true, e=e | limb << (64 * k))) for limb in (above, P + above))
    assert canonical.challenge == other.challenge
    assert canonical.commitment != other.commitment
    keys = [generator(), key(true.encoding)]
    require_satisfied(*bare([canonical], keys))
    assert check(*bare([other], keys)).names == {f"signature/canonical{k}"}


def test_the_witness_takes_no_element_above_p() -> None:
    good = one_signature()
    key_, digest = np.array([good.encoding], np.uint64), np.array([good.digest], np.uint64)
    s, e = words([good.s]), words([good.e])
    high = np.full((1, 5), P, np.uint64)
    for arrays in ((high, digest, s, e), (key_, high, s, e), (key_, digest, s, high)):
        with pytest.raises(TraceError, match="not below p"):
            signature_trace(*arrays, HashRequests())


def test_the_witness_takes_no_neutral_commitment() -> None:
    with pytest.raises(TraceError, match="s·G \\+ e·P = 0"):
        proven([replace(one_signature(), s=0, e=0)])


def test_the_first_bad_signature_is_named() -> None:
    good = one_signature()
    with pytest.raises(TraceError, match="signature 70 has no proof"):
        proven([*[good] * 70, replace(good, s=0, e=0), *[good] * 9])


# --- refused: keys


def no_point() -> Fp5:
    """Five elements that encode nothing."""
    for c in range(100):
        try:
            ecgfp5.decode(fp5.element(7, c))
        except ecgfp5.InvalidPoint:
            return fp5.element(7, c)
    raise AssertionError("every second encoding has no point")


@pytest.mark.parametrize("encoding", [fp5.ZERO, no_point()], ids=["neutral", "no point"])
def test_the_witness_refuses_what_is_no_key(encoding: Fp5) -> None:
    with pytest.raises(TraceError, match="public key 0"):
        proven([replace(one_signature(), encoding=encoding)])


def key_with(x: Fp5, root: Fp5, encoding: Fp5) -> Statement:
    """A statement whose unused key has this x, root and encoding in every row."""
    block = first_block()
    unused = Key.of(one_signature().encoding)
    keys = [generator(), key(one_signature().encoding), unused]
    air, traces, public = bare([block], keys)
    table = traces[MULTIPLES]
    assert table is not None
    names, rows = Multiples.columns.names, slice(2 * N_MULTIPLES, 3 * N_MULTIPLES)
    for k in range(5):
        table[names.index(f"root[{k}]"), rows] = root[k]
        table[names.index(f"encoding[{k}]"), rows] = encoding[k]
    return air, traces, public


@pytest.mark.parametrize("root", [fp5.ONE, fp5.element(1, 2, 3, 4, 5), fp5.ZERO])
def test_the_neutral_key_has_no_root(root: Fp5) -> None:
    names = check(*key_with(fp5.square(root), root, fp5.ZERO)).names
    assert any(name.startswith("multiples/on_curve") for name in names)


def test_a_point_of_the_other_coset_has_no_root() -> None:
    """P + N is on the curve, and has the encoding of −P; but its x is no square."""
    encoding = one_signature().encoding
    point = ecgfp5.decode(encoding)
    assert point is not None
    coset_x = fp5.divide(ecgfp5.B, point[0])
    coset_y = fp5.neg(fp5.divide(fp5.mul(ecgfp5.B, point[1]), fp5.square(point[0])))
    right = fp5.mul(coset_x, fp5.add(fp5.mul(fp5.add(coset_x, ecgfp5.A), coset_x), ecgfp5.B))
    assert fp5.square(coset_y) == right
    assert fp5.divide(coset_y, coset_x) == encoding  # −w of the coset's point is w
    assert fp5.sqrt(coset_x) is None
    # The other element whose square is nearest to it, coset_x times a non-square of the base field:
    root = fp5.sqrt(fp5.scale(coset_x, 7))
    assert root is not None
    names = check(*key_with(coset_x, root, fp5.neg(encoding))).names
    assert any(name.startswith("multiples/on_curve") for name in names)


def test_the_point_of_order_two_is_no_key() -> None:
    names = check(*key_with(fp5.ZERO, fp5.ZERO, one_signature().encoding)).names
    assert any(name.startswith("multiples/on_curve") for name in names)


def test_a_number_is_one_key() -> None:
    """A signature of another key under this key's number: the frame asks for another encoding."""
    mine = other_key()
    forged = signed_with(77, 3)
    block = Block(forged, key(forged.encoding), generator(), 0, 2)
    keys = [generator(), key(mine), key(forged.encoding)]
    require_satisfied(*bare([block], keys))
    claimed = Block(replace(forged, encoding=mine), key(forged.encoding), generator(), 0, 2)
    assert check(*bare([claimed], keys)).names == {"bus signature_key"}


# --- refused: traces


def test_rows_of_two_signatures_do_not_mix() -> None:
    for row in (0, 20, N_WINDOWS - 1):
        air, traces, public = proven(signed(2))
        trace = traces[SIGNATURE]
        assert trace is not None
        trace[:, [row, N_WINDOWS + row]] = trace[:, [N_WINDOWS + row, row]]
        assert any(name.startswith("signature/") for name in check(air, traces, public).names)


@pytest.mark.parametrize("which", ["digit", "key", "generator"])
def test_an_entry_that_is_not_the_digits(which: str) -> None:
    """Another multiple, another key's or the generator's: the chain is right, and the bus does not answer."""
    true = one_signature()
    row = 17
    digit = true.digits[row][0]
    entry = {
        "digit": key(true.encoding).entries[digit ^ 1],
        "key": key(other_key()).entries[digit],
        "generator": generator().entries[digit],
    }[which]
    block = first_block(replace(true, faults={("key_entry", row): lambda pair: (entry, pair[1])}))
    statement = bare([block], [generator(), key(true.encoding), key(other_key())])
    assert check(*statement).names == {"bus multiple"}


def test_no_slope_is_free() -> None:
    """Where a sum meets its own entry, x₁ = x₂ and y₁ = y₂, any slope would do: only `distinct` refuses it.

    The key has a known logarithm to T, as none with a known secret has: START is c·T, and T + a·P is START
    for P = (c − 1)/a · T.
    """
    c = -2 * (32**N_WINDOWS - 1) // 31 * pow(32, 1 - N_WINDOWS, ORDER)
    digit = 5
    encoding = ecgfp5.encode(ecgfp5.multiply((c - 1) * pow(digit, -1, ORDER), OFFSET))
    assert Key.of(encoding).entries[digit] == START
    signature = replace(one_signature(), encoding=encoding, e=digit << 315)
    with pytest.raises(TraceError, match="meets a table's entry"):
        proven([signature])
    free = first_block(
        replace(signature, faults={("key_chord", N_WINDOWS - 1): lambda _: fp5.element(1, 2, 3, 4, 5)})
    )
    assert check(*bare([free], [generator(), key(encoding)])).names == {"signature/distinct"}


def test_generator_is_key_number_zero() -> None:
    table = key_trace([generator()])
    assert [int(v) for v in table[20:25, 0]] == list(GENERATOR_ENCODING)


def test_shapes_are_required() -> None:
    none = np.zeros((0, 5), np.uint64)
    with pytest.raises(TraceError, match="one shape"):
        signature_trace(none, none, none, none, HashRequests())
    assert made(none, none, none, none) == []
