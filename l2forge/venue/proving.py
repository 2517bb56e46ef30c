"""Where the running venue meets the proofs: run a batch on the ledger, prove it, check it, encode it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from l2forge.chain.batch import SCALARS, root_bytes
from l2forge.chain.files import write_atomically
from l2forge.chain.proof_calldata import ProofCalldata, encode_proof
from l2forge.errors import EnvironmentFailure
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.proving import REGIMES, Setup
from l2forge.ledger.state import restore, snapshot
from l2forge.spec.load import LoadedSpec
from l2forge.stark.layout import largest_shape
from l2forge.stark.public import PublicValues
from l2forge.stark.security import security_table
from l2forge.venue.jobs import ProvenBatch
from l2forge.venue.operations import Operation

KEEP_STATES = 2
HALF = len(SCALARS) // 2

OperationsOf = Callable[[int], Sequence[Operation]]


@dataclass(frozen=True)
class Statement:
    """A checked proof's statement: what is recorded of it."""

    digest: str
    new_root: str
    figures: dict[str, Any]
    """How it was proven: parameters, proven security, seconds by phase."""


def genesis_root(loaded: LoadedSpec) -> bytes:
    """The root of the state before the first batch."""
    return root_bytes(Ledger(Rules.of(loaded.require())).state.root())


def dump_public(public: PublicValues) -> bytes:
    """Public values as JSON."""
    return orjson.dumps({"scalars": list(public.scalars), "lists": [e.tolist() for e in public.lists]})


def load_public(data: bytes) -> PublicValues:
    """The inverse of `dump_public`."""
    raw = orjson.loads(data)
    return PublicValues.of(raw["scalars"], raw["lists"])


class BatchProver:
    """Proves batches in any order; the ledger's state before each comes from running those before it."""

    def __init__(self, loaded: LoadedSpec, directory: Path, air: str) -> None:
        self._loaded = loaded
        self._air = air
        self._directory = directory
        self._ledger, self._at = self._newest()

    @cached_property
    def setup(self) -> Setup:
        """AIR and parameters, which are those of the deployed verifier; made when first needed.

        Errors: EnvironmentFailure where this version of l2forge makes another AIR of the spec.
        """
        setup = Setup.of(self._loaded)
        if setup.air.hash.hex() != self._air:
            raise EnvironmentFailure(
                f"the deployed verifier checks the AIR {self._air[:16]}, this version makes"
                f" {setup.air.hash.hex()[:16]} of the spec",
                remedy="run the version of l2forge that launched the venue",
            )
        return setup

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        setup = self.setup
        shape = largest_shape(setup.air, setup.params.log_blowup, setup.max_log_height)
        regime = REGIMES[self._loaded.require().proof.regime]
        return {
            "security_bits": round(security_table(setup.params, shape, regime).bits, 2),
            "blowup": 1 << setup.params.log_blowup,
            "n_queries": setup.params.n_queries,
            "columns": setup.air.n_base_columns,
        }

    def prove(
        self, number: int, operations: Sequence[Operation], operations_of: OperationsOf
    ) -> tuple[ProvenBatch, Statement]:
        """The proof of a batch, checked. `operations_of` gives those of earlier batches.

        Errors: Halted where an operation does not hold, ProofRejected if the proof is none.
        """
        if self._at >= number:
            self._ledger, self._at = self._newest(number - 1)
        for earlier in range(self._at + 1, number):
            self._ledger.execute(operations_of(earlier))
            self._at = earlier
        executed = self._ledger.execute(operations)
        self._at = number
        proven = self.setup.prove(executed)
        self.setup.verify(proven.public, proven.proof)
        self._keep()
        public = dump_public(proven.public)
        root = b"".join(word.to_bytes(8, "big") for word in proven.public.scalars[HALF:])
        figures = {**self._parameters, "phases": dict(proven.phases)}
        statement = Statement(hashlib.sha256(public).hexdigest(), root.hex(), figures)
        return ProvenBatch(number, proven.proof, public), statement

    def calldata(self, batch: ProvenBatch) -> tuple[PublicValues, ProofCalldata]:
        """A proven batch as L1 takes it; the proof is checked again. Errors: ProofRejected, CheckFailed."""
        public = load_public(batch.public)
        checked = self.setup.verify(public, batch.proof)
        return public, encode_proof(checked, public, batch.proof)

    # -- the ledger's state between batches ---------------------------------------------------------

    def _newest(self, most: int | None = None) -> tuple[Ledger, int]:
        """The kept state of the last batch up to `most`, else the state before the first."""
        rules = Rules.of(self._loaded.require())
        for path in sorted(self._directory.glob("*.state"), reverse=True):
            if most is None or int(path.stem) <= most:
                return Ledger(rules, restore(path.read_bytes())), int(path.stem)
        return Ledger(rules), 0

    def _keep(self) -> None:
        write_atomically(self._directory / f"{self._at:012d}.state", snapshot(self._ledger.state))
        for old in sorted(self._directory.glob("*.state"))[:-KEEP_STATES]:
            old.unlink(missing_ok=True)
