"""Freed memory is kept: asked for in a process of its own, since it cannot be undone."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import resource
import numpy as np
from l2forge.stark.memory import keep_freed_memory

kept = keep_freed_memory()
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(1 << 23)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(int(not kept or faults < 16))
"""


def test_the_second_array_faults_in_nothing() -> None:
    finished = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert finished.stdout == "1\n"
