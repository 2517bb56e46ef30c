"""A venue from its spec and its directory: as it was, however its process ended.

DIR/journal                   what was accepted
DIR/snapshots/*.snapshot      states at places of the journal
DIR/history.sqlite            the past in SQL, unless the database is elsewhere
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import orjson

from l2forge.compile.derive import derive_constants
from l2forge.engine import Capacity, Engine
from l2forge.engine.config import from_spec
from l2forge.ledger.source_keys import source_public_key
from l2forge.spec.models import Spec
from l2forge.venue.database import connect_database, sqlite_url
from l2forge.venue.history import History
from l2forge.venue.journal import START, Journal
from l2forge.venue.snapshots import restore_newest
from l2forge.venue.state import VenueState

CAPACITY = Capacity(accounts=1 << 16, orders=1 << 16)
"""More accounts than `MAX_ACCOUNT` of RequestQueue.sol lets anyone open; a test holds the two together."""
REPLAY_CHUNK = 1_000

_log = logging.getLogger("l2forge.venue")


@dataclass(frozen=True)
class OpenVenue:
    """A venue that is ready to go on."""

    state: VenueState
    journal: Journal
    history: History
    identity: bytes
    replayed: int
    """Records that came after the snapshot."""


def new_state(spec: Spec, capacity: Capacity = CAPACITY) -> VenueState:
    """The venue before its first record: no money in it. The insurance fund's comes by an L1 request."""
    config = replace(from_spec(spec, capacity), insurance=0)
    return VenueState(derive_constants(spec), Engine(config), spec.proof.max_operations)


def identity_of(spec: Spec, l1: str = "") -> bytes:
    """What a journal belongs to: everything that decides what a record does, and the contract on L1 that has
    the money (`l2forge.venue.l1.contract_of`; "" without L1).
    """
    rules = {
        "format": 2,
        "l1": l1,
        "rules": derive_constants(spec).as_dict(),
        "max_operations": spec.proof.max_operations,
        "sources": [
            [list(map(str, source_public_key(source.signer))) for source in oracle.sources]
            for oracle in spec.oracles
        ],
    }
    return hashlib.sha256(orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)).digest()


def open_venue(
    spec: Spec,
    directory: Path,
    *,
    capacity: Capacity = CAPACITY,
    database: str | None = None,
    l1: str = "",
) -> OpenVenue:
    """Open the venue in `directory`, made if it is new: newest snapshot, then the journal behind it.

    Where SQL lacks the snapshot's last batch (a file lost or put back, another URL), the journal is read from
    its start instead, which writes all rows again: what was closed could not be proven without them.
    Errors: EnvironmentFailure where the journal is damaged, in use, of another spec or
    contract, leads elsewhere, or ends before the snapshot.
    """
    directory.mkdir(parents=True, exist_ok=True)
    identity = identity_of(spec, l1)
    state = new_state(spec, capacity)
    start = restore_newest(directory / "snapshots", state, identity) or START
    journal = Journal.open(directory / "journal", identity, start)
    try:
        history = History(connect_database(database or sqlite_url(directory / "history.sqlite")))
        if state.batches and history.batch(state.batches) is None:
            _log.warning("the database lacks batch %d: all records are read again", state.batches)
            state, start = new_state(spec, capacity), START
        replayed = 0
        records = journal.read(start)
        while applied := [state.apply(record) for record in islice(records, REPLAY_CHUNK)]:
            history.write(applied)
            replayed += len(applied)
    except BaseException:
        journal.close()
        raise
    return OpenVenue(state, journal, history, identity, replayed)
