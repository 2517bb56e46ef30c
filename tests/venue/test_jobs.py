"""Batches as jobs: one worker each, in order to L1, never lost with a worker or a chain that went back."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from l2forge.venue.applied import Applied, Batch
from l2forge.venue.database import connect_database, sqlite_url
from l2forge.venue.history import History
from l2forge.venue.jobs import Jobs, ProvenBatch
from l2forge.venue.journal import Record


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    """Three closed batches."""
    engine = connect_database(sqlite_url(tmp_path / "history.sqlite"))
    done = Applied(Record(9, 5, 0, b""))
    done.batches = [Batch(number, ({"op": "tick", "market": number},), 50, 9) for number in (1, 2, 3)]
    history = History(engine)
    history.write([done])
    history.write([done])  # as after a replay
    return Jobs(engine)


def prove(jobs: Jobs, worker: str, number: int) -> bool:
    """Record a proof."""
    done = ProvenBatch(number, b"proof", orjson.dumps([number]))
    return jobs.prove(done, worker, statement="s", new_root="r", now_ms=70, figures={"seconds": 1.5})


def test_a_batch_is_leased_once(jobs: Jobs) -> None:
    first, second = jobs.lease("a", 100, 50), jobs.lease("b", 100, 50)
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert first.operations == [{"op": "tick", "market": 1}]
    assert not prove(jobs, "b", 1)
    assert prove(jobs, "a", 1)


def test_a_lease_that_ran_out_is_anybodys(jobs: Jobs) -> None:
    assert jobs.lease("a", 100, 50) is not None
    again = jobs.lease("b", 151, 50)
    assert again is not None
    assert (again.number, again.attempts) == (1, 2)
    assert not prove(jobs, "a", 1)  # the late one's proof is not needed
    assert not jobs.extend(1, "a", 999)
    assert prove(jobs, "b", 1)


def test_a_batch_that_failed_waits(jobs: Jobs) -> None:
    assert jobs.lease("a", 100, 50) is not None
    assert jobs.fail(1, "a", "it does not hold", 500)
    following = jobs.lease("a", 200, 50)
    assert following is not None
    assert following.number == 2
    later = jobs.lease("a", 501, 50)
    assert later is not None
    assert later.number == 1


def test_batches_are_settled_in_order(jobs: Jobs) -> None:
    for _ in range(2):
        jobs.lease("a", 100, 50)
    assert prove(jobs, "a", 2)
    assert jobs.next_proven() is None
    assert prove(jobs, "a", 1)
    batch = jobs.next_proven()
    assert batch is not None
    assert batch.number == 1
    assert jobs.settle(1, "0x01", {"gas": 5}, 80)
    assert not jobs.settle(1, "0x01", {"gas": 5}, 80)
    assert jobs.last_settled() == 1


def test_what_l1_says_counts(jobs: Jobs) -> None:
    for number in (1, 2):
        jobs.lease("a", 100, 50)
        assert prove(jobs, "a", number)
    jobs.reconcile(1, 90)  # sent by a submitter that died before it could note it
    assert jobs.last_settled() == 1
    jobs.settle(2, "0x02", {}, 91)
    jobs.reconcile(1, 92)  # a chain that went back
    batch = jobs.next_proven()
    assert batch is not None
    assert (jobs.last_settled(), batch.number) == (1, 2)
