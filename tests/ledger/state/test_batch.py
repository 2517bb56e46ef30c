"""Random batches satisfy the tables of the state."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.air.check import check
from l2forge.ledger.state import Shape, State
from tests.ledger.state.batches import random_writes, run_batch, statement


@pytest.mark.parametrize("shape", [Shape(1, 0), Shape(5, 3), Shape(8, 16)])
def test_random_batches_are_satisfied(shape: Shape) -> None:
    rng = np.random.default_rng(shape.n_markets)
    state = State(shape)
    for n_words in (1, 3, 30, 60):
        air, traces, public = statement(run_batch(state, random_writes(rng, n_words, 4, shape)))
        assert not check(air, traces, public), str(check(air, traces, public))
