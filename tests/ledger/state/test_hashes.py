"""The table of permutations answers for sponges of every chain, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air.check import check
from l2forge.air.errors import TraceError
from l2forge.ledger.chips.hash_requests import HashRequests, hashes_trace, permutation_outputs
from l2forge.ledger.chips.hashes import Hashes, absorb, digest4, digest5
from l2forge.stark.field import P, U64Array
from l2forge.stark.poseidon2 import hash_ints, permute_ints
from l2forge.stark.public import PublicValues


class Asker(Chip):
    """Sends what its rows say."""

    name = "asker"
    columns = Columns(
        number="field", chain="field", tag="field", block="field[8]", digest="field[5]",
        absorbs="bool", four="bool", five="bool",
    )  # fmt: skip

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        absorb(b, row.number, row.chain, row.tag, row.block, row.absorbs)
        digest4(b, row.number, row.digest[:4], row.four)
        digest5(b, row.number, row.digest, row.five)


AIR: CompiledAir = compile_air("asking", [Asker(), Hashes()])
Question = tuple[int, int, Sequence[int], int]
"""(chain, tag, block, number of outputs asked for)."""


def ask(questions: Sequence[Question]) -> tuple[HashRequests, list[U64Array | None]]:
    """The requests and the traces of both tables; each question is asked and answered."""
    requests = HashRequests()
    for chain, tag, block, outputs in questions:
        requests.add(np.array([block], np.uint64), chain, tag, outputs)
    n = len(questions)
    asker = np.zeros((len(Asker.columns), 1 << max(1, (n - 1).bit_length())), np.uint64)
    digests = permutation_outputs(requests)[:5]
    asker[:3, :n] = np.stack([np.arange(n, dtype=np.uint64), requests.chain, requests.tag])
    asker[3:11, :n], asker[11:16, :n] = requests.blocks.T, digests
    asker[16, :n], asker[17, :n], asker[18, :n] = 1, requests.outputs == 4, requests.outputs == 5
    return requests, [asker, hashes_trace(requests)]


EVERY_CHAIN: list[Question] = [
    (0, 0, range(8), 0),
    (1, 0, range(8, 16), 5),
    (0, 0, [1, 2, 3, 4, 5, 6, 7, P - 1], 0),
    (2, 0, [9, 8, 0, 0, 0, 0, 0, 0], 5),
    (0, 11, range(3, 11), 0),
    (3, 0, [1, 2, 3, 4, 5, 6, 0, 0], 0),
    (1, 0, range(8), 0),
    (2, 0, [5, 6, 0, 0, 0, 0, 0, 0], 4),
    (0, 3, [0] * 8, 4),
]
NO_PUBLIC = PublicValues((), ())


def oracle(questions: Sequence[Question]) -> list[list[int]]:
    """The outputs, one sponge after the other in Python integers."""
    states, state = [], [0] * 12
    for chain, tag, block, _ in questions:
        kept = {0: 12, 1: 8, 2: 2, 3: 6}[chain]
        state = [*block, tag, 0, 0, 0] if chain == 0 else [*list(block)[:kept], *state[kept:]]
        state = permute_ints(state)
        states.append(state)
    return states


def test_every_chain_is_answered() -> None:
    requests, traces = ask(EVERY_CHAIN)
    assert permutation_outputs(requests).T.tolist() == oracle(EVERY_CHAIN)
    assert permutation_outputs(requests)[:5, 1].tolist() == hash_ints(range(16), 5)
    assert not check(AIR, traces, NO_PUBLIC)


def test_random_sponges() -> None:
    rng = np.random.default_rng(1)
    questions: list[Question] = []
    for _ in range(300):
        chain = int(rng.integers(0, 4)) if questions else 0
        block = rng.integers(0, P, 8, np.uint64)
        block[{0: 8, 1: 8, 2: 2, 3: 6}[chain] :] = 0
        tag = int(rng.integers(0, 14)) * (chain == 0)
        questions.append((chain, tag, block.tolist(), int(rng.choice([0, 4, 5]))))
    requests, traces = ask(questions)
    assert permutation_outputs(requests).T.tolist() == oracle(questions)
    assert not check(AIR, traces, NO_PUBLIC)


@pytest.mark.parametrize("column", range(19))
def test_another_question_has_no_answer(column: int) -> None:
    _, traces = ask(EVERY_CHAIN)
    asker = traces[0]
    assert asker is not None
    for row in range(len(EVERY_CHAIN)):
        kept = int(asker[column, row])
        if 11 <= column < 16 and not asker[17, row] and not (asker[18, row]):
            continue
        if column == 15 and not asker[18, row]:
            continue
        asker[column, row] = 1 - kept if column > 15 else (kept + 1) % P
        assert check(AIR, traces, NO_PUBLIC), f"row {row}"
        asker[column, row] = kept


def test_a_chain_must_begin_and_be_known() -> None:
    for chain, outputs in ((1, 0), (4, 0), (0, 3)):
        requests = HashRequests()
        requests.add(np.zeros((1, 8), np.uint64), chain, 0, outputs)
        with pytest.raises(TraceError):
            hashes_trace(requests)


def test_no_request_leaves_an_unused_permutation() -> None:
    _, traces = ask([])
    assert not check(AIR, traces, NO_PUBLIC)
