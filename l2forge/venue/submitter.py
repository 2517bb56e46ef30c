"""The submitter's process: `python -m l2forge.venue.submitter SETTINGS.json`.

Sends proven batches to L1 in order: verification, then settlement. Before each it asks L1 what it has, so a
restart, a doubled transaction or a chain that went back costs time only.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import requests
from eth_account.signers.local import LocalAccount
from web3.exceptions import Web3Exception

from l2forge.chain.accounts import account_of
from l2forge.errors import InputError, L2forgeError
from l2forge.spec.models import Spec
from l2forge.venue.database import connect_database, sqlite_url
from l2forge.venue.jobs import Jobs, ProvenBatch
from l2forge.venue.l1 import stark_verifier, venue_client
from l2forge.venue.processes import run_process, stop_event, tell_ready
from l2forge.venue.proving import BatchProver
from l2forge.venue.sequencer import wall_clock_ms
from l2forge.venue.settings import Settings

POLL_S = 0.5
RETRY_S = 5.0

_log = logging.getLogger("l2forge.submitter")


def operator_account(spec: Spec) -> LocalAccount:
    """The key that submits batches. Errors: InputError where the spec names none."""
    operator = spec.roles.operator
    if operator.dev is not None:
        return account_of(f"dev:{operator.dev}")
    if not operator.key:
        raise InputError("roles.operator has no key", remedy='write { address = "0x…", key = "env:NAME" }')
    return account_of(operator.key)


class Submitter:
    """Brings proven batches to one venue's contract."""

    def __init__(self, settings: Settings) -> None:
        loaded = settings.load()
        directory = Path(settings.directory)
        self._jobs = Jobs(connect_database(settings.database or sqlite_url(directory / "history.sqlite")))
        self._prover = BatchProver(loaded, directory / "ledger", settings.air)
        account = operator_account(loaded.require())
        self._client = venue_client(settings, account)
        self._verifier = stark_verifier(settings, account)

    def look(self) -> bool:
        """Settle the next batch if it is proven; whether one was."""
        self._jobs.reconcile(self._client.state().batches, wall_clock_ms())
        batch = self._jobs.next_proven()
        if batch is None:
            return False
        self._submit(batch)
        return True

    def _submit(self, batch: ProvenBatch) -> None:
        public, calldata = self._prover.calldata(batch)
        receipts = self._client.submit(self._verifier, calldata, public)
        tx_hash = receipts[-1].tx_hash if receipts else ""
        gas = sum(receipt.gas_used for receipt in receipts)
        sent = [{"hash": receipt.tx_hash, "gas": receipt.gas_used} for receipt in receipts]
        self._jobs.settle(batch.number, tx_hash, {"transactions": sent}, wall_clock_ms())
        _log.info("batch %d: settled on L1, %d transactions, %d gas", batch.number, len(receipts), gas)


def submit_batches(path: Path) -> None:
    """Submit until SIGTERM; what L1 refuses or does not answer is tried again."""
    stop = stop_event()
    submitter = Submitter(Settings.read(path))
    tell_ready()
    while not stop.is_set():
        try:
            if not submitter.look():
                stop.wait(POLL_S)
        except (L2forgeError, Web3Exception, requests.RequestException) as error:
            _log.error("%s", error)
            stop.wait(RETRY_S)


if __name__ == "__main__":
    sys.exit(run_process(lambda: submit_batches(Path(sys.argv[1]))))
