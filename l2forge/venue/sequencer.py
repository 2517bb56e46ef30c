"""The sequencer: the single writer. Check, journal, sync, apply, answer; many requests a round.

All of the venue's state belongs to the event loop's thread. Other threads do what needs none of it: checking
signatures, writing the journal, writing history. A round is finished before the next one begins, and nobody
is answered before the journal is on the disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from l2forge.ledger.messages import MessageError
from l2forge.ledger.messages.codes import INVALID_TX_INFO
from l2forge.venue import records, refusals
from l2forge.venue.applied import Applied
from l2forge.venue.door import Candidate, Door, check_signatures
from l2forge.venue.journal import MAX_FRAME_BYTES, Entry, Journal
from l2forge.venue.state import VenueState

MAX_ROUND = 512
MAX_ROUND_BYTES = MAX_FRAME_BYTES // 2
"""Of a round's entries, and so of each job's: whatever is asked, a round is a frame that the journal takes.
Without this bound, messages that are each within theirs could end the sequencer together."""
MAX_WAITING = 20_000

Observer = Callable[[Sequence[Applied]], Awaitable[None]]


@dataclass(slots=True)
class _Job:
    """Something that waits for its round: entries that are accepted as they are, or with a candidate, once
    its signature has been checked; or (with `closes`) the end of a batch, whose entry is made in its round.
    """

    answer: asyncio.Future[list[Applied]]
    entries: Sequence[Entry] = ()
    candidate: Candidate | None = None
    closes: bool = False
    remainder: bool = False
    n_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_bytes = sum(entry.n_bytes for entry in self.entries)

    @property
    def is_alone(self) -> bool:
        """Whether it has a round of its own: a closing, or L1 requests, which may replace the keys that
        messages of the same round were checked against.
        """
        return self.closes or any(entry.kind == records.REQUEST for entry in self.entries)


def wall_clock_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Sequencer:
    """One venue's writer. `run` works until it is cancelled or the journal or the state fails."""

    def __init__(
        self, state: VenueState, journal: Journal, *, clock: Callable[[], int] = wall_clock_ms
    ) -> None:
        self.state = state
        self.journal = journal
        self.applied_end = journal.end
        """The journal's end as far as the state has it: what a snapshot of the state stands for."""
        self._clock = clock
        self._door = Door(state)
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._held: _Job | None = None
        self._observers: list[Observer] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def observe(self, observer: Observer) -> None:
        """Have `observer` see what every round has done, after the sync and before the answers."""
        self._observers.append(observer)

    @property
    def now_ms(self) -> int:
        """The clock, which never runs back behind the state's."""
        return max(self.state.now, self._clock())

    # -- what others ask --------------------------------------------------------------------------

    async def submit(self, tx_type: int, info: str) -> Applied:
        """A user's message: what it did. Raises `MessageError` where it was refused, and then nothing has
        changed.
        """
        candidate = self._door.examine(tx_type, info, self.now_ms)
        entries = [records.message_entry(candidate.message, 0)]
        (applied,) = await self._enqueue(_Job(self._future(), entries, candidate))
        if applied.error is not None:
            raise applied.error
        return applied

    async def enter(self, entries: Sequence[Entry]) -> list[Applied]:
        """L1 requests, reports, keepers' work: what they did, each with its own refusal. Raises
        `MessageError` where they are more than a round holds.
        """
        return await self._enqueue(_Job(self._future(), entries))

    async def close_batch(self, *, remainder: bool) -> list[Applied]:
        """End the open batch, or only what fills whole ones."""
        return await self._enqueue(_Job(self._future(), closes=True, remainder=remainder))

    def _future(self) -> asyncio.Future[list[Applied]]:
        return asyncio.get_running_loop().create_future()

    async def _enqueue(self, job: _Job) -> list[Applied]:
        if job.n_bytes > MAX_ROUND_BYTES:
            remedy = f"enter at most {MAX_ROUND_BYTES} bytes at once"
            raise MessageError(INVALID_TX_INFO, "venue", f"{job.n_bytes} bytes", remedy=remedy)
        if self._jobs.qsize() >= MAX_WAITING:
            raise MessageError(refusals.TOO_MANY_PENDING, "venue", "the queue is full", remedy="try again")
        self._jobs.put_nowait(job)
        return await job.answer

    # -- the loop ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Rounds, for ever. Errors: EnvironmentFailure from the journal or the state, after which this
        process must end: those who wait get the error too.
        """
        try:
            while True:
                await self._round(await self._gather())
        except BaseException as error:
            self._fail_waiting(error)
            raise
        finally:
            self._writer.shutdown(wait=True)

    async def _gather(self) -> list[_Job]:
        """At least one job and what else waits, as far as they go together."""
        first = self._held or await self._jobs.get()
        self._held = None
        jobs, n_bytes = [first], first.n_bytes
        while not first.is_alone and len(jobs) < MAX_ROUND and not self._jobs.empty():
            job = self._jobs.get_nowait()
            n_bytes += job.n_bytes
            if job.is_alone or n_bytes > MAX_ROUND_BYTES:
                self._held = job
                break
            jobs.append(job)
        return jobs

    async def _round(self, jobs: list[_Job]) -> None:
        try:
            jobs = await self._checked(jobs)
            entries = [self._entries(job) for job in jobs]
            now = self.now_ms
            flat = [replace(entry, time_ms=now) for group in entries for entry in group]
            loop = asyncio.get_running_loop()
            written = await loop.run_in_executor(self._writer, self.journal.commit, flat)
            applied = [self.state.apply(record) for record in written]
            self.applied_end = self.journal.end
            for observer in self._observers:
                await observer(applied)
        except BaseException as error:
            for job in jobs:
                _answer(job, error)
            raise
        at = 0
        for job, group in zip(jobs, entries, strict=True):
            _answer(job, applied[at : at + len(group)])
            at += len(group)

    async def _checked(self, jobs: list[_Job]) -> list[_Job]:
        """The jobs without those whose signature is wrong, which are answered."""
        signed = [job for job in jobs if job.candidate is not None]
        candidates = [job.candidate for job in signed if job.candidate is not None]
        if not candidates:
            return jobs
        loop = asyncio.get_running_loop()
        candidates = [self._door.with_key_of_now(candidate) for candidate in candidates]
        errors = await loop.run_in_executor(None, check_signatures, candidates)
        refused = set()
        for job, error in zip(signed, errors, strict=True):
            if error is not None:
                refused.add(id(job))
                _answer(job, error)
        return [job for job in jobs if id(job) not in refused]

    def _entries(self, job: _Job) -> Sequence[Entry]:
        if job.closes:
            return [records.close_entry(self.state.engine.digest(), 0, remainder=job.remainder)]
        return job.entries

    def _fail_waiting(self, error: BaseException) -> None:
        if self._held is not None:
            _answer(self._held, error)
        while not self._jobs.empty():
            _answer(self._jobs.get_nowait(), error)


def _answer(job: _Job, result: list[Applied] | BaseException) -> None:
    if job.answer.done():  # whoever asked has gone away
        return
    if isinstance(result, asyncio.CancelledError):
        job.answer.cancel()
    elif isinstance(result, BaseException):
        job.answer.set_exception(result)
    else:
        job.answer.set_result(result)
