"""What has been deployed where: one JSON file, whole at every moment, that makes a deployment resumable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from l2forge.chain.files import explained_os_errors, write_atomically
from l2forge.errors import InputError

SCHEMA = 1


@dataclass(frozen=True)
class Deployed:
    """One contract of the record. `block` is None while its transaction is sent but not known to be mined.

    `initcode_sha256` covers the constructor's arguments: it is what makes two deployments the same.
    """

    contract: str
    address: str
    tx_hash: str
    initcode_sha256: str
    block: int | None = None
    gas_used: int = 0


@dataclass
class DeploymentRecord:
    """Label → what was deployed under it, on one chain."""

    path: Path
    chain_id: int
    contracts: dict[str, Deployed] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, chain_id: int) -> DeploymentRecord:
        """The record at `path`, empty if there is none.

        Errors: InputError if it is of another chain or is not a record; EnvironmentFailure if unreadable.
        """
        if not path.exists():
            return cls(path, chain_id)
        with explained_os_errors("read", path):
            text = path.read_text(encoding="utf-8")
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["schema"] != SCHEMA:
                raise ValueError(f"schema {raw['schema']}")
            recorded_chain = int(raw["chain_id"])
            contracts = {label: Deployed(**entry) for label, entry in raw["contracts"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path} is no deployment record: {error}", remedy="move it away") from error
        if recorded_chain != chain_id:
            raise InputError(
                f"{path} records a deployment on chain {recorded_chain}, the node is chain {chain_id}",
                remedy="use one record per chain",
            )
        return cls(path, chain_id, contracts)

    def put(self, label: str, entry: Deployed) -> None:
        """Set an entry and write the file. Errors: EnvironmentFailure."""
        self.contracts[label] = entry
        content = {
            "schema": SCHEMA,
            "chain_id": self.chain_id,
            "contracts": {name: asdict(self.contracts[name]) for name in sorted(self.contracts)},
        }
        with explained_os_errors("write", self.path):
            write_atomically(self.path, json.dumps(content, indent=2).encode() + b"\n")

    @property
    def gas_used(self) -> int:
        """The gas of all deployments of the record."""
        return sum(entry.gas_used for entry in self.contracts.values())
