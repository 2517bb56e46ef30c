"""The permutations that the tables of a proof ask for, in the order of their numbers, and their witness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from l2forge.air.chips.poseidon2_layers import WIDTH
from l2forge.air.chips.poseidon2_rows import ROWS, fill_permutation_rows
from l2forge.air.errors import TraceError
from l2forge.ledger.chips.hashes import FRESH, OVERWRITTEN, RATE, UNUSED, Hashes
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import permute_many

Small: TypeAlias = "int | NDArray[np.integer] | Sequence[int]"
"""One small integer for each of n permutations, or one for all."""

_N_OVERWRITTEN = np.array([OVERWRITTEN[chain] for chain in sorted(OVERWRITTEN)])
_USE_OF_OUTPUTS = {0: 0, 4: 1, 5: 2}


class HashRequests:
    """Permutations that are asked for, numbered from 0 in the order in which they are added."""

    def __init__(self) -> None:
        self._parts: list[tuple[U64Array, U64Array, U64Array, U64Array]] = []
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def add(self, blocks: U64Array, chain: Small = FRESH, tag: Small = 0, outputs: Small = 0) -> int:
        """Add n permutations that absorb `blocks` (n, 8), canonical; returns the number of the first.

        `chain` and `tag` as in `hashes.absorb`; `outputs` is how many elements of the output are asked for:
        0, 4 or 5. Elements of a block that its chain does not overwrite must be 0.
        """
        n, first = len(blocks), self._n
        small = [np.broadcast_to(np.asarray(x, np.uint64), n) for x in (chain, tag, outputs)]
        self._parts.append((np.ascontiguousarray(blocks, np.uint64), small[0], small[1], small[2]))
        self._n += n
        return first

    @property
    def blocks(self) -> U64Array:
        """(n, 8)."""
        return self._column(0, np.zeros((0, RATE), np.uint64))

    @property
    def chain(self) -> U64Array:
        """(n,), 0 … 3."""
        return self._column(1, np.zeros(0, np.uint64))

    @property
    def tag(self) -> U64Array:
        """(n,)."""
        return self._column(2, np.zeros(0, np.uint64))

    @property
    def outputs(self) -> U64Array:
        """(n,), 0, 4 or 5."""
        return self._column(3, np.zeros(0, np.uint64))

    def _column(self, k: int, none: U64Array) -> U64Array:
        return np.concatenate([none, *(part[k] for part in self._parts)])


def permutation_inputs(requests: HashRequests) -> U64Array:
    """The states (12, n) that are permuted.

    The first permutations of all sponges come first, then the second ones, and so on. Raises TraceError for a
    chain that is unknown or continues nothing.
    """
    chain = requests.chain.astype(np.int64)
    if len(chain) and (chain.max() >= UNUSED or chain[0] != FRESH):
        raise TraceError("a sponge must begin with a fresh permutation", remedy="give chains 0 … 3, 0 first")
    inputs = np.zeros((WIDTH, len(chain)), np.uint64)
    inputs[:RATE] = requests.blocks.T
    inputs[RATE] = np.where(chain == FRESH, requests.tag, np.uint64(0))
    place = np.arange(len(chain))
    depth = place - np.maximum.accumulate(np.where(chain == FRESH, place, 0)) if len(chain) else place
    for level in range(1, int(depth.max(initial=0)) + 1):
        here = np.nonzero(depth == level)[0]
        before = permute_many(inputs[:, here - 1])
        kept = np.arange(WIDTH)[:, None] >= _N_OVERWRITTEN[chain[here]]
        inputs[:, here] = np.where(kept, before, inputs[:, here])
    return inputs


def permutation_outputs(requests: HashRequests) -> U64Array:
    """The permuted states (12, n)."""
    return permute_many(permutation_inputs(requests))


def hashes_trace(requests: HashRequests) -> U64Array:
    """The trace of the table `Hashes`: (50, 4·2^k), the least power of two that holds the requests.

    Raises TraceError as `permutation_inputs`, and for an output of other than 0, 4 or 5 elements.
    """
    n = len(requests)
    rows = 1 << max(0, n - 1).bit_length()
    inputs = np.zeros((WIDTH, rows), np.uint64)
    inputs[:, :n] = permutation_inputs(requests)
    trace = np.zeros((len(Hashes.columns), ROWS * rows), np.uint64)
    fill_permutation_rows(inputs, trace)
    trace[Hashes.columns.index("number")] = np.arange(ROWS * rows, dtype=np.uint64) // np.uint64(ROWS)
    use = trace[Hashes.columns.index("use")]
    use[::ROWS] = UNUSED
    use[: ROWS * n : ROWS] = requests.chain
    use[ROWS - 1 : ROWS * n : ROWS] = _uses(requests.outputs)
    return trace


def _uses(outputs: U64Array) -> U64Array:
    """`use` of row 3."""
    if not np.isin(outputs, list(_USE_OF_OUTPUTS)).all():
        raise TraceError("0, 4 or 5 elements of an output can be asked for")
    table = np.zeros(6, np.uint64)
    for n, use in _USE_OF_OUTPUTS.items():
        table[n] = use
    return table[outputs]
