"""Batches as jobs: leased by one prover at a time, proven, settled; all progress in SQL.

    closed → leased → proven → settled

A lease that has run out is anybody's: a worker that dies costs time, never a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, and_, or_, select, update

from l2forge.venue.database import BATCHES
from l2forge.venue.history import CLOSED
from l2forge.venue.operations import Operation

LEASED, PROVEN, SETTLED = "leased", "proven", "settled"


@dataclass(frozen=True)
class Job:
    """A batch that a worker has leased."""

    number: int
    operations: list[Operation]
    attempts: int


@dataclass(frozen=True)
class ProvenBatch:
    """A batch whose proof has been checked: the proof's bytes and its public values'."""

    number: int
    proof: bytes
    public: bytes


class Jobs:
    """The table of batches, used by provers and the submitter. Every step is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lease(self, worker: str, now_ms: int, duration_ms: int) -> Job | None:
        """The oldest batch that nobody works on, leased to `worker`; None where there is none."""
        c = BATCHES.c
        free = or_(c.status == CLOSED, and_(c.status == LEASED, c.lease_until_ms < now_ms))
        with self._engine.begin() as connection:
            row = connection.execute(select(BATCHES).where(free).order_by(c.number).limit(1)).first()
            if row is None:
                return None
            taken = connection.execute(
                update(BATCHES)
                .where(and_(c.number == row.number, c.attempts == row.attempts, c.status == row.status))
                .values(
                    status=LEASED,
                    worker=worker,
                    lease_until_ms=now_ms + duration_ms,
                    attempts=row.attempts + 1,
                )
            )
        if taken.rowcount != 1:  # another worker was faster
            return None
        return Job(row.number, orjson.loads(row.operations), row.attempts + 1)

    def extend(self, number: int, worker: str, until_ms: int) -> bool:
        """Keep a lease; False where it was lost."""
        return self._change(number, {"lease_until_ms": until_ms}, worker=worker)

    def fail(self, number: int, worker: str, error: str, retry_ms: int) -> bool:
        """Give a batch back with the reason; nobody leases it before `retry_ms`."""
        return self._change(number, {"error": error, "lease_until_ms": retry_ms}, worker=worker)

    def give_back(self, number: int, worker: str) -> bool:
        """Let go of a batch that was not proven, for no fault of its own."""
        return self._change(number, {"status": CLOSED}, worker=worker)

    def prove(
        self,
        done: ProvenBatch,
        worker: str,
        *,
        statement: str,
        new_root: str,
        figures: Mapping[str, Any],
        now_ms: int,
    ) -> bool:
        """Record a checked proof and what it cost; False where the lease was lost (another's counts)."""
        values = {
            "status": PROVEN,
            "proof": done.proof,
            "public": done.public,
            "statement": statement,
            "new_root": new_root,
            "proof_figures": orjson.dumps(figures).decode(),
            "proven_ms": now_ms,
            "error": "",
        }
        return self._change(done.number, values, worker=worker)

    def next_proven(self) -> ProvenBatch | None:
        """The oldest batch that is not settled, if it is proven: batches are settled in order."""
        c = BATCHES.c
        query = select(BATCHES).where(c.status != SETTLED).order_by(c.number).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None or row.status != PROVEN:
            return None
        return ProvenBatch(row.number, row.proof, row.public)

    def settle(self, number: int, tx_hash: str, figures: Mapping[str, Any], now_ms: int) -> bool:
        """Record that L1 has accepted a batch, and what it cost."""
        c = BATCHES.c
        with self._engine.begin() as connection:
            done = connection.execute(
                update(BATCHES)
                .where(and_(c.number == number, c.status == PROVEN))
                .values(
                    status=SETTLED,
                    l1_tx=tx_hash,
                    l1_figures=orjson.dumps(figures).decode(),
                    settled_ms=now_ms,
                )
            )
        return bool(done.rowcount == 1)

    def reconcile(self, on_l1: int, now_ms: int) -> None:
        """Bring the table to what L1 has: batches up to `on_l1` count, later ones are to be sent (again)."""
        c = BATCHES.c
        with self._engine.begin() as connection:
            connection.execute(
                update(BATCHES)
                .where(and_(c.status == PROVEN, c.number <= on_l1))
                .values(status=SETTLED, settled_ms=now_ms)
            )
            connection.execute(
                update(BATCHES)
                .where(and_(c.status == SETTLED, c.number > on_l1))
                .values(status=PROVEN, l1_tx="", settled_ms=0)
            )

    def operations(self, number: int) -> list[Operation]:
        """A batch's operations."""
        query = select(BATCHES.c.operations).where(BATCHES.c.number == number)
        with self._engine.connect() as connection:
            packed: bytes = connection.execute(query).scalar_one()
        operations: list[Operation] = orjson.loads(packed)
        return operations

    def last_settled(self) -> int:
        """The number of the last batch that L1 has accepted; 0 before the first."""
        query = select(BATCHES.c.number).where(BATCHES.c.status == SETTLED)
        with self._engine.connect() as connection:
            row = connection.execute(query.order_by(BATCHES.c.number.desc()).limit(1)).first()
        return 0 if row is None else int(row.number)

    def _change(self, number: int, values: dict[str, Any], *, worker: str) -> bool:
        c = BATCHES.c
        mine = and_(c.number == number, c.status == LEASED, c.worker == worker)
        with self._engine.begin() as connection:
            return bool(connection.execute(update(BATCHES).where(mine).values(**values)).rowcount == 1)
