"""The prover proves each batch from the state before it, whatever it proved last and whoever ran before."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from l2forge.errors import CheckFailed
from l2forge.ledger.ledger import ExecutedBatch, Ledger, Rules
from l2forge.ledger.proving import ProvenBatch
from l2forge.spec.load import load_spec
from l2forge.stark.public import PublicValues
from l2forge.venue.operations import Operation
from l2forge.venue.proving import HALF, KEEP_STATES, BatchProver, load_public
from tests.venue.trading import NOW, PRESET

N_BATCHES = 5
Roots = tuple[int, ...]


def operations_of(number: int) -> list[Operation]:
    """A batch that depends on those before: accounts are deposited into twice."""
    deposit = {"op": "deposit", "account": 1 + number // 2, "owner": f"0x{1 + number // 2:040x}"}
    return [{"op": "clock", "time": NOW + number}, {**deposit, "amount": 10**number}]


def expected() -> list[Roots]:
    """Each batch's roots, before and after, by one ledger that runs them all."""
    ledger = Ledger(Rules.of(load_spec(PRESET).require()))
    return [roots(ledger.execute(operations_of(number))) for number in range(1, N_BATCHES + 1)]


def roots(batch: ExecutedBatch) -> Roots:
    return tuple(int(word) for word in (*batch.witness.old_root, *batch.witness.new_root))


@dataclass
class Stated:
    """In the place of a proof system: a proof is its batch's roots alone."""

    fails: bool = False

    def prove(self, batch: ExecutedBatch) -> ProvenBatch:
        return ProvenBatch(PublicValues.of(roots(batch)), b"proof", {})

    def verify(self, public: PublicValues, proof: bytes) -> None:
        if self.fails:
            raise CheckFailed("no proof")


class Proving:
    """A prover whose calls for earlier batches are noted."""

    def __init__(self, directory: Path) -> None:
        self.prover = BatchProver(load_spec(PRESET), directory, "")
        self.setup = Stated()
        self.asked: list[int] = []
        given: dict[str, Any] = {"setup": self.setup, "_parameters": {}}
        vars(self.prover).update(given)  # instead of what the cached properties would make

    def prove(self, number: int) -> Roots:
        """The roots that the proof of a batch states."""

        def earlier(asked: int) -> list[Operation]:
            self.asked.append(asked)
            return operations_of(asked)

        proven, statement = self.prover.prove(number, operations_of(number), earlier)
        scalars = tuple(load_public(proven.public).scalars)
        assert (proven.number, proven.proof) == (number, b"proof")
        assert statement.new_root == "".join(f"{word:016x}" for word in scalars[HALF:])
        return scalars


def kept(directory: Path) -> list[int]:
    """Numbers of the batches whose states are on the disk."""
    return sorted(int(path.stem) for path in directory.glob("*.state"))


def test_batches_chain_when_they_come_in_order(tmp_path: Path) -> None:
    proving = Proving(tmp_path)
    found = [proving.prove(number) for number in range(1, N_BATCHES + 1)]
    assert found == expected()
    assert all(before[HALF:] == after[:HALF] for before, after in pairwise(found))
    assert proving.asked == []
    assert kept(tmp_path) == list(range(N_BATCHES - KEEP_STATES + 1, N_BATCHES + 1))


@pytest.mark.parametrize(
    ("again", "asked"),
    [(4, []), (3, [1, 2]), (1, [])],
    ids=["the last", "the one before", "the first"],
)
def test_a_batch_is_proven_again_from_the_newest_state_before_it(
    tmp_path: Path, again: int, asked: list[int]
) -> None:
    proving = Proving(tmp_path)
    for number in range(1, 5):
        proving.prove(number)
    assert proving.prove(again) == expected()[again - 1]
    assert proving.asked == asked
    assert proving.prove(5) == expected()[4]


@pytest.mark.parametrize(
    ("number", "asked"),
    [(3, []), (2, []), (1, []), (5, [3, 4])],
    ids=["the next", "the last again", "the first again", "a later one"],
)
def test_a_restart_goes_on_from_the_kept_states(tmp_path: Path, number: int, asked: list[int]) -> None:
    first = Proving(tmp_path)
    for done in (1, 2):
        first.prove(done)
    restarted = Proving(tmp_path)
    assert restarted.prove(number) == expected()[number - 1]
    assert restarted.asked == asked


def test_without_kept_states_all_batches_before_are_run(tmp_path: Path) -> None:
    proving = Proving(tmp_path)
    assert proving.prove(4) == expected()[3]
    assert proving.asked == [1, 2, 3]


def test_a_batch_whose_proof_failed_is_proven_from_the_same_state(tmp_path: Path) -> None:
    proving = Proving(tmp_path)
    proving.prove(1)
    proving.setup.fails = True
    with pytest.raises(CheckFailed, match="no proof"):
        proving.prove(2)
    assert kept(tmp_path) == [1]
    proving.setup.fails = False
    assert proving.prove(2) == expected()[1]
    assert proving.asked == []
