"""The batch that warms the kernels is a batch like any other: it proves, and the proof verifies."""

from __future__ import annotations

import pytest

from benchmarks.batches import order_book_preset
from l2forge.ledger.proving import Setup
from l2forge.ledger.warm import warm_ledger


@pytest.mark.slow
def test_the_warming_batch_proves() -> None:
    warm_ledger(Setup.of(order_book_preset()))
