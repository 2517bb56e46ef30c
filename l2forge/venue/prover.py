"""A prover's process: `python -m l2forge.venue.prover SETTINGS.json`.

Leases closed batches one by one, proves each, checks the proof, records it. Asked to end, it gives the batch
back unproven; killed anywhere, the lease runs out; either way the batch is proven again. A batch that fails
is tried again later, and its reason is recorded.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from l2forge.errors import L2forgeError
from l2forge.venue.database import connect_database, sqlite_url
from l2forge.venue.jobs import Job, Jobs
from l2forge.venue.kernels import told_of_compiling
from l2forge.venue.processes import run_process, tell_ready
from l2forge.venue.proving import BatchProver
from l2forge.venue.sequencer import wall_clock_ms
from l2forge.venue.settings import Settings

LEASE_MS = 60_000
POLL_S = 0.5
RETRY_MS = 30_000
NICENESS = 5
"""Proving never delays matching: the scheduler prefers the venue."""

_log = logging.getLogger("l2forge.prover")


def prove_batches(path: Path) -> None:
    """Prove what there is until SIGTERM."""
    settings = Settings.read(path)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    os.nice(NICENESS)
    directory = Path(settings.directory)
    jobs = Jobs(connect_database(settings.database or sqlite_url(directory / "history.sqlite")))
    prover = BatchProver(settings.load(), directory / "ledger", settings.air)
    tell_ready()
    worker = f"{os.uname().nodename}:{os.getpid()}"[-64:]
    while True:
        job = jobs.lease(worker, wall_clock_ms(), LEASE_MS)
        if job is None:
            time.sleep(POLL_S)
        else:
            _prove(prover, jobs, job, worker)


def _prove(prover: BatchProver, jobs: Jobs, job: Job, worker: str) -> None:
    _log.info("batch %d: proving %d operations, attempt %d", job.number, len(job.operations), job.attempts)
    started = wall_clock_ms()
    try:
        with _kept_lease(jobs, job.number, worker), told_of_compiling(_log.info):
            proven, statement = prover.prove(job.number, job.operations, jobs.operations)
    except SystemExit:
        jobs.give_back(job.number, worker)
        raise
    except L2forgeError as error:
        _log.error("batch %d: %s", job.number, error)
        jobs.fail(job.number, worker, str(error), wall_clock_ms() + RETRY_MS)
        return
    now = wall_clock_ms()
    figures = {"ms": now - started, "bytes": len(proven.proof), **statement.figures}
    if jobs.prove(
        proven,
        worker,
        statement=statement.digest,
        new_root=statement.new_root,
        figures=figures,
        now_ms=now,
    ):
        _log.info(
            "batch %d: proven in %.1f s, %d bytes", job.number, (now - started) / 1000, len(proven.proof)
        )


@contextlib.contextmanager
def _kept_lease(jobs: Jobs, number: int, worker: str) -> Iterator[None]:
    """Extend the lease while the batch is proven."""
    done = threading.Event()

    def extend() -> None:
        while not done.wait(LEASE_MS / 4000):
            jobs.extend(number, worker, wall_clock_ms() + LEASE_MS)

    thread = threading.Thread(target=extend, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(run_process(lambda: prove_batches(Path(sys.argv[1]))))
