"""What the venue's processes are started with: one JSON file that `l2forge up` writes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from l2forge.chain.files import write_atomically
from l2forge.errors import InputError
from l2forge.spec.load import LoadedSpec, load_spec
from l2forge.spec.models import Spec


@dataclass(frozen=True)
class Settings:
    """Paths and addresses. Without `l1_url` the venue runs without L1: nothing is deposited or settled."""

    spec: str
    directory: str
    host: str
    port: int
    l1_url: str = ""
    build: str = ""
    venue: str = ""
    token: str = ""
    verifier: str = ""
    verifier_abi: str = ""
    air: str = ""
    """The hash of the AIR that the deployed verifier checks."""
    first_block: int = 0
    database: str = ""

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_atomically(path, json.dumps(asdict(self), indent=2).encode() + b"\n")

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings of a file. Errors: InputError."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} holds no settings: {error}", remedy="run `l2forge up`") from error

    def load(self) -> LoadedSpec:
        """The spec with its hash."""
        return load_spec(self.spec)

    def load_spec(self) -> Spec:
        """The spec. Errors: SpecError."""
        return self.load().require()
