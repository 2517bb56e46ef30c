"""Statements about signatures: AIRs with the two tables, somebody who asks, and a table of hashes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.ledger import fp5
from l2forge.ledger.chips.hash_requests import HashRequests, hashes_trace
from l2forge.ledger.chips.hashes import FRESH, MESSAGE_TAG, NEXT_TWO, Hashes, absorb, digest5
from l2forge.ledger.chips.multiples import GENERATOR_ENCODING, Multiples
from l2forge.ledger.chips.signature import SIGNATURE_BUS, Signatures
from l2forge.ledger.chips.signature_points import N_WINDOWS, WINDOW_BITS
from l2forge.ledger.chips.signature_witness import signature_trace
from l2forge.ledger.fp5 import Fp5
from l2forge.stark.field import U64Array
from l2forge.stark.public import PublicValues
from tests.ledger.signature_oracle import Block, Key, Signature, count_asks, key_trace, scalar_of
from tests.ledger.signed_messages import MESSAGES, limbs

Traces = list["U64Array | None"]
Statement = tuple[CompiledAir, Traces, PublicValues]
NOTHING = PublicValues((), ())


class Asker(Chip):
    """Needs a signature in each real row; what its flag may be is not its reader's subject."""

    name = "asker"
    columns = Columns(is_real="flag", encoding="field[5]", digest="field[5]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        b.send(SIGNATURE_BUS, [*row.encoding, *row.digest], row.is_real)


class GivenHashes(Chip):
    """Answers questions about hashes with whatever is in its cells."""

    name = "hashes"
    columns = Columns(is_real="flag", number="field", first="field[8]", second="field[2]", digest="field[5]")

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        taken = -row.is_real
        absorb(b, row.number, FRESH, MESSAGE_TAG, row.first, taken)
        absorb(b, row.number + 1, NEXT_TWO, 0, [*row.second, *[0] * 6], taken)
        digest5(b, row.number + 1, row.digest, taken)


@cache
def signature_air() -> CompiledAir:
    """The two tables with the table of hashes."""
    return compile_air("signatures", [Asker(), Signatures(), Multiples(), Hashes()])


@cache
def bare_air() -> CompiledAir:
    """The two tables alone: hashes are given."""
    return compile_air("bare_signatures", [Asker(), Signatures(), Multiples(), GivenHashes()])


def signed(n: int) -> list[Signature]:
    """The first n messages of the public signer."""
    keys, digests = (
        np.array([limbs(m[name]) for m in MESSAGES[:n]], np.uint64) for name in ("public_key", "hash")
    )
    data = b"".join(base64.b64decode(m["tx_info"]["Sig"]) for m in MESSAGES[:n])
    signatures = np.frombuffer(data, np.uint64).reshape(n, 2, 5)
    s, e = signatures[:, 0], signatures[:, 1]
    return made(keys, digests, s, challenges(keys, digests, s, e))


def challenges(keys: U64Array, digests: U64Array, s: U64Array, e: U64Array) -> U64Array:
    """The hashes (n, 5) that e is reduced from, as the witness finds them: the bits of the trace."""
    trace, _ = signature_trace(keys, digests, s, e, HashRequests())
    first = Signatures.columns.names.index("bits[0]")
    digits = trace[first : first + WINDOW_BITS].reshape(WINDOW_BITS, -1, N_WINDOWS)[:, : len(s)]
    bits = digits.transpose(1, 2, 0).reshape(len(s), -1)
    return words([sum(int(bit) << i for i, bit in enumerate(row)) for row in bits])


def made(keys: U64Array, digests: U64Array, s: U64Array, e: U64Array) -> list[Signature]:
    """Signatures from arrays (n, 5)."""
    return [
        Signature(fp5.element(*w), fp5.element(*h), scalar_of(s), scalar_of(e))
        for w, h, s, e in zip(*(a.tolist() for a in (keys, digests, s, e)), strict=True)
    ]


def words(numbers: Sequence[int]) -> U64Array:
    """Numbers below 2³²⁰ as little-endian limbs: (n, 5)."""
    return np.array([[x >> (64 * k) & (2**64 - 1) for k in range(5)] for x in numbers], np.uint64)


def asks(signatures: Sequence[Signature]) -> U64Array:
    """The asker's trace: one real row for each."""
    rows = [[1, *x.encoding, *x.digest] for x in signatures]
    size = 1 << max(1, (len(rows) - 1).bit_length())
    return np.array(rows + [[0] * 11] * (size - len(rows)), np.uint64).T.copy()


def proven(signatures: Sequence[Signature]) -> Statement:
    """The statement that these are valid, with the fast witness."""
    hashes = HashRequests()
    keys, digests = (
        np.array([getattr(x, name) for x in signatures], np.uint64) for name in ("encoding", "digest")
    )
    s, e = words([x.s for x in signatures]), words([x.e for x in signatures])
    traces = signature_trace(keys, digests, s, e, hashes, refuse_invalid=False)
    return signature_air(), [asks(signatures), *traces, hashes_trace(hashes)], NOTHING


@cache
def key(encoding: Fp5) -> Key:
    """The block of a key, kept."""
    return Key.of(encoding)


@cache
def generator() -> Key:
    """Block 0 of the multiples."""
    return key(GENERATOR_ENCODING)


def given_hashes(blocks: Sequence[Block], times: int = 1) -> U64Array:
    """`GivenHashes` for the blocks, each as often as said."""
    rows = []
    for block in blocks:
        digest = block.signature.digest
        first = (*block.commitment, *digest[:3])
        rows += [[1, block.number, *first, *digest[3:], *block.challenge]] * times
    size = 1 << max(1, (len(rows) - 1).bit_length())
    return np.array(rows + [[0] * 17] * (size - len(rows)), np.uint64).T.copy()


def bare(
    blocks: Sequence[Block],
    keys: Sequence[Key],
    *,
    n_real: int = 1,
    times: int = 1,
    first_number: int = 0,
) -> Statement:
    """A statement of the bare AIR: the first blocks are as real as their rows say, the others not at all."""
    table = key_trace(keys)
    count_asks(blocks[:n_real], table, first_number)
    signature = np.concatenate([block.cells for block in blocks], axis=1)
    signature[-1, 64 * n_real :] = 0
    asked = asks([block.signature for block in blocks[:n_real] for _ in range(times)])
    return bare_air(), [asked, signature, table, given_hashes(blocks[:n_real], times)], NOTHING


@cache
def one_signature() -> Signature:
    """A message that the public signer signed."""
    return signed(1)[0]


def first_block(signature: Signature | None = None, base: Key | None = None) -> Block:
    """A signature of the public signer under key number 1."""
    signature = signature or one_signature()
    return Block(signature, key(signature.encoding), base or generator(), 0, 1)


def signature_statement() -> Statement:
    """One signature and a block without one."""
    block = first_block()
    return bare([block, block], [generator(), key(one_signature().encoding)])
