"""Snapshots: the state at a place of the journal, so that recovery reads only what came after.

    sha256 of the rest | one line of JSON (place, identity, digest of the engine, all but its array) | the
    engine's array, compressed

Nothing depends on a snapshot: where none fits, the journal is read from its start.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from l2forge.chain.files import write_atomically
from l2forge.errors import InputError
from l2forge.venue.journal import Position
from l2forge.venue.state import VenueState

KEEP = 2
_DIGEST_BYTES = 32


@dataclass(frozen=True)
class Snapshot:
    """A state that is not the engine's any more: it can be written by another thread."""

    position: Position
    identity: bytes
    digest: bytes
    values: dict[str, Any]
    words: NDArray[np.int64]


def take_snapshot(state: VenueState, position: Position, identity: bytes) -> Snapshot:
    """A copy of the state as it is at `position`."""
    values: dict[str, Any] = orjson.loads(orjson.dumps(state.dump()))
    return Snapshot(position, identity, state.engine.digest(), values, state.engine.snapshot())


def write_snapshot(directory: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot, whole or not at all, and remove all but the newest. Errors: OSError."""
    head = {
        "sequence": snapshot.position.sequence,
        "offset": snapshot.position.offset,
        "identity": snapshot.identity.hex(),
        "digest": snapshot.digest.hex(),
        "state": snapshot.values,
    }
    body = orjson.dumps(head) + b"\n" + zlib.compress(snapshot.words.tobytes(), 1)
    path = directory / f"{snapshot.position.sequence:020d}.snapshot"
    write_atomically(path, hashlib.sha256(body).digest() + body)
    for old in sorted(directory.glob("*.snapshot"))[:-KEEP]:
        old.unlink(missing_ok=True)
    return path


def restore_newest(directory: Path, state: VenueState, identity: bytes) -> Position | None:
    """Bring a new state to the newest snapshot that fits; its place, or None where none does."""
    for path in sorted(directory.glob("*.snapshot"), reverse=True):
        position = _restore(path, state, identity)
        if position is not None:
            return position
    return None


def _restore(path: Path, state: VenueState, identity: bytes) -> Position | None:
    content = path.read_bytes()
    body = content[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != content[:_DIGEST_BYTES]:
        return None
    line, _, packed = body.partition(b"\n")
    head = orjson.loads(line)
    if head["identity"] != identity.hex():
        return None
    blank = state.engine.snapshot()
    try:
        state.engine.restore(np.frombuffer(zlib.decompress(packed), np.int64))
    except InputError:  # written with another capacity
        return None
    if state.engine.digest().hex() != head["digest"]:
        state.engine.restore(blank)
        return None
    state.load(head["state"])
    return Position(head["sequence"], head["offset"])
