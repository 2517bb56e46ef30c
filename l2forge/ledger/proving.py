"""Proofs of batches: the parameters of a spec, proving and verifying, and the files that carry both.

A batch file and a proof file are JSON, each with the whole spec in it, so that either is enough by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from l2forge.air import CompiledAir
from l2forge.air.proving import AirArithmetic
from l2forge.errors import InputError
from l2forge.ledger.heights import most_rows
from l2forge.ledger.ledger import ExecutedBatch, Ledger, Rules
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.state import restore, snapshot
from l2forge.ledger.statement import Tables, batch_tables, ledger_air
from l2forge.spec.load import LoadedSpec, loads_spec
from l2forge.stark.layout import largest_shape
from l2forge.stark.params import ProofParameters
from l2forge.stark.prover import Prover
from l2forge.stark.public import PublicValues
from l2forge.stark.security import choose_parameters, grinding_for
from l2forge.stark.stopwatch import Progress
from l2forge.stark.verifier import CheckedProof, Verifier

BATCH_FORMAT, PROOF_FORMAT = "l2forge-batch-1", "l2forge-proof-1"
MIN_LOG_HEIGHT = 17
REGIMES = {"johnson": "johnson", "unique_decoding": "unique", "conjectured": "conjectured"}


@dataclass(frozen=True)
class Setup:
    """What prover and verifier of a venue agree on: its AIR, its spec's hash, the proof's parameters."""

    rules: Rules
    spec_hash: bytes
    air: CompiledAir
    params: ProofParameters
    security_bits: int
    regime: str
    max_log_height: int

    @classmethod
    def of(cls, loaded: LoadedSpec, log_blowup: int | None = None) -> Setup:
        """The setup of a valid spec; `log_blowup` instead of the spec's, for development.

        Parameters reach the spec's security for the largest batch that it allows.
        """
        spec = loaded.require()
        rules = Rules.of(spec)
        air = ledger_air(rules)
        proof = spec.proof
        height = largest_log_height(rules, proof.max_operations)
        shape = largest_shape(air, log_blowup or proof.log_blowup, height)
        params = choose_parameters(
            shape,
            security_bits=proof.security_bits,
            regime=REGIMES[proof.regime],
            log_blowup=log_blowup or proof.log_blowup,
            grinding_bits=grinding_for(log_blowup or proof.log_blowup),
        )
        regime = REGIMES[proof.regime]
        return cls(rules, bytes.fromhex(loaded.hash()), air, params, proof.security_bits, regime, height)

    def describe(self) -> dict[str, Any]:
        """What the proofs are made of, for people and for diffs of builds."""
        tables = {
            table.name: {
                "preprocessed": table.n_preprocessed,
                "main": table.n_main,
                "interaction": table.n_interaction,
                "constraints": len(table.constraints),
            }
            for table in self.air.tables
        }
        return {
            "air": self.air.hash.hex(),
            "spec": self.spec_hash.hex(),
            "security_bits": self.security_bits,
            "parameters": asdict(self.params),
            "max_log_height": self.max_log_height,
            "opened_columns": self.air.n_base_columns,
            "tables": tables,
            "programs": {name: routine.rows for name, routine in self.rules.code.routines.items()},
        }

    @cached_property
    def _arithmetic(self) -> AirArithmetic:
        return AirArithmetic(self.air)

    def prove(
        self, batch: ExecutedBatch, progress: Progress | None = None, *, tables: Tables | None = None
    ) -> ProvenBatch:
        """Prove a batch that was run; `tables` where they are filled already."""
        traces, public = tables or batch_tables(self.air, self.rules, batch)
        prover = Prover(self._arithmetic, self.params, spec_hash=self.spec_hash, progress=progress)
        proof = prover.prove(traces, public)
        return ProvenBatch(public, proof.data, proof.phases)

    def verify(self, public: PublicValues, proof: bytes, progress: Progress | None = None) -> CheckedProof:
        """Verify a proof; ProofRejected, with the number of the step, when it is not one."""
        verifier = Verifier(
            self.air, self.params, self.spec_hash, self.security_bits, self.regime, self.max_log_height
        )
        return verifier.verify(public, proof, progress)


def largest_log_height(rules: Rules, max_operations: int) -> int:
    """log2 of the tallest table that a batch of so many operations can need."""
    return max(MIN_LOG_HEIGHT, (most_rows(rules, max_operations) - 1).bit_length())


@dataclass(frozen=True)
class ProvenBatch:
    """Public values and proof of a batch."""

    public: PublicValues
    proof: bytes
    phases: dict[str, float] = field(compare=False)


# --- files


@dataclass(frozen=True)
class BatchFile:
    """A batch to be proven: the spec's text, the state before it, its operations."""

    spec: str
    state: bytes
    operations: tuple[PlainOperation, ...]

    def dumps(self) -> str:
        """The file's text."""
        return json.dumps(
            {
                "format": BATCH_FORMAT,
                "spec": self.spec,
                "state": base64.b64encode(self.state).decode(),
                "operations": list(self.operations),
            }
        )

    @classmethod
    def loads(cls, text: str, name: str) -> BatchFile:
        """Errors: InputError for a text that is none."""
        raw = _load(text, name, BATCH_FORMAT, {"spec": str, "state": str, "operations": list})
        return cls(raw["spec"], _bytes(raw["state"], name, "state"), tuple(raw["operations"]))

    @classmethod
    def of(cls, spec: str, ledger: Ledger, operations: Sequence[PlainOperation]) -> BatchFile:
        """The batch of these operations on the ledger as it is now."""
        return cls(spec, snapshot(ledger.state), tuple(operations))

    def execute(self, rules: Rules) -> ExecutedBatch:
        """Run the batch."""
        return Ledger(rules, restore(self.state) if self.state else None).execute(self.operations)


