"""The proven side of a venue: its state, the programs of its spec, and the batches that are run on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from l2forge.engine.config import EngineConfig, from_spec
from l2forge.errors import CheckFailed
from l2forge.ledger.layout import INDEX_SHIFT, KEYS_ROOT, KIND_SHIFT, Kind
from l2forge.ledger.machine.code import Code, assemble
from l2forge.ledger.machine.interpreter import Halted, Interpreter, Operation
from l2forge.ledger.machine.run import Run
from l2forge.ledger.messages import Message
from l2forge.ledger.operations import NotProvable, PlainOperation, Translated, likely_leaves, translate
from l2forge.ledger.programs.catalogue import programs
from l2forge.ledger.source_keys import source_public_key
from l2forge.ledger.state import Shape, State, TreeWitness
from l2forge.ledger.state.state import NESTED
from l2forge.spec.models import Spec
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import DIGEST

_NESTED_ROOT = range(KEYS_ROOT, KEYS_ROOT + DIGEST)


@dataclass(frozen=True)
class Rules:
    """What of a spec the ledger proves by: the engine's integers, the chain id, the sources' keys."""

    config: EngineConfig
    chain_id: int
    source_keys: Mapping[int, tuple[tuple[int, ...], ...]]
    """By market: the public key of each source."""

    @classmethod
    def of(cls, spec: Spec) -> Rules:
        """The rules of a validated spec."""
        oracles = {oracle.id: oracle for oracle in spec.oracles}
        keys = {
            market.id: tuple(source_public_key(source.signer) for source in oracles[market.oracle].sources)
            for market in spec.markets
        }
        return cls(from_spec(spec), spec.venue.chain_id, keys)

    @property
    def shape(self) -> Shape:
        """The shape of the state."""
        return Shape(max(self.source_keys) + 1, max(len(keys) for keys in self.source_keys.values()))

    @cached_property
    def code(self) -> Code:
        """The programs."""
        return assemble(list(programs(self.config, self.chain_id, self.source_keys)))


@dataclass(frozen=True)
class ExecutedBatch:
    """A batch that was run: what the tables of its proof are filled from."""

    run: Run
    signatures: tuple[bytes, ...]
    """Of the signed messages, in the order in which they were taken."""
    addresses: U64Array
    """Of the words that were used, rising."""
    finals: U64Array
    witness: TreeWitness
    hashes: int
    """Permutations that programs asked for."""


class Ledger:
    """A venue's proven state, and what moves it: `execute` runs a batch or leaves the state as it was."""

    def __init__(self, rules: Rules, state: State | None = None) -> None:
        self.rules = rules
        self.state = state or State(rules.shape)

    def execute(self, operations: Sequence[PlainOperation]) -> ExecutedBatch:
        """Run the operations as one batch, and move the state to what it leaves.

        Raises Halted, naming rule and operation, for one that does not hold; the state is then unchanged.
        """
        machine = self._machine()
        translated = [self._translated(operation) for operation in operations]
        self._preload(machine, operations, translated)
        begin, end = Operation(("begin",)), Operation(("end",))
        try:
            machine.run([begin, *(t.operation for t in translated), end])
        except Halted as halted:
            raise _named(halted, operations, machine.stopped_at - 1) from None
        run = machine.finish()
        addresses, finals = machine.words()
        used = np.isin(addresses, run.touched())
        addresses, finals = addresses[used], finals[used]
        witness = self.state.apply(addresses, finals)
        signatures = tuple(_signature(t.message) for t in translated if t.message is not None)
        return ExecutedBatch(run, signatures, addresses, finals, witness, machine.hashes)

    def _machine(self) -> Interpreter:
        """What runs the batch."""
        return Interpreter(self.rules.code, self._leaf)

    def _translated(self, plain: PlainOperation) -> Translated:
        """The operation, with those of its programs that this spec has."""
        translated = translate(plain, self.rules.chain_id)
        operation = translated.operation
        if self.rules.code.routines.keys() >= set(operation.programs):
            return translated
        known = tuple(name for name in operation.programs if name in self.rules.code.routines)
        if not known:
            raise NotProvable(f"this venue has no program for {plain!r}", remedy="check the market's number")
        return replace(translated, operation=replace(operation, programs=known))

    def _preload(
        self, machine: Interpreter, operations: Sequence[PlainOperation], translated: Sequence[Translated]
    ) -> None:
        """Give the machine the leaves that it will ask for, by kinds instead of one at a time."""
        wanted: dict[Kind, set[int]] = {kind: set() for kind in Kind}
        wanted[Kind.VENUE].add(0)
        wanted[Kind.MARKET].update(self.rules.source_keys)
        for plain, one in zip(operations, translated, strict=True):
            for kind, place in likely_leaves(plain, one.message):
                wanted[kind].add(place)
        for kind, places in wanted.items():
            n_leaves = self.state.shape.n_leaves(kind)
            index = np.array([place for place in sorted(places) if 0 <= place < n_leaves], np.uint64)
            words = self.state.words(kind, index)
            own = np.array([k for k in range(words.shape[1]) if k not in _nested(kind)])
            first = np.uint64(kind << KIND_SHIFT) + (index << np.uint64(INDEX_SHIFT))
            machine.put(first[:, None] + own.astype(np.uint64), words[:, own])

    def _leaf(self, address: int) -> Mapping[int, int] | None:
        """The words of the leaf that holds the address; None where there cannot be one."""
        number, index = address >> KIND_SHIFT, (address & ((1 << KIND_SHIFT) - 1)) >> INDEX_SHIFT
        if number not in {int(kind) for kind in Kind} or index >= self.state.shape.n_leaves(Kind(number)):
            return None
        kind = Kind(number)
        words = self.state.words(kind, np.array([index], np.uint64))[0]
        first = (number << KIND_SHIFT) + (index << INDEX_SHIFT)
        return {first + k: int(word) for k, word in enumerate(words) if k not in _nested(kind)}


def _nested(kind: Kind) -> range:
    """Offsets of the words that hold the root of a leaf's own tree, which programs do not see."""
    return _NESTED_ROOT if kind in NESTED else range(0)


def _signature(message: Message) -> bytes:
    if message.signature is None:
        raise CheckFailed("a message without a signature cannot be proven")
    return message.signature


def _named(halted: Halted, operations: Sequence[PlainOperation], place: int) -> Halted:
    if not 0 <= place < len(operations):
        return halted
    return Halted(f"{halted.message}; it is {operations[place]!r}", remedy=halted.remedy)
