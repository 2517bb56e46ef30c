"""A small AIR with the public values of a venue's batch, so that proof, L1 fact and settlement are real.

It publishes the lists `requests`, `payouts` and `leaves` of docs/machine.md, and proves of them nothing but
that they are what the prover committed to: whatever a test wants a batch to claim is provable. The rules of a
venue are the ledger's AIR; here it is the contracts that are tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.proving import AirArithmetic
from l2forge.air.witness import make_trace
from l2forge.chain.batch import LIST_WIDTHS, SCALARS
from l2forge.chain.proof_calldata import ProofCalldata, encode_proof
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.verifier import Verifier

PARAMETERS = ProofParameters(log_blowup=3, n_queries=4, grinding_bits=0, log_final=2, node_bytes=25)
"""Far from secure, and fast: what is proven does not depend on it."""
MAX_LOG_HEIGHT = 12


class Published(Chip):
    """A row is a tuple of one list; its first elements are the tuple."""

    name = "published"
    columns = Columns(element="field[12]", link="field", **{f"is_{name}": "bool" for name in LIST_WIDTHS})
    min_log_height = 2

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        roots = sum((k + 1) * b.public(name) for k, name in enumerate(SCALARS))
        b.enforce_first("roots_are_linked", row.link - roots)
        for name, width in LIST_WIDTHS.items():
            b.publish(name, when=row[f"is_{name}"], values=row.element[:width])


@cache
def published_air() -> CompiledAir:
    """The AIR."""
    return compile_air("published", [Published()], public=SCALARS)


def published_trace(public: PublicValues) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Its one table: the tuples of all lists, one after the other."""
    tuples = [
        (name, entry) for name, entries in zip(LIST_WIDTHS, public.lists, strict=True) for entry in entries
    ]
    rows = [[*map(int, entry), *[0] * (12 - len(entry))] for _, entry in tuples]
    return make_trace(
        Published.columns,
        max(2, (len(tuples) - 1).bit_length()),
        {
            "element": np.array(rows, np.uint64).reshape(-1, 12).T,
            "link": [sum((k + 1) * value for k, value in enumerate(public.scalars))],
            **{f"is_{name}": [int(of == name) for of, _ in tuples] for name in LIST_WIDTHS},
        },
    )


def public_values(
    roots: tuple[bytes, bytes], lists: Sequence[Sequence[Sequence[int]]], *, widths: Sequence[int] = ()
) -> PublicValues:
    """A batch's public values: (old root, new root) of 32 bytes, and the tuples of the three lists."""
    words = b"".join(roots)
    scalars = tuple(int.from_bytes(words[at : at + 8], "big") for at in range(0, 64, 8))
    widths = widths or tuple(LIST_WIDTHS.values())
    arrays = [
        np.array(entries, np.uint64).reshape(-1, width) for entries, width in zip(lists, widths, strict=True)
    ]
    return PublicValues(scalars, tuple(arrays))


def prove_published(
    public: PublicValues,
    spec_hash: bytes,
    parameters: ProofParameters = PARAMETERS,
    *,
    security_bits: int = 0,
) -> ProofCalldata:
    """Prove the lists, verify in Python, and cut the proof into the contract's calls."""
    air = published_air()
    proof = Prover(AirArithmetic(air), parameters, spec_hash=spec_hash).prove(
        [published_trace(public)], public
    )
    checked = Verifier(air, parameters, spec_hash, security_bits).verify(public, proof.data)
    return encode_proof(checked, public, proof.data)
