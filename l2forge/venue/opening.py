"""A venue's state from its spec: new, or as journal and snapshot have it."""

from __future__ import annotations

from dataclasses import replace

from l2forge.compile.derive import derive_constants
from l2forge.engine import Capacity, Engine
from l2forge.engine.config import from_spec
from l2forge.spec.models import Spec
from l2forge.venue.state import VenueState

CAPACITY = Capacity(accounts=1 << 14, orders=1 << 16)


def new_state(spec: Spec, capacity: Capacity = CAPACITY) -> VenueState:
    """The venue before its first record: no money in it. The insurance fund's comes by an L1 request."""
    config = replace(from_spec(spec, capacity), insurance=0)
    return VenueState(derive_constants(spec), Engine(config), spec.proof.max_operations)
