"""Nobody can open an account on L1 that the sequencer has no room for."""

from __future__ import annotations

import re

from l2forge.resources import resource_dir
from l2forge.venue.opening import CAPACITY


def test_every_account_that_l1_opens_fits() -> None:
    source = (resource_dir("templates") / "contracts" / "RequestQueue.sol.j2").read_text()
    found = re.search(r"MAX_ACCOUNT = \(1 << (\d+)\) - 1;", source)
    assert found is not None
    assert CAPACITY.accounts > (1 << int(found[1])) - 1