@dataclass(frozen=True)
class ProofFile:
    """A proof with what it is about."""

    spec: str
    log_blowup: int
    public: PublicValues
    proof: bytes

    def dumps(self) -> str:
        """The file's text."""
        return json.dumps(
            {
                "format": PROOF_FORMAT,
                "spec": self.spec,
                "log_blowup": self.log_blowup,
                "scalars": list(self.public.scalars),
                "lists": [entries.tolist() for entries in self.public.lists],
                "proof": base64.b64encode(self.proof).decode(),
            }
        )

    @classmethod
    def loads(cls, text: str, name: str) -> ProofFile:
        """Errors: InputError for a text that is none."""
        keys = {"spec": str, "log_blowup": int, "scalars": list, "lists": list, "proof": str}
        raw = _load(text, name, PROOF_FORMAT, keys)
        try:
            public = PublicValues.of(raw["scalars"], raw["lists"])
        except (TypeError, ValueError, OverflowError):
            raise _malformed(name, "its public values are not lists of integers below 2^64") from None
        return cls(raw["spec"], raw["log_blowup"], public, _bytes(raw["proof"], name, "proof"))


def _load(text: str, name: str, form: str, keys: Mapping[str, type]) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise _malformed(name, f"it is not JSON ({error})") from None
    if not isinstance(raw, dict) or raw.get("format") != form:
        raise _malformed(name, f'its "format" is not "{form}"')
    for key, kind in keys.items():
        if type(raw.get(key)) is not kind:
            raise _malformed(name, f'its "{key}" is not a {kind.__name__}')
    return raw


def _bytes(text: str, name: str, key: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _malformed(name, f'its "{key}" is not base64') from None


def _malformed(name: str, why: str) -> InputError:
    return InputError(f"{name} cannot be read: {why}", remedy="write it anew with l2forge")


def read_file(path: Path) -> str:
    """A file's text. Errors: InputError."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", remedy="name a file of l2forge") from None


def spec_of(text: str, name: str) -> LoadedSpec:
    """The spec inside a file."""
    return loads_spec(text, f"{name} (its spec)")
